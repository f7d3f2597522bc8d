"""Applications write only while there is room: `read_only`, which an administrator and the members may pass.

When only the primary is short of room, another member takes over; when nobody does, writes are stopped before mysqld waits for
room without a word. Reads go on, and an administrator can delete.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from moorage.core.volume import Room, is_full
from moorage.engines.member import EngineError
from moorage.engines.mysql.connections import Connections
from moorage.engines.mysql.constants import SCHEMA
from moorage.engines.mysql.sight import Look
from moorage.engines.mysql.succession import RUNNING_TRANSACTIONS_SECONDS, Succession

log = structlog.get_logger()

HAND_OVER_PAUSE_SECONDS = 30.0
HAND_OVER_SECONDS_MAX = RUNNING_TRANSACTIONS_SECONDS + 2.0
"""An engine that finds no room meanwhile never ends it; what is done then is another's business (`fullness.py`)."""
_MARK = f"UPDATE {SCHEMA}.cluster SET writes_stopped = %s WHERE id = 1"  # noqa: S608 - the schema is a constant


class Writes:
    """`look`: at the member's own engine; raises EngineError."""

    def __init__(self, connections: Connections, look: Callable[[], Awaitable[Look]], succession: Succession) -> None:
        self._connections, self._look, self._succession = connections, look, succession
        self._is_full, self._term, self._is_stopped = False, -1, False
        self._hand_over_at = 0.0

    async def settle(self, room: Room, term: int) -> bool:
        """On the primary of `term`. Whether writes are stopped now; what a primary before stopped is let go on here."""
        self._is_full = is_full(room, was_full=self._is_full)
        if self._term == term and self._is_full == self._is_stopped:
            return self._is_stopped
        seen = await self._look()
        if not seen.view.is_primary or seen.ledger is None or seen.ledger.term != term:
            return False
        if self._is_full and await self._hand_over():
            return False
        await self._set(stopped=self._is_full, was_stopped=seen.ledger.are_writes_stopped)
        self._is_stopped, self._term = self._is_full, term
        return self._is_stopped

    async def _set(self, *, stopped: bool, was_stopped: bool) -> None:
        """The mark tells that it was us: a `read_only` of somebody else's is left alone."""
        if not stopped and not was_stopped:
            return
        if stopped:
            log.warning("writes_stopped", why="its volume is full, and nobody with room could take over")
            await self._connections.local.rows(_MARK, (True,))
            await self._connections.local.rows("SET GLOBAL read_only = ON")
            return
        await self._connections.local.rows("SET GLOBAL read_only = OFF")
        await self._connections.local.rows(_MARK, (False,))
        log.info("writes_go_on", why="there is room")

    async def _hand_over(self) -> bool:
        """Once in a while: who takes over and is full, too, does not hand back at once."""
        if time.monotonic() < self._hand_over_at:
            return False
        self._hand_over_at = time.monotonic() + HAND_OVER_PAUSE_SECONDS
        try:
            async with asyncio.timeout(HAND_OVER_SECONDS_MAX):
                await self._succession.hand_over(only_to_room=True)
        except (EngineError, TimeoutError) as error:
            said = str(error) or f"not done within {HAND_OVER_SECONDS_MAX:.0f} s"
            log.warning("not_handed_over", why="this member's volume is full", error=said)
            return False
        log.info("handed_over", why="this member's volume is full")
        return True
