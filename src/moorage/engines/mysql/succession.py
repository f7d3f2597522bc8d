"""Who is primary next: the hand-over before a planned move, and who it is. The vote is always the group's own."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import structlog

from moorage.engines.member import EngineError, Primary
from moorage.engines.mysql import fullness, sight
from moorage.engines.mysql.connections import LONG_SECONDS, Connections
from moorage.engines.mysql.naming import Naming
from moorage.engines.mysql.sight import Look, held_by
from moorage.engines.mysql.view import ONLINE, Seen, View

log = structlog.get_logger()

RUNNING_TRANSACTIONS_SECONDS = 5
"""A hand-over waits so long for transactions that are open; then the engine ends their connections."""
HELD_SECONDS_MAX, HELD_PACE_SECONDS = 15.0, 0.1


def heirs(view: View, full: Collection[str] = ()) -> tuple[Seen, ...]:
    """Who could take over, the one that has least to catch up first; those that are `full` (Pod names) after all others."""
    fit = [m for m in view.with_state(ONLINE) if m.uuid != view.uuid]
    return tuple(sorted(fit, key=lambda m: (m.pod in full, m.queue, m.pod)))


class Succession:
    """`look`: at the member's own engine; raises EngineError."""

    def __init__(self, naming: Naming, connections: Connections, look: Callable[[], Awaitable[Look]]) -> None:
        self._naming, self._connections, self._look = naming, connections, look

    async def hand_over(self, *, only_to_room: bool = False) -> None:
        """To the freshest peer that takes it; returns when this member is no longer primary.

        One that says that it is full comes last; with `only_to_room` never.
        """
        last: EngineError | None = None
        told = await fullness.told_by_peers(self._connections)
        full = {pod for pod, it in told.items() if not it.has_room}
        for heir in heirs((await self._look()).view, full):
            if only_to_room and heir.pod in full:
                continue
            try:
                await self._make_primary(heir)
            except EngineError as error:
                log.warning("peer_did_not_take_over", peer=heir.pod, error=str(error))
                last = error
                continue
            return
        raise last or EngineError("no peer could take over")

    async def hand_over_to(self, pod: str, term: int) -> None:
        """To one peer. An order of an older term is out of date: somebody else became primary in between, and nothing is done."""
        seen = await self._look()
        if seen.ledger is None or seen.ledger.term != term:
            return
        heir = next((m for m in heirs(seen.view) if m.pod == pod), None)
        if heir is None:
            raise EngineError(f"{pod} is no member of this group that could take over")
        await self._make_primary(heir)

    async def _make_primary(self, heir: Seen) -> None:
        session = self._connections.to_local(LONG_SECONDS)
        try:
            await session.rows("SELECT group_replication_set_as_primary(%s, %s)", (heir.uuid, RUNNING_TRANSACTIONS_SECONDS))
        finally:
            session.close()
        log.info("handed_over", to=heir.pod)

    async def find_primary(self) -> Primary | None:
        """The one of the latest term that takes writes; None when nobody who answers in time says so."""
        asked = await asyncio.gather(*(self._primary_at(pod) for pod in self._connections.peers))
        return max((found for found in asked if found is not None), key=lambda found: found.term, default=None)

    async def _primary_at(self, pod: str) -> Primary | None:
        try:
            seen = await sight.look(self._connections.peers[pod], Naming(pod, self._naming.host, self._naming.first_port))
        except (EngineError, KeyError):
            return None
        if not seen.view.is_primary or seen.is_read_only or seen.ledger is None or seen.ledger.holder != pod:
            return None
        return Primary(pod, seen.ledger.term)

    async def why_not_held_by_all(self) -> str:
        """After the local engine died: waits until all peers have what any of them had then. Empty: they have.

        What a dead secondary had confirmed came from the primary, so it is among that.
        """
        peers = self._connections.peers
        deadline = asyncio.get_running_loop().time() + HELD_SECONDS_MAX
        wanted = None
        while True:
            try:
                found = [await sight.position(session) for session in peers.values()]
                wanted = held_by(found) if wanted is None else wanted
                if found and all(wanted <= p.executed for p in found):
                    return ""
            except EngineError as error:
                log.info("not_known_what_all_hold", error=str(error))
            if asyncio.get_running_loop().time() > deadline:
                return f"not all of the others held everything within {HELD_SECONDS_MAX:.0f} s"
            await asyncio.sleep(HELD_PACE_SECONDS)
