"""The life of one restore: from what is seen to what is done next and said about it. Pure.

Nothing is remembered but the number of the generation that the data goes to: a step that was cut off is seen to be undone and is
done again. What fails leaves the generation that serves alone; what it made is removed by the service's own plan.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from moorage.api.databackup import BackupPhase, DataBackup
from moorage.api.datarestore import DataRestore, DataRestoreStatus, RestorePhase
from moorage.api.dataservice import DataService, Health, RestoreState
from moorage.core import generations, names
from moorage.core.facts import Role, Snapshot
from moorage.core.generations import Generation
from moorage.core.health import judge, why_member_abnormal, why_red
from moorage.core.plan import cannot_run
from moorage.core.step import Rest, Step, Wait
from moorage.core.workers import TRIES_MAX, WorkerFacts, again_at

LOOK_SECONDS = 5.0
MESSAGE_LENGTH_MAX = 1024


class Do(StrEnum):
    """What is done besides writing the status."""

    NOTHING = "nothing"
    HOLD = "hold"
    """Puts the finalizer on the restore: what it began is ended in order."""
    RELEASE = "release"
    """Ends its workers and takes the finalizer away."""
    BACK_UP = "back-up"
    """Takes the safety backup."""
    INSPECT = "inspect"
    """Starts a worker that reads the manifest of a backup whose service is gone."""
    MAKE_SERVICE = "make-service"
    MAKE_CLAIM = "make-claim"
    SEED = "seed"
    """Starts a worker that fills the volume."""
    MARK_SEEDED = "mark-seeded"
    SWITCH = "switch"
    """The service is told that the other generation serves; its own plan moves the address."""


@dataclass(frozen=True)
class Source:
    """A backup that can be restored, and the moment after it when one is asked for."""

    backup_name: str
    path: str
    """In the store."""
    store: str
    """BackupStore."""
    engine: str
    version: str = ""
    """As it ran; empty when only the store knows."""
    raw_bytes: int | None = None
    consistent_time: str | None = None
    until: str | None = None
    """RFC 3339."""


@dataclass(frozen=True)
class Volume:
    """The claim of the first member of the generation that the data goes to."""

    name: str
    is_seeded: bool = False
    """By this restore."""
    of_another: str = ""
    """Whose it is, when it is not this restore's."""
    trouble: str = ""


@dataclass(frozen=True)
class Beside:
    """The members of the generation that does not serve yet."""

    is_ready: bool = False
    says: str = ""


@dataclass(frozen=True)
class RestoreFacts:
    """Everything that one decision about one restore may use."""

    restore: DataRestore
    service: DataService | None = None
    """The one that it is about; None: there is none, or it is being deleted."""
    is_leaving: bool = False
    """The service is there, and is being deleted."""
    source: Source | None = None
    source_refused: str = ""
    """Why there is nothing to restore from, and will not be."""
    source_waits: str = ""
    """What the source waits for."""
    rival: str = ""
    """An older restore of the same service that is not over."""
    safety: DataBackup | None = None
    manifest: dict[str, Any] | None = None
    """The DataService that the backup is of: the running one's, or the one in the store."""
    inspection: WorkerFacts | None = None
    kept_volumes: tuple[str, ...] = ()
    """Claims that a deleted service of the new name left."""
    seeded_generation: int | None = None
    """The one whose first volume this restore filled already."""
    next_generation: int = 1
    """A number that was never given."""
    volume: Volume | None = None
    worker: WorkerFacts | None = None
    beside: Beside | None = None
    """None: it was not looked at."""
    address_generation: int = 1
    others: tuple[Generation, ...] = ()


@dataclass(frozen=True)
class Decision:
    """`status` is written before anything is done, so that whoever comes after knows of it."""

    status: DataRestoreStatus
    do: Do = Do.NOTHING
    attempt: int = 0
    again_seconds: float | None = None


def decide(facts: RestoreFacts, now: datetime) -> Decision:
    """The next step."""
    restore, status = facts.restore, facts.restore.status
    is_held = names.FINALIZER in restore.metadata.finalizers
    if restore.metadata.deletion_timestamp is not None or restore.is_over:
        return Decision(status, Do.RELEASE if is_held else Do.NOTHING)
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


def why_refused(facts: RestoreFacts) -> str | None:
    """The reason why this restore can never be, with what is allowed; or None."""
    return _why_target_refused(facts) or facts.source_refused or _why_unfit(facts)


def _why_target_refused(facts: RestoreFacts) -> str | None:
    spec, name = facts.restore.spec, facts.restore.service
    if spec.to_new is not None:
        return _why_not_new(facts, name)
    if facts.service is None:
        state = "is being deleted" if facts.is_leaving else "does not exist"
        return f"service {name} {state}, so nothing of it can be replaced; toNew: NAME restores beside"
    if spec.undo is not None:
        if undoable(facts.others) is None:
            return f"there is nothing to undo: no volumes of {name} from before a restore are kept (any more)"
        return None
    if spec.safety_backup and facts.service.status.health_cluster is Health.RED:
        return (
            f"{name} cannot serve ({facts.service.status.health_msg}), so it cannot be backed up before: "
            "give safetyBackup: false to restore without; the old volumes are kept for an undo all the same"
        )
    return None


