"""What an alert of one's own can be about, and what one would have done before it is saved."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from moorage.api import dataservice
from moorage.api.alertrule import KIND, Comparison
from moorage.core.metrics import Kind
from moorage.monitoring.own.drawn import GATHERED, drawn
from moorage.monitoring.own.fence import threshold
from moorage.monitoring.own.queries import own_metrics
from moorage.monitoring.own.rule import measured
from moorage.monitoring.own.tried import RANGE_SECONDS, STEP_SECONDS, UnreadableAnswerError, in_words, tried
from moorage.prometheus import Prometheus, PrometheusError
from moorage.server import looks
from moorage.server.caller import PlatformOf, SignedIn
from moorage.server.chartlines import Line, Text
from moorage.server.model import Given, SpaceName
from moorage.server.problem import Code, ProblemError, not_found
from moorage.server.rulewish import ConditionWish, require_good

router = APIRouter(tags=["alerts"])


class MeasuredMetric(Given):
    """What a threshold can be set for."""

    name: str
    help: str
    unit: str
    """seconds, bytes, ratio, or empty; of a counter per second."""
    is_counter: bool
    labels: list[str]
    services: list[str]
    """Of a metric of people's own: those whose queries make it. Of Moorage's own: empty."""


class MetricList(Given):
    items: list[MeasuredMetric]


class TryWish(ConditionWish):
    space: SpaceName


class TriedMoment(Given):
    """When it would have fired for one series; seconds since 1970."""

    began: float
    ended: float | None
    """null: it would fire now."""
    labels: dict[str, str]


class TriedLines(Given):
    """What the threshold is held against."""

    start: float
    """Of the first point, in seconds since 1970."""
    step: float
    """Seconds from point to point; each is of those moments between that are nearest to firing."""
    count: int
    comparison: Comparison
    threshold: float
    lines: list[Line]
    left_off: int
    """So many more there are, all further from firing."""


class TryResult(Given):
    """What it would have done in the last day; moments in seconds since 1970."""

    fired: int
    longest_seconds: float
    held: int
    longest_held_seconds: float
    is_firing: bool
    first: float | None
    last: float | None
    moments: list[TriedMoment]
    """Newest first; at most a hundred."""
    range_seconds: int
    words: str
    expr: str
    """What Prometheus was asked."""
    chart: TriedLines | None = None
    """null: it is no comparison with a number, or too much to be drawn."""


@router.get("/alert-metrics")
async def list_alert_metrics(
    caller: SignedIn,
    platform: PlatformOf,
    space: Annotated[SpaceName | None, Query(description="With what its services' own queries measure.")] = None,
) -> MetricList:
    """What a threshold can be set for."""
    services = await looks.visible(platform, caller, dataservice.KIND, space) if space is not None else []
    own = [
        MeasuredMetric(
            name=metric.name,
            help=metric.help,
            unit="",
            is_counter=metric.kind is Kind.COUNTER,
            labels=_chosen_by(metric.labels),
            services=list(metric.services),
        )
        for metric in own_metrics(services).values()
    ]
    built_in = [
        MeasuredMetric(
            name=metric.name,
            help=metric.help,
            unit=metric.unit,
            is_counter=metric.kind is Kind.COUNTER,
            labels=_chosen_by((*common, *metric.labels)),
            services=[],
        )
        for metric, common in measured().values()
    ]
    return MetricList(items=[*own, *built_in])


def _chosen_by(labels: Iterable[str]) -> list[str]:
    return [label for label in labels if label != "namespace"]


@router.post("/alert-rules/try")
async def try_alert_rule(body: TryWish, caller: SignedIn, platform: PlatformOf) -> TryResult:
    """Nothing is kept. Only for who may see the space's alerts: the answer tells of its series."""
    seen = await looks.sight(platform, caller, KIND)
    if not seen.sees(body.space):
        raise not_found("space", body.space)
    judged = require_good(body.space, body)
    door = platform.settings.prometheus
    if door is None:
        raise ProblemError(
            503,
            Code.NO_MONITORING,
            "the console was not told where Prometheus is; whoever installed it sets console.monitoring.prometheus",
        )
    # a whole second, so that a point's number in what is drawn is the one that Prometheus was asked for
    now = float(round(platform.clock().timestamp()))
    prometheus = Prometheus(door)
    try:
        answer = await prometheus.over(judged.expr, now - RANGE_SECONDS, now, STEP_SECONDS)
        found = tried(answer, body.for_seconds, now)
    except (PrometheusError, UnreadableAnswerError) as error:
        raise ProblemError(503, Code.MONITORING_AWAY, f"it cannot be tried now: {error}") from error
    chart = await _chart(prometheus, judged.expr, now - RANGE_SECONDS)
    return TryResult(**asdict(found), range_seconds=RANGE_SECONDS, words=in_words(found), expr=judged.expr, chart=chart)


async def _chart(prometheus: Prometheus, expr: str, start: float) -> TriedLines | None:
    """What it counts is known without it: that it cannot be drawn is no failure."""
    held = threshold(expr)
    if held is None:
        return None
    count = RANGE_SECONDS // STEP_SECONDS
    try:
        answer = await prometheus.over(held.measured, start, start + RANGE_SECONDS, STEP_SECONDS)
        lines, left_off = drawn(answer, held.comparison, start, STEP_SECONDS, count)
    except (PrometheusError, UnreadableAnswerError):
        return None
    return TriedLines(
        start=start,
        step=STEP_SECONDS * GATHERED,
        count=count // GATHERED,
        comparison=Comparison(held.comparison),
        threshold=held.value,
        lines=[Line(query=0, name=_called(one.labels), labels=dict(one.labels), values=one.values) for one in lines],
        left_off=left_off,
    )


def _called(labels: Mapping[str, str]) -> Text:
    """By all that tells it from the others of the space."""
    name = " ".join(value for label, value in labels.items() if label not in ("__name__", "namespace")) or "–"
    return Text(en=name, zh=name)
