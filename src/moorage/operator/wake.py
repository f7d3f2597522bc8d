"""Whom a change of an object wakes. Pure. Waking somebody in vain costs a look at local copies, waking nobody costs a minute."""

from collections.abc import Iterator, Mapping
from typing import Any

from moorage.api.databackup import BackupPhase
from moorage.api.datarestore import RestorePhase
from moorage.core import names
from moorage.core.rehearsals import PART
from moorage.kube.reflector import Store
from moorage.operator.controller import OWN_KINDS, Work

Object = dict[str, Any]

_BACKUP_OVER = (BackupPhase.SUCCEEDED, BackupPhase.FAILED)
_RESTORE_OVER = (RestorePhase.SUCCEEDED, RestorePhase.FAILED)


def wakes(kind: str, item: Object, stores: Mapping[str, Store]) -> set[Work]:
    """The resources that look differently since this object of a namespace changed. It may have vanished: then as it was last."""
    meta = item["metadata"]
    namespace, name = meta["namespace"], meta["name"]
    found: set[Work] = {(kind, namespace, name)} if kind in OWN_KINDS else set()
    match kind:
        case "DataService":
            found |= {*_backups(stores, namespace, name), *_restores(stores, namespace, name)}
        case "BackupStore":
            found |= {("DataService", namespace, s["metadata"]["name"]) for s in _of(stores, "DataService", namespace)}
            found |= {*_backups(stores, namespace), *_restores(stores, namespace)}
        case "DataBackup":
            found |= {("DataService", namespace, item["spec"]["service"]), *_restores(stores, namespace)}
            if _phase(item) == BackupPhase.FAILED and (store := item["status"].get("store")):  # which may be why
                found |= {("BackupStore", namespace, store)}
            if _leaves_its_place(item):  # for whichever namespace
                found |= {*_backups(stores, None, pending=True)}
        case "DataRestore":
            found |= {("DataService", namespace, service) for service in _services_of_restore(item)}
        case _:
            found |= _of_an_object(kind, item, stores)
    return found


def _leaves_its_place(backup: Object) -> bool:
    """Whether another one may run instead; not with every word of a rehearsal that runs."""
    phase, task = _phase(backup), str((backup.get("status") or {}).get("taskId") or "")
    has_left = phase in (BackupPhase.PENDING, BackupPhase.VERIFYING) and bool(task) and f"-{PART}" not in task
    return phase in _BACKUP_OVER or has_left


def _of_an_object(kind: str, item: Object, stores: Mapping[str, Store]) -> set[Work]:
    """An object that a resource of ours has made or uses."""
    meta = item["metadata"]
    namespace, name, labels = meta["namespace"], meta["name"], meta.get("labels") or {}
    found: set[Work] = set()
    service = labels.get(names.LABEL_INSTANCE)
    if kind == "Pod" and labels.get(names.LABEL_COMPONENT) == names.COMPONENT_WORKER:
        of_kind, _, of_name = (meta.get("annotations") or {}).get(names.ANNOTATION_FOR, "").partition("/")
        found |= {(of_kind, namespace, of_name)} if of_kind in OWN_KINDS else set()
    elif service:
        found |= {("DataService", namespace, service), *_restores(stores, namespace, service)}
    if kind == "PersistentVolumeClaim":
        used = (s for s in _of(stores, "BackupStore", namespace) if (s["spec"].get("fileSystem") or {}).get("claim") == name)
        found |= {("BackupStore", namespace, s["metadata"]["name"]) for s in used}
    return found


def _of(stores: Mapping[str, Store], kind: str, namespace: str | None) -> Iterator[Object]:
    return (item for item in stores[kind].all() if namespace is None or item["metadata"]["namespace"] == namespace)


def _phase(item: Object) -> str:
    return str((item.get("status") or {}).get("phase") or "Pending")


def _backups(
    stores: Mapping[str, Store], namespace: str | None, service: str | None = None, *, pending: bool = False
) -> Iterator[Work]:
    """Backups that are not over, or only those that wait to begin."""
    for item in _of(stores, "DataBackup", namespace):
        phase = _phase(item)
        is_waiting = phase == BackupPhase.PENDING if pending else phase not in _BACKUP_OVER
        if is_waiting and service in (None, item["spec"]["service"]):
            yield ("DataBackup", item["metadata"]["namespace"], item["metadata"]["name"])


def _restores(stores: Mapping[str, Store], namespace: str, service: str | None = None) -> Iterator[Work]:
    """Restores that are not over."""
    for item in _of(stores, "DataRestore", namespace):
        if _phase(item) not in _RESTORE_OVER and (service is None or service in _services_of_restore(item)):
            yield ("DataRestore", namespace, item["metadata"]["name"])


def _services_of_restore(item: Object) -> set[str]:
    spec = item["spec"]
    return {name for field in ("toNew", "inPlace", "undo") if (name := spec.get(field))}
