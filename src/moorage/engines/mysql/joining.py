"""How a member finds its group: it joins the one that is there, by others' binary logs or by a copy, and makes none by itself.

Whoever runs outside of a group looks for one among its siblings, and joins when that one has its majority and counts it. A member
that holds what the group does not is left outside and says so: nothing of it is ever merged, and nothing is overwritten.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from moorage.engines.member import EngineError
from moorage.engines.mysql import sight
from moorage.engines.mysql.accounts_sql import quoted
from moorage.engines.mysql.connections import COPY_SECONDS, LONG_SECONDS, Connections, Session
from moorage.engines.mysql.constants import GROUP_USER
from moorage.engines.mysql.folder import DataFolder
from moorage.engines.mysql.naming import Naming
from moorage.engines.mysql.reporting import NO_GROUP
from moorage.engines.mysql.sight import Look, Position, held_by
from moorage.engines.mysql.view import ERROR, OFFLINE, ONLINE

log = structlog.get_logger()

PACE_SECONDS = 0.5
SURE_LOOKS = 6
"""A transaction may be on its way: only what is missing at so many looks in a row is not in the group."""


@dataclass(frozen=True)
class Found:
    """A member of a group that can decide."""

    pod: str
    look: Look
    position: Position

    @property
    def is_donor(self) -> bool:
        return self.look.view.state == ONLINE


def donor_of(found: list[Found]) -> Found | None:
    """Whom to copy from: a secondary where there is one, so that the primary has its strength for clients."""
    donors = [f for f in found if f.is_donor]
    return min(donors, key=lambda f: (f.look.view.is_primary, f.pod), default=None)


def is_still_listed(pod: str, found: list[Found]) -> bool:
    """The group has not noticed yet that this member's engine was another one before. Who asks to be let in meanwhile is taken
    for a sign of life of the one that died, and waits for half a minute for an answer."""
    return any(m.pod == pod for f in found for m in f.look.view.members)


def why_not_known(found: list[Found]) -> str:
    """Why nobody knows what the group holds, and what it can still give; empty when everybody answers whom it calls whole."""
    online = {m.pod for f in found for m in f.look.view.with_state(ONLINE)}
    if silent := sorted(online - {f.pod for f in found if f.is_donor}):
        return f"it waits for an answer of {' and '.join(silent)}, since it has to know first what its group holds"
    return "" if online else "it waits until a member of its group has applied all that it received"


def why_differs(mine: Position, found: list[Found]) -> str:
    """What this member holds and the group does not; empty: nothing."""
    extra = mine.held - held_by(f.position for f in found)
    return f"it holds {extra.shown()} that its group does not have" if extra else ""


def why_too_far_behind(mine: Position, found: list[Found]) -> str:
    """Whether nobody has the logs any more that it lacks; empty: somebody does, or somebody who may have them did not say so."""
    donors = [f for f in found if f.is_donor]
    silent = {m.pod for f in donors for m in f.look.view.with_state(ONLINE)} - {f.pod for f in donors}
    if not donors or silent or any(f.position.purged <= mine.held for f in donors):
        return ""
    return "it fell so far behind that no other member has the binary logs any more that it lacks"


class Joining:
    """Of one member, while its engine runs. `is_busy`: it is on its way into a group."""

    def __init__(self, naming: Naming, connections: Connections, folder: DataFolder, password: Callable[[], str]) -> None:
        self._naming, self._connections, self._folder, self._password = naming, connections, folder, password
        self.is_held = False
        """Something else is being done to the engine: it is not to join meanwhile."""
        self.is_busy, self.copies_from, self.copied_from = False, "", ""
        self.why_not = ""
        """Why it did not join at its last try, as a sentence; empty when it did, or did not try."""
        self._doubts = 0
        self._starting = asyncio.Lock()
        """Of a search that ends and an order that begins only one starts the group: what one sets is not the other's to go by."""
        self.copied = asyncio.Event()
        """A whole copy lies ready beside what mysqld runs on: it is to be started on that."""

    async def run(self) -> None:
        """Until it is cancelled."""
        self.why_not, self._doubts = "", 0  # what was said of an earlier life is over
        while True:
            await asyncio.sleep(PACE_SECONDS)
            if self.is_held or self.copied.is_set() or self._folder.damage:
                continue  # each of them is told by somebody else
            try:
                self._tell(await self._step())
            except (EngineError, OSError) as error:
                self._tell(str(error))
            except Exception as error:  # it would stay outside until its engine starts anew
                self._tell(f"its search for its group failed, by a fault of Moorage: {error!r}", error)
            finally:
                self.is_busy, self.copies_from = False, ""

    def _tell(self, why_not: str, fault: Exception | None = None) -> None:
        """In the log once, and in its reports for as long as it is so."""
        if why_not and why_not != self.why_not:
            log.log(logging.ERROR if fault else logging.INFO, "not_joined", why=why_not, exc_info=fault)
        self.why_not = why_not

    async def _step(self) -> str:
        """Why it is still outside, as a sentence; empty when it is in a group, or did the next thing on its way there."""
        mine = await sight.look(self._connections.local, self._naming)
        if mine.view.state == ERROR:
            await self.leave()
            return ""
        if mine.view.state != OFFLINE:
            await self._settle(mine)
            return ""
        found = [f for f in await self.group() if f.look.ledger is not None and self._naming.pod in f.look.ledger.counted]
        if not found:
            return NO_GROUP
        if is_still_listed(self._naming.pod, found):
            return "its group has not noticed yet that its engine was another one before"
        if mine.ledger is None:
            return await self._copy(found)
        return await self._why_not_let_in(found) or await self._join(mine, found)

    async def _settle(self, mine: Look) -> None:
        """It is in a group. Clients may come in again once it is whole there, and who is not counted any more leaves."""
        self._doubts = 0
        if mine.view.state != ONLINE or not mine.view.is_whole:
            return
        if mine.ledger is not None and self._naming.pod not in mine.ledger.counted:
            log.info("leaves_the_group", why="it is not counted any more")
            await self.leave()
        elif mine.is_offline:
            await self._connections.local.rows("SET GLOBAL offline_mode = OFF")

    async def group(self) -> list[Found]:
        """The members of a group that can decide, as far as they answer."""
        peers = self._connections.peers
        found = await asyncio.gather(*(self._ask(pod, session) for pod, session in peers.items()))
        return [f for f in found if f is not None]

    async def _ask(self, pod: str, session: Session) -> Found | None:
        try:
            seen = await sight.look(session, Naming(pod, self._naming.host, self._naming.first_port))
            if not seen.view.is_whole:
                return None
            return Found(pod, seen, await sight.position(session))
        except EngineError:
            return None

    async def _why_not_let_in(self, found: list[Found]) -> str:
        """Notes what keeps it out for good: its data is of no use to this group."""
        if why := why_not_known(found):
            return why
        mine = await sight.position(self._connections.local)
        if behind := why_too_far_behind(mine, found):
            log.error("too_far_behind", why=behind)
            self._folder.is_damaged(behind)
            return behind
        differs = why_differs(mine, found)
        self._doubts = self._doubts + 1 if differs else 0
        if self._doubts >= SURE_LOOKS:
            log.error("holds_what_its_group_does_not", why=differs)
            self._folder.is_damaged(differs)
        return differs

    async def _join(self, mine: Look, found: list[Found]) -> str:
        assert found[0].look.ledger is not None, "only members of a group that counts this one are asked"
        counted = found[0].look.ledger.counted
        log.info("joins", group=found[0].look.ledger.group_name, members=[f.pod for f in found], is_read_only=mine.is_read_only)
        await self.start_group(found[0].look.ledger.group_name, counted)
        return ""

    async def start_group(self, group_name: str, counted: tuple[str, ...], *, bootstrap: bool = False) -> None:
        """Raises EngineError. `bootstrap`: a new group that has only this member yet."""
        async with self._starting:
            if bootstrap or not self.is_held:
                await self._start_group(group_name, counted, bootstrap=bootstrap)

    async def _start_group(self, group_name: str, counted: tuple[str, ...], *, bootstrap: bool) -> None:
        self.is_busy = True
        session = self._connections.to_local(LONG_SECONDS)
        seeds = ",".join(str(self._naming.of(pod)) for pod in counted if pod != self._naming.pod)
        try:
            await session.rows(f"SET GLOBAL group_replication_group_name = {quoted(group_name)}")
            await session.rows(f"SET GLOBAL group_replication_group_seeds = {quoted(seeds)}")
            await session.rows(f"SET GLOBAL group_replication_bootstrap_group = {'ON' if bootstrap else 'OFF'}")
            try:
                await session.rows(f"START GROUP_REPLICATION USER = '{GROUP_USER}', PASSWORD = {quoted(self._password())}")
            finally:
                if bootstrap:
                    await session.rows("SET GLOBAL group_replication_bootstrap_group = OFF")
        finally:
            session.close()
            self.is_busy = False

    async def leave(self) -> None:
        session = self._connections.to_local(LONG_SECONDS)
        try:
            await session.rows("STOP GROUP_REPLICATION")
        finally:
            session.close()

    async def _copy(self, found: list[Found]) -> str:
        """Everything, by the Clone plugin, into a folder beside; what mysqld runs on stays until the copy is whole."""
        donor = donor_of(found)
        if donor is None:
            return "it waits until a member of its group may be copied from"
        address = self._naming.of(donor.pod)
        self.is_busy, self.copies_from = True, donor.pod
        log.info("copies", source=donor.pod, is_primary=donor.look.view.is_primary)
        session = self._connections.to_local(COPY_SECONDS)
        try:
            await session.rows(f"SET GLOBAL clone_valid_donor_list = {quoted(str(address))}")
            await asyncio.to_thread(self._folder.clear_beginning)
            await session.rows(
                f"CLONE INSTANCE FROM '{GROUP_USER}'@{quoted(address.host)}:{address.port} "
                f"IDENTIFIED BY {quoted(self._password())} DATA DIRECTORY = {quoted(str(self._folder.beginning))} REQUIRE SSL"
            )
        finally:
            session.close()
        log.info("copied", source=donor.pod)
        self.copied_from = donor.pod
        self.copied.set()
        return ""
