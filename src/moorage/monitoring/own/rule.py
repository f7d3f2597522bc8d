"""From a person's alert to what Prometheus judges, beside the built-in ones. Pure.

What only differs in its texts is a rule like any other: grouped, muted and told in the same way. Its name is the resource's, in
small letters, so it is never taken for a built-in one; `namespace` and `service` are set by the rule and not by what it found.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from moorage.api.alertrule import AlertRule, AlertRuleSpec, AlertText
from moorage.core.alerts import HELD, IDENTITY, Scope
from moorage.core.metrics import Kind, Metric
from moorage.core.queries import kind_of
from moorage.monitoring.own.fence import RefusedError, fenced, number, quoted
from moorage.monitoring.own.queries import is_own
from moorage.monitoring.registry import groups

INTERVAL = "30s"
ALERTS_MAX = 100
"""Of one rule: one that finds more fails, instead of telling people of each."""
BYTES_MAX = 900_000
"""Of all rules: an object of Kubernetes holds 1 MiB."""
RATE_WINDOW = "5m"
SCRAPED = ("instance", "job")
"""Labels of the scrape, not of what is measured: a Pod that came back has another one."""
_FOUND_SERVICE = "{{ if $labels.service }}/{{ $labels.service }}{{ end }}"
_FOUND_POD = "{{ if $labels.pod }} ({{ $labels.pod }}){{ end }}"
VALUE, FORGOTTEN = "{{ $value | humanize }}", "…"


@dataclass(frozen=True)
class Judged:
    """`expr`: what Prometheus judges; empty when it is refused."""

    expr: str = ""
    refusal: str = ""


@cache
def measured() -> Mapping[str, tuple[Metric, tuple[str, ...]]]:
    """Metrics of services that a threshold can be set for, by name, with the labels of their group."""
    return {
        metric.name: (metric, group.labels)
        for group in groups()
        for metric in group.metrics
        if "namespace" in group.labels and metric.kind is not Kind.HISTOGRAM and not metric.name.endswith("_info")
    }


def judge(namespace: str, spec: AlertRuleSpec) -> Judged:
    """Whether it can be given to Prometheus, and as what."""
    try:
        return Judged(expr=fenced(_text(spec), namespace, spec.service))
    except RefusedError as error:
        return Judged(refusal=str(error))


def _text(spec: AlertRuleSpec) -> str:
    """As a person would write it. Raises RefusedError."""
    if spec.promql is not None:
        return spec.promql
    if spec.metric is None or spec.comparison is None or spec.threshold is None:
        raise RefusedError("it has neither promql nor a metric with a comparison and a threshold; give one of them")
    kind, grouped = _measured(spec.metric, spec.labels)
    series = spec.metric + "{" + ",".join(f"{label}={quoted(value)}" for label, value in sorted(spec.labels.items())) + "}"
    if kind is Kind.COUNTER:
        series = f"rate({series}[{RATE_WINDOW}])"
    return f"max {grouped} ({series}) {spec.comparison} {number(spec.threshold)}"


def _measured(name: str, labels: Iterable[str]) -> tuple[Kind, str]:
    """What it is, and by what its series are told apart. Raises RefusedError."""
    if is_own(name):  # what labels it has is its query's to say, and may change
        return kind_of(name), f"without ({', '.join(SCRAPED)})"
    found = measured().get(name)
    if found is None:
        raise RefusedError(f"no threshold can be set for metric '{name}'; docs/metrics.md lists what is measured")
    metric, common = found
    known = (*common, *metric.labels)
    if unknown := sorted(set(labels) - set(known)):
        raise RefusedError(f"{name} has no label {', '.join(unknown)}; it has {', '.join(known)}")
    return metric.kind, f"by ({', '.join(known)})"


def group(rule: AlertRule, expr: str) -> dict[str, Any]:
    """One group of Prometheus's: what fails in one does not stand in the way of another."""
    meta, spec = rule.metadata, rule.spec
    whom = dict(zip(IDENTITY, (meta.namespace, spec.service), strict=True))
    lasts = {"for": f"{spec.for_seconds}s"} if spec.for_seconds else {}
    labels = {"severity": spec.severity, "scope": str(Scope.OWN), **{name: value for name, value in whom.items() if value}}
    return {
        "name": group_name(meta.namespace, meta.name),
        "interval": INTERVAL,
        "limit": ALERTS_MAX,
        "rules": [{"alert": meta.name, "expr": expr, **lasts, "labels": labels, "annotations": annotations(rule)}],
    }


