"""An alert of a person's own as they ask for it, and whether it can be had."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from moorage.api import dataservice
from moorage.api.alertrule import EXPRESSION_LENGTH_MAX, FOR_SECONDS_MAX, AlertRuleSpec, Comparison
from moorage.monitoring.own.queries import why_never
from moorage.monitoring.own.rule import Judged, judge
from moorage.server import looks
from moorage.server.caller import Caller
from moorage.server.model import Asked, Line, ServiceName
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError


class TextWish(Asked):
    summary: Annotated[Line, Field(min_length=1, max_length=200)]
    description: Annotated[str, Field(max_length=1000)] = ""


class ConditionWish(Asked):
    """When it holds: a metric with a comparison and a threshold, or PromQL."""

    service: ServiceName | None = None
    metric: Annotated[str, Field(max_length=128)] | None = None
    labels: Annotated[dict[str, str], Field(max_length=8, default_factory=dict)]
    comparison: Comparison | None = None
    threshold: float | None = None
    promql: Annotated[str, Field(max_length=EXPRESSION_LENGTH_MAX)] | None = None
    for_seconds: Annotated[int, Field(ge=0, le=FOR_SECONDS_MAX)] = 0


class AlertRuleWish(ConditionWish):
    """A rule as a person wants it; a change says all of it again."""

    severity: Annotated[str, Field(pattern="^(critical|warning|info)$")] = "warning"
    text: TextWish | None = None
    text_zh: TextWish | None = None
    channels: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20, default_factory=list)]
    paused: bool = False


def require_good(space: str, body: ConditionWish) -> Judged:
    """Raises ProblemError with the sentence."""
    judged = judge(space, AlertRuleSpec.model_validate(spec_of(body)))
    if judged.refusal:
        raise ProblemError(422, Code.REFUSED, judged.refusal)
    return judged


async def require_measured(platform: Platform, caller: Caller, space: str, body: AlertRuleWish) -> None:
    """A rule that rests may wait for its query. Nobody is told of services that they may not see."""
    seen = await looks.sight(platform, caller, dataservice.KIND)
    if body.paused or not seen.sees(space):
        return
    why = why_never(AlertRuleSpec.model_validate(spec_of(body)), space, platform.cache.all(dataservice.KIND, space))
    if why:
        raise ProblemError(422, Code.REFUSED, why)


def spec_of(body: ConditionWish) -> Mapping[str, Any]:
    """What was said of the condition and, of a rule, of what people are told."""
    said = body.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"space", "name", "version"})
    return {key: value for key, value in said.items() if value not in ({}, [])}