def _why_not_new(facts: RestoreFacts, name: str) -> str | None:
    if facts.is_leaving:
        return f"service {name} is still being deleted: choose another name, or wait and make the restore anew"
    maker = facts.service.metadata.annotations.get(names.ANNOTATION_RESTORE) if facts.service is not None else None
    if facts.service is not None and maker != facts.restore.metadata.name:
        return f"service {name} exists already: choose a name that is free, or inPlace: {name} to replace its data"
    if facts.service is None and facts.kept_volumes:
        return (
            f"volumes of a deleted service {name} are kept ({', '.join(facts.kept_volumes)}): choose another name, "
            "bring that service back (moorage undelete), or delete them"
        )
    return None


def _why_unfit(facts: RestoreFacts) -> str | None:
    """Of a backup that does not fit the service whose data it is to replace."""
    source, service = facts.source, facts.service
    if source is None or service is None:
        return None
    if source.engine != service.spec.engine:
        return f"{source.backup_name} is a backup of {source.engine}, and {service.metadata.name} is {service.spec.engine}"
    runs = service.spec.version or service.status.version or ""
    if source.version and runs and release(source.version) > release(runs):
        return (
            f"{source.backup_name} was taken of version {source.version}, and {service.metadata.name} runs {runs}: "
            f"data goes into the same version or a newer one; set version to {'.'.join(map(str, release(source.version)))} first"
        )
    return None


def release(version: str) -> tuple[int, ...]:
    """`(6, 0)` of `6.0.5`."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def undoable(others: tuple[Generation, ...]) -> Generation | None:
    """The generation that an undo brings back: of those that are kept, the one that served last."""
    kept = [o for o in others if o.kept_until is not None and not o.is_expired and not o.is_unfinished and o.claims]
    return max(kept, key=lambda other: (other.retired or "", other.number), default=None)


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
    return f"{restore.metadata.name}-safety"


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
        return replace(_wait(facts, "the volume is filled and compared", restored_to=_reached(facts)), do=Do.MARK_SEEDED)
    if worker is not None and worker.failure:
        return _try_again(facts, worker, "the volume could not be filled", Do.SEED, now)
    if facts.source is None:
        return fail(facts, f"the backup went away meanwhile: {facts.source_refused or facts.source_waits}", now)
    if volume is None:
        return replace(_wait(facts, "a new volume is made"), do=Do.MAKE_CLAIM)
    if worker is None:
        return replace(_wait(facts, "a worker is started that fills the volume"), do=Do.SEED, attempt=_tried(facts) + 1)
    return _progress(facts, worker, now)


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
        return _wait(facts, says, again_seconds=(at - now).total_seconds() + 0.1)
    return replace(_wait(facts, f"{what}: {worker.failure}; it is tried again"), do=do, attempt=worker.attempt + 1)


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


def why_not_ready(snapshot: Snapshot, step: Step) -> str | None:
    """The reason why the address may not lead to these members yet, or None.

    All must be well, but for those that cannot run until somebody acts: the data that was restored need not wait for a lost node.
    """
    verdict, red = judge(snapshot), why_red(snapshot)
    if verdict.colour is Health.GREEN and isinstance(step, Rest | Wait):
        return None
    lost = [m for m in snapshot.members if cannot_run(m)]
    configured = snapshot.configured()
    well = [m for m in snapshot.members if why_member_abnormal(m, snapshot) is None]
    waiting = [m for m in snapshot.members if m not in lost and m.pod_name not in configured and m.role() is Role.UNINITIALIZED]
    is_all = {m.pod_name for m in (*lost, *well, *waiting)} == {m.pod_name for m in snapshot.members}
    if red is None and lost and is_all and isinstance(step, Rest | Wait):
        return None
    return step.why if isinstance(step, Wait) else verdict.message


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


def text(now: datetime) -> str:
    """RFC 3339 in UTC, whole seconds, as Kubernetes writes it."""
    return now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def summary(restores: tuple[DataRestore, ...], others: tuple[Generation, ...]) -> RestoreState:
    """`DataService.status.restore`: the restore that runs, else the one that ran last."""
    kept = undoable(others)
    until = kept.kept_until if kept is not None else None
    if not restores:
        return RestoreState(undo_until=until)
    running = [r for r in restores if not r.is_over]
    newest = running[0] if running else restores[-1]
    status = newest.status
    return RestoreState(
        phase=str(status.phase),
        msg=status.message if newest.is_over else _IN_WORDS[status.phase],
        name=newest.metadata.name,
        start_time=status.start_time,
        end_time=status.end_time,
        undo_until=until,
    )


_IN_WORDS = {
    RestorePhase.PENDING: "it is about to begin",
    RestorePhase.SAFETY_BACKUP: "what runs now is backed up first",
    RestorePhase.SEEDING: "a new volume is filled from the store",
    RestorePhase.STARTING: "the members with the restored data start",
    RestorePhase.SWITCHING: "the address moves to the restored data",
}
"""Without the figures that stand in the restore itself: the service's status is not written with every megabyte."""


def doing(state: RestoreState) -> str:
    """What the service's own message says of a restore that runs; empty when none does."""
    says = next((words for phase, words in _IN_WORDS.items() if phase == state.phase), "")
    return f"restore {state.name} runs: {says}" if says else ""
