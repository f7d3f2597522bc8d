"""The cluster time of a primary that clients come to from another replica set.

Drivers send the newest cluster time that they saw, and MongoDB refuses one that is ahead of its own and signed by keys that it
does not have (KeyNotFound). An address that leads to another generation of a service leads to another replica set, whose time
stands still while nobody writes: MongoDB itself moves it every ten seconds only.
"""

import asyncio
from collections.abc import Callable

import structlog

from moorage.engines.member import EngineError
from moorage.engines.mongodb.connections import Client, command

log = structlog.get_logger()

FIRST_SECONDS_MAX = 0.5
"""A fail-over waits for it no longer: an engine that is slow to write serves all the same."""
COMING_SECONDS, PACE_SECONDS = 10, 1.0
"""So long the engines of another generation may still answer, and clients bring what those said."""


class ClusterTime:
    def __init__(self, to_local: Callable[[], Client | None]) -> None:
        self._to_local = to_local
        self._going: asyncio.Task[None] | None = None

    async def move_on(self) -> None:
        """To now; and on, until all clients are here. A primary that cannot write serves those who read all the same."""
        try:
            async with asyncio.timeout(FIRST_SECONDS_MAX):
                await self._note()
        except TimeoutError:
            log.info("cluster_time_not_moved", error=f"not within {FIRST_SECONDS_MAX} s")
        if self._going is not None:
            self._going.cancel()
        self._going = asyncio.create_task(self._go_on())

    async def _go_on(self) -> None:
        for _ in range(COMING_SECONDS):
            await asyncio.sleep(PACE_SECONDS)
            await self._note()

    async def _note(self) -> None:
        """An empty entry of the oplog, which nobody waits for: its time is the machine's."""
        body = {"appendOplogNote": 1, "data": {"moorage": "leads"}, "writeConcern": {"w": 1}}
        try:
            await command(self._to_local(), body)
        except EngineError as error:
            log.info("cluster_time_not_moved", error=str(error))
