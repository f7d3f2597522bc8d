"""The status that people see: a pure function of the snapshot, the verdict and the step. Written only when it differs."""

import re
from typing import Any

from moorage.api.dataservice import (
    Binding,
    DataService,
    DataServiceStatus,
    Endpoints,
    ExposeType,
    Health,
    Init,
    MaintenanceState,
    Repair,
    Step,
    VolumeStatus,
)
from moorage.core import (
    clocks,
    drill_history,
    drill_rule,
    drill_words,
    fullness,
    generations,
    history,
    livesettings,
    maintenance,
    names,
    ownmetrics,
    rebuild_rule,
    recovery,
    stand_in,
    taken_back,
)
from moorage.core.facts import Known, Role, Snapshot
from moorage.core.health import Cause, Verdict, judge, needs_somebody, settings_not_used, takes_long
from moorage.core.protection import Protection
from moorage.core.step import Exclude, GrowClaim, ReplacePod, Rest, Target, Wait
from moorage.core.step import Step as Next
from moorage.engines.contract import EngineCard
from moorage.operator.conditions import backup_healthy, conditions_of, metrics_healthy, only_said_of
from moorage.operator.look import text
from moorage.operator.outcome import Outcome

_STEPS: dict[type, str] = {GrowClaim: "grow-volume", ReplacePod: "replace-member", Exclude: "readmit-member"}
"""What a step is called where the word of the code would say too little."""


def causes(snapshot: Snapshot, target: Target, outcome: Outcome) -> list[Cause]:
    """What only somebody can put right."""
    refused = outcome.failure.says if outcome.failure is not None and outcome.failure.needs_somebody else ""
    is_mended = bool(snapshot.lost_claims) and rebuild_rule.renews_volumes(snapshot)
    needed = [cause for cause in needs_somebody(snapshot) if not is_mended or cause.says != snapshot.lost_volumes]
    return [*(Cause(said, said) for said in (target.refused, refused) if said), *needed]


def delays(snapshot: Snapshot, outcome: Outcome) -> list[Cause]:
    """What takes longer than it should and may yet come by itself."""
    late = outcome.failure.says if outcome.failure is not None and not outcome.failure.needs_somebody else ""
    return [*(Cause(said, said) for said in (late,) if said), *takes_long(snapshot)]


def status(
    snapshot: Snapshot,
    verdict: Verdict,
    outcome: Outcome,
    target: Target,
    card: EngineCard,
    now: str,
    protection: Protection | None = None,
) -> DataServiceStatus:
    """`now`: RFC 3339 in UTC. `protection` None: nobody looked at its backups; what was said of them stays."""
    step, in_the_way = outcome.step, causes(snapshot, target, outcome)
    stalled, doing = "; ".join(cause.says for cause in in_the_way), _doing(outcome, in_the_way)
    service, old = snapshot.service, snapshot.service.status
    restores = snapshot.restore.running
    repairs = history.repairs(old.repairs, snapshot, step, now, was_done=outcome.was_done)
    normal = sum(1 for colour in verdict.members.values() if colour is Health.GREEN)
    total = len(snapshot.members)
    primary = snapshot.primary()
    name, namespace = service.metadata.name, service.metadata.namespace
    exposed = service.spec.expose.type is ExposeType.LOAD_BALANCER
    return DataServiceStatus(
        observed_generation=service.metadata.generation,
        health_cluster=verdict.colour,
        health_msg=_sentence(verdict, target, snapshot, outcome),
        health_instances=verdict.members,
        expected_nodes=total,
        cluster_nodes=normal,
        members_ready=f"{normal}/{total}",
        primary=primary.name if primary is not None else None,
        version=_running_version(snapshot) or card.version(service),
        compatibility=_compatibility(snapshot) or old.compatibility,
        generation=generations.serving(service),
        volume_type=snapshot.volume_type,
        volume_size=snapshot.volume_size(),
        volumes=_volumes(snapshot),
        are_writes_stopped=fullness.why_no_writes(snapshot) is not None,
        is_repairing=_is_repairing(snapshot, outcome, restores, repairs),
        repair=_with_evidence(_repair_of(old, step, doing, restores, now), snapshot),
        repairs=repairs,
        settings_changes=livesettings.changes(old.settings_changes, step, now, was_done=outcome.was_done),
        maintenance=_maintenance(snapshot),
        drills=drill_history.drills(old.drills, snapshot, step, was_done=outcome.was_done),
        init=_init(snapshot, verdict, now),
        endpoints=Endpoints(
            host=(snapshot.address.external if exposed else "") or names.address_host(name, namespace),
            port=card.port,
            replicas=names.address_host(names.replicas_service(name), namespace),
            secret_name=names.app_secret(name),
        ),
        binding=Binding(name=names.app_secret(name)),
        selector=",".join(f"{k}={v}" for k, v in sorted(names.labels(name, card.name).items())),
        backup=protection.backup if protection is not None else old.backup,
        restore=snapshot.restore.state,
        window=protection.window if protection is not None else old.window,
        conditions=[
            *conditions_of(snapshot, verdict, outcome, stalled, doing, now),
            *backup_healthy(service, protection, now),
            *metrics_healthy(service, ownmetrics.verdict(snapshot, target), now),
        ],
    )


