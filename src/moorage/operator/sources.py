"""Where the data of a restore comes from: a backup, one that only a store knows, or a moment. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from moorage.api.backupstore import BackupStore
from moorage.api.databackup import BackupPhase, DataBackup
from moorage.api.datarestore import DataRestore
from moorage.api.dataservice import DataService, Window, parse_dataservice
from moorage.core.backups import text
from moorage.core.restore_facts import Source
from moorage.kube.reflector import Store
from moorage.operator.backups.choose import choose
from moorage.operator.backups.protect import backups_of
from moorage.operator.backups.tasks import path

TIME_DIGITS = 14
"""YYYYMMDDhhmmss at the end of a backup's name."""


@dataclass(frozen=True)
class Found:
    """The source, or why there is none: for good, or for now."""

    source: Source | None = None
    refused: str = ""
    waits: str = ""


def find(restore: DataRestore, stores: Mapping[str, Store]) -> Found:
    source = restore.spec.source
    if restore.spec.undo is not None:
        return Found()
    if source.at is not None:
        return _moment(restore, stores, source.at)
    if source.backup is not None:
        return _backup(restore, stores, source.backup)
    if source.stored_backup is not None:
        return _stored(restore, stores, source.store, source.stored_backup)
    return Found(refused="it names no backup, no storedBackup and no moment (at): make the restore anew with one of them")


def _backup(restore: DataRestore, stores: Mapping[str, Store], name: str) -> Found:
    namespace = restore.metadata.namespace
    backup = next((b for b in backups_of(stores, namespace) if b.metadata.name == name), None)
    if backup is None:
        known = sorted(backups_of(stores, namespace, restore.spec.in_place), key=_consistent)
        good = [b.metadata.name for b in known if b.is_good]
        there = f"; the newest good ones: {', '.join(reversed(good[-3:]))}" if good else "; there is no good one"
        return Found(refused=f"there is no DataBackup '{name}' in namespace {namespace}{there}")
    return _of_backup(backup, stores)


def _of_backup(backup: DataBackup, stores: Mapping[str, Store], until: str | None = None) -> Found:
    status, name = backup.status, backup.metadata.name
    if backup.metadata.deletion_timestamp is not None or status.phase is BackupPhase.DELETING:
        return Found(refused=f"backup {name} is being deleted")
    if status.phase is BackupPhase.FAILED:
        return Found(refused=f"backup {name} failed and holds nothing: {status.message}")
    if status.verified is False:
        return Found(refused=f"backup {name} cannot be restored, as its rehearsal found: {status.verify_message}")
    if not backup.is_good:
        return Found(waits=f"waits for backup {name} to be taken")
    if status.backup_name is None or status.engine is None:
        return Found(refused=f"backup {name} does not say where in the store it is (status.backupName, status.engine)")
    store, trouble = choose(stores, backup.metadata.namespace, status.store or backup.spec.store)
    if store is None:
        return Found(refused=f"backup {name} cannot be read: {trouble}")
    source = Source(
        backup_name=status.backup_name,
        path=path(status.engine, backup.metadata.namespace, backup.spec.service, status.backup_name),
        store=store.metadata.name,
        engine=status.engine,
        version=status.version or "",
        raw_bytes=status.raw_bytes,
        consistent_time=status.consistent_time,
        until=until,
    )
    return Found(source, waits=trouble)


def _stored(restore: DataRestore, stores: Mapping[str, Store], store_name: str | None, name: str) -> Found:
    """A name does not tell where its parts end; the store's own list of services does."""
    store, trouble = choose(stores, restore.metadata.namespace, store_name)
    if store is None:
        return Found(refused=trouble)
    for known in store.status.services:
        stem = f"{known.engine}-{known.namespace}-{known.name}-"
        if name.startswith(stem) and name[len(stem) :].isdigit() and len(name) == len(stem) + TIME_DIGITS:
            lies = path(known.engine, known.namespace, known.name, name)
            return Found(Source(name, lies, store.metadata.name, known.engine), waits=trouble)
    if trouble:
        return Found(waits=trouble)
    return Found(refused=_unknown(store, name))


def _unknown(store: BackupStore, name: str) -> str:
    newest = [known.newest for known in store.status.services if known.newest]
    there = f"; the newest of each service there: {', '.join(newest[:5])}" if newest else "; it holds none"
    return f"store {store.metadata.name} holds no backup '{name}'{there}"


def _moment(restore: DataRestore, stores: Mapping[str, Store], at: str) -> Found:
    namespace, name = restore.metadata.namespace, restore.spec.source.service or restore.spec.in_place or ""
    if restore.status.backup_name is not None:
        return _begun(restore, stores, at)
    service = _service(stores, namespace, name)
    if service is None:
        return Found(refused=f"there is no service {name} whose moments could be restored: name a backup instead")
    try:
        wanted = datetime.fromisoformat(at)
    except ValueError:
        return Found(refused=f"'{at}' is no moment: no calendar has it; write one such as 2026-11-06T12:34:56+08:00")
    reason = why_not_in_window(wanted, service.status.window, name)
    if reason is not None:
        return Found(refused=reason)
    known = sorted(backups_of(stores, namespace, name), key=_consistent)
    good = [b for b in known if b.is_good and b.status.consistent_time]
    before = [b for b in good if datetime.fromisoformat(str(b.status.consistent_time)) <= wanted]
    if not before:
        return Found(refused=f"no good backup of {name} is from before {at}: the oldest is from {_oldest(good)}")
    return _of_backup(before[-1], stores, at)


def _consistent(backup: DataBackup) -> str:
    return backup.status.consistent_time or ""


def _begun(restore: DataRestore, stores: Mapping[str, Store], at: str) -> Found:
    """What it began with it ends with, however the window moves meanwhile: the worker looks at the log itself."""
    name = restore.status.backup_name
    backup = next((b for b in backups_of(stores, restore.metadata.namespace) if b.status.backup_name == name), None)
    return _of_backup(backup, stores, at) if backup is not None else Found(refused=f"backup {name} is gone")


def _oldest(good: list[DataBackup]) -> str:
    return str(good[0].status.consistent_time) if good else "never"


def _service(stores: Mapping[str, Store], namespace: str, name: str) -> DataService | None:
    item = stores["DataService"].get(namespace, name)
    try:
        return parse_dataservice(item) if item is not None else None
    except ValidationError:
        return None


def why_not_in_window(at: datetime, window: Window | None, service: str) -> str | None:
    """The reason why a moment cannot be restored, with the nearest that can; or None."""
    if window is None or window.start is None or window.end is None:
        return f"no moment of {service} can be restored, only its backups: its log was not archived"
    start, end = datetime.fromisoformat(window.start), datetime.fromisoformat(window.end)
    if at < start:
        return f"{text(at)} cannot be restored: the earliest moment of {service} that can is {window.start}"
    if at > end:
        return f"{text(at)} cannot be restored: the latest moment of {service} that can is {window.end}"
    for gap in window.gaps:
        if datetime.fromisoformat(gap.start) < at < datetime.fromisoformat(gap.end):
            return f"{text(at)} cannot be restored: the log has a gap there; the nearest moments are {gap.start} and {gap.end}"
    return None
