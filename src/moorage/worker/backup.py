"""BACKUP: an engine's dump into the store, and at its end, when everything stands, the manifest."""

import json
from datetime import UTC, datetime
from typing import Any

import structlog

from moorage.backup import age, layout, manifest
from moorage.backup.errors import AlreadyExistsError, NotInStoreError, StoreError
from moorage.backup.manifest import Manifest
from moorage.backup.store import ObjectStore
from moorage.backup.stream import Counts, Packed, pack
from moorage.engines.backup import Dumped, EngineBackup, NotNowError, Source, SourceLostError, member_hosts
from moorage.worker.probe import why_not_written
from moorage.worker.work import Outcome, TaskError, Work, text_of

log = structlog.get_logger()

TRIES_MAX = 4
"""Of which each begins from the start: the next member after one that was lost, another moment after a bad one."""
OTHER_MOMENT_SECONDS = 12.0
"""An idle engine may write to its log only every 10 s; until then a dump begins at what made the one before impossible."""
PASSES_SECONDS = 3.0
"""After a refusal that passes by itself, before the same member is tried once more."""
SECRETS = ("app-password", "admin-password", "keyfile")


def run(work: Work) -> Outcome:
    """Nothing is left of a failed one."""
    folder = layout.backup_folder(work.task.engine, work.task.namespace, work.task.service, text_of(work.task.body, "backupName"))
    store = work.open_store()
    done = _written_before(store, folder, work.task.id)
    if done is not None:
        return Outcome(f"{done.backup_name} stands in the store", done.listing())
    engine = work.engine()
    started = datetime.now(UTC)
    try:
        source, dumped, packed = _dump(work, engine, store, folder)
        made = _manifest(work, source, dumped, packed, started)
        publish(work, store, made)
    except StoreError as error:
        raise why_not_written(error, work.task.id, lambda: work.open_store(quick=True)) from error
    return Outcome("; ".join(filter(None, (f"{made.backup_name} stands in the store", source.why, dumped.note))), made.listing())


def publish(work: Work, store: ObjectStore, made: Manifest) -> None:
    """From here on it is a backup."""
    key = layout.manifest_key(made.folder)
    try:
        work.raise_if_stopped()
        store.put_new(key, made.to_json())
    except AlreadyExistsError:
        # a worker of an earlier try that was thought lost came to its end just now; the archive that stands is this one's
        store.put(key, made.to_json())
    except BaseException:
        _forget(store, key, made.archive_key)
        raise


def _written_before(store: ObjectStore, folder: str, task_id: str) -> Manifest | None:
    """A worker that was lost at its very end had written it already."""
    try:
        found = manifest.parse(store.read(layout.manifest_key(folder)), folder)
    except NotInStoreError:
        return None
    if found.task_id != task_id:
        raise TaskError(f"the store has a backup named {found.backup_name} already, of another task; nothing was overwritten")
    return found


def _dump(work: Work, engine: EngineBackup, store: ObjectStore, folder: str) -> tuple[Source, Dumped, Packed]:
    """From the best member; when it is lost, from the next one."""
    members, lost = member_hosts(work.task.body.get("members") or []), list[SourceLostError]()
    without: list[str] = []
    again: Source | None = None
    for attempt in range(1, TRIES_MAX + 1):
        work.raise_if_stopped()
        source, is_again = again or engine.choose_source(members, without), again is not None
        again = None
        work.say(f"reads from {source.why}")
        log.info("source_chosen", member=source.member.name, why=source.why, attempt=attempt)
        try:
            return source, *_stream(work, engine, store, folder, source)
        except SourceLostError as error:
            log.warning("source_lost", member=source.member.name, error=str(error))
            if not is_again and attempt < TRIES_MAX and engine.may_pass(error):
                again = source
                work.stop.wait(PASSES_SECONDS)
                continue
            without, lost = [*without, source.member.name], [*lost, error]
            if attempt == TRIES_MAX or len(without) == len(members):
                raise TaskError(f"every member that was read from was lost: {'; '.join(map(str, lost))}") from error
        except NotNowError as error:
            log.warning("other_moment", error=str(error))
            work.say(f"waits for another moment: {error}")
            if attempt == TRIES_MAX:
                raise
            work.stop.wait(OTHER_MOMENT_SECONDS)
    raise AssertionError("a try returns or raises")


def _stream(work: Work, engine: EngineBackup, store: ObjectStore, folder: str, source: Source) -> tuple[Dumped, Packed]:
    recipient, found = work.recipient, list[Dumped]()
    work.counts = Counts()

    def confirm() -> None:
        """The last look before the archive stands."""
        found.append(dump.confirm())
        _written_before(store, folder, "")

    with engine.dump(source) as dump:
        packed = pack(
            dump.output,
            store,
            layout.archive_key(folder, encrypted=recipient is not None),
            recipient=recipient,
            counts=work.counts,
            tap=dump.look_at,
            confirm=confirm,
            stop=work.stop,
        )
    return found[0], packed


def _manifest(work: Work, source: Source, dumped: Dumped, packed: Packed, started: datetime) -> Manifest:
    task, body, recipient = work.task, work.task.body, work.recipient
    at = dumped.position
    return Manifest(
        backup_name=str(body["backupName"]),
        task_id=task.id,
        trigger=str(body.get("trigger") or "Manual"),
        engine=task.engine,
        version=dumped.version,
        compatibility=dumped.compatibility,
        namespace=task.namespace,
        service=task.service,
        cluster=str(body.get("cluster") or ""),
        source=source.member.name,
        start_time=_time(started),
        end_time=_time(datetime.now(UTC)),
        consistent_time=dumped.consistent_time,
        position=manifest.Position(at.timeline, at.start, at.end) if at.timeline else None,
        raw_bytes=packed.raw_bytes,
        size_bytes=packed.size_bytes,
        sha256=packed.sha256,
        archive=layout.archive_name(encrypted=recipient is not None),
        recipient=recipient,
        keep_days=body.get("keepDays"),
        figures=dumped.figures,
        data_service=dict(body.get("dataService") or {}),
        secrets=_sealed_secrets(work, recipient),
    )


def _sealed_secrets(work: Work, recipient: str | None) -> str | None:
    """The passwords, for who has the store's identity; without encryption they stay where they are."""
    if recipient is None:
        return None
    folder = work.mounts.engine.internal
    values: dict[str, Any] = {name: (folder / name).read_text().strip() for name in SECRETS if (folder / name).exists()}
    return age.seal(json.dumps(values).encode(), recipient)


def _forget(store: ObjectStore, manifest_key: str, archive_key: str) -> None:
    """The manifest first, which may stand though no answer came: it must not promise an archive that is gone.

    An archive without a manifest is no backup; what cannot be deleted now is swept later.
    """
    try:
        store.delete(manifest_key)
        store.delete(archive_key)
    except StoreError as error:
        log.warning("archive_left", key=archive_key, error=str(error))


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
