"""What the local copies tell about a service's backups. Nothing is asked, nothing is written."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import ValidationError

from moorage.api.databackup import KIND, DataBackup, parse_databackup
from moorage.api.dataservice import DataService
from moorage.core import names
from moorage.core.protection import Archive, Protection, ProtectionFacts, summary
from moorage.core.schedule import seen_from_json
from moorage.core.task import TaskKind
from moorage.kube.reflector import Store
from moorage.operator.backups.choose import choose
from moorage.operator.look import Look
from moorage.operator.working import newest, workers_of


def backups_of(stores: Mapping[str, Store], namespace: str, service: str | None = None) -> list[DataBackup]:
    """The readable backups of a service, or of all of a namespace."""
    found = []
    for item in stores[KIND].all():
        if item["metadata"]["namespace"] == namespace and service in (None, item["spec"].get("service")):
            try:
                found.append(parse_databackup(item))
            except ValidationError:
                continue  # another version wrote it
    return found


def own_backups_of(stores: Mapping[str, Store], namespace: str, service: str) -> list[DataBackup]:
    """Without those that another cluster took of a service of that name."""
    return [backup for backup in backups_of(stores, namespace, service) if not backup.is_foreign]


def archive_of(service: DataService, stores: Mapping[str, Store], now: datetime) -> Archive | None:
    """None: its log is not to be archived."""
    policy, meta = service.spec.backup, service.metadata
    if not (policy.enabled and policy.point_in_time):
        return None
    pods = workers_of(stores["Pod"], meta.namespace, "DataService", meta.name)
    worker = newest(pods, TaskKind.ARCHIVE, Look(now), stores["Node"].all())
    if worker is None:
        return Archive()
    result = worker.report.result if worker.report is not None else {}
    return Archive(result, worker.failure or worker.trouble or str(result.get("trouble") or ""))


def without_backups(service: DataService) -> Protection:
    """Of an engine that has none."""
    says = f"services of engine '{service.spec.engine}' are not backed up: Moorage has no backups of it yet; dump it by hand"
    return Protection(healthy="False", reason="NoBackups", message=says)


def protection(service: DataService, stores: Mapping[str, Store], zone: str, now: datetime) -> Protection:
    """`zone`: the platform's."""
    meta = service.metadata
    store, trouble = choose(stores, meta.namespace, service.spec.backup.store)
    facts = ProtectionFacts(
        service,
        own_backups_of(stores, meta.namespace, meta.name),
        store.metadata.name if store is not None else None,
        trouble,
        seen_from_json(meta.annotations.get(names.ANNOTATION_SCHEDULE)),
        archive_of(service, stores, now) if store is not None else None,
        service.spec.time_zone or zone,
    )
    return summary(facts, now)
