"""SEED: from the store onto a volume, compared with the figures of the backup. On a throw-away volume: a rehearsal."""

import time
from datetime import UTC, datetime
from typing import Any

import structlog

from moorage.backup import layout, manifest
from moorage.backup.errors import AlreadyExistsError, ArchiveError, IdentityError, NotInStoreError, StoreError
from moorage.backup.manifest import Manifest
from moorage.backup.store import ObjectStore
from moorage.backup.stream import Expected, unpack
from moorage.backup.verdict import Verdict
from moorage.engines.backup import BackupError, EngineBackup, Reached, Seed
from moorage.worker import point_in_time
from moorage.worker.volume import Volume
from moorage.worker.work import Outcome, TaskError, Work, text_of

log = structlog.get_logger()

CACHE_GIB = 0.25
DIFFERENCES_SAID = 3
MESSAGE_LENGTH_MAX = 1000


class DiffersError(TaskError):
    """What was restored is not what was backed up."""


def run(work: Work) -> Outcome:
    """Leaves either data that a member can start on, or an empty volume."""
    body = work.task.body
    if body.get("mode") == "inspect":
        return _inspect(work)
    return _rehearse(work) if body.get("mode") == "rehearse" else _restore(work)


def _rehearse(work: Work) -> Outcome:
    """What it finds of the backup stands in the store from then on, for whoever reads that without this cluster."""
    try:
        outcome = _restore(work)
    except IdentityError:
        raise  # which says nothing of the backup
    except (DiffersError, ArchiveError) as error:
        _keep(work, Verdict(False, _now(), str(error)[:MESSAGE_LENGTH_MAX]))
        raise
    _keep(work, Verdict(True, _now(), restore_seconds=outcome.result.get("restoreSeconds")))
    return outcome


def _keep(work: Work, verdict: Verdict) -> None:
    """The first one counts. A rehearsal whose store goes away at its end was one all the same."""
    try:
        work.open_store(quick=True).put_new(layout.verdict_key(_path(work)), verdict.to_json())
    except AlreadyExistsError:
        log.info("verdict_stands_already")
    except StoreError as error:
        log.warning("verdict_not_kept", error=str(error))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _path(work: Work) -> str:
    return text_of(work.task.body, "path").strip("/")


def _restore(work: Work) -> Outcome:
    began = time.monotonic()
    volume = Volume(work.mounts.engine.data, work.task.id)
    done = volume.done_before()
    if done is not None:
        return Outcome("the volume was filled already by an earlier try of this restore", done)
    store = work.open_store()
    made = read_manifest(store, _path(work))
    engine = work.engine()
    _refuse(work, engine, made)
    wanted = point_in_time.plan(work, engine, store, made)  # refused before anything is written
    volume.begin()
    volume.require_room(engine.room_needed(made.to_dict()), made.backup_name)
    try:
        result = _fill(work, engine, store, made, wanted)
    except BaseException:
        volume.empty()
        work.raise_if_stopped()  # what was ended half-way says something else of why it failed
        raise
    result = {"restoreSeconds": round(time.monotonic() - began, 1), "rawBytes": made.raw_bytes, **result}
    volume.finish(result)
    return Outcome(f"{made.backup_name} is restored and compared ({result['compared']} {engine.things})", result)


def _inspect(work: Work) -> Outcome:
    """Of a service that is gone the manifest alone knows how it was declared."""
    made = read_manifest(work.open_store(), _path(work))
    told = {"dataService": made.data_service, "cluster": made.cluster}
    return Outcome(f"{made.backup_name} tells how its service was declared", told)


def read_manifest(store: ObjectStore, path: str) -> Manifest:
    try:
        return manifest.parse(store.read(layout.manifest_key(path)), path)
    except NotInStoreError as error:
        raise TaskError(
            f"the store holds no backup '{path}' (no {layout.MANIFEST}): it was deleted, or never completed",
            can_be_repeated=False,
        ) from error


def _refuse(work: Work, engine: EngineBackup, made: Manifest) -> None:
    if made.engine != work.task.engine:
        raise TaskError(
            f"{made.backup_name} is a backup of {made.engine}, and it is to be restored into {work.task.engine}",
            can_be_repeated=False,
        )
    reason = engine.why_not_restorable(made.to_dict())
    if reason is not None:
        raise TaskError(reason, can_be_repeated=False)


def _fill(
    work: Work, engine: EngineBackup, store: ObjectStore, made: Manifest, wanted: point_in_time.Plan | None
) -> dict[str, Any]:
    with engine.seed(float(work.task.body.get("cacheGiB") or CACHE_GIB), replays=wanted is not None) as seed:
        work.say(f"restores {made.backup_name}")
        _pour(work, store, made, seed)
        work.say("compares what was restored with the figures of the backup")
        compared = seed.compare(made.figures)
        if compared.differences:
            said, more = compared.differences[:DIFFERENCES_SAID], len(compared.differences) - DIFFERENCES_SAID
            raise DiffersError(
                f"what was restored from {made.backup_name} differs from what was backed up: {'; '.join(said)}"
                f"{f'; and {more} more' if more > 0 else ''}",
                can_be_repeated=False,
            )
        work.raise_if_stopped()
        reached = _replay(work, store, made, seed, wanted)
        if work.task.body.get("passwords", "set") == "set" and work.task.body.get("mode") != "rehearse":
            seed.set_passwords()
        work.say("writes everything to the disk")
        seed.finish()
    return {"compared": compared.compared, "position": reached.position, "time": reached.time}


def _pour(work: Work, store: ObjectStore, made: Manifest, seed: Seed) -> None:
    """Into the engine's restore. What the store says of a broken archive comes before what the engine says of it."""
    expected = Expected(made.backup_name, made.size_bytes, made.sha256, made.raw_bytes, made.recipient)
    try:
        unpack(store, made.archive_key, seed.input, expected, identity=work.identity(), counts=work.counts, stop=work.stop)
    except BrokenPipeError:
        seed.end_input()
        seed.confirm()  # says why the engine went away
        raise BackupError("the engine's restore ended before it had everything") from None
    seed.end_input()
    work.say(f"waits until everything of {made.backup_name} is applied and its indexes are built")
    seed.confirm()


def _replay(work: Work, store: ObjectStore, made: Manifest, seed: Seed, wanted: point_in_time.Plan | None) -> Reached:
    if wanted is None:
        return Reached(made.position.end if made.position else "", made.consistent_time, 0)
    work.say(f"replays the log up to {wanted.target.time or wanted.target.position}")
    return seed.replay(point_in_time.pieces(work, store, made, wanted), wanted.after, wanted.target)
