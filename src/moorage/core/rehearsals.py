"""The second half of a backup's life: a worker restores it into a throw-away member and compares. Pure.

Only what the backup itself is to blame for makes it unverified; that there was no place for a rehearsal says nothing about it.
"""

from datetime import datetime, timedelta

from moorage.api.databackup import BackupPhase, DataBackupStatus
from moorage.core.backups import LOOK_SECONDS, MESSAGE_LENGTH_MAX, OVER, BackupFacts, Decision, Do, moment, take, text
from moorage.core.workers import WorkerFacts, again_at, attempt_of

PART = "r"
"""In the ids of a rehearsal's tries."""
TRIES_MAX = 2
START_WITHIN = timedelta(minutes=60)


def decide(facts: BackupFacts, now: datetime) -> Decision:
    """The next step of a backup that is not being deleted."""
    phase = facts.backup.status.phase
    if phase in OVER:
        return Decision(facts.backup.status)
    return _verify(facts, now) if phase is BackupPhase.VERIFYING else take(facts, now)


def _verify(facts: BackupFacts, now: datetime) -> Decision:
    """The next step of a backup that is taken and is to be rehearsed."""
    status, worker = facts.backup.status, facts.rehearsal
    tried = worker.attempt if worker is not None else _tried(status.task_id)
    if worker is not None and worker.has_succeeded and worker.report is not None:
        seconds = worker.report.result.get("restoreSeconds")
        return _ends(facts, True, "", now, float(seconds) if seconds is not None else None)
    if facts.service is None:
        return _ends(facts, None, "the service was deleted before the backup was rehearsed", now)
    if worker is None and not tried:
        return _begin(facts, 1, now)
    if worker is None:
        return _again(facts, "the worker's Pod is gone", tried, now, now)
    if worker.failure:
        if not worker.can_be_repeated:
            return _ends(facts, False, worker.failure, now)
        return _again(facts, worker.failure, tried, again_at(worker, now), now)
    if not worker.is_running and now - (worker.created or now) >= START_WITHIN:
        return _ends(facts, None, f"its worker could not start: {worker.trouble or 'nobody says why'}", now)
    return _runs(facts, worker)


def _tried(task_id: str | None) -> int:
    return attempt_of(task_id) if f"-{PART}" in (task_id or "") else 0


def _begin(facts: BackupFacts, attempt: int, now: datetime) -> Decision:
    why = facts.store_trouble or facts.rehearsal_busy
    if why:
        ended = moment(facts.backup.status.end_time)
        if ended is not None and now - ended >= START_WITHIN:
            return _ends(facts, None, f"it could not begin in time: {why}", now)
        return Decision(_said(facts, f"taken; the rehearsal waits: {why}"), again_seconds=60.0)
    return Decision(_said(facts, "taken; a rehearsal is started"), Do.REHEARSE, attempt, again_seconds=LOOK_SECONDS)


def _again(facts: BackupFacts, why: str, tried: int, at: datetime, now: datetime) -> Decision:
    if tried >= TRIES_MAX:
        return _ends(facts, None, f"{why} (tried {tried} times)", now)
    if now < at:
        says = f"taken; the rehearsal failed: {why}; it is tried again at {at:%H:%M:%S} UTC"
        return Decision(_said(facts, says), again_seconds=(at - now).total_seconds() + 0.1)
    return _begin(facts, tried + 1, now)


def _runs(facts: BackupFacts, worker: WorkerFacts) -> Decision:
    says = worker.trouble or (worker.report.message if worker.report is not None else "") or "its worker is starting"
    status = facts.backup.status.model_copy(
        update={"message": f"taken; the rehearsal: {says}"[:MESSAGE_LENGTH_MAX], "task_id": worker.task.id}
    )
    return Decision(status, again_seconds=60.0 if worker.is_running else LOOK_SECONDS)


def _ends(facts: BackupFacts, verified: bool | None, why: str, now: datetime, seconds: float | None = None) -> Decision:
    """`verified` None: nothing is known about the backup that was not known before."""
    says = {
        True: "taken and verified",
        False: f"it cannot be trusted: its rehearsal failed: {why}",
        None: f"taken, and not rehearsed: {why}",
    }[verified]
    status = facts.backup.status.model_copy(
        update={
            "phase": BackupPhase.SUCCEEDED,
            "message": says[:MESSAGE_LENGTH_MAX],
            "verified": verified,
            "verify_message": why[:MESSAGE_LENGTH_MAX],
            "verified_time": text(now) if verified is not None else None,
            "restore_seconds": seconds,
        }
    )
    if verified:
        event = ("Normal", "BackupVerified", f"{status.backup_name} was restored and compared")
    else:
        event = ("Warning", "BackupNotVerified", f"{status.backup_name}: {why}")
    return Decision(status, Do.STOP, event=event)


def _said(facts: BackupFacts, says: str) -> DataBackupStatus:
    return facts.backup.status.model_copy(update={"message": says[:MESSAGE_LENGTH_MAX]})
