"""What of a MongoDB member needs looking after besides what every engine's does: clock, lag, and whom it copies from."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import structlog

from moorage.core.report import Role
from moorage.engines import care
from moorage.engines.lastwords import LastWords
from moorage.engines.member import EngineError
from moorage.engines.mongodb.chaining import Chaining
from moorage.engines.mongodb.clock import Answer, deviation_seconds, level_of, seconds_of, sentence
from moorage.engines.mongodb.connections import Client, Connections, command
from moorage.engines.mongodb.damage import why_damaged
from moorage.engines.mongodb.folder import DataFolder
from moorage.engines.mongodb.membership import why_needed
from moorage.engines.mongodb.process import Mongod
from moorage.engines.mongodb.staleness import why_stale

log = structlog.get_logger()

CLOCK_SECONDS = 60.0


async def _time_of(peer: Client) -> Answer | None:
    """A peer that does not answer tells nothing."""
    sent = time.time()
    try:
        hello = await command(peer, {"hello": 1})
    except EngineError:
        return None
    return Answer(seconds_of(hello["localTime"]), sent, time.time())


class Care(care.Care):
    """Of one member."""

    def __init__(self, folder: DataFolder, process: Mongod, connections: Connections, last_words: LastWords) -> None:
        super().__init__(folder, process, last_words, why_damaged)
        self._mongo_folder, self._connections = folder, connections
        self.taken_back = ""
        self._chaining = Chaining()
        self._clock_level, self._clock_read_at = 0, 0.0

    async def empty(self, order: str, configuration: str) -> None:
        """Once. `configuration`: the one that it was decided for; the engine may not know it yet."""
        await self.put_aside(order, lambda: self._why_needed(configuration))

    async def look(self, status: Mapping[str, Any], role: Role) -> None:
        """Whom it copies from; and what needs no haste: what it took back, whether it can catch up, and what was put aside."""
        await self._chaining.look(status, self._connections.to_local, self._connections.leads, time.monotonic())
        if not self.is_due():
            return
        self.taken_back = await asyncio.to_thread(self._mongo_folder.what_was_taken_back)
        if not self._folder.damage and (why := await why_stale(status, self._connections.peers)):
            log.error("too_far_behind", why=why)
            self._folder.is_damaged(why)
        if role in (Role.PRIMARY, Role.SECONDARY):
            await self._compare_clocks(status)
            await self.tidy()

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
