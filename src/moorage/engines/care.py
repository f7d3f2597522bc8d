"""Looks after a member's data: whether it is of use any more, and how it is put aside so that everything is copied anew."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable

import structlog

from moorage.engines.child import Child
from moorage.engines.damage import Ended, WhyDamaged, agreed
from moorage.engines.folder import DataFolder
from moorage.engines.lastwords import LastWords
from moorage.engines.member import EngineError, OrderRefusedError

log = structlog.get_logger()

SHORT_SECONDS = 10.0
"""An engine that ended within this time did so at its start."""
CARE_SECONDS = 10.0
"""How often what needs no haste is looked at."""

Why = Callable[[], Awaitable[str]]
"""What speaks against it here and now; empty: nothing does."""


class Care:
    """Of one member. `turn`: whoever has it starts the engine, or empties its folder."""

    def __init__(self, folder: DataFolder, process: Child, last_words: LastWords, why_damaged: WhyDamaged) -> None:
        self._folder, self._process, self._last_words, self._why_damaged = folder, process, last_words, why_damaged
        self._runs, self._listens = list[Ended](), False
        self._cared_at = 0.0
        self.turn = asyncio.Lock()

    def look_at_last_run(self, started_at: float) -> bool:
        """Whether it crashed, so that the next one is listened to. What it said last may tell of its data."""
        code, listened = self._process.code, self._listens
        self._listens = code not in (None, 0)
        ended = Ended(code or 0, self._last_words.lines() if listened else ())
        ran_well = time.monotonic() - started_at > SHORT_SECONDS and self._why_damaged(ended) is None
        if not self._listens or ran_well:
            self._runs.clear()
            return self._listens
        self._runs = [*self._runs, ended][-5:]
        if (why := agreed(self._runs, self._why_damaged)) and not self._folder.damage:
            log.error("data_is_damaged", why=why)
            with contextlib.suppress(OSError):
                self._folder.is_damaged(why)
        return True

    def is_due(self) -> bool:
        """Whether what needs no haste is to be looked at now; then it is due again a while later."""
        if time.monotonic() - self._cared_at < CARE_SECONDS:
            return False
        self._cared_at = time.monotonic()
        return True

    async def tidy(self) -> None:
        """Only for a member that has caught up."""
        try:
            gone = await asyncio.to_thread(self._folder.quarantine.tidy)
        except OSError as error:
            log.warning("old_data_not_removed", error=str(error))
            return
        if gone:
            log.info("old_data_removed", why="a day is over, or its room is needed", folders=gone)

    async def put_aside(self, order: str, why_needed: Why) -> None:
        """Once: stops the engine and empties its folder. `why_needed` is asked at the last moment."""
        quarantine = self._folder.quarantine
        if quarantine.done == order:
            return  # the agent was started anew since
        async with self.turn:
            if quarantine.pending != order and (why := await self._why_not_emptied(order, why_needed)):
                quarantine.refuse(order, why)
                raise OrderRefusedError(why)
            await self._process.stop()
            await self._move(order)
            self._runs.clear()

    async def lose(self, order: str, why_not_held: Why) -> None:
        """As if somebody had emptied the folder under a running engine, which the others go on counting.

        First it is killed, then the others must hold everything that it ever confirmed, and then its data is put aside.
        """
        quarantine = self._folder.quarantine
        if quarantine.done == order:
            return
        async with self.turn:
            if quarantine.pending != order and (why := await asyncio.to_thread(quarantine.why_no_room)):
                raise OrderRefusedError(why)
            self._process.signal(signal.SIGKILL)
            await self._process.wait()
            if quarantine.pending != order and (why := await why_not_held()):
                raise OrderRefusedError(f"{why}; its engine was killed and keeps its data")
            await self._move(order)

    async def _move(self, order: str) -> None:
        try:
            await asyncio.to_thread(self._folder.put_aside, order)
        except OSError as error:
            raise EngineError(f"its data cannot be put aside: {error.strerror or error}") from error
        log.warning("data_put_aside", order=order)

    async def _why_not_emptied(self, order: str, why_needed: Why) -> str:
        quarantine = self._folder.quarantine
        try:
            known = quarantine.refusal(order) or await why_needed()
            return known or await asyncio.to_thread(quarantine.why_no_room)
        except OSError as error:
            return f"its volume cannot be looked at: {error.strerror or error}"
