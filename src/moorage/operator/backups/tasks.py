"""What the workers of a service's backups are told, and the Pods they run in. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from moorage.api.backupstore import BackupStore
from moorage.api.databackup import DataBackup
from moorage.api.dataservice import DataService
from moorage.api.quantity import to_bytes
from moorage.api.schema import API_VERSION
from moorage.core import names, rehearsals
from moorage.core.autogrow import size_to_have, with_its_size
from moorage.core.backups import Source, backup_name, keep_days
from moorage.core.facts import MemberFacts, Role, Snapshot
from moorage.core.task import Task, TaskKind
from moorage.core.workers import task_id
from moorage.engines.contract import Engine, EngineCard
from moorage.operator.manifests.worker import Owner, Scratch, Worker

NOT_DECLARED = ("moorage.dev/", "kubectl.kubernetes.io/")


def sources(snapshot: Snapshot, port: int) -> tuple[Source, ...]:
    """Members that hold all data and answer, the secondaries first: a backup does not slow the primary down."""
    meta, generation = snapshot.service.metadata, snapshot.service.status.generation

    def source(member: MemberFacts, *, is_primary: bool) -> Source:
        host = names.member_host(meta.name, meta.namespace, generation, member.ordinal)
        return Source(member.name, f"{host}:{port}", member.pod.node if member.pod is not None else "", is_primary)

    secondaries = [source(m, is_primary=False) for m in snapshot.members if m.role() is Role.SECONDARY]
    primary = snapshot.primary()
    return (*secondaries, *([source(primary, is_primary=True)] if primary is not None else []))


def path(engine: str, namespace: str, service: str, name: str) -> str:
    """Where a backup lies in its store."""
    return f"{engine}/{namespace}/{service}/{name}"


def store_spec(store: BackupStore) -> dict[str, Any]:
    return store.spec.model_dump(mode="json", by_alias=True, exclude_none=True)


def backup_worker(  # noqa: PLR0913 - each says another thing of the task
    backup: DataBackup,
    service: DataService,
    store: BackupStore,
    read_from: tuple[Source, ...],
    engine: Engine,
    attempt: int,
    local: datetime,
    image: str,
    cluster: str = "",
) -> Worker:
    """Takes the backup. `local`: now, in the service's zone. `cluster`: the one that takes it.

    Each try has a name of its own in the store: one that was lost half-way is never taken for another.
    """
    meta, card = backup.metadata, engine.card
    name = backup_name(card.name, meta.namespace, service.metadata.name, local)
    body = {
        "backupName": name,
        "trigger": str(backup.spec.trigger),
        "members": [{"name": s.name, "host": s.host} for s in read_from],
        "dataService": as_declared(service),
        "version": service.status.version or card.version(service),
        "keepDays": keep_days(backup, service),
        "cluster": cluster,
        "timeZone": str(local.tzinfo),
    }
    task = Task(
        task_id(meta.uid, attempt), TaskKind.BACKUP, store_spec(store), meta.namespace, service.metadata.name, card.name, body
    )
    worker = _worker(backup, service, store, card, task, image)
    return replace(worker, tls=True, node=read_from[0].node if read_from else "")


def rehearsal_worker(
    backup: DataBackup, service: DataService, store: BackupStore, engine: Engine, attempt: int, image: str
) -> Worker:
    """Restores a backup into a throw-away member of the size of the real ones, and compares."""
    meta, card = backup.metadata, engine.card
    memory = service.spec.resources.memory
    lies = path(card.name, meta.namespace, backup.spec.service, str(backup.status.backup_name))
    body = {"path": lies, "mode": "rehearse", "passwords": "keep", "until": None, "cacheGiB": cache_gib(memory)}
    task = Task(
        task_id(meta.uid, attempt, rehearsals.PART),
        TaskKind.SEED,
        store_spec(store),
        meta.namespace,
        backup.spec.service,
        card.name,
        body,
    )
    worker = _worker(backup, service, store, card, task, image)
    scratch = Scratch(size_to_have(service), service.spec.storage.class_name)
    return replace(worker, data=scratch, member_memory=memory)


def _worker(backup: DataBackup, service: DataService, store: BackupStore, card: EngineCard, task: Task, image: str) -> Worker:
    """In the engine's image, with the service's passwords."""
    meta = backup.metadata
    return Worker(
        task,
        store.spec,
        works_for=("DataBackup", meta.name),
        owner=Owner("DataBackup", meta.name, meta.uid),
        instance=service.metadata.name,
        user_id=card.user_id,
        platform_image=image,
        engine_image=card.image(service),
        internal=True,
    )


def cache_gib(memory: str) -> float:
    """A quarter of the member's memory: the rest is for the restore itself."""
    return max(0.25, round(to_bytes(memory) / 4 / 2**30, 2))


def delete_worker(backup: DataBackup, card: EngineCard, store: BackupStore, attempt: int, image: str) -> Worker:
    """Deletes a backup from its store. Its Pod goes with the store: one that is being deleted must not take it along."""
    meta = backup.metadata
    lies = path(card.name, meta.namespace, backup.spec.service, str(backup.status.backup_name))
    task = Task(
        task_id(meta.uid, attempt, "d"),
        TaskKind.DELETE,
        store_spec(store),
        meta.namespace,
        backup.spec.service,
        card.name,
        {"path": lies},
    )
    owner = Owner("BackupStore", store.metadata.name, store.metadata.uid)
    return Worker(task, store.spec, ("DataBackup", meta.name), owner, backup.spec.service, card.user_id, image)


def as_declared(service: DataService) -> dict[str, Any]:
    """The service as somebody would declare it again, with volumes of the size that its data grew them to."""
    meta, spec = service.metadata, with_its_size(service).spec
    annotations = {k: v for k, v in meta.annotations.items() if not k.startswith(NOT_DECLARED)}
    labels = {k: v for k, v in meta.labels.items() if not k.startswith(NOT_DECLARED)}
    declared = {"name": meta.name, "namespace": meta.namespace, "labels": labels, "annotations": annotations}
    return {"apiVersion": API_VERSION, "kind": "DataService", "metadata": declared, "spec": spec.to_dict()}
