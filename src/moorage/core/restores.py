"""The life of one restore: from what is seen to what is done next and said about it. Pure.

Nothing is remembered but the number of the generation that the data goes to: a step that was cut off is seen to be undone and is
done again. What fails leaves the generation that serves alone; what it made is removed by the service's own plan.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from moorage.api.databackup import BackupPhase
from moorage.api.datarestore import DataRestore, DataRestoreStatus, RestorePhase
from moorage.api.dataservice import DataService
from moorage.core import generations, names
from moorage.core.backups import text
from moorage.core.restore_facts import Beside, Decision, Do, RestoreFacts
from moorage.core.restore_leftovers import clear
from moorage.core.restore_refusals import undoable, why_refused
from moorage.core.workers import TRIES_MAX, WorkerFacts, again_at, task_id

LOOK_SECONDS = 5.0
MESSAGE_LENGTH_MAX = 1024
_NOTHING_YET: dict[str, Any] = {"bytes_done": None, "bytes_per_second": None}
"""What a worker that is gone had done counts no more: nobody is to wait by its pace."""


def decide(facts: RestoreFacts, now: datetime) -> Decision:
    """The next step."""
    restore, status = facts.restore, facts.restore.status
    is_held = names.FINALIZER in restore.metadata.finalizers
    if restore.metadata.deletion_timestamp is not None or restore.is_over:
        return _let_go(facts, now) if is_held else Decision(status)
    if not is_held:
        return Decision(status, Do.HOLD)
    match status.phase:
        case RestorePhase.PENDING:
            return _begin(facts, now)
        case RestorePhase.SAFETY_BACKUP:
            return _back_up(facts, now)
        case RestorePhase.SEEDING:
            return _seed(facts, now)
        case RestorePhase.STARTING:
            return _start(facts, now)
        case _:
            return _switch(facts, now)


def _let_go(facts: RestoreFacts, now: datetime) -> Decision:
    restore = facts.restore
    is_beside, has_succeeded = restore.spec.to_new is not None, restore.status.phase is RestorePhase.SUCCEEDED
    left = clear(facts, now) if is_beside and not has_succeeded else None
    return left or Decision(restore.status, Do.RELEASE)


# Pending: what is asked for is looked at before anything is touched.


def _begin(facts: RestoreFacts, now: datetime) -> Decision:
    spec = facts.restore.spec
    if facts.seeded_generation is not None:  # somebody took the status away
        return _goes_on(facts, RestorePhase.STARTING, "the volume is filled", now, generation=facts.seeded_generation)
    reason = why_refused(facts)
    if reason is not None:
        return fail(facts, reason, now)
    if facts.rival:
        return _wait(facts, f"waits for restore {facts.rival} of the same service to be over")
    if spec.undo is not None:
        kept = undoable(facts.others)
        assert kept is not None, "refused above"
        says = f"the members of generation {kept.number} are started again"
        return _goes_on(facts, RestorePhase.STARTING, says, now, generation=kept.number)
    if facts.source is None:
        return _wait(facts, facts.source_waits or "waits for the backup to be found", again_seconds=60.0)
    if facts.source_waits:
        return _wait(facts, facts.source_waits, again_seconds=60.0)
    found = {"backup_name": facts.source.backup_name, "raw_bytes": facts.source.raw_bytes}
    if spec.to_new is not None:
        if facts.service is None:
            return _make_service(facts, now, found)
        return _goes_on(facts, RestorePhase.SEEDING, "the new service's volume is made", now, generation=1, **found)
    if spec.safety_backup:
        says = "what runs now is backed up first"
        return _goes_on(facts, RestorePhase.SAFETY_BACKUP, says, now, safety_backup=safety_name(facts.restore), **found)
    says = "a new volume is made"
    return _goes_on(facts, RestorePhase.SEEDING, says, now, generation=facts.next_generation, **found)


def _make_service(facts: RestoreFacts, now: datetime, found: dict[str, Any]) -> Decision:
    if facts.manifest is not None:
        return replace(_wait(facts, "the new service is made", now=now, **found), do=Do.MAKE_SERVICE)
    worker = facts.inspection
    if worker is None or not worker.failure:
        says = "reads in the store what service the backup is of"
        do = Do.INSPECT if worker is None else Do.NOTHING
        return replace(_wait(facts, says, now=now, **found), do=do, attempt=1)
    return _try_again(facts, worker, "the store could not be read", Do.INSPECT, now)


# The safety backup.


def safety_name(restore: DataRestore) -> str:
    """Its own: a restore that is declared anew under the same name must not take the old backup for one of today."""
    return f"{restore.metadata.name}-safety-{task_id(restore.metadata.uid, 0)[:6]}"


def _back_up(facts: RestoreFacts, now: datetime) -> Decision:
    if (gone := _why_service_gone(facts)) is not None:
        return fail(facts, gone, now)
    safety = facts.safety
    if safety is None:
        return replace(_wait(facts, "the safety backup is begun"), do=Do.BACK_UP)
    if safety.status.phase is BackupPhase.FAILED:
        why = safety.status.message or "it does not say why"
        return fail(facts, f"the safety backup failed, so nothing was touched: {why}; safetyBackup: false restores without", now)
    if not safety.is_good:
        says = safety.status.message or "it is begun"
        return _wait(facts, f"the safety backup runs: {says}")
    return _goes_on(facts, RestorePhase.SEEDING, "a new volume is made", now, generation=facts.next_generation)


def _why_service_gone(facts: RestoreFacts) -> str | None:
    if facts.service is not None:
        return None
    return f"service {facts.restore.service} was deleted meanwhile"


# The volume.


def _seed(facts: RestoreFacts, now: datetime) -> Decision:
    if (gone := _why_service_gone(facts)) is not None:
        return fail(facts, gone, now)
    volume, worker = facts.volume, facts.worker
    if volume is not None and volume.is_seeded:
        says, reached = "the volume is filled and compared; the members start", _reached(facts)
        return _goes_on(facts, RestorePhase.STARTING, says, now, restored_to=reached)
    if volume is not None and volume.of_another:
        return fail(facts, f"volume {volume.name} is {volume.of_another}: it is left as it is; make the restore anew", now)
    if worker is not None and worker.has_succeeded and volume is not None:
        if volume.made is not None and worker.created is not None and volume.made > worker.created:
            return fail(facts, f"volume {volume.name} was made anew after it was filled: it is empty; make the restore anew", now)
        return replace(_wait(facts, "the volume is filled and compared", restored_to=_reached(facts)), do=Do.MARK_SEEDED)
    if worker is not None and worker.failure:
        again = _try_again(facts, worker, "the volume could not be filled", Do.SEED, now)
        if again.do is not Do.SEED:
            return again
        return _why_not_seeded(facts, now, f"{worker.failure}; ") or again
    if (missing := _why_not_seeded(facts, now)) is not None:
        return missing
    if worker is None:
        begun = _wait(facts, "a worker is started that fills the volume", **_NOTHING_YET)
        return replace(begun, do=Do.SEED, attempt=_tried(facts) + 1)
    return _progress(facts, worker, now)


def _why_not_seeded(facts: RestoreFacts, now: datetime, before: str = "") -> Decision | None:
    """What comes before a worker can begin."""
    if facts.source is None:
        return fail(facts, f"{before}the backup went away meanwhile: {facts.source_refused or facts.source_waits}", now)
    return replace(_wait(facts, "a new volume is made"), do=Do.MAKE_CLAIM) if facts.volume is None else None


def _reached(facts: RestoreFacts) -> str | None:
    """The moment whose data the volume holds: as the worker says, else as it was asked for."""
    worker, source = facts.worker, facts.source
    said = worker.report.result.get("time") if worker is not None and worker.report is not None else None
    aimed_at = None if source is None else source.until or source.consistent_time
    return (str(said) if said else None) or facts.restore.status.restored_to or aimed_at


def _tried(facts: RestoreFacts) -> int:
    """Tries whose Pods are gone count, too."""
    known = facts.restore.status.task_id or ""
    tail = known.rpartition("-")[2]
    return min(int(tail), TRIES_MAX - 1) if tail.isdigit() else 0


def _progress(facts: RestoreFacts, worker: WorkerFacts, now: datetime) -> Decision:
    report = worker.report
    says = worker.trouble or (report.message if report is not None else "") or "its worker is starting"
    figures: dict[str, Any] = {"task_id": worker.task.id}
    if report is not None:
        figures |= {"bytes_done": report.raw_bytes, "bytes_per_second": report.bytes_per_second}
    return _wait(facts, f"fills the volume: {says}", now=now, **figures)


def _try_again(facts: RestoreFacts, worker: WorkerFacts, what: str, do: Do, now: datetime) -> Decision:
    if not worker.can_be_repeated:
        return fail(facts, f"{what}: {worker.failure}", now)
    if worker.attempt >= TRIES_MAX:
        return fail(facts, f"{what}: {worker.failure} (tried {worker.attempt} times)", now)
    at = again_at(worker, now)
    if now < at:
        says = f"{what}: {worker.failure}; it is tried again at {at.astimezone(UTC):%H:%M:%S} UTC"
        return _wait(facts, says, again_seconds=(at - now).total_seconds() + 0.1, **_NOTHING_YET)
    return replace(
        _wait(facts, f"{what}: {worker.failure}; it is tried again", **_NOTHING_YET), do=do, attempt=worker.attempt + 1
    )


# The members, and the address.


def _start(facts: RestoreFacts, now: datetime) -> Decision:
    service, generation = facts.service, facts.restore.status.generation
    if service is None:
        return fail(facts, str(_why_service_gone(facts)), now)
    if generation is None:  # the status was taken away and given back
        return _goes_on(facts, RestorePhase.PENDING, "begins anew", now)
    if facts.restore.spec.to_new is not None or generations.serving(service) == generation:
        return _go_green(facts, service, now)
    if facts.restore.spec.undo is None and (facts.volume is None or not facts.volume.is_seeded):
        return fail(facts, f"volume {names.claim(service.metadata.name, generation, 0)} is gone, which was filled", now)
    beside = facts.beside
    if beside is None or not beside.is_ready:
        return _wait(facts, _starting(generation, beside))
    return _goes_on(facts, RestorePhase.SWITCHING, f"the address moves to generation {generation}", now)


def _starting(generation: int, beside: Beside | None) -> str:
    return f"the members of generation {generation} start" + (f": {beside.says}" if beside is not None and beside.says else "")


def needs_beside(facts: RestoreFacts) -> bool:
    """Whether the members beside those that serve are to be looked at."""
    service, status = facts.service, facts.restore.status
    is_late = status.phase in (RestorePhase.STARTING, RestorePhase.SWITCHING)
    is_wanted = facts.restore.metadata.deletion_timestamp is None
    return is_late and is_wanted and service is not None and status.generation not in (None, generations.serving(service))


def _go_green(facts: RestoreFacts, service: DataService, now: datetime) -> Decision:
    if facts.restore.spec.to_new is None:
        return _goes_on(facts, RestorePhase.SWITCHING, "the address moves", now)
    if service.status.init.phase != "Succeeded":
        return _wait(facts, f"the members of {service.metadata.name} start: {service.status.health_msg or 'they are made'}")
    return _succeed(facts, f"{service.metadata.name} is restored", now)


def _switch(facts: RestoreFacts, now: datetime) -> Decision:
    service, generation = facts.service, facts.restore.status.generation
    if service is None or generation is None:
        return fail(facts, str(_why_service_gone(facts)), now)
    if generations.serving(service) != generation:
        if facts.beside is None or not facts.beside.is_ready:
            return _wait(facts, _starting(generation, facts.beside))
        return replace(_wait(facts, f"the address moves to generation {generation}"), do=Do.SWITCH)
    if facts.address_generation != generation:
        return _wait(facts, f"waits for the address to lead to generation {generation}")
    before = [o for o in facts.others if o.claims and not o.is_unfinished and not o.is_in_use]
    kept = max(before, key=lambda other: (other.retired or "", other.number), default=None)
    if any(other.kept_until is None or other.replicas for other in before):
        return _wait(facts, "the data that served before is put aside")
    what = "is as it was before" if facts.restore.spec.undo is not None else "holds what was restored"
    until = kept.kept_until if kept is not None else None
    undo = f"; until {until} this can be undone" if until else ""
    return _succeed(facts, f"{service.metadata.name} {what}{undo}", now, undo_until=until)


# What is said.


def _status(facts: RestoreFacts, **changes: Any) -> DataRestoreStatus:
    changes = {**changes, "observed_generation": facts.restore.metadata.generation}
    if "message" in changes:
        changes["message"] = changes["message"][:MESSAGE_LENGTH_MAX]
    return facts.restore.status.model_copy(update=changes)


def _wait(
    facts: RestoreFacts, says: str, *, now: datetime | None = None, again_seconds: float = LOOK_SECONDS, **changes: Any
) -> Decision:
    if now is not None and facts.restore.status.start_time is None:
        changes["start_time"] = text(now)
    return Decision(_status(facts, message=says, **changes), again_seconds=again_seconds)


def _goes_on(facts: RestoreFacts, phase: RestorePhase, says: str, now: datetime, **changes: Any) -> Decision:
    started = facts.restore.status.start_time or text(now)
    return Decision(_status(facts, phase=phase, message=says, start_time=started, **changes), again_seconds=0.0)


def fail(facts: RestoreFacts, why: str, now: datetime) -> Decision:
    started = facts.restore.status.start_time or text(now)
    return Decision(
        _status(facts, phase=RestorePhase.FAILED, message=why, start_time=started, end_time=text(now)), again_seconds=0.0
    )


def _succeed(facts: RestoreFacts, says: str, now: datetime, **changes: Any) -> Decision:
    started = facts.restore.status.start_time or text(now)
    seconds = round((now - datetime.fromisoformat(started)).total_seconds(), 1)
    status = _status(
        facts,
        phase=RestorePhase.SUCCEEDED,
        message=says,
        start_time=started,
        end_time=text(now),
        restore_seconds=seconds,
        **changes,
    )
    return Decision(status, again_seconds=0.0)
