"""Who is counted: the first entry, one member more or less, the group formed again. Each for one configuration."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from moorage.engines.member import EngineError, OrderRefusedError
from moorage.engines.mysql import gtid, ledger, sight
from moorage.engines.mysql.connections import LONG_SECONDS, Connections, Session
from moorage.engines.mysql.joining import Joining
from moorage.engines.mysql.ledger import Ledger
from moorage.engines.mysql.naming import Naming
from moorage.engines.mysql.sight import Look
from moorage.engines.mysql.view import OFFLINE, ONLINE

log = structlog.get_logger()


def is_later(one: str, other: str) -> bool:
    """Of two marks: a later term, or a higher version in the same one."""
    (term, version), (other_term, other_version) = (map(int, m.split(":")) for m in (one, other))
    return (term, version) > (other_term, other_version)


def why_needed(mine: Look, pod: str, configuration: str) -> str:
    """Why a member is not emptied that was to be for `configuration`; empty when nothing here speaks against it.

    One that still stands in the configuration is emptied only while it is outside of the group.
    """
    if mine.ledger is not None and pod in mine.ledger.counted and is_later(mine.ledger.mark, configuration):
        return "the cluster was changed since, and counts it"
    if mine.view.is_primary:
        return "it is the primary by now"
    return ""


class Membership:
    """`look`: at the member's own engine; raises EngineError."""

    def __init__(self, naming: Naming, connections: Connections, joining: Joining, look: Callable[[], Awaitable[Look]]) -> None:
        self._naming, self._connections, self._joining, self._look = naming, connections, joining, look

    async def initiate(self, members: Sequence[Mapping[str, str]]) -> None:
        """A new group of this member, and who is counted. May be cut off anywhere and done again.

        Once it has a ledger the group was made, and whoever is outside of it looks for it: never is another one made beside.
        Raises OrderRefusedError.
        """
        seen = await self._look()
        if seen.ledger is not None:
            return
        if seen.view.state == OFFLINE:
            await self._check_that_all_are_new([m["pod"] for m in members])
            await self._bootstrap(str(uuid.uuid4()), tuple(m["pod"] for m in members))
            seen = await self._look()
        if not seen.view.is_primary:
            raise EngineError(f"the group was made, and this member is {seen.view.state} in it: it is tried again")
        session = self._writing()
        try:
            for statement in ledger.MAKE:
                await session.rows(statement)
            name = str((await session.row("SELECT @@GLOBAL.group_replication_group_name AS name"))["name"])
            await session.transaction(ledger.first_entry(name, members))
        finally:
            session.close()

    async def _check_that_all_are_new(self, pods: Sequence[str]) -> None:
        """This member may have lost its data since the order was given, and the others not. Raises EngineError while one of them
        does not answer, OrderRefusedError when one was ever part of a cluster."""
        for pod in pods:
            if pod == self._naming.pod:
                continue
            session = self._connections.to_peer(self._naming.of(pod))
            try:
                seen = await sight.look(session, Naming(pod, self._naming.host, self._naming.first_port))
            except EngineError as error:
                raise EngineError(f"{pod} has to say first that it is in no group: {error}") from error
            finally:
                session.close()
            if seen.ledger is not None or seen.view.state != OFFLINE:
                raise OrderRefusedError(f"{pod} is part of a cluster already, and another one is not made beside it")

    async def form_again(self, configuration: str, positions: Mapping[str, str]) -> None:
        """After an outage of all: from what this member has, which is what all of them had. Raises OrderRefusedError.

        May be cut off anywhere and done again. It ends with another configuration, also where the member that was primary before
        leads again and so begins no term: the order that the next outage needs would have the name of this one, and an agent
        carries out an order once.
        """
        seen = await self._look()
        if seen.ledger is None:
            raise OrderRefusedError("it was never part of a cluster")
        if seen.ledger.mark != configuration:
            return  # it was done
        if not seen.view.is_in_group:
            await self._why_not_formed(positions)
            log.warning("forms_the_group_again", members=seen.ledger.counted, heard=sorted(positions))
            await self._bootstrap(seen.ledger.group_name, seen.ledger.counted)
            seen = await self._look()
        if seen.view.state != ONLINE:
            raise EngineError(f"the group was formed again, and this member is {seen.view.state} in it: it is tried again")
        if seen.view.is_primary:
            await self._change(ledger.formed_again(configuration), configuration)

    async def _why_not_formed(self, positions: Mapping[str, str]) -> None:
        """Raises when what was decided from does not hold at the last moment."""
        mine = await sight.position(self._connections.local)
        told = gtid.union(gtid.parse(text) for text in positions.values())
        if lacks := told - mine.held:
            raise OrderRefusedError(f"it lacks {lacks.shown()} that another member holds")
        if group := await self._joining.group():
            raise OrderRefusedError(f"{group[0].pod} is in a group: it joins that one")

    async def keep_alone(self, configuration: str) -> None:
        """A person gave all others up. Once: whoever is alone already, from a try whose answer was lost, is left so."""
        seen = await self._look()
        if seen.ledger is None:
            raise OrderRefusedError("it was never part of a cluster")
        alone = (self._naming.pod,)
        if seen.ledger.counted == alone and seen.view.is_primary:
            return
        if seen.view.state == OFFLINE:
            if seen.ledger.mark != configuration:
                raise OrderRefusedError(f"its configuration is {seen.ledger.mark} by now, and it was asked for {configuration}")
            if group := await self._joining.group():
                raise OrderRefusedError(f"{group[0].pod} is in a group")
            log.warning("goes_on_alone", gave_up=[pod for pod in seen.ledger.counted if pod != self._naming.pod])
            await self._bootstrap(seen.ledger.group_name, alone)
            seen = await self._look()
        if not seen.view.is_primary or len(seen.view.members) != 1 or seen.ledger is None:
            raise EngineError("it is not alone in its group yet")
        for pod in seen.ledger.counted:
            if pod != self._naming.pod:
                await self.remove(pod, (await self._look_at_ledger()).mark)

    async def _bootstrap(self, group_name: str, counted: tuple[str, ...]) -> None:
        await self._joining.start_group(group_name, counted, bootstrap=True)

    async def add(self, entry: Mapping[str, str], configuration: str) -> None:
        await self._change(ledger.add(entry, configuration), configuration)

    async def remove(self, pod: str, configuration: str) -> None:
        """Makes a new configuration also when the member does not stand in it: an order to add it is then out of date."""
        await self._change(ledger.remove(pod, configuration), configuration)

    async def _change(self, statements: list[tuple[str, tuple[Any, ...]]], configuration: str) -> None:
        session = self._writing()
        try:
            if not await session.transaction(statements):
                log.info("order_out_of_date", wanted=configuration)
        finally:
            session.close()

    async def new_term(self, found: Ledger) -> Ledger | None:
        """This member's own term, once it is primary; None while it is another's."""
        session = self._connections.to_local(waits=True)
        try:
            await session.transaction(ledger.new_term(found, self._naming.pod))
            now = await sight.ledger_in(session)
        finally:
            session.close()
        return now if now is not None and now.holder == self._naming.pod else None

    async def _look_at_ledger(self) -> Ledger:
        found = (await self._look()).ledger
        if found is None:
            raise EngineError("it is in no cluster")
        return found

    def _writing(self) -> Session:
        return self._connections.to_local(LONG_SECONDS, waits=True)
