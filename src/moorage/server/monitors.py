"""Prometheus and Alertmanager as the console asks them; what their answers mean is decided in `monitoring/centre`."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from moorage.monitoring.centre import acks, given, history
from moorage.monitoring.centre.given import Fired, Silence, UnreadableError
from moorage.server.parts import Part, PartError

log = structlog.get_logger()
LOOK_SECONDS = 20.0


class Past:
    """What Prometheus remembers of alerts. Every method raises PartError and UnreadableError."""

    def __init__(self, part: Part) -> None:
        self._part = part

    async def episodes(self, asked: history.Window) -> list[history.Episode]:
        """The newest first."""
        return history.episodes(await self._part.ask("POST", "/api/v1/query_range", form=asked.form), asked)


class Alertmanager:
    """Every method raises PartError and UnreadableError."""

    def __init__(self, part: Part) -> None:
        self._part = part

    async def alerts(self) -> list[Fired]:
        """Everything that fires, also what is silenced or muted by its cause; the gravest first."""
        return given.alerts(await self._part.ask("GET", "/api/v2/alerts"))

    async def silences(self) -> list[Silence]:
        """Those that hold or will hold."""
        return given.silences(await self._part.ask("GET", "/api/v2/silences"))

    async def silence(self, wish: dict[str, Any]) -> str:
        """Its id."""
        answer = await self._part.ask("POST", "/api/v2/silences", json=wish)
        return str((answer or {}).get("silenceID", ""))

    async def end(self, silence: str) -> None:
        """One that is over, or that there is not, stays so."""
        try:
            await self._part.ask("DELETE", f"/api/v2/silence/{silence}")
        except PartError as error:
            if error.status not in (404, 410):
                raise


class Acknowledgements:
    """Ends them when what they are about is over, and keeps them until then. Two replicas that do the same do no harm."""

    def __init__(self, alertmanager: Alertmanager, clock: Callable[[], datetime]) -> None:
        self._alertmanager, self._clock = alertmanager, clock

    async def keep(self) -> None:
        """Until cancelled."""
        is_told = False
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
                is_told = False
            except (PartError, UnreadableError) as error:
                if not is_told:
                    log.warning("acknowledgements_not_kept", error=str(error))
                is_told = True

    async def look(self) -> None:
        """Once."""
        found = await self._alertmanager.silences()
        if not any(one.is_acknowledgement for one in found):
            return
        now = self._clock()
        due = acks.due(found, await self._alertmanager.alerts(), now)
        for one in due.over:
            await self._alertmanager.end(one.id)
            log.info("acknowledgement_over", silence=one.id, who=one.who)
        for one in due.longer:
            await self._alertmanager.silence(given.again(one, now + acks.LASTS))
