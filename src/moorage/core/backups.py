"""The life of one backup: from what is seen to what is done next and said about it. Pure.

Its truth is in three places, each of which is complete in itself: the resource's status, the worker's Pod (its task and its
last word), and the store, where a backup is none before its manifest stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from moorage.api.backupstore import BackupStore
from moorage.api.databackup import BackupPhase, DataBackup, DataBackupStatus, Trigger
from moorage.api.dataservice import DataService
from moorage.core import names
from moorage.core.workers import TRIES_MAX, WorkerFacts, again_at, attempt_of

START_WITHIN = timedelta(minutes=240)
"""For a backup whose service says nothing else."""
LOOK_SECONDS = 5.0
MESSAGE_LENGTH_MAX = 1024
OVER = (BackupPhase.SUCCEEDED, BackupPhase.FAILED)


class Do(StrEnum):
    """What is done besides writing the status."""

    NOTHING = "nothing"
    TAKE = "take"
    """Starts a worker that takes the backup."""
    REHEARSE = "rehearse"
    """Starts a worker that restores it into a throw-away member."""
    STOP = "stop"
    """Ends its workers."""


@dataclass(frozen=True)
class Source:
    """A member that a backup can be read from."""

    name: str
    host: str
    node: str
    is_primary: bool = False


@dataclass(frozen=True)
class BackupFacts:
    """Everything that one decision about one backup may use."""

    backup: DataBackup
    service: DataService | None = None
    """None: there is none, or it is being deleted."""
    store: BackupStore | None = None
    store_trouble: str = ""
    """Why the store cannot be used now; empty when it can."""
    sources: tuple[Source, ...] = ()
    busy: str = ""
    """Why it may not begin yet: another one of the service runs, or as many as may in the cluster."""
    rehearsal_busy: str = ""
    worker: WorkerFacts | None = None
    """The newest try of taking it."""
    rehearsal: WorkerFacts | None = None


@dataclass(frozen=True)
class Decision:
    """What comes next. `event`: type, reason and message."""

    status: DataBackupStatus
    do: Do = Do.NOTHING
    attempt: int = 0
    event: tuple[str, str, str] | None = None
    again_seconds: float | None = None


def text(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds, as Kubernetes writes it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def take(facts: BackupFacts, now: datetime) -> Decision:
    """The next step of a backup that is not taken yet."""
    backup, worker = facts.backup, facts.worker
    tried = worker.attempt if worker is not None else attempt_of(backup.status.task_id)
    if worker is not None and worker.has_succeeded and worker.report is not None:
        return _taken(facts, worker, worker.report.result)
    if facts.service is None:
        during = f"the service {backup.spec.service} was deleted while its backup ran"
        says = during if tried else f"there is no service '{backup.spec.service}' in namespace {backup.metadata.namespace}"
        return fail(facts, says, now)
    if worker is None and not tried:
        return _begin(facts, 1, now)
    if worker is None:
        return _again(facts, "the worker's Pod is gone", tried, now, now)
    if worker.failure:
        if not worker.can_be_repeated:
            return fail(facts, worker.failure, now)
        return _again(facts, worker.failure, tried, again_at(worker, now), now)
    if not worker.is_running and worker.trouble and now >= start_by(facts):
        return fail(facts, f"its worker could not start in time: {worker.trouble}", now)
    return _runs(facts, worker, now)


def _begin(facts: BackupFacts, attempt: int, now: datetime, before: str = "") -> Decision:
    """Starts the try, or says what it waits for; too late it is over."""
    why = facts.store_trouble or ("" if facts.sources else "no member can be read from: none is healthy") or facts.busy
    if why:
        if now >= start_by(facts):
            return fail(facts, f"it could not begin in time: {why}", now)
        says = f"{before}; it waits: {why}" if before else f"it waits: {why}"
        waits = facts.backup.status.model_copy(update={"phase": BackupPhase.PENDING})  # others may run meanwhile
        return Decision(_said(waits, says), again_seconds=_until(start_by(facts), now))
    says = f"{before}; this is try {attempt} of {TRIES_MAX}" if before else "a worker is started"
    status = facts.backup.status.model_copy(
        update={
            "phase": BackupPhase.RUNNING,
            "message": says[:MESSAGE_LENGTH_MAX],
            "store": facts.store.metadata.name if facts.store is not None else None,
            "observed_generation": facts.backup.metadata.generation,
        }
    )
    started = ("Normal", "BackupStarted", f"the backup of {facts.backup.spec.service} began") if attempt == 1 else None
    return Decision(status, Do.TAKE, attempt, started, LOOK_SECONDS)


def _again(facts: BackupFacts, why: str, tried: int, at: datetime, now: datetime) -> Decision:
    """After a try in vain."""
    if tried >= TRIES_MAX:
        return fail(facts, f"{why} (tried {tried} times)", now)
    if at >= start_by(facts):
        return fail(facts, f"{why}; there is no time left to try it again", now)
    if now < at:
        says = f"{why}; it is tried again at {at:%H:%M:%S} UTC"
        return Decision(_said(facts.backup.status, says), again_seconds=_until(at, now))
    return _begin(facts, tried + 1, now, before=why)


def _runs(facts: BackupFacts, worker: WorkerFacts, now: datetime) -> Decision:
    """A worker that is known, also one that an operator made before it was killed."""
    report, body, old = worker.report, worker.task.body, facts.backup.status
    says = worker.trouble or (report.message if report is not None else "") or "its worker is starting"
    status = old.model_copy(
        update={
            "phase": BackupPhase.RUNNING,
            "message": says[:MESSAGE_LENGTH_MAX],
            "task_id": worker.task.id,
            "backup_name": body.get("backupName"),
            "engine": worker.task.engine or None,
            "version": body.get("version"),
            "start_time": text(worker.created or now),
            "raw_bytes": report.raw_bytes if report is not None and report.raw_bytes else None,
            "size_bytes": report.stored_bytes if report is not None and report.stored_bytes else None,
            "bytes_per_second": report.bytes_per_second if report is not None and report.bytes_per_second else None,
        }
    )
    return Decision(status, again_seconds=60.0 if worker.is_running else LOOK_SECONDS)


def _taken(facts: BackupFacts, worker: WorkerFacts, manifest: Mapping[str, Any]) -> Decision:
    """The backup is good; whether it is also rehearsed comes after."""
    of_manifest = described(manifest, keep_days(facts.backup, facts.service))
    wanted = wants_rehearsal(facts.backup)
    says = "taken; a rehearsal comes next" if wanted else "taken"
    status = facts.backup.status.model_copy(
        update={
            **of_manifest,
            "phase": BackupPhase.VERIFYING if wanted else BackupPhase.SUCCEEDED,
            "message": says,
            "task_id": worker.task.id,
            "store": facts.backup.status.store or (facts.store.metadata.name if facts.store is not None else None),
        }
    )
    size = status.size_bytes or 0
    event = ("Normal", "BackupSucceeded", f"{status.backup_name}: {size} bytes in store {status.store}")
    return Decision(status, Do.NOTHING if wanted else Do.STOP, event=event, again_seconds=0.0 if wanted else None)


def fail(facts: BackupFacts, why: str, now: datetime) -> Decision:
    """It is over; the next run of the schedule does not depend on it. What the try left behind is swept by the store's check."""
    old = facts.backup.status
    ended, days = text(now), keep_days(facts.backup, facts.service)
    status = old.model_copy(
        update={
            "phase": BackupPhase.FAILED,
            "message": why[:MESSAGE_LENGTH_MAX],
            "end_time": ended,
            "expires": text(now + timedelta(days=days)),
            "bytes_per_second": None,
        }
    )
    is_running = facts.worker is not None and not facts.worker.failure
    return Decision(status, Do.STOP if is_running else Do.NOTHING, event=("Warning", "BackupFailed", why))


