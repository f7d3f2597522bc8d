"""Events that a person can follow in `kubectl describe`. Reasons are API: never renamed."""

import hashlib
from datetime import datetime

import structlog

from moorage.api.backupstore import BackupStore
from moorage.api.conditions import ConditionType
from moorage.api.databackup import DataBackup
from moorage.api.datarestore import DataRestore
from moorage.api.dataservice import DataService, DataServiceStatus, Health
from moorage.api.schema import API_VERSION
from moorage.core.health import Cause, Verdict
from moorage.core.step import (
    Apply,
    ClearRequest,
    Discard,
    DropClaim,
    Exclude,
    GrowClaim,
    MoveAddress,
    Order,
    RenewVolume,
    ReplacePod,
    Retire,
    StartAnew,
    Step,
    TakeOver,
    TellQueries,
    TellSettings,
)
from moorage.kube.client import Kube, KubeError, Object

log = structlog.get_logger()

Ours = DataService | BackupStore | DataBackup | DataRestore

_REASONS: dict[type, str] = {
    Apply: "ObjectApplied",
    Order: "OrderGiven",
    TellSettings: "SettingsTold",
    TellQueries: "QueriesTold",
    ReplacePod: "MemberReplaced",
    TakeOver: "MemberTakenOver",
    GrowClaim: "VolumeGrown",
    DropClaim: "ClaimDropped",
    RenewVolume: "VolumeRenewed",
    StartAnew: "StartedAnew",
    ClearRequest: "RequestDone",
    MoveAddress: "AddressMoved",
    Exclude: "ExclusionChanged",
    Retire: "GenerationRetired",
    Discard: "GenerationRemoved",
}


def of_step(step: Step) -> tuple[str, str, str] | None:
    """Type, reason and message of a step that was done; None for those that change nothing."""
    reason = _REASONS.get(type(step))
    return ("Normal", reason, step.why) if reason is not None else None


def of_change(service: DataService, verdict: Verdict) -> tuple[str, str, str] | None:
    """The event of a change of colour, None when it stayed."""
    old = service.status
    if old.health_cluster == verdict.colour:
        return None
    if old.init.phase != "Succeeded" and verdict.colour is not Health.GREEN:
        # a service that is being built is not broken
        return (
            ("Normal", "Deploying", f"{len(verdict.members)} members are made") if old.health_cluster is Health.UNKNOWN else None
        )
    kind = "Normal" if verdict.colour is Health.GREEN else "Warning"
    return kind, f"Turned{str(verdict.colour).capitalize()}", verdict.message


def of_causes(old: DataServiceStatus, causes: list[Cause], delays: list[Cause]) -> list[tuple[str, str, str]]:
    """One event for each cause that was not said before, and one when nothing is in the way any more.

    The same cause for another member is not another one.
    """
    stalled = next((c.message for c in old.conditions if c.type is ConditionType.STALLED and c.status == "True"), "")
    told = [("Warning", "SomebodyMustAct", cause.says) for cause in causes if cause.gist not in stalled]
    told += [("Warning", "TakesLong", delay.says) for delay in delays if delay.gist not in old.health_msg]
    return [*told, ("Normal", "NothingInTheWay", f"no longer in the way: {stalled}")] if stalled and not causes else told


def of_taken_back(old: DataServiceStatus, sentences: list[str]) -> list[tuple[str, str, str]]:
    """One event for each that was not said before."""
    return [("Warning", "WritesTakenBack", says) for says in sentences if says not in old.health_msg]


async def emit(kube: Kube, about: Ours, event: tuple[str, str, str], now: datetime, *, once: bool = False) -> None:
    """Writes it. `once`: an event with the same words is seen again instead of written again.

    One that cannot be written is logged: it must not keep the service from being repaired.
    """
    body = _event(about, event, now, once=once)
    try:
        await kube.create(body)
    except KubeError as error:
        if once and error.conflict:
            await _seen_again(kube, body)
        else:
            log.warning("event_not_written", about=f"{about.kind}/{about.metadata.name}", reason=event[1], error=str(error))


async def _seen_again(kube: Kube, body: Object) -> None:
    meta = body["metadata"]
    try:
        await kube.merge("Event", meta["name"], meta["namespace"], {"lastTimestamp": body["lastTimestamp"]})
    except KubeError as error:
        log.warning("event_not_written", event=meta["name"], reason=body["reason"], error=str(error))


def _event(about: Ours, event: tuple[str, str, str], now: datetime, *, once: bool) -> Object:
    kind, reason, message = event
    meta = about.metadata
    same = f"{meta.uid} {reason} {message}" if once else f"{meta.uid} {reason} {message} {now.isoformat()}"
    stamp = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{meta.name}.{hashlib.sha256(same.encode()).hexdigest()[:16]}", "namespace": meta.namespace},
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": about.kind,
            "name": meta.name,
            "namespace": meta.namespace,
            "uid": meta.uid,
        },
        "type": kind,
        "reason": reason,
        "message": message[:1000],
        "source": {"component": "moorage"},
        "firstTimestamp": stamp,
        "lastTimestamp": stamp,
        "count": 1,
    }
