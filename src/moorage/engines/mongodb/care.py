"""Looks after a member's data: whether it is of use any more, and how it is put aside so that everything is copied anew."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from moorage.core.report import Role
from moorage.engines.lastwords import LastWords
from moorage.engines.member import EngineError, OrderRefusedError
from moorage.engines.mongodb.clock import Answer, deviation_seconds, level_of, seconds_of, sentence
from moorage.engines.mongodb.connections import Client, Connections, command
from moorage.engines.mongodb.damage import Ended, agreed, why_damaged
from moorage.engines.mongodb.folder import DataFolder
from moorage.engines.mongodb.membership import why_needed
from moorage.engines.mongodb.process import Mongod
from moorage.engines.mongodb.staleness import why_stale

log = structlog.get_logger()

SHORT_SECONDS = 10.0
"""mongod that ended within this time did so at its start."""
CARE_SECONDS = 10.0
"""How often what needs no haste is looked at."""


CLOCK_SECONDS = 60.0


async def _time_of(peer: Client) -> Answer | None:
    """A peer that does not answer tells nothing."""
    sent = time.time()
    try:
        hello = await command(peer, {"hello": 1})
    except EngineError:
        return None
    return Answer(seconds_of(hello["localTime"]), sent, time.time())


class Care:
    """Of one member. `turn`: whoever has it starts the engine, or empties its folder."""

    def __init__(self, folder: DataFolder, process: Mongod, connections: Connections, last_words: LastWords) -> None:
        self._folder, self._process, self._connections, self._last_words = folder, process, connections, last_words
        self._runs, self._listens = list[Ended](), False
        self._cared_at = 0.0
        self.taken_back = ""
        self._clock_level, self._clock_read_at = 0, 0.0
        self.turn = asyncio.Lock()

    def look_at_last_run(self, started_at: float) -> bool:
        """Whether it crashed, so that the next one is listened to. What it said last may tell of its data."""
        code, listened = self._process.code, self._listens
        self._listens = code not in (None, 0)
        ended = Ended(code or 0, self._last_words.lines() if listened else ())
        ran_well = time.monotonic() - started_at > SHORT_SECONDS and why_damaged(ended) is None
        if not self._listens or ran_well:
            self._runs.clear()
            return self._listens
        self._runs = [*self._runs, ended][-5:]
        if (why := agreed(self._runs)) and not self._folder.damage:
            log.error("data_is_damaged", why=why)
            with contextlib.suppress(OSError):
                self._folder.is_damaged(why)
        return True

    async def look(self, status: Mapping[str, Any], role: Role) -> None:
        """What needs no haste: what it took back, whether it can still catch up, and, once it has, what was put aside before."""
        if time.monotonic() - self._cared_at < CARE_SECONDS:
            return
        self._cared_at = time.monotonic()
        self.taken_back = await asyncio.to_thread(self._folder.what_was_taken_back)
        if not self._folder.damage and (why := await why_stale(status, self._connections.peers)):
            log.error("too_far_behind", why=why)
            self._folder.is_damaged(why)
        if role in (Role.PRIMARY, Role.SECONDARY):
            await self._compare_clocks(status)
            await self._tidy()

    @property
    def clock(self) -> str:
        """In which way this member's clock differs from those of the others; empty when it does not."""
        return sentence(self._clock_level)

    async def _compare_clocks(self, status: Mapping[str, Any]) -> None:
        if time.monotonic() - self._clock_read_at < CLOCK_SECONDS:
            return
        self._clock_read_at = time.monotonic()
        heard = {m["name"] for m in status["members"] if m.get("health")}
        peers = {host: client for host, client in dict(self._connections.peers).items() if host in heard}
        answers = [answer for client in peers.values() if (answer := await _time_of(client)) is not None]
        level = level_of(deviation_seconds(answers, len(peers)), self._clock_level)
        if level != self._clock_level:
            log.warning("clock_differs", says=sentence(level) or "it is right again")
        self._clock_level = level

    async def _tidy(self) -> None:
        try:
            gone = await asyncio.to_thread(self._folder.quarantine.tidy)
        except OSError as error:
            log.warning("old_data_not_removed", error=str(error))
            return
        if gone:
            log.info("old_data_removed", why="a day is over, or its room is needed", folders=gone)

    async def empty(self, order: str, configuration: str) -> None:
        """Once. `configuration`: the one that it was decided for; the engine may not know it yet."""
        quarantine = self._folder.quarantine
        if quarantine.done == order:
            return  # the agent was started anew since
        async with self.turn:
            if quarantine.pending != order and (why := await self._why_not_emptied(order, configuration)):
                quarantine.refuse(order, why)
                raise OrderRefusedError(why)
            await self._process.stop()
            try:
                await asyncio.to_thread(self._folder.put_aside, order)
            except OSError as error:
                raise EngineError(f"its data cannot be put aside: {error.strerror or error}") from error
            self._runs.clear()
        log.warning("data_put_aside", order=order)

    async def lose(self, order: str, why_not_held: Callable[[], Awaitable[str]]) -> None:
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
            try:
                await asyncio.to_thread(self._folder.put_aside, order)
            except OSError as error:
                raise EngineError(f"its data cannot be put aside: {error.strerror or error}") from error
        log.warning("data_put_aside", order=order)

    async def _why_not_emptied(self, order: str, configuration: str) -> str:
        """What speaks against it here and now; empty: nothing does."""
        quarantine = self._folder.quarantine
        try:
            known = quarantine.refusal(order) or await self._why_needed(configuration)
            return known or await asyncio.to_thread(quarantine.why_no_room)
        except OSError as error:
            return f"its volume cannot be looked at: {error.strerror or error}"

    async def _why_needed(self, configuration: str) -> str:
        """As this member's engine sees it at the last moment. One that does not answer knows nothing that speaks against it."""
        if not self._process.is_running:
            return ""
        try:
            local = await self._connections.to_local()
            config = (await command(local, {"replSetGetConfig": 1}))["config"]
            status = await command(local, {"replSetGetStatus": 1})
        except EngineError:
            return ""
        return why_needed(config, status, configuration)