def group_name(namespace: str, name: str) -> str:
    """By which a rule is found again among what Prometheus judges."""
    return f"own/{namespace}/{name}"


def annotations(rule: AlertRule) -> dict[str, str]:
    """What people are told."""
    spec = rule.spec
    told = spec.text or AlertText(summary=_summary(rule))
    chinese = spec.text_zh
    subject = f"{rule.metadata.namespace}/{spec.service}" if spec.service else f"{rule.metadata.namespace}{_FOUND_SERVICE}"
    texts = {
        "summary": told.summary,
        "description": told.description,
        "summary_zh": chinese.summary if chinese else "",
        "description_zh": chinese.description if chinese else "",
        "channels": ",".join(spec.channels),
        HELD: str(spec.for_seconds or ""),
    }
    said = {name: filled(text, f"{subject}{_FOUND_POD}") for name, text in texts.items()}
    return {name: text for name, text in said.items() if text}


def _summary(rule: AlertRule, is_said: str = " is $value,") -> str:
    """`is_said`: what the metric was."""
    spec = rule.spec
    if spec.metric is None or spec.comparison is None or spec.threshold is None:
        return f"$subject: {rule.metadata.name}"
    return f"$subject: {rule.metadata.name}: {spec.metric}{is_said} {spec.comparison} {number(spec.threshold)}"


def filled(text: str, subject: str) -> str:
    """For Prometheus, which takes `{{` for a program, and would let it ask for anybody's series."""
    plain = text.replace("{{", '{{ "{{" }}')
    return plain.replace("$subject", subject).replace("$value", VALUE)


def past_texts(rule: AlertRule, labels: Mapping[str, str]) -> dict[str, str]:
    """What an alert said that fired once with these labels, in both languages, by the rule as it is now. What `$value` was
    then nobody remembers."""
    service = rule.spec.service or labels.get("service")
    pod = labels.get("pod")
    subject = rule.metadata.namespace + (f"/{service}" if service else "") + (f" ({pod})" if pod else "")
    texts = {
        "summary": rule.spec.text.summary if rule.spec.text else _summary(rule, ""),
        "summary_zh": rule.spec.text_zh.summary if rule.spec.text_zh else "",
    }
    return {name: text.replace("$value", FORGOTTEN).replace("$subject", subject) for name, text in texts.items() if text}


def document(found: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], frozenset[str]]:
    """What Prometheus reads, or the body of a PrometheusRule; and the names of the groups that there was no room for.

    A namespace's smallest come first, each after what it has already: who makes many takes no room from who makes few.
    """
    kept: list[dict[str, Any]] = []
    left_out: set[str] = set()
    size = 0
    for length, one in _in_turn(found):
        if size + length <= BYTES_MAX:
            kept.append(one)
            size += length
        else:
            left_out.add(str(one["name"]))
    return {"groups": sorted(kept, key=lambda one: str(one["name"]))}, frozenset(left_out)


def _in_turn(found: Iterable[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Each with its length, ordered by what its namespace takes with it."""
    taken: dict[str, int] = defaultdict(int)
    turns = []
    for length, name, one in sorted(((len(json.dumps(one)), str(one["name"]), one) for one in found), key=lambda g: g[:2]):
        namespace = name.split("/")[1]
        taken[namespace] += length
        turns.append((taken[namespace], name, length, one))
    return [(length, one) for _, _, length, one in sorted(turns, key=lambda turn: turn[:2])]
