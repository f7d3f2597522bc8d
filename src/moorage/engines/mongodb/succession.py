"""Who is primary next: the rescue after a crash and the hand-over before a planned move. The vote is always MongoDB's own.

The election takes some 10 ms. What writers with `w: majority` wait for is the other secondary: one that finds nobody ahead of
itself sleeps for a second before it looks for a source again (`BackgroundSync`, hard-wired). So it must not come to that sleep:
after a crash it tries its lost source a few more times first (`topology.SOURCE_RETRIES`), which is when the heir is elected;
before a hand-over it already follows the heir.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from moorage.engines.member import EngineError
from moorage.engines.mongodb.connections import Client
from moorage.engines.mongodb.constants import STATE_PRIMARY, STATE_SECONDARY, pod_of

log = structlog.get_logger()

Command = Callable[[Client | None, dict[str, Any]], Any]

RESCUE_SECONDS_MAX = 4.0
STEP_UP_RETRY_SECONDS, SILENT_TRIES_MAX = 0.02, 2
ANSWER_SECONDS_MAX = 0.5
HELD_SECONDS_MAX, HELD_PACE_SECONDS = 15.0, 0.1
LINE_UP_SECONDS_MAX = 2.5
"""A secondary that found no source just before sleeps for a second; the hand-over waits for it once, and not for ever."""
LINE_UP_PACE_SECONDS = 0.01


@dataclass(frozen=True)
class Standing:
    """Where a member stands, as it says itself."""

    host: str
    state: int
    optime: tuple[int, int, int]
    """Term, seconds and increment of the last operation."""
    source: str
    """Host that it copies from; empty when none."""


def standing_of(status: Mapping[str, Any]) -> Standing:
    """From the answer to `replSetGetStatus`."""
    me = next(m for m in status["members"] if m.get("self"))
    time = me["optime"]["ts"]
    return Standing(me["name"], me["state"], (me["optime"]["t"], time.time, time.inc), status.get("syncSourceHost", ""))


class Succession:
    """`local` and `peers` are the member's own clients; `command` raises EngineError."""

    def __init__(
        self,
        command: Command,
        local: Callable[[], Client | None],
        peers: Mapping[str, Client],
        line_up_seconds_max: float = LINE_UP_SECONDS_MAX,
    ) -> None:
        self._command, self._local, self._peers = command, local, peers
        self._line_up_seconds_max = line_up_seconds_max

    async def rescue(self) -> None:
        """After the local mongod died: the freshest peer is made to stand for election, at once."""
        if not self._peers:
            return  # a member on its own: it can only be started again
        deadline = asyncio.get_running_loop().time() + RESCUE_SECONDS_MAX
        while asyncio.get_running_loop().time() < deadline:
            for peer in await self._by_freshness():
                try:
                    await self._step_up(peer.host, skip_dry_run=True, tries=1)
                except EngineError as error:
                    log.info("peer_did_not_take_over", peer=pod_of(peer.host), error=str(error))
                    continue
                log.info("rescued", by=pod_of(peer.host))
                return
            await asyncio.sleep(STEP_UP_RETRY_SECONDS)
        log.warning("not_rescued", why="no peer took over in time; the engine's own election follows")

    async def succeed(self, leader: str) -> None:
        """After the primary's container died, agent and all: whoever sees it has the freshest of those that are left stand for
        election. All of them may come here at the same moment: they see the same, and ask the same one."""
        deadline = asyncio.get_running_loop().time() + RESCUE_SECONDS_MAX
        while asyncio.get_running_loop().time() < deadline:
            others = [client for host, client in self._peers.items() if host != leader]
            me, *asked = await asyncio.gather(*(self._standing(client) for client in (self._local(), *others)))
            found = [standing for standing in asked if standing is not None]
            if me is None or me.state != STATE_SECONDARY or any(f.state == STATE_PRIMARY for f in found):
                return
            rivals = sorted((f for f in (me, *found) if f.state == STATE_SECONDARY), key=lambda f: f.host)
            heir = max(rivals, key=lambda f: f.optime)  # of equals the first one
            try:
                client = self._local() if heir is me else self._peers.get(heir.host)
                await self._command(client, {"replSetStepUp": 1, "skipDryRun": True})
            except EngineError as error:
                log.info("peer_did_not_take_over", peer=pod_of(heir.host), error=str(error))
            else:
                log.info("succeeded", leader=pod_of(leader), by=pod_of(heir.host))
                return
            await asyncio.sleep(STEP_UP_RETRY_SECONDS)

    async def why_not_held_by_all(self) -> str:
        """After the local mongod died: waits until all peers have what the freshest one had then. Empty: they have.

        What a dead secondary had confirmed came from the primary, so it is among that.
        """
        wanted: tuple[int, int, int] | None = None
        deadline = asyncio.get_running_loop().time() + HELD_SECONDS_MAX
        while True:
            found = [s for s in await asyncio.gather(*(self._standing(c) for c in self._peers.values())) if s is not None]
            has_primary = any(s.state == STATE_PRIMARY for s in found)
            if wanted is None and has_primary and len(found) == len(self._peers):
                wanted = max(s.optime for s in found)
            if wanted is not None and len(found) == len(self._peers) and all(s.optime >= wanted for s in found):
                return ""
            if asyncio.get_running_loop().time() > deadline:
                return f"not all of the others held everything within {HELD_SECONDS_MAX:.0f} s"
            await asyncio.sleep(HELD_PACE_SECONDS)

    async def hand_over(self, full: Collection[str] = ()) -> None:
        """To the freshest peer that takes it; returns when this member is no longer primary.

        `full`: hosts whose volumes are full. They are asked last: they would refuse writes, and hand over again.
        """
        for peer in sorted(await self._by_freshness(), key=lambda found: found.host in full):
            await self._line_up(peer.host)
            try:
                await self._step_up(peer.host, skip_dry_run=False, tries=20)
            except EngineError as error:
                log.warning("peer_did_not_take_over", peer=pod_of(peer.host), error=str(error))
                if not await self._by_freshness():
                    raise EngineError("nobody who could take over answers any more") from error
                continue
            return
        raise EngineError("no peer could take over")

    async def hand_over_to(self, pod: str, term: int) -> None:
        """To one peer. An order of an older term is out of date: an election came in between, and nothing is done."""
        status = await self._command(self._local(), {"replSetGetStatus": 1})
        if int(status["term"]) != term:
            return
        host = next((h for h in self._peers if pod_of(h) == pod), None)
        if host is None:
            raise EngineError(f"{pod} is not a data member of this replica set")
        await self._line_up(host)
        await self._step_up(host, skip_dry_run=False, tries=50)

    async def _step_up(self, host: str, *, skip_dry_run: bool, tries: int) -> None:
        """Has a peer stand for election. The first try can come too early or find it a moment behind: tries again at once.

        One that answers nothing at all is given up, and at once when nobody else answers either: where all stop at once,
        nobody waits for who is gone."""
        last: EngineError | None = None
        silent = 0
        for _ in range(tries):
            try:
                await self._command(self._peers.get(host), {"replSetStepUp": 1, "skipDryRun": skip_dry_run})
            except EngineError as error:
                last = error
                if tries > 1:
                    silent = 0 if await self._standing(self._peers.get(host)) is not None else silent + 1
                if silent >= SILENT_TRIES_MAX or (silent and not await self._by_freshness()):
                    break
                await asyncio.sleep(STEP_UP_RETRY_SECONDS)
            else:
                return
        raise last or EngineError(f"{pod_of(host)} was not asked")

    async def _by_freshness(self) -> list[Standing]:
        """The data-bearing peers that answer, the freshest first."""
        found = await asyncio.gather(*(self._standing(client) for client in self._peers.values()))
        return sorted((f for f in found if f is not None and f.state == STATE_SECONDARY), key=lambda f: f.optime, reverse=True)

    async def _standing(self, client: Client | None) -> Standing | None:
        """None when it does not answer in time."""
        try:
            return standing_of(await asyncio.wait_for(self._command(client, {"replSetGetStatus": 1}), ANSWER_SECONDS_MAX))
        except (EngineError, TimeoutError):
            return None

    async def _line_up(self, heir: str) -> None:
        """The heir copies from here and the others from the heir, so that nobody looks for a source when the role moves.

        Writers notice nothing of it. When it cannot be had in time the hand-over goes on: it then costs them a second.
        """
        me = await self._standing(self._local())
        if me is None:
            return
        others = [peer.host for peer in await self._by_freshness() if peer.host != heir]
        try:
            async with asyncio.timeout(self._line_up_seconds_max):
                await self._until_follows(heir, me.host)
                await asyncio.gather(*(self._until_follows(other, heir) for other in others))
        except (EngineError, TimeoutError) as error:
            log.info("not_lined_up", heir=pod_of(heir), error=str(error) or f"not within {self._line_up_seconds_max} s")

    async def _until_follows(self, host: str, source: str) -> None:
        """Until `host` copied something from `source`: MongoDB keeps only a source that is ahead."""
        copied_after: tuple[int, int, int] | None = None
        while True:
            await self._write_note()
            standing = standing_of(await self._command(self._peers.get(host), {"replSetGetStatus": 1}))
            if standing.source != source:
                copied_after = None
                await self._ask_to_follow(host, source)
            elif copied_after is None:
                copied_after = standing.optime
            elif standing.optime > copied_after:
                return
            await asyncio.sleep(LINE_UP_PACE_SECONDS)

    async def _ask_to_follow(self, host: str, source: str) -> None:
        try:
            await self._command(self._peers.get(host), {"replSetSyncFrom": source})
        except EngineError as error:
            log.debug("source_not_taken", host=pod_of(host), source=pod_of(source), error=str(error))

    async def _write_note(self) -> None:
        """An empty entry of the oplog: changes no data, and a service without writers can be lined up as well."""
        await self._command(self._local(), {"appendOplogNote": 1, "data": {"moorage": "hand-over"}})
