"""`AlertRule`: an alert of a person's own, about a service or about all that a namespace has."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from moorage.api.conditions import Condition, Resource
from moorage.api.metadata import Metadata
from moorage.api.schema import API_VERSION

KIND = "AlertRule"
PLURAL = "alertrules"
FOR_SECONDS_MAX = 86_400
EXPRESSION_LENGTH_MAX = 2048
MESSAGE_LENGTH_MAX = 1024


class Comparison(StrEnum):
    """How a value stands to the threshold when the alert holds."""

    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="
    EQUAL = "=="
    NOT_EQUAL = "!="


class AlertPhase(StrEnum):
    """What became of a rule."""

    PENDING = "Pending"
    """Nobody looked at it yet."""
    ACCEPTED = "Accepted"
    """It stands beside the built-in ones, where Prometheus reads them."""
    REFUSED = "Refused"
    """It is judged by nobody; the message says why."""
    PAUSED = "Paused"
    """Its owner wants it to rest."""


class AlertText(Resource):
    """What people are told. `$subject` stands for whom it is about, `$value` for the value that was found."""

    summary: str = Field(min_length=1, max_length=200, description="One line.")
    description: str = Field(default="", max_length=1000, description="What it means and what is to be done.")


class AlertRuleSpec(Resource):
    """Either `metric` with a comparison and a threshold, or `promql`."""

    service: str | None = Field(
        default=None, max_length=40, description="DataService of this namespace; all that there is in it when absent."
    )
    metric: str | None = Field(
        default=None,
        max_length=128,
        description="A metric of docs/metrics.md that is no histogram, or moorage_custom_NAME of a query of spec.metrics. "
        "A counter counts as its rate per second over 5 minutes.",
    )
    labels: dict[str, str] = Field(
        default={}, max_length=8, description="Labels that the metric's series must have, such as health: red."
    )
    comparison: Comparison | None = Field(default=None, description="How the value stands to the threshold when it holds.")
    threshold: float | None = Field(default=None, description="In the metric's own unit: seconds, bytes, a share of 1.")
    promql: str | None = Field(
        default=None,
        max_length=EXPRESSION_LENGTH_MAX,
        description="An expression that has a value while the alert holds. It is given series of its own namespace alone.",
    )
    for_seconds: int = Field(default=0, ge=0, le=FOR_SECONDS_MAX, description="How long it must hold before anybody is told.")
    severity: Literal["critical", "warning", "info"] = Field(
        default="warning", description="critical: somebody must act now; warning: in working hours; info: shown, told to nobody."
    )
    text: AlertText | None = Field(default=None, description="What people are told; made of the condition when absent.")
    text_zh: AlertText | None = Field(default=None, description="The same in Chinese, for channels of that language.")
    channels: list[str] = Field(
        default=[], max_length=20, description="Channels of the relay that are told; all of them when empty."
    )
    paused: bool = Field(default=False, description="True: the rule stays, and is not judged.")


class AlertRuleStatus(Resource):
    """What became of it."""

    phase: AlertPhase = AlertPhase.PENDING
    message: str = Field(default="", max_length=MESSAGE_LENGTH_MAX)
    expr: str | None = None
    """What Prometheus judges."""
    firing: int | None = None
    """How many series it fires for; absent: nobody said."""
    firing_since: str | None = None
    holding: int | None = None
    """How many series it holds for, not yet for as long as it must to fire."""
    holding_since: str | None = None
    observed_generation: int | None = None
    conditions: list[Condition] = Field(default=[])


class AlertRule(Resource):
    """One rule."""

    api_version: str = API_VERSION
    kind: str = KIND
    metadata: Metadata
    spec: AlertRuleSpec
    status: AlertRuleStatus = AlertRuleStatus()


def parse_alertrule(obj: dict[str, Any]) -> AlertRule:
    """Raises pydantic.ValidationError when it is none."""
    return AlertRule.model_validate(obj)
