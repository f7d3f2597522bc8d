"""Metrics that queries of people's services become, as their alerts see them. Pure.

A rule may be there before its query, so one without is accepted, and says that it cannot hold; who makes one is told at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moorage.api.alertrule import AlertRuleSpec
from moorage.api.query_bounds import PREFIX
from moorage.core.metrics import Kind
from moorage.core.queries import kind_of
from moorage.monitoring.registry import OF_MEMBERS


@dataclass(frozen=True)
class OwnMetric:
    """Queries of one name, of any services of a namespace."""

    name: str
    help: str
    labels: tuple[str, ...]
    """All that a series of it can have; services may differ in them."""
    services: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        return kind_of(self.name)


def is_own(metric: str | None) -> bool:
    """Whether a metric of this name can only be a query's."""
    return metric is not None and metric.startswith(PREFIX)


def own_metrics(services: Iterable[Mapping[str, Any]]) -> dict[str, OwnMetric]:
    """By the metric's name, of the DataServices of one namespace as the API server gives them."""
    found: dict[str, OwnMetric] = {}
    for service in sorted(services, key=lambda one: str(one["metadata"]["name"])):
        for query in (service["spec"].get("metrics") or {}).get("queries") or []:
            name = PREFIX + query["name"]
            old = found.get(name) or OwnMetric(name, "", OF_MEMBERS, ())
            labels = dict.fromkeys((*old.labels, *query.get("labels", ())))
            of = (*old.services, service["metadata"]["name"])
            found[name] = OwnMetric(name, old.help or query.get("help", ""), tuple(labels), of)
    return found


def why_never(spec: AlertRuleSpec, namespace: str, services: Iterable[Mapping[str, Any]]) -> str:
    """Why a rule about a query's metric cannot hold as the namespace's services are; empty when it can, or is about another."""
    if spec.metric is None or not is_own(spec.metric):
        return ""
    about = [one for one in services if spec.service in (None, one["metadata"]["name"])]
    metric = own_metrics(about).get(spec.metric)
    query = spec.metric.removeprefix(PREFIX)
    if metric is None:
        whose = f"service '{spec.service}' of {namespace}" if spec.service else f"no service of {namespace}"
        has = "has no" if spec.service else "has a"
        return f"{whose} {has} query '{query}', which makes {spec.metric}; add it to spec.metrics.queries, or name another metric"
    unknown = sorted(set(spec.labels) - set(metric.labels))
    return f"{spec.metric} has no label {', '.join(unknown)}; it has {', '.join(metric.labels)}" if unknown else ""
