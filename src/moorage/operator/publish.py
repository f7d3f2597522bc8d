"""Writes the status when it differs, and the Events that go with what is new in it."""

from collections.abc import Callable
from datetime import datetime

import structlog
from pydantic import ValidationError

from moorage.api.dataservice import DataService, DataServiceStatus
from moorage.core import taken_back
from moorage.core.facts import Snapshot
from moorage.core.health import Cause, judge
from moorage.core.protection import Protection
from moorage.core.step import Target
from moorage.engines.contract import EngineCard
from moorage.kube.client import Kube, KubeError, Object
from moorage.operator import events
from moorage.operator.look import text
from moorage.operator.outcome import Outcome
from moorage.operator.status import causes, delays, only_said, patch_of, status
from moorage.operator.wording import in_words

log = structlog.get_logger()


class Publisher:
    """What people see of a service. `wrote` is told the object as the API server answered it."""

    def __init__(self, kube: Kube, wrote: Callable[[Object], None]) -> None:
        self._kube, self._wrote = kube, wrote

    async def publish(
        self,
        snapshot: Snapshot,
        outcome: Outcome,
        target: Target,
        card: EngineCard,
        now: datetime,
        protection: Protection | None = None,
    ) -> None:
        """After the step was tried, so that a status never says for a moment that nothing is in the way."""
        service, verdict = snapshot.service, judge(snapshot)
        fresh = status(snapshot, verdict, outcome, target, card, text(now), protection)
        if fresh == service.status:
            return
        await self._write(service, fresh, now)
        change = events.of_change(service, verdict)
        if change is not None:
            log.info("health_changed", service=service.key, health=str(verdict.colour), why=verdict.message)
            await events.emit(self._kube, service, change, now)
        news = events.of_causes(service.status, causes(snapshot, target, outcome), delays(snapshot, outcome))
        for event in [*news, *events.of_taken_back(service.status, taken_back.sentences(snapshot))]:
            await events.emit(self._kube, service, event, now, once=True)

    async def say(self, service: DataService, says: str, now: datetime, *, needs_somebody: bool = True) -> None:
        """Why a service is not looked at as usual."""
        fresh = only_said(service, says, needs_somebody=needs_somebody, now=text(now))
        if fresh == service.status:
            return
        await self._write(service, fresh, now)
        for event in events.of_causes(service.status, [Cause(says, says)] if needs_somebody else [], []):
            await events.emit(self._kube, service, event, now, once=True)

    async def say_unreadable(self, item: Object, error: ValidationError, now: datetime) -> None:
        """Of a service that another version of Moorage wrote: nothing of it is known but its name."""
        first, meta = error.errors()[0], item["metadata"]
        where = ".".join(str(part) for part in first["loc"])
        says = f"this version of Moorage cannot read {where}: {first['msg']}; what runs stays as it is"
        if (item.get("status") or {}).get("healthMsg") == says:
            return
        stalled = {
            "type": "Stalled",
            "status": "True",
            "reason": "SomebodyMustAct",
            "message": says,
            "lastTransitionTime": text(now),
        }
        body = {"status": {"healthMsg": says, "conditions": [stalled]}}
        self._wrote(await self._kube.merge("DataService", meta["name"], meta["namespace"], body, status=True))

    async def _write(self, service: DataService, fresh: DataServiceStatus, now: datetime) -> None:
        body, meta = patch_of(service.status, fresh), service.metadata
        try:
            self._wrote(await self._kube.merge("DataService", meta.name, meta.namespace, {"status": body}, status=True))
        except KubeError as error:
            if error.refused:
                event = ("Warning", "SomebodyMustAct", f"the status cannot be written: {in_words(str(error))}")
                await events.emit(self._kube, service, event, now, once=True)
            raise
