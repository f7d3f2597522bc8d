"""What is seen of a drill's writer, and how its worker is made. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime

from moorage.api.backupstore import BackupStoreSpec
from moorage.api.dataservice import DataService
from moorage.api.drill import Drill
from moorage.core import names
from moorage.core.drill_rule import going_on
from moorage.core.task import Task, TaskKind
from moorage.core.workers import WorkerFacts, task_id
from moorage.engines.contract import EngineCard
from moorage.kube.reflector import Object, Store
from moorage.operator.look import Look
from moorage.operator.manifests.worker import Owner, Worker
from moorage.operator.working import is_of, newest, workers_of

LOOK_SECONDS = 1.0


def exact(now: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def pods(service: DataService, stores: Mapping[str, Store]) -> list[Object]:
    """Of all drills of a service."""
    found = workers_of(stores["Pod"], service.metadata.namespace, "DataService", service.metadata.name)
    return [pod for pod in found if is_of(pod, TaskKind.DRILL)]


def pods_of(drill: Drill, service: DataService, stores: Mapping[str, Store]) -> list[Object]:
    """Of this one. A writer that was lost is not replaced: nobody else knows what it wrote."""
    wanted = _task_id(drill, service)
    return [p for p in pods(service, stores) if (p["metadata"].get("labels") or {}).get(names.LABEL_TASK) == wanted]


def writer(service: DataService, stores: Mapping[str, Store], look: Look) -> WorkerFacts | None:
    """Of the drill that is under way. While there is one, or somebody asks for one, it is looked at again soon."""
    drill = going_on(service)
    if drill is not None or names.ANNOTATION_DRILL in service.metadata.annotations:
        look.again(LOOK_SECONDS)
    if drill is None:
        return None
    return newest(pods_of(drill, service, stores), TaskKind.DRILL, look, stores["Node"].all())


def worker(drill: Drill, service: DataService, card: EngineCard, image: str) -> Worker:
    """It holds what every application of the service holds, and nothing else: no keyfile, no admin, no store."""
    meta = service.metadata
    task = Task(_task_id(drill, service), TaskKind.DRILL, {}, meta.namespace, meta.name, card.name, {"drill": drill.requested})
    return Worker(
        task,
        BackupStoreSpec(),
        works_for=("DataService", meta.name),
        owner=Owner("DataService", meta.name, meta.uid),
        instance=meta.name,
        user_id=card.user_id,
        platform_image=image,
        app=True,
    )


def _task_id(drill: Drill, service: DataService) -> str:
    milliseconds = int(datetime.fromisoformat(drill.requested).timestamp() * 1000)
    return task_id(service.metadata.uid, milliseconds, "w")
