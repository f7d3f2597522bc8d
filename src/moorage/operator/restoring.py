"""From what the watches hold to the facts of one restore. Reads the local copies only."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from moorage.api.databackup import DataBackup, parse_databackup
from moorage.api.datarestore import DataRestore
from moorage.api.dataservice import DataService, parse_dataservice
from moorage.core import generations, names
from moorage.core.ownership import UNKNOWN
from moorage.core.restore_facts import RestoreFacts, Volume
from moorage.core.restores import safety_name
from moorage.core.task import TaskKind
from moorage.core.workers import WorkerFacts
from moorage.kube.reflector import Store
from moorage.operator import kept
from moorage.operator.look import Look, created
from moorage.operator.sources import find
from moorage.operator.working import read, workers_of

Object = dict[str, Any]
INSPECT = "inspect"


def service_of(restore: DataRestore, stores: Mapping[str, Store]) -> DataService | None:
    """Also one that is being deleted; None when it cannot be read: its own pass says so."""
    return _service(stores, restore.metadata.namespace, restore.service)


def facts_of(restore: DataRestore, stores: Mapping[str, Store], look: Look) -> RestoreFacts:
    found, there = find(restore, stores), service_of(restore, stores)
    service = there if there is not None and there.metadata.deletion_timestamp is None else None
    others = kept.others(service, stores, look) if service is not None else ()
    numbers = kept.numbers(service, stores) if service is not None else ()
    workers = _workers(restore, stores, look)
    return RestoreFacts(
        restore=restore,
        service=service,
        is_leaving=there is not None and service is None,
        source=found.source,
        source_refused=found.refused,
        source_waits=found.waits,
        rival=_rival(restore, service, stores),
        safety=_safety(restore, stores),
        manifest=_manifest(restore, stores, workers),
        adopts=_adopts(restore, workers),
        inspection=_newest(workers, is_inspection=True),
        kept_volumes=_kept_volumes(restore, stores) if there is None else (),
        seeded_generation=_seeded_generation(restore, service, numbers, stores),
        next_generation=max((*numbers, generations.serving(service)), default=0) + 1 if service is not None else 1,
        volume=_volume(restore, service, stores),
        worker=_newest(workers, is_inspection=False),
        address_generation=_address_generation(restore, stores),
        others=others,
    )


def _service(stores: Mapping[str, Store], namespace: str, name: str) -> DataService | None:
    item = stores["DataService"].get(namespace, name)
    try:
        return parse_dataservice(item) if item is not None else None
    except ValidationError:
        return None


def _rival(restore: DataRestore, service: DataService | None, stores: Mapping[str, Store]) -> str:
    """Two restores of a service at once: the older one goes first."""
    if service is None:
        return ""
    mine = (restore.metadata.creation_timestamp or "", restore.metadata.name)
    for other in kept.restores_of(service, stores):
        theirs = (other.metadata.creation_timestamp or "", other.metadata.name)
        if kept.is_at_work(other) and theirs < mine:
            return other.metadata.name
    return ""


def _safety(restore: DataRestore, stores: Mapping[str, Store]) -> DataBackup | None:
    item = stores["DataBackup"].get(restore.metadata.namespace, restore.status.safety_backup or safety_name(restore))
    try:
        return parse_databackup(item) if item is not None else None
    except ValidationError:
        return None


def _workers(restore: DataRestore, stores: Mapping[str, Store], look: Look) -> list[WorkerFacts]:
    meta = restore.metadata
    pods, nodes = workers_of(stores["Pod"], meta.namespace, "DataRestore", meta.name), stores["Node"].all()
    mine = [pod for pod in pods if any(o.get("uid") == meta.uid for o in pod["metadata"].get("ownerReferences") or [])]
    return [facts for pod in mine if (facts := read(pod, look, nodes)) is not None and facts.task.kind is TaskKind.SEED]


def _newest(workers: list[WorkerFacts], *, is_inspection: bool) -> WorkerFacts | None:
    found = [worker for worker in workers if (worker.task.body.get("mode") == INSPECT) is is_inspection]
    return max(found, key=lambda worker: worker.attempt, default=None)


def _manifest(restore: DataRestore, stores: Mapping[str, Store], workers: list[WorkerFacts]) -> Object | None:
    """As the source service is declared now; of one that is gone, as the manifest in the store has it."""
    source, namespace = restore.spec.source, restore.metadata.namespace
    backup = stores["DataBackup"].get(namespace, source.backup) if source.backup is not None else None
    name = source.service if source.at is not None else (backup["spec"]["service"] if backup is not None else None)
    live = stores["DataService"].get(namespace, name) if name is not None else None
    if live is not None and live["metadata"].get("deletionTimestamp") is None:
        return live
    inspection = _newest(workers, is_inspection=True)
    if inspection is None or not inspection.has_succeeded or inspection.report is None:
        return None
    found = inspection.report.result.get("dataService")
    return found if isinstance(found, dict) else None


def _adopts(restore: DataRestore, workers: list[WorkerFacts]) -> str | None:
    """A service that only a store knows comes back under its own name and namespace. Any other one is a copy of it."""
    inspection = _newest(workers, is_inspection=True)
    if restore.spec.source.stored_backup is None or inspection is None or not inspection.has_succeeded or not inspection.report:
        return None
    result = inspection.report.result
    was = (result.get("dataService") or {}).get("metadata") or {}
    if (was.get("namespace"), was.get("name")) != (restore.metadata.namespace, restore.spec.to_new):
        return None
    return str(result.get("cluster") or UNKNOWN)


def _kept_volumes(restore: DataRestore, stores: Mapping[str, Store]) -> tuple[str, ...]:
    """What a deleted service of the new name left."""
    found = (c["metadata"] for c in stores["PersistentVolumeClaim"].all())
    mine = (c["name"] for c in found if c.get("namespace") == restore.metadata.namespace)
    return tuple(sorted(name for name in mine if names.generation_named(restore.service, name) is not None))


def _marks(item: Object | None) -> Mapping[str, str]:
    return (item["metadata"].get("annotations") or {}) if item is not None else {}


def _seeded_generation(
    restore: DataRestore, service: DataService | None, numbers: tuple[int, ...], stores: Mapping[str, Store]
) -> int | None:
    for number in numbers if service is not None else ():
        claim = kept.first_claim(service, number, stores) if service is not None else None
        if _marks(claim).get(names.ANNOTATION_SEEDED) == restore.metadata.uid:
            return number
    return None


def _volume(restore: DataRestore, service: DataService | None, stores: Mapping[str, Store]) -> Volume | None:
    generation = restore.status.generation
    claim = kept.first_claim(service, generation, stores) if service is not None and generation is not None else None
    if claim is None:
        return None
    meta, marks = claim["metadata"], _marks(claim)
    if meta.get("deletionTimestamp") is not None:
        return Volume(meta["name"], of_another="being deleted")
    is_seeded = marks.get(names.ANNOTATION_SEEDED) == restore.metadata.uid
    is_mine = is_seeded or marks.get(names.ANNOTATION_RESTORE) == restore.metadata.name
    return Volume(meta["name"], is_seeded, created(claim), of_another="" if is_mine else "not this restore's")


def _address_generation(restore: DataRestore, stores: Mapping[str, Store]) -> int:
    """Generation that the address leads to; 0 when it leads nowhere."""
    item = stores["EndpointSlice"].get(restore.metadata.namespace, restore.service)
    return names.generation_of(_marks(item)) if item is not None and item.get("endpoints") else 0
