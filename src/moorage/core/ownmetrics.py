"""Metrics of people's own, as the operator sees them: members are told which queries to ask, and what fails is said."""

from moorage.core.facts import Known, Snapshot
from moorage.core.health import alike
from moorage.core.step import Step, Target, TellQueries


def tell(snapshot: Snapshot, target: Target) -> Step | None:
    """One member after the other, whatever its colour: nothing stops for it."""
    for member in snapshot.everyone():
        if member.pod is not None and not member.pod.deleting and member.pod.queries != target.queries:
            return TellQueries(member, target.queries, f"{member.name} is told which queries become metrics")
    return None


def verdict(snapshot: Snapshot, target: Target) -> tuple[bool, str, str] | None:
    """State, reason and message of MetricsHealthy; None while there are no queries. No colour depends on it."""
    total = len(snapshot.service.spec.metrics.queries)
    if not total:
        return None
    heard = {m.name: m.report.value.queries for m in snapshot.counted() if isinstance(m.report, Known)}
    failing = alike({name: f"{name} {why}" if why else None for name, why in heard.items()}, len(snapshot.counted()))
    said = "; ".join([*target.queries_refused, *(cause.says for cause in failing)])
    if target.queries_refused:
        return False, "QueryRefused", said
    if failing:
        return False, "QueryFails", said
    return True, "NoQueryFails", f"no query fails, of {total}"
