"""The end of a backup: its archive is deleted first. Bounded in time: a store that is away must not hold a namespace for ever."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from moorage.api.databackup import KIND, BackupPhase, DataBackup
from moorage.core import names
from moorage.core.backups import MESSAGE_LENGTH_MAX, moment
from moorage.core.task import TaskKind
from moorage.engines.contract import Engine
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Object, Store
from moorage.operator import events
from moorage.operator.backups import tasks
from moorage.operator.backups.choose import choose
from moorage.operator.controller import Pass
from moorage.operator.look import Look
from moorage.operator.wording import in_words
from moorage.operator.workers import Workers
from moorage.operator.working import newest, of_uid, workers_of

log = structlog.get_logger()

WITHIN = timedelta(minutes=10)
AGAIN = timedelta(seconds=30)
LOOK_SECONDS = 5.0
NAMESPACE_GOES = "is being terminated"


class Deleter:
    """Of all DataBackups."""

    def __init__(
        self,
        kube: Kube,
        stores: Mapping[str, Store],
        engines: Mapping[str, Engine],
        image: str,
        workers: Workers,
        wrote: Callable[[Object], None],
        deleted: Callable[[str, str, datetime], None],
    ) -> None:
        self._kube, self._stores, self._engines, self._image = kube, stores, engines, image
        self._workers, self._wrote, self._deleted = workers, wrote, deleted

    async def delete(self, backup: DataBackup, now: datetime) -> Pass:
        """One pass."""
        meta, status = backup.metadata, backup.status
        if names.FINALIZER not in meta.finalizers:
            return Pass()
        pods = workers_of(self._stores["Pod"], meta.namespace, KIND, meta.name)
        delete_pods = [p for p in of_uid(pods, meta.uid) if f"-{TaskKind.DELETE}-" in p["metadata"]["name"]]
        writers = [p for p in pods if p not in delete_pods]
        await self._workers.stop(writers)
        is_late = now - (moment(meta.deletion_timestamp) or now) >= WITHIN
        if writers and not is_late:
            await self._say(backup, "its worker has not ended yet")
            return Pass(LOOK_SECONDS)  # or it would write what is deleted
        if backup.is_foreign:
            return await self._release(backup, pods, "another cluster took it and keeps it" if status.backup_name else "", now)
        engine = self._engines.get(status.engine or "")
        if status.backup_name is None or engine is None:
            return await self._release(backup, pods, "", now)
        store, _ = choose(self._stores, meta.namespace, status.store)
        if store is None or status.store is None:
            return await self._release(backup, pods, f"store '{status.store}' does not exist any more", now)
        await self._workers.end_stalled(delete_pods, Look(now))
        worker = newest(delete_pods, TaskKind.DELETE, Look(now), self._stores["Node"].all())
        if worker is not None and worker.has_succeeded:
            self._deleted(meta.namespace, status.backup_name, now)
            return await self._release(backup, pods, "", now)
        says = worker.failure or worker.trouble if worker is not None else ""
        if is_late:
            why = f"it could not be deleted within {WITHIN.seconds // 60} minutes: {says or 'no worker could do it'}"
            return await self._release(backup, pods, why, now)
        await self._say(backup, says)
        if worker is not None and not worker.failure:
            return Pass(LOOK_SECONDS)
        if worker is not None and now - (worker.ended_at or now) < AGAIN:
            return Pass(AGAIN.total_seconds())
        attempt = worker.attempt + 1 if worker is not None else 1
        try:
            await self._workers.start(tasks.delete_worker(backup, engine.card, store, attempt, self._image))
        except KubeError as error:
            if NAMESPACE_GOES in str(error):
                return await self._release(backup, pods, "the namespace is being deleted", now)
            if not error.refused:
                raise
            await self._say(backup, f"its worker cannot be made: {in_words(str(error))}")
        await self._workers.stop(p for p in delete_pods if worker is not None and p["metadata"]["name"] == worker.pod_name)
        return Pass(LOOK_SECONDS)

    async def _say(self, backup: DataBackup, trouble: str) -> None:
        says = "it is being deleted from its store" + (f": {trouble}; it is tried again" if trouble else "")
        fresh = backup.status.model_copy(update={"phase": BackupPhase.DELETING, "message": says[:MESSAGE_LENGTH_MAX]})
        if fresh != backup.status:
            body = {"status": fresh.model_dump(mode="json", by_alias=True)}
            self._wrote(await self._kube.merge(KIND, backup.metadata.name, backup.metadata.namespace, body, status=True))

    async def _release(self, backup: DataBackup, pods: list[Object], stays: str, now: datetime) -> Pass:
        """`stays`: why the archive stays; empty when it is gone, or there never was one."""
        meta = backup.metadata
        if stays:
            message = f"archive {backup.status.backup_name} stays in store {backup.status.store}: {stays}"
            await events.emit(self._kube, backup, ("Warning", "ArchiveStays", message), now, once=True)
        await self._workers.stop(pods)
        left = [f for f in meta.finalizers if f != names.FINALIZER]
        try:
            await self._kube.merge(KIND, meta.name, meta.namespace, {"metadata": {"finalizers": left}})
        except KubeError as error:
            if not error.not_found:
                raise
        log.info("backup_deleted", backup=f"{meta.namespace}/{meta.name}", stays=stays)
        return Pass()
