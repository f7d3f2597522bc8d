"""Backups that a store holds and Kubernetes does not know: another Moorage took them, or this one before it was lost."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from moorage.api.backupstore import BackupStore, KnownService
from moorage.api.databackup import KIND, BackupPhase, DataBackup, DataBackupSpec, DataBackupStatus, Trigger
from moorage.api.schema import API_VERSION
from moorage.core import names, ownership
from moorage.core.backups import OVER, described, rehearsed
from moorage.core.workers import task_id
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Object, Store
from moorage.operator.backups.protect import backups_of
from moorage.operator.identity import Identity

log = structlog.get_logger()

KEEP_DAYS = 7
SERVICES_MAX = 500
FOUND = "found in the store"
FOUND_FOREIGN = "found in the store; another cluster took it, and this one never deletes it"
GONE_FOR = timedelta(hours=1)
"""Longer than any check of any store, whose listing may still know what was deleted meanwhile."""


def known_services(listing: Sequence[Mapping[str, Any]]) -> list[KnownService]:
    """The services that a store knows. `listing`: its manifests, newest first."""
    found: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for manifest in listing:
        of = (str(manifest.get("engine")), str(manifest.get("namespace")), str(manifest.get("service")))
        found.setdefault(of, []).append(manifest)
    return [_known(*of, manifests) for of, manifests in sorted(found.items())][:SERVICES_MAX]


def _known(engine: str, namespace: str, name: str, manifests: list[Mapping[str, Any]]) -> KnownService:
    """One that a rehearsal found to be bad is counted, and nobody is led to it."""
    good = [m for m in manifests if m.get("verified") is not False]
    verified = [m for m in good if m.get("verified")]
    newest, sure = next(iter(good), {}), next(iter(verified), {})
    return KnownService(
        engine=engine,
        namespace=namespace,
        name=name,
        backups=len(manifests),
        newest=newest.get("backupName"),
        newest_time=newest.get("endTime"),
        verified=sure.get("backupName"),
        verified_time=sure.get("endTime"),
    )


class Finder:
    """Makes a DataBackup of each of them."""

    def __init__(self, kube: Kube, stores: Mapping[str, Store], wrote: Callable[[Object], None], identity: Identity) -> None:
        self._kube, self._stores, self._wrote, self._identity = kube, stores, wrote, identity
        self._gone: dict[tuple[str, str], datetime] = {}

    def deleted(self, namespace: str, backup_name: str, now: datetime) -> None:
        """A listing that was made before knows it still."""
        self._gone[namespace, backup_name] = now

    async def find(self, store: BackupStore, listing: Sequence[Mapping[str, Any]], listed: datetime) -> None:
        """`listed`: when the listing was begun. Raises KubeError."""
        namespace = store.metadata.namespace
        known = backups_of(self._stores, namespace)
        for manifest in listing:
            name = str(manifest.get("backupName") or "")
            gone = self._gone.get((namespace, name))
            if not name or manifest.get("namespace") != namespace or (gone is not None and gone >= listed):
                continue
            its = [backup for backup in known if _is_known(backup, name, str(manifest.get("taskId")))]
            if not its:
                await self._make(store, manifest, name)
            for backup in its:
                await self._hear(backup, manifest)
        self._gone = {of: at for of, at in self._gone.items() if at >= listed - GONE_FOR}

    async def _hear(self, backup: DataBackup, manifest: Mapping[str, Any]) -> None:
        """What a rehearsal found elsewhere, since."""
        told = rehearsed(manifest)
        if not told or backup.status.verified is not None or backup.status.phase is not BackupPhase.SUCCEEDED:
            return
        if backup.spec.trigger is not Trigger.FOUND:  # its worker was lost before it could tell
            told["message"] = "taken and verified" if told["verified"] else f"it cannot be trusted: {told['verify_message']}"
        body = {"status": DataBackupStatus.model_validate(told).model_dump(mode="json", by_alias=True, include=set(told))}
        self._wrote(await self._kube.merge(KIND, backup.metadata.name, backup.metadata.namespace, body, status=True))

    async def _make(self, store: BackupStore, manifest: Mapping[str, Any], name: str) -> None:
        days = int(manifest.get("keepDays") or KEEP_DAYS)
        spec = DataBackupSpec(
            service=str(manifest.get("service")), store=store.metadata.name, trigger=Trigger.FOUND, keep_days=days, rehearse=False
        )
        meta = {"name": name, "namespace": store.metadata.namespace, "finalizers": [names.FINALIZER]}
        body = {"apiVersion": API_VERSION, "kind": KIND, "metadata": meta, "spec": spec.to_dict()}
        try:
            self._wrote(await self._kube.create(body))
            log.info("backup_found", backup=f"{store.metadata.namespace}/{name}", store=store.metadata.name)
        except KubeError as error:
            if not error.conflict:
                raise  # made before, and perhaps not described yet
        service = self._stores["DataService"].get(store.metadata.namespace, spec.service)
        marks = (service["metadata"].get("annotations") or {}) if service is not None else {}
        is_owned = ownership.is_owned(manifest.get("cluster"), await self._identity.uid(), marks)
        told = described(manifest, days)
        status = DataBackupStatus.model_validate(
            {
                **told,
                **rehearsed(manifest),
                "phase": BackupPhase.SUCCEEDED,
                "message": FOUND if is_owned else FOUND_FOREIGN,
                "owned": is_owned,
                "expires": told.get("expires") if is_owned else None,
                "store": store.metadata.name,
                "task_id": manifest.get("taskId"),
            }
        )
        body = {"status": status.model_dump(mode="json", by_alias=True)}
        self._wrote(await self._kube.merge(KIND, name, store.metadata.namespace, body, status=True))


def _is_known(backup: DataBackup, name: str, of_task: str) -> bool:
    """Also when it is being deleted; and while it runs, when only its worker knows the name."""
    if backup.status.backup_name == name:
        return backup.status.phase is not BackupPhase.PENDING
    its_tasks = task_id(backup.metadata.uid, 0)[:-1]
    return backup.status.phase not in OVER and backup.spec.trigger is not Trigger.FOUND and of_task.startswith(its_tasks)
