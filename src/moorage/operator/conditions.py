"""The conditions of a service's status: each with its reason, its sentence and since when. Pure."""

from typing import Literal

from moorage.api.conditions import MESSAGE_LENGTH_MAX, Condition, ConditionType
from moorage.api.dataservice import DataService, Health
from moorage.core import fullness
from moorage.core.facts import Snapshot
from moorage.core.health import Verdict, why_not_serving
from moorage.core.protection import Protection
from moorage.core.step import Rest, Wait
from moorage.operator.outcome import Outcome

_CLEAR = ("NothingInTheWay", "nothing is in the way")


def conditions_of(snapshot: Snapshot, verdict: Verdict, outcome: Outcome, stalled: str, doing: str, now: str) -> list[Condition]:
    red, stopped = why_not_serving(snapshot), fullness.why_no_writes(snapshot)
    green = verdict.colour is Health.GREEN
    step = outcome.step
    is_moving = not isinstance(step, Rest) and not (stalled and (isinstance(step, Wait) or outcome.is_refused))
    facts = [
        (
            ConditionType.READY,
            red is None and stopped is None,
            "NoPrimary" if red else "ReadOnly" if stopped else "PrimaryAvailable",
            red or stopped or "the address leads to the primary",
        ),
        (ConditionType.HEALTHY, green, str(verdict.colour).capitalize(), verdict.message),
        (ConditionType.RECONCILING, is_moving, type(step).__name__, doing),
        (ConditionType.STALLED, bool(stalled), *(("SomebodyMustAct", stalled) if stalled else _CLEAR)),
    ]
    return [_condition(snapshot.service, *fact, now) for fact in facts]


def only_said_of(service: DataService, says: str, *, needs_somebody: bool, now: str) -> list[Condition]:
    """Of a service that cannot be looked at now: whether it is ready or healthy nobody knows."""
    new = {
        ConditionType.RECONCILING: (not needs_somebody, "Wait", says),
        ConditionType.STALLED: (needs_somebody, *(("SomebodyMustAct", says) if needs_somebody else _CLEAR)),
    }
    conditions = [_condition(service, kind, *fact, now) for kind, fact in new.items()]
    kept = [c for c in service.status.conditions if c.type is ConditionType.METRICS_HEALTHY]
    return [*conditions, *kept, *(_not_known(service, kind, says, now) for kind in (ConditionType.READY, ConditionType.HEALTHY))]


def backup_healthy(service: DataService, protection: Protection | None, now: str) -> list[Condition]:
    kind = ConditionType.BACKUP_HEALTHY
    if protection is None:
        return [c for c in service.status.conditions if c.type is kind]
    return [_stated(service, kind, protection.healthy, (protection.reason, protection.message), now)]


def metrics_healthy(service: DataService, found: tuple[bool, str, str] | None, now: str) -> list[Condition]:
    """`found`: by `ownmetrics.verdict`; None: there are no queries."""
    return [] if found is None else [_condition(service, ConditionType.METRICS_HEALTHY, *found, now)]


def _condition(service: DataService, kind: ConditionType, holds: bool, reason: str, message: str, now: str) -> Condition:
    return _stated(service, kind, "True" if holds else "False", (reason, message), now)


def _not_known(service: DataService, kind: ConditionType, says: str, now: str) -> Condition:
    return _stated(service, kind, "Unknown", ("NotLookedAt", says), now)


def _stated(
    service: DataService, kind: ConditionType, state: Literal["True", "False", "Unknown"], why: tuple[str, str], now: str
) -> Condition:
    """`why`: reason and message."""
    old = next((c for c in service.status.conditions if c.type == kind), None)
    since = old.last_transition_time if old is not None and old.status == state else now
    reason, message = why
    return Condition(
        type=kind,
        status=state,
        reason=reason,
        message=message[:MESSAGE_LENGTH_MAX],
        last_transition_time=since,
        observed_generation=service.metadata.generation,
    )
