"""The status that people see: a pure function of the snapshot, the verdict and the step. Written only when it differs."""

from typing import Any, Literal

from moorage.api.conditions import Condition, ConditionType
from moorage.api.dataservice import Binding, DataServiceStatus, Endpoints, ExposeType, Health, Init, Step
from moorage.core import names
from moorage.core.facts import Known, Role, Snapshot
from moorage.core.health import Verdict, why_red
from moorage.core.plan import Rest, Target, Wait
from moorage.core.plan import Step as Next
from moorage.engines.contract import EngineCard


def status(snapshot: Snapshot, verdict: Verdict, step: Next, target: Target, card: EngineCard, now: str) -> DataServiceStatus:
    """`now`: RFC 3339 in UTC."""
    service, old = snapshot.service, snapshot.service.status
    normal = sum(1 for colour in verdict.members.values() if colour is Health.GREEN)
    total = len(snapshot.members)
    primary = snapshot.primary()
    name, namespace = service.metadata.name, service.metadata.namespace
    exposed = service.spec.expose.type is ExposeType.LOAD_BALANCER
    return DataServiceStatus(
        observed_generation=service.metadata.generation,
        health_cluster=verdict.colour,
        health_msg=_sentence(verdict, target),
        health_instances=verdict.members,
        expected_nodes=total,
        cluster_nodes=normal,
        members_ready=f"{normal}/{total}",
        primary=primary.name if primary is not None else None,
        version=_running_version(snapshot) or card.version(service),
        compatibility=_compatibility(snapshot) or old.compatibility,
        generation=old.generation,
        volume_type=snapshot.volume_type,
        volume_size=service.spec.storage.size,
        is_repairing="no-op" if isinstance(step, Rest | Wait) else type(step).__name__,
        repair=None if isinstance(step, Rest) else _repair(old, type(step).__name__, step.why, now),
        init=_init(snapshot, verdict, now),
        endpoints=Endpoints(
            host=(snapshot.address.external if exposed else "") or names.address_host(name, namespace),
            port=card.port,
            replicas=names.address_host(names.replicas_service(name), namespace),
            secret_name=names.app_secret(name),
        ),
        binding=Binding(name=names.app_secret(name)),
        selector=",".join(f"{k}={v}" for k, v in sorted(names.labels(name, card.name).items())),
        conditions=_conditions(snapshot, verdict, step, target, now),
    )


def patch_of(old: DataServiceStatus, fresh: DataServiceStatus) -> dict[str, Any]:
    """The merge patch that makes the one the other: a member that is gone must be said to be gone."""
    patch: dict[str, Any] = fresh.model_dump(mode="json", by_alias=True)
    patch["healthInstances"] = dict.fromkeys(old.health_instances) | patch["healthInstances"]
    return patch


def _sentence(verdict: Verdict, target: Target) -> str:
    """What is refused is said also while everything runs well: the person who asked for it looks here first."""
    return f"{verdict.message}; the new settings are not used: {target.refused}" if target.refused else verdict.message


def _running_version(snapshot: Snapshot) -> str | None:
    versions = {
        m.report.value.engine_version for m in snapshot.members if isinstance(m.report, Known) and m.role() is not Role.DOWN
    }
    return min(versions - {""}, default=None)


def _compatibility(snapshot: Snapshot) -> str | None:
    primary = snapshot.primary()
    return primary.report.value.compatibility[:20] if primary is not None and isinstance(primary.report, Known) else None


def _repair(old: DataServiceStatus, action: str, why: str, now: str) -> Step:
    if old.repair is not None and (old.repair.action, old.repair.reason) == (action, why):
        return old.repair
    return Step(action=action, reason=why, since=now)


def _init(snapshot: Snapshot, verdict: Verdict, now: str) -> Init:
    old = snapshot.service.status.init
    if old.phase == "Succeeded":
        return old
    started = old.start_time or now
    if verdict.colour is Health.GREEN:
        return Init(phase="Succeeded", msg="the service was green for the first time", start_time=started, end_time=now)
    return Init(phase="Running", msg=verdict.message, start_time=started)


def _conditions(snapshot: Snapshot, verdict: Verdict, step: Next, target: Target, now: str) -> list[Condition]:
    red = why_red(snapshot)
    green = verdict.colour is Health.GREEN
    troubles = (f"{m.name} cannot run: {m.pod.trouble}" for m in snapshot.members if m.pod and m.pod.trouble)
    stalled = target.refused or snapshot.claim_trouble or next(troubles, "")
    is_moving = not isinstance(step, Rest) and not (stalled and isinstance(step, Wait))
    facts = [
        (
            ConditionType.READY,
            red is None,
            "PrimaryAvailable" if red is None else "NoPrimary",
            red or "the address leads to the primary",
        ),
        (ConditionType.HEALTHY, green, str(verdict.colour).capitalize(), verdict.message),
        (ConditionType.RECONCILING, is_moving, type(step).__name__, step.why),
        (
            ConditionType.STALLED,
            bool(stalled),
            "SomebodyMustAct" if stalled else "NothingInTheWay",
            stalled or "nothing is in the way",
        ),
    ]
    generation = snapshot.service.metadata.generation
    return [_condition(snapshot, kind, holds, reason, message, now, generation) for kind, holds, reason, message in facts]


def _condition(
    snapshot: Snapshot, kind: ConditionType, holds: bool, reason: str, message: str, now: str, generation: int
) -> Condition:
    state: Literal["True", "False"] = "True" if holds else "False"
    old = next((c for c in snapshot.service.status.conditions if c.type == kind), None)
    since = old.last_transition_time if old is not None and old.status == state else now
    return Condition(
        type=kind, status=state, reason=reason, message=message, last_transition_time=since, observed_generation=generation
    )
