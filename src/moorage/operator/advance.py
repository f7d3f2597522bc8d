"""Plans one step of a service and tries it; remembers what was refused, so that it is asked for again only in its time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

import structlog

from moorage.api.dataservice import DataService
from moorage.core.facts import Snapshot
from moorage.core.history import begins_copy
from moorage.core.plan import plan
from moorage.core.step import Apply, GrowClaim, Rest, Step, Target, Wait
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Key
from moorage.operator import events
from moorage.operator.act import Actor
from moorage.operator.anew import is_destructive
from moorage.operator.failures import Tried, failed, of_step
from moorage.operator.manifests import Manifest, Objects
from moorage.operator.outcome import Outcome
from moorage.operator.places import Places

log = structlog.get_logger()

LOOK_AGAIN_SECONDS = 0.0


@dataclass(frozen=True)
class Decision:
    """What a step is planned from, and what it is carried out with."""

    snapshot: Snapshot
    target: Target
    objects: Objects


Anew = Callable[[], Awaitable[Decision | None]]
"""Decides from what the API server says now; None: the service is gone or to be deleted."""


@dataclass(frozen=True)
class Advance:
    """What became of a step. `snapshot`: with what was learned by trying it."""

    snapshot: Snapshot
    outcome: Outcome
    again_seconds: float | None


class Advancer:
    """Keeps one service's failures from one pass to the next; after a restart they are found out again."""

    def __init__(self, kube: Kube, wrote: Callable[[Manifest], None], places: Places) -> None:
        self._kube, self._wrote, self._places = kube, wrote, places
        self._tried: dict[Key, tuple[Tried, ...]] = {}

    def forget(self, at: Key) -> None:
        self._tried.pop(at, None)

    async def advance(self, decision: Decision, anew: Anew, now: datetime) -> Advance:
        """One step. A volume that may not grow keeps nothing else from being done, so then the next best step is tried, too."""
        meta = decision.snapshot.service.metadata
        before = self._tried.pop((meta.namespace, meta.name), ())
        step, tried, outcome = await self._one(decision, anew, before, now)
        failures = [tried]
        if isinstance(step, GrowClaim) and outcome.failure is not None and outcome.is_refused:
            decision = replace(decision, snapshot=replace(decision.snapshot, growth_trouble=outcome.failure.says))
            step, tried, outcome = await self._one(decision, anew, before, now)
            failures.append(tried)
        kept = tuple(one for one in failures if one is not None)
        if kept:
            self._tried[meta.namespace, meta.name] = kept
        waits = [max((one.again_at - now).total_seconds(), 0.0) for one in kept]
        waits += [LOOK_AGAIN_SECONDS] if tried is None and not isinstance(step, Rest | Wait) else []
        return Advance(decision.snapshot, outcome, min(waits, default=None))

    async def _one(
        self, decision: Decision, anew: Anew, before: tuple[Tried, ...], now: datetime
    ) -> tuple[Step, Tried | None, Outcome]:
        step = plan(decision.snapshot, decision.target)
        if begins_copy(step, decision.snapshot):
            self._places.take((decision.snapshot.service.metadata.namespace, decision.snapshot.service.metadata.name))
        tried = await self._try(step, decision, anew, of_step(before, step), now)
        finding = tried.failure.finding(now, said(decision.snapshot.service)) if tried is not None else None
        return step, tried, Outcome(step, finding, was_tried_in_vain=tried is not None)

    async def _try(self, step: Step, decision: Decision, anew: Anew, last: Tried | None, now: datetime) -> Tried | None:
        """The failure when the step was not taken."""
        if isinstance(step, Rest | Wait):
            return None
        if last is not None and last.failure.refused and now < last.again_at:
            return last
        service = decision.snapshot.service
        try:
            if is_destructive(step):
                await _still_follows(step, decision, anew)
            await Actor(self._kube, service.metadata.namespace, service.metadata.name, self._wrote).act(step, decision.objects)
        except KubeError as error:
            tried = failed(last, step, str(error), refused=error.refused, now=now)
            log.warning("step_failed", service=service.key, step=type(step).__name__, error=str(error), tries=tried.failure.tries)
            return tried
        log.info("step_done", service=service.key, step=type(step).__name__, why=step.why)
        event = events.of_step(step)
        if event is not None and not isinstance(step, Apply):
            await events.emit(self._kube, service, event, now)
        return None


async def _still_follows(step: Step, decision: Decision, anew: Anew) -> None:
    """Raises KubeError when it does not: our watches are behind and will tell of the change."""
    fresh = await anew()
    if fresh is not None:
        learned = replace(fresh.snapshot, growth_trouble=fresh.snapshot.growth_trouble or decision.snapshot.growth_trouble)
    if fresh is None or plan(learned, fresh.target) != step:
        raise KubeError("what it was decided from is not so any more", HTTPStatus.CONFLICT)


def said(service: DataService) -> str:
    """What the status says of troubles."""
    repair = service.status.repair
    return f"{service.status.health_msg}; {repair.reason if repair is not None else ''}"
