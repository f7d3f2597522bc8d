"""What people see of an alert of their own: one object, from which text, JSON, YAML and the console's pages all come. Pure."""

from typing import Any

from pydantic import Field

from moorage.api.alertrule import AlertPhase, AlertRule, AlertText, parse_alertrule
from moorage.api.conditions import ConditionType
from moorage.views.service import parsed
from moorage.views.shown import Shown

Object = dict[str, Any]


class AlertRuleView(Shown):
    """One rule."""

    service: str | None = None
    condition: str
    """As a person wrote it: `METRIC{…} > 30`, or PromQL."""
    metric: str | None = None
    labels: dict[str, str] = Field(default={})
    comparison: str | None = None
    threshold: float | None = None
    promql: str | None = None
    for_seconds: int = 0
    severity: str = "warning"
    text: AlertText | None = None
    text_zh: AlertText | None = None
    channels: list[str] = Field(default=[])
    paused: bool = False
    phase: AlertPhase = AlertPhase.PENDING
    message: str = ""
    expr: str | None = None
    firing: int | None = None
    """How many series it fires for; None: nobody knows."""
    firing_since: str | None = None
    holding: int | None = None
    """How many series it holds for, not yet for as long as it must to fire."""
    holding_since: str | None = None
    is_judged: bool = False
    """Whether Prometheus judges it, as far as is known: false also where it is asked to and cannot, and the message says why."""
    version: str = ""
    """To be sent with a change of it: what somebody else changed meanwhile is not overwritten."""
    is_current: bool = False
    """Whether the newest spec has been judged."""


def read(obj: Object) -> AlertRule:
    """The model of a rule."""
    return parsed(parse_alertrule, obj)


def version(obj: Object) -> str:
    """Another one as soon as the rule says something else. What servers write, such as the status, does not count."""
    meta = obj["metadata"]
    return f"{meta.get('uid', '')}.{meta.get('generation', 0)}"


def alert_rule_view(obj: Object) -> AlertRuleView:
    rule = read(obj)
    spec, status = rule.spec, rule.status
    return AlertRuleView(
        name=rule.metadata.name,
        namespace=rule.metadata.namespace,
        service=spec.service,
        condition=_condition(rule),
        metric=spec.metric,
        labels=spec.labels,
        comparison=str(spec.comparison) if spec.comparison is not None else None,
        threshold=spec.threshold,
        promql=spec.promql,
        for_seconds=spec.for_seconds,
        severity=spec.severity,
        text=spec.text,
        text_zh=spec.text_zh,
        channels=spec.channels,
        paused=spec.paused,
        phase=status.phase,
        message=status.message,
        expr=status.expr,
        firing=status.firing,
        firing_since=status.firing_since,
        holding=status.holding,
        holding_since=status.holding_since,
        is_judged=any(c.type is ConditionType.READY and c.status == "True" for c in status.conditions),
        version=version(obj),
        is_current=(status.observed_generation or 0) >= rule.metadata.generation,
    )


def _condition(rule: AlertRule) -> str:
    spec = rule.spec
    if spec.promql is not None:
        return spec.promql
    labels = ", ".join(f"{name}={value}" for name, value in sorted(spec.labels.items()))
    return f"{spec.metric}{f'{{{labels}}}' if labels else ''} {spec.comparison} {spec.threshold:g}"
