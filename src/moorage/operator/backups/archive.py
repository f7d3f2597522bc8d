"""Keeps one worker per service that archives its engine's log, as long as there are members to read and a store to write to."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from moorage.api.backupstore import BackupStore
from moorage.api.dataservice import DataService
from moorage.core import ownership
from moorage.core.backups import Source, moment
from moorage.core.retention import is_good
from moorage.core.task import Task, TaskKind
from moorage.core.workers import WorkerFacts, task_id
from moorage.engines.contract import Engine
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Object, Store
from moorage.operator.backups import tasks
from moorage.operator.backups.choose import choose
from moorage.operator.backups.protect import own_backups_of
from moorage.operator.identity import Identity
from moorage.operator.look import Look
from moorage.operator.manifests.worker import Owner, Worker
from moorage.operator.observe import observe
from moorage.operator.workers import Workers
from moorage.operator.working import is_of, newest, workers_of

PAUSE = timedelta(seconds=30)
"""From the end of a worker to the start of the next one."""
KEEP_FROM_EVERY = timedelta(hours=1)
"""How often a worker is replaced because less of the log is kept: what is kept for an hour too long harms nobody."""
LOOK_SECONDS = 5.0
REFUSED_AGAIN_SECONDS = 60.0


class Archiver:
    """Of all services."""

    def __init__(
        self, kube: Kube, stores: Mapping[str, Store], engines: Mapping[str, Engine], image: str, identity: Identity
    ) -> None:
        self._stores, self._engines, self._image, self._identity = stores, engines, image, identity
        self._workers = Workers(kube, stores, self._wrote)

    async def stop(self, service: DataService) -> None:
        """Ends what works for it. Raises KubeError."""
        await self._workers.stop(self._pods(service))

    async def keep(self, service: DataService, now: datetime) -> float | None:
        """One pass; says when to look again. Raises KubeError."""
        policy, meta = service.spec.backup, service.metadata
        pods = self._pods(service)
        store, trouble = choose(self._stores, meta.namespace, policy.store)
        if not (policy.enabled and policy.point_in_time) or store is None:
            await self._workers.stop(pods)
            return None
        look = Look(now)
        await self._workers.end_stalled(pods, look)
        worker = newest(pods, TaskKind.ARCHIVE, look, self._stores["Node"].all())
        if worker is None and trouble:
            return None  # the store's change wakes it
        sources = self._sources(service, now)
        if not sources:
            return None  # nor is there anything to read: a member's change wakes it
        mark = _mark(service, store, self._engines[service.spec.engine], self._image)
        if worker is None:
            return await self._start(service, store, sources, mark, now)
        seconds = await self._go_on(service, store, sources, mark, worker, now)
        return min((s for s in (seconds, look.again_seconds) if s is not None), default=None)

    async def _go_on(
        self, service: DataService, store: BackupStore, sources: tuple[Source, ...], mark: str, worker: WorkerFacts, now: datetime
    ) -> float | None:
        pods = self._pods(service)
        if worker.failure or worker.has_succeeded:
            left = PAUSE - (now - (worker.ended_at or now - PAUSE))
            if left > timedelta():
                return left.total_seconds() + 0.1
            seconds = await self._start(service, store, sources, mark, now)
            await self._workers.stop(pods)
            return seconds
        body = worker.task.body
        is_old = now - (worker.created or now) >= KEEP_FROM_EVERY
        if body.get("mark") != mark or (is_old and body.get("keepFrom") != self._keep_from(service)):
            await self._workers.stop(pods)  # the next one starts when this one has written what it holds
        return LOOK_SECONDS if not worker.is_running else None

    async def _start(
        self, service: DataService, store: BackupStore, sources: tuple[Source, ...], mark: str, now: datetime
    ) -> float:
        meta, engine = service.metadata, self._engines[service.spec.engine]
        here = await self._identity.uid()
        body: dict[str, Any] = {
            "cluster": here,
            "owners": ownership.owners(here, meta.annotations),
            "members": [{"name": s.name, "host": s.host} for s in sources],
            "mark": mark,
            "keepFrom": self._keep_from(service),
        }
        id_ = task_id(meta.uid, int(now.timestamp()), "a")
        task = Task(id_, TaskKind.ARCHIVE, tasks.store_spec(store), meta.namespace, meta.name, engine.card.name, body)
        worker = Worker(
            task,
            store.spec,
            works_for=("DataService", meta.name),
            owner=Owner("DataService", meta.name, meta.uid),
            instance=meta.name,
            user_id=engine.card.user_id,
            platform_image=self._image,
            internal=True,
            tls=True,
            node=sources[0].node,
        )
        try:
            await self._workers.start(worker)
        except KubeError as error:
            if not error.refused:
                raise
            return REFUSED_AGAIN_SECONDS  # a quota: the service itself must not suffer from it
        return LOOK_SECONDS

    def _keep_from(self, service: DataService) -> str | None:
        """The start of the oldest good backup: nothing older can be used."""
        meta = service.metadata
        starts = [b.status.start_time for b in own_backups_of(self._stores, meta.namespace, meta.name) if is_good(b)]
        return min((s for s in starts if s is not None and moment(s) is not None), default=None)

    def _pods(self, service: DataService) -> list[Object]:
        """Those that archive: a drill's writer works for the service, too."""
        found = workers_of(self._stores["Pod"], service.metadata.namespace, "DataService", service.metadata.name)
        return [pod for pod in found if is_of(pod, TaskKind.ARCHIVE)]

    def _sources(self, service: DataService, now: datetime) -> tuple[Source, ...]:
        card = self._engines[service.spec.engine].card
        return tasks.sources(observe(service, card, self._stores, Look(now)).snapshot, card.port)

    def _wrote(self, item: Object) -> None:
        self._stores[item["kind"]].wrote(item)


def _mark(service: DataService, store: BackupStore, engine: Engine, image: str) -> str:
    """Another one when the worker would be another one. Who is primary is none of it."""
    of = [tasks.store_spec(store), service.status.generation, engine.card.data_members(service), image, service.metadata.name]
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:16]