def patch_of(old: DataServiceStatus, fresh: DataServiceStatus) -> dict[str, Any]:
    """The merge patch that makes the one the other: a member that is gone must be said to be gone."""
    patch: dict[str, Any] = fresh.model_dump(mode="json", by_alias=True)
    patch["healthInstances"] = dict.fromkeys(old.health_instances) | patch["healthInstances"]
    patch["volumes"] = dict.fromkeys(old.volumes) | patch["volumes"]
    return patch


def only_said(service: DataService, says: str, *, needs_somebody: bool, now: str) -> DataServiceStatus:
    """The status of a service that cannot be looked at now, and why: who is not looked at has no colour."""
    old = service.status
    return old.model_copy(
        update={
            "health_cluster": Health.UNKNOWN,
            "health_instances": dict.fromkeys(old.health_instances, Health.UNKNOWN),
            "health_msg": says,
            "is_repairing": "no-op",
            "repair": _repair(old, "Wait", says, now),
            "conditions": [
                *only_said_of(service, says, needs_somebody=needs_somebody, now=now),
                *backup_healthy(service, None, now),
            ],
        }
    )


def _sentence(verdict: Verdict, target: Target, snapshot: Snapshot, outcome: Outcome) -> str:
    """What is refused is said also while everything runs well: the person who asked for it looks here first."""
    refused = f"the new settings are not used: {target.refused}" if target.refused else ""
    not_used = "; ".join(cause.says for cause in settings_not_used(snapshot))
    failure = outcome.failure.says if outcome.failure is not None else ""
    held = maintenance.of(snapshot)
    kept = "" if held is None else held.trouble or maintenance.sentence(held)
    drill = drill_rule.under_way(snapshot)
    drilled = drill_words.sentence(drill) if drill is not None else ""
    back = "; ".join(taken_back.sentences(snapshot))
    primary = snapshot.primary()
    unwritable = primary.report.value.unwritable if primary is not None and isinstance(primary.report, Known) else ""
    notes = (*stand_in.outlook(snapshot), *clocks.outlook(snapshot))
    said = (
        verdict.message,
        recovery.outlook(snapshot),
        *notes,
        refused,
        not_used,
        failure,
        snapshot.growth_trouble,
        unwritable,
        snapshot.restore.running,
        back,
        drilled,
        kept,
    )
    return "; ".join(filter(None, said))


def _repair_of(old: DataServiceStatus, step: Next, doing: str, restores: str, now: str) -> Step | None:
    if not isinstance(step, Rest):
        return _repair(old, type(step).__name__, doing, now)
    return _repair(old, "Restore", restores, now) if restores else None


def _is_repairing(snapshot: Snapshot, outcome: Outcome, restores: str, repairs: list[Repair]) -> str:
    held = maintenance.of(snapshot)
    if held is not None and not held.trouble:
        return "maintenance"
    running = next((r for r in reversed(repairs) if r.outcome == "Running"), None)
    if isinstance(outcome.step, Rest | Wait) or outcome.is_refused:
        otherwise = "drill" if drill_rule.under_way(snapshot) is not None else "no-op"
        return "restore" if restores else running.kind if running is not None else otherwise
    return history.kind_of(outcome.step, snapshot) or _STEPS.get(type(outcome.step)) or _kebab(type(outcome.step).__name__)


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _with_evidence(step: Step | None, snapshot: Snapshot) -> Step | None:
    """What was seen, and what else could be done and is not."""
    if step is None:
        return None
    return step.model_copy(update={"facts": history.facts(snapshot), "rejected": history.rejected(snapshot)})


def _maintenance(snapshot: Snapshot) -> MaintenanceState | None:
    held = maintenance.of(snapshot)
    if held is None or held.until is None:
        return None
    return MaintenanceState(until=text(held.until), reason=held.reason)


def _volumes(snapshot: Snapshot) -> dict[str, VolumeStatus]:
    """Of the members that said something of theirs; of one that is not heard from what it said last may be wrong by now."""
    heard = {m.name: m.report.value.volume for m in snapshot.counted() if isinstance(m.report, Known)}
    return {
        name: VolumeStatus(
            size_mib=seen.size_mib,
            used_percent=seen.used_percent,
            level=str(seen.level),
            full_in_hours=seen.full_in_hours or None,
        )
        for name, seen in heard.items()
        if seen.size_mib
    }


def _doing(outcome: Outcome, in_the_way: list[Cause]) -> str:
    """What is done or waited for, with what stands in the way of it, unless that is said of some member already."""
    if outcome.failure is not None:
        return outcome.failure.says
    why = outcome.step.why
    unsaid = (cause.says for cause in in_the_way if cause.gist not in why) if isinstance(outcome.step, Wait) else ()
    return "; ".join((why, *unsaid))


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
    if verdict.colour is Health.GREEN or judge(snapshot, heeds_volumes=False).colour is Health.GREEN:
        return Init(phase="Succeeded", msg="the service was green for the first time", start_time=started, end_time=now)
    return Init(phase="Running", msg=verdict.message, start_time=started)
