"""Everything that is measured, in the order in which people are told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points

from moorage.core import member_metrics
from moorage.core.metrics import Metric
from moorage.monitoring import operator_metrics, relay_metrics, service_metrics

OF_MEMBERS = ("namespace", "service", "pod")


@dataclass(frozen=True)
class Group:
    """Metrics that come from one place and have the same labels besides their own."""

    title: str
    says: str
    metrics: tuple[Metric, ...]
    labels: tuple[str, ...]
    each: str
    """What there is one set of these series for."""


def of_engines() -> Mapping[str, tuple[Metric, ...]]:
    """Engine → what is measured of it."""
    return {point.name: tuple(point.load()) for point in sorted(entry_points(group="moorage.metrics"))}


def groups() -> tuple[Group, ...]:
    told = "The operator's replica that leads tells it."
    return (
        Group("Services", told, service_metrics.METRICS, ("namespace", "service"), "service"),
        Group("Backup stores", told, service_metrics.STORE, ("namespace", "store"), "store"),
        Group("Members", "The member's agent tells it.", member_metrics.METRICS, OF_MEMBERS, "member"),
        *(
            Group(f"The engine {engine}", "The member's agent asks its engine when it is scraped.", metrics, OF_MEMBERS, "member")
            for engine, metrics in of_engines().items()
        ),
        Group("The operator", "Each of its replicas tells it.", operator_metrics.METRICS, (), "replica"),
        Group("The relay", "Each of its replicas tells it.", relay_metrics.METRICS, (), "replica"),
    )