def described(manifest: Mapping[str, Any], days: int) -> dict[str, Any]:
    """The part of a status that a manifest, or a worker's result, tells."""
    found: dict[str, Any] = {
        "backup_name": manifest.get("backupName"),
        "engine": manifest.get("engine"),
        "version": manifest.get("version"),
        "cluster": manifest.get("cluster") or None,
        "source": manifest.get("source"),
        "start_time": manifest.get("startTime"),
        "end_time": manifest.get("endTime"),
        "consistent_time": manifest.get("consistentTime"),
        "size_bytes": manifest.get("sizeBytes"),
        "raw_bytes": manifest.get("rawBytes"),
        "sha256": manifest.get("sha256"),
        "encrypted": bool(manifest.get("encryption")),
    }
    start, end = moment(found["start_time"]), moment(found["end_time"])
    if end is not None:
        found["expires"] = text(end + timedelta(days=days))
    if start is not None and end is not None and found["raw_bytes"]:
        found["bytes_per_second"] = int(found["raw_bytes"] / max((end - start).total_seconds(), 1.0))
    return found


def rehearsed(listed: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a status that a rehearsal told the store; empty when it knows of none."""
    verified = listed.get("verified")
    if not isinstance(verified, bool):
        return {}
    return {
        "verified": verified,
        "verify_message": str(listed.get("verifyMessage") or "")[:MESSAGE_LENGTH_MAX],
        "verified_time": listed.get("verifiedTime"),
        "restore_seconds": listed.get("restoreSeconds"),
    }


def keep_days(backup: DataBackup, service: DataService | None) -> int:
    """How long it is kept: by its own word, or its service's."""
    if backup.spec.keep_days is not None:
        return backup.spec.keep_days
    return service.spec.backup.keep_days if service is not None else 7


def wants_rehearsal(backup: DataBackup) -> bool:
    """Of a schedule's it is decided when it is made; one by hand always is."""
    if backup.spec.rehearse is not None:
        return backup.spec.rehearse
    return backup.spec.trigger is Trigger.MANUAL


def start_by(facts: BackupFacts) -> datetime:
    """When it is too late to begin."""
    marked = moment(facts.backup.metadata.annotations.get(names.ANNOTATION_START_BY))
    created = moment(facts.backup.metadata.creation_timestamp)
    within = timedelta(minutes=facts.service.spec.backup.start_within_minutes) if facts.service is not None else START_WITHIN
    if marked is not None:
        return marked
    return created + within if created is not None else datetime.max.replace(tzinfo=UTC)


def backup_name(engine: str, namespace: str, service: str, local: datetime) -> str:
    """Its name in the store. `local`: the time in the service's zone."""
    return f"{engine}-{namespace}-{service}-{local:%Y%m%d%H%M%S}"


def moment(said: str | None) -> datetime | None:
    """A time as Kubernetes or a worker writes it; None when there is none or it is none."""
    try:
        found = datetime.fromisoformat(said) if said else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def _said(status: DataBackupStatus, says: str) -> DataBackupStatus:
    return status.model_copy(update={"message": says[:MESSAGE_LENGTH_MAX]})


def _until(at: datetime, now: datetime) -> float:
    return max((at - now).total_seconds(), 0.0) + 0.1
