"""The workers of a restore: one that reads a manifest, and one that fills a volume. Pure."""

from typing import Any

from moorage.api.backupstore import BackupStore
from moorage.api.datarestore import DataRestore
from moorage.api.dataservice import DataService
from moorage.core import names
from moorage.core.restore_facts import Source
from moorage.core.task import Task, TaskKind
from moorage.core.workers import task_id
from moorage.engines.contract import EngineCard
from moorage.operator.backups.tasks import cache_gib, store_spec
from moorage.operator.manifests.worker import Owner, Worker
from moorage.operator.restoring import INSPECT

INSPECTION = "i"
"""In the ids of the tries to read a manifest."""
INSPECTION_MEMORY = "64Mi"


def seed_worker(
    restore: DataRestore, source: Source, service: DataService, store: BackupStore, card: EngineCard, attempt: int, image: str
) -> Worker:
    """It fills the first volume of the generation that the restore says."""
    claim = names.claim(service.metadata.name, restore.status.generation or 1, 0)
    memory = service.spec.resources.memory
    body: dict[str, Any] = {
        "path": source.path,
        "mode": "fill",
        "passwords": "set",
        "until": {"time": source.until} if source.until is not None else None,
        "cacheGiB": cache_gib(memory),
    }
    task = _task(restore, store, card, service.metadata.name, task_id(restore.metadata.uid, attempt), body)
    return Worker(
        task,
        store.spec,
        works_for=("DataRestore", restore.metadata.name),
        owner=Owner("DataRestore", restore.metadata.name, restore.metadata.uid),
        instance=service.metadata.name,
        user_id=card.user_id,
        platform_image=image,
        engine_image=card.image(service),
        internal=True,
        data=claim,
        member_memory=memory,
    )


def inspect_worker(
    restore: DataRestore, source: Source, store: BackupStore, card: EngineCard, attempt: int, image: str
) -> Worker:
    """It needs neither an engine nor a volume: it reports the manifest's `dataService` and ends."""
    body: dict[str, Any] = {"path": source.path, "mode": INSPECT}
    task = _task(restore, store, card, restore.service, task_id(restore.metadata.uid, attempt, INSPECTION), body)
    return Worker(
        task,
        store.spec,
        works_for=("DataRestore", restore.metadata.name),
        owner=Owner("DataRestore", restore.metadata.name, restore.metadata.uid),
        instance=restore.service,
        user_id=card.user_id,
        platform_image=image,
        member_memory=INSPECTION_MEMORY,
    )


def _task(restore: DataRestore, store: BackupStore, card: EngineCard, service: str, of_id: str, body: dict[str, Any]) -> Task:
    return Task(of_id, TaskKind.SEED, store_spec(store), restore.metadata.namespace, service, card.name, body)
