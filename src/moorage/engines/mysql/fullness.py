"""A member whose volume is full tells its group, and ends when it waits for room while the others could go on.

mysqld that finds no room for a log sleeps for a minute at a time, whatever comes meanwhile: nothing is confirmed, its statements
cannot be ended, and it hands over to nobody. Started again it goes on at once, on the room that is kept for repair.
"""

import asyncio
import signal
import time
from collections.abc import Collection
from dataclasses import dataclass

import structlog

from moorage.core.volume import Room, is_full
from moorage.engines.localmember import Process
from moorage.engines.member import EngineError
from moorage.engines.mysql import sight
from moorage.engines.mysql.connections import Connections, RefusedError, Session
from moorage.engines.mysql.naming import Naming
from moorage.engines.mysql.view import ONLINE, View

log = structlog.get_logger()

ROOMY_WEIGHT, FULL_WEIGHT = 50, 10
"""The group elects who weighs most. So nobody elects a full member while others are there, and peers can ask who is full."""
WAIT_SECONDS = 60
"""So long mysqld sleeps before it looks for room again."""
WAKES_SOON_SECONDS = 45.0
"""From then on it looks about as soon by itself as it would be started again, and what peers say may already be of later."""
SECONDARY_SECONDS = 5.0
"""Nobody waits for a secondary, so it lets a primary go first that became full at the same time: never do two end at once."""

_SAYS_IT_WAITS = "MY-000035"
ASK = f"""
SELECT @@GLOBAL.group_replication_member_weight AS weight, (
  SELECT TIMESTAMPDIFF(MICROSECOND, MAX(LOGGED), NOW(6)) / 1000000 FROM performance_schema.error_log
  WHERE ERROR_CODE = '{_SAYS_IT_WAITS}' AND LOGGED > NOW(6) - INTERVAL {WAIT_SECONDS} SECOND) AS waited
""".strip()  # noqa: S608 - constants


@dataclass(frozen=True)
class Told:
    """What an engine says about its room."""

    is_full: bool
    waited_seconds: float | None
    """How long it has waited for room; None: it does not."""

    @property
    def has_room(self) -> bool:
        return not self.is_full and self.waited_seconds is None


async def ask(session: Session) -> Told:
    """Raises EngineError."""
    row = await session.row(ASK)
    return Told(int(row["weight"]) < ROOMY_WEIGHT, None if row["waited"] is None else float(row["waited"]))


async def told_by_peers(connections: Connections) -> dict[str, Told]:
    """Pod name → what its engine says. Who says nothing is not in it."""
    peers = dict(connections.peers)
    answers = await asyncio.gather(*(_answer(session) for session in peers.values()))
    return {pod: told for pod, told in zip(peers, answers, strict=True) if told is not None}


async def _answer(session: Session) -> Told | None:
    try:
        return await ask(session)
    except EngineError:
        return None


def may_end(view: View, waited_seconds: float | None, with_room: Collection[str]) -> bool:
    """Whether an engine that waits is to end: those with room (Pod names) are a majority of its group without it."""
    since = 0.0 if view.is_primary else SECONDARY_SECONDS
    if waited_seconds is None or not since <= waited_seconds < WAKES_SOON_SECONDS:
        return False
    stay = [m for m in view.with_state(ONLINE) if m.uuid != view.uuid and m.pod in with_room]
    return view.is_whole and 2 * len(stay) > len(view.members)


class Fullness:
    """Of one member's engine."""

    def __init__(self, naming: Naming, connections: Connections, process: Process) -> None:
        self._naming, self._connections, self._process = naming, connections, process
        self._is_full, self._is_told = False, False
        self._full_at = float("-inf")
        self.waits = False
        """Nothing can be written to the engine now: it sleeps until it looks for room again."""

    def engine_starts(self) -> None:
        self._is_told = self.waits = False

    @property
    def _may_wait(self) -> bool:
        """It sleeps on for a while after there is room again."""
        return self._is_full or time.monotonic() < self._full_at + WAIT_SECONDS

    async def settle(self, room: Room) -> None:
        """At each look at the volume. Raises EngineError."""
        self._is_full = is_full(room, was_full=self._is_full)
        if self._is_full:
            self._full_at = time.monotonic()
        if self._is_told and not self._may_wait:
            return
        found = await ask(self._connections.local)
        self.waits = found.waited_seconds is not None
        if self.waits and await self._may_end(found.waited_seconds):
            log.warning("engine_is_ended", why="it waits for room in its volume, and the others can go on without it")
            self._process.signal(signal.SIGKILL)
        else:
            self._is_told = found.is_full == self._is_full or await self._tell()

    async def _tell(self) -> bool:
        """Not while it joins or leaves: mysqld refuses it then, and it is tried at the next look."""
        try:
            weight = FULL_WEIGHT if self._is_full else ROOMY_WEIGHT
            await self._connections.local.rows("SET GLOBAL group_replication_member_weight = %s", (weight,))
        except RefusedError:
            return False
        return True

    async def _may_end(self, waited_seconds: float | None) -> bool:
        view = await sight.view(self._connections.local, self._naming)
        told = await told_by_peers(self._connections)
        return may_end(view, waited_seconds, {pod for pod, it in told.items() if it.has_room})

    async def is_waiting(self) -> bool:
        """Asked anew, so that nobody waits for what does not end in order."""
        if not self._may_wait:
            return False
        try:
            return (await ask(self._connections.local)).waited_seconds is not None
        except EngineError:
            return False
