"""The page for Prometheus: one target for everything of a member. Nothing is asked or kept while nobody scrapes."""

import asyncio
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import structlog

from moorage import __version__
from moorage.agent import container
from moorage.agent.queries import Queries
from moorage.agent.settings import Settings
from moorage.agent.volume import Volume
from moorage.core.exposition import block, page
from moorage.core.member_metrics import METRICS
from moorage.core.metrics import read
from moorage.core.report import MemberReport, Role
from moorage.engines.member import EngineError, Member

log = structlog.get_logger()

FRESH_SECONDS = 1.0
"""Who asks within this time gets the same page: no number of scrapers is a load for the engine."""
ENGINE_SECONDS_MAX = 3.0
"""An engine that hangs must not cost the page: Prometheus waits for 10 s."""


@dataclass(frozen=True)
class Engine:
    """How its agent has fared with it."""

    starts: int
    crashes: int
    silent_seconds: float
    """How long ago the agent's loop turned."""


class Scrape:
    """`report`: the member's newest; `engine`: how it is now."""

    def __init__(
        self,
        settings: Settings,
        member: Member,
        volume: Volume,
        queries: Queries,
        *,
        report: Callable[[], MemberReport],
        engine: Callable[[], Engine],
    ) -> None:
        self._settings, self._member, self._volume, self._queries = settings, member, volume, queries
        self._report, self._engine = report, engine
        self._began_seconds = time.time()
        self._turn, self._page, self._made_at = asyncio.Lock(), "", float("-inf")
        self._said = ""

    async def page(self) -> str:
        async with self._turn:
            if time.monotonic() - self._made_at >= FRESH_SECONDS:
                self._page = await self._make()
                self._made_at = time.monotonic()
            return self._page

    async def _make(self) -> str:
        me = self._settings
        common = {"namespace": me.namespace, "service": me.service, "pod": me.pod_name}
        began = time.monotonic()
        said = await self._ask()
        own = self._document(is_measured=bool(said), measuring_seconds=time.monotonic() - began)
        asked = self._queries.families()
        blocks = [block(found, common) for found in (read(METRICS, own), read(self._member.metrics, said), asked)]
        return page((*METRICS, *self._member.metrics, *(family.metric for family in asked)), blocks)

    async def _ask(self) -> Mapping[str, Any]:
        """Empty when the engine does not answer."""
        if not self._member.is_running:
            return {}
        try:
            async with asyncio.timeout(ENGINE_SECONDS_MAX):
                found = await self._member.measure()
        except (EngineError, TimeoutError, OSError) as error:
            self._say(str(error) or "it does not answer in time")
            return {}
        except Exception as error:  # an answer that nobody expected must not cost what the agent knows itself
            self._say(f"its answer is not understood: {error!r}")
            return {}
        self._said = ""
        return found

    def _say(self, why: str) -> None:
        """Once, not at each scrape."""
        if why != self._said:
            log.warning("engine_not_measured", why=why)
        self._said = why

    def _document(self, *, is_measured: bool, measuring_seconds: float) -> dict[str, Any]:
        """What `core.member_metrics` is read from."""
        me, report, lives, room = self._settings, self._report(), self._engine(), self._volume.room
        used, is_running = resource.getrusage(resource.RUSAGE_SELF), self._member.is_running
        state = self._volume.state
        return {
            "identity": {
                "engine": me.engine,
                "engine_version": report.engine_version,
                "node": me.node_name,
                "generation": me.generation,
                "moorage_version": __version__,
            },
            "report": asdict(report),
            "flags": {
                "is_damaged": bool(report.damage),
                "clock_differs": bool(report.clock),
                "order_fails": bool(report.order_error),
            },
            "engine": {
                "is_running": is_running,
                "is_answering": is_running and report.role is not Role.DOWN,
                "crashes": lives.crashes,
                "starts": lives.starts,
                "is_measured": is_measured,
                "measuring_seconds": measuring_seconds,
            },
            "volume": {
                "size_bytes": room.size_bytes or None,
                "free_bytes": room.free_bytes if room.size_bytes else None,
                "full_in_seconds": state.full_in_hours * 3600 or None,
                "level": state.level,
            },
            "queries": self._queries.document(),
            "container": container.measure(),
            "agent": {
                "start_seconds": self._began_seconds,
                "silent_seconds": lives.silent_seconds,
                "cpu_seconds": used.ru_utime + used.ru_stime,
                "memory_peak_bytes": used.ru_maxrss * 1024,
            },
        }
