"""Backups: one pass for one DataBackup. What is decided stands in `core/backups.py` and `core/rehearsals.py`."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import ValidationError

from moorage.api.databackup import KIND, BackupPhase, DataBackup, DataBackupStatus, Trigger, parse_databackup
from moorage.api.dataservice import DataService, parse_dataservice
from moorage.core import names
from moorage.core.backups import MESSAGE_LENGTH_MAX, OVER, BackupFacts, Decision, Do
from moorage.core.rehearsals import PART, decide
from moorage.core.schedule import ScheduleError, zone_of
from moorage.core.task import TaskKind
from moorage.engines.contract import Engine
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Key, Object, Store
from moorage.operator import events
from moorage.operator.backups import admission, tasks
from moorage.operator.backups.choose import choose
from moorage.operator.backups.deletion import Deleter
from moorage.operator.backups.expiry import Expiry
from moorage.operator.backups.needs import why_not_decrypted
from moorage.operator.controller import Pass
from moorage.operator.identity import Identity
from moorage.operator.look import Look
from moorage.operator.observe import observe
from moorage.operator.wording import in_words
from moorage.operator.workers import Workers
from moorage.operator.working import newest, of_uid, read, workers_of

log = structlog.get_logger()

PROGRESS_SECONDS = 2.0
"""Progress is written no more often than this."""
REFUSED_AGAIN = timedelta(seconds=30)


class BackupController:
    """Of all DataBackups."""

    def __init__(
        self,
        kube: Kube,
        stores: Mapping[str, Store],
        engines: Mapping[str, Engine],
        image: str,
        clock: Callable[[], datetime],
        deleted: Callable[[str, str, datetime], None],
        *,
        zone: str = "UTC",
        backups_max: int = admission.BACKUPS_MAX,
    ) -> None:
        """`deleted` is told namespace and name of what was deleted from a store. `zone`: the platform's."""
        self._kube, self._stores, self._engines, self._image, self._now = kube, stores, engines, image, clock
        self._zone, self._backups_max = zone, backups_max
        self._identity = Identity(kube)
        self._workers = Workers(kube, stores, self._wrote)
        self._deleter = Deleter(kube, stores, engines, image, self._workers, self._wrote, deleted)
        self._expiry = Expiry(kube, stores)
        self._admission = asyncio.Lock()
        self._written: dict[Key, datetime] = {}
        self._refused: dict[Key, datetime] = {}

    async def reconcile(self, at: Key) -> Pass:
        item = self._stores[KIND].get(*at)
        if item is None:
            self._written.pop(at, None)
            self._refused.pop(at, None)
            return Pass()
        try:
            backup = parse_databackup(item)
        except ValidationError as error:
            log.warning("backup_not_readable", backup="/".join(at), error=str(error))
            return Pass()
        now = self._now()
        if backup.metadata.deletion_timestamp is not None:
            return await self._deleter.delete(backup, now)
        if backup.status.phase in OVER:
            await self._stop_left(backup, now)
            return await self._expiry.look(backup, now)
        if backup.spec.trigger is Trigger.FOUND:
            return Pass()  # the store's next check describes it
        if names.FINALIZER not in backup.metadata.finalizers:
            patch = {"metadata": {"finalizers": [*backup.metadata.finalizers, names.FINALIZER]}}
            self._wrote(await self._kube.merge(KIND, at[1], at[0], patch))
            return Pass(0.0)
        return await self._go_on(at, backup, now)

    async def explain(self, at: Key, why: str, *, needs_somebody: bool) -> None:
        del needs_somebody
        item = self._stores[KIND].get(*at)
        if item is not None:
            backup = parse_databackup(item)
            if backup.status.phase not in OVER:
                await self._write(backup, backup.status.model_copy(update={"message": why[:MESSAGE_LENGTH_MAX]}))

    async def _go_on(self, at: Key, backup: DataBackup, now: datetime) -> Pass:
        await self._workers.end_stalled(workers_of(self._stores["Pod"], at[0], KIND, at[1]), Look(now))
        if backup.status.phase is BackupPhase.PENDING:
            async with self._admission:  # whoever begins is seen by who asks next
                decision = decide(self._facts(backup, now), now)
                if decision.do is Do.TAKE:
                    decision = decide(await self._admitted(backup, now), now)
                return await self._do(at, backup, decision, now)
        facts = self._facts(backup, now)
        decision = decide(facts, now)
        if decision.do is Do.REHEARSE and facts.store is not None:
            why = await why_not_decrypted(self._kube, facts.store)
            decision = decide(replace(facts, rehearsal_busy=why), now) if why else decision
        return await self._do(at, backup, decision, now)

    async def _do(self, at: Key, backup: DataBackup, decision: Decision, now: datetime) -> Pass:
        tried = self._refused.get(at)
        if decision.do in (Do.TAKE, Do.REHEARSE) and tried is not None and now < tried + REFUSED_AGAIN:
            return Pass((tried + REFUSED_AGAIN - now).total_seconds() + 0.1)
        try:
            status = await self._act(at, backup, decision, now)
            self._refused.pop(at, None)
        except ScheduleError as error:
            await self._write(backup, backup.status.model_copy(update={"message": str(error)}))
            return Pass(REFUSED_AGAIN.total_seconds())
        except KubeError as error:
            if not error.refused:
                raise
            says = f"its worker cannot be made: {in_words(str(error))}"[:MESSAGE_LENGTH_MAX]
            self._refused[at] = now
            await self._write(backup, backup.status.model_copy(update={"message": says}))
            return Pass(REFUSED_AGAIN.total_seconds())
        if decision.event is None and self._is_mere_progress(backup.status, status):
            left = PROGRESS_SECONDS - (now - self._written.get(at, datetime.min.replace(tzinfo=now.tzinfo))).total_seconds()
            if left > 0:
                return Pass(left)
        if decision.event is not None:  # first: who is killed in between says it once more instead of never
            await self._tell(backup, decision.event, now)
        if status != backup.status:
            self._written[at] = now
            await self._write(backup, status)
        if decision.do is Do.STOP:
            return Pass(0.0)  # what is over removes its workers
        return Pass(decision.again_seconds)

    async def _stop_left(self, backup: DataBackup, now: datetime) -> None:
        """Of a backup that is over; the Pod of a try that failed stays for its log, the volume of a rehearsal does not."""
        keeps = backup.status.phase is BackupPhase.FAILED
        left = workers_of(self._stores["Pod"], backup.metadata.namespace, KIND, backup.metadata.name)
        seen = ((pod, read(pod, Look(now), [])) for pod in left)
        await self._workers.stop(
            pod for pod, facts in seen if not (keeps and facts and facts.failure and facts.task.kind is TaskKind.BACKUP)
        )

    async def _act(self, at: Key, backup: DataBackup, decision: Decision, now: datetime) -> DataBackupStatus:
        """Starts the worker that the decision asks for; the status then says which. Raises KubeError, ScheduleError."""
        if decision.do not in (Do.TAKE, Do.REHEARSE):
            return decision.status
        service, (store, _) = self._service(backup), self._store(backup)
        assert service is not None, "a decision to start a worker was made without a service"
        assert store is not None, "a decision to start a worker was made without a store"
        engine, meta = self._engines[service.spec.engine], backup.metadata
        tried = backup.status.task_id
        is_unseen = tried and self._stores["Pod"].get(meta.namespace, f"moorage-{_kind(tried)}-{tried}") is None
        if tried and is_unseen and not await self._workers.is_gone(meta.namespace, tried):
            return backup.status  # the copies were behind: it is looked at again
        if decision.do is Do.REHEARSE:
            worker = tasks.rehearsal_worker(backup, service, store, engine, decision.attempt, self._image)
        else:
            zone, read_from = service.spec.time_zone or self._zone, self._facts(backup, now).sources
            started = now.astimezone(zone_of(zone))
            cluster = await self._identity.uid()
            worker = tasks.backup_worker(
                backup, service, store, read_from, engine, decision.attempt, started, self._image, cluster
            )
        pod = await self._workers.start(worker)
        own = workers_of(self._stores["Pod"], at[0], KIND, at[1])
        await self._workers.stop(p for p in own if p["metadata"]["name"] != pod["metadata"]["name"])
        begun = backup.model_copy(update={"status": decision.status})
        return decide(self._facts(begun, now), now).status

    @staticmethod
    def _is_mere_progress(old: DataBackupStatus, new: DataBackupStatus) -> bool:
        progress = dict.fromkeys(("message", "raw_bytes", "size_bytes", "bytes_per_second"))
        return old.task_id is not None and old.model_copy(update=progress) == new.model_copy(update=progress)

    def _facts(self, backup: DataBackup, now: datetime) -> BackupFacts:
        """From the local copies."""
        meta, look, nodes = backup.metadata, Look(now), self._stores["Node"].all()
        service, (store, trouble) = self._service(backup), self._store(backup)
        pods = of_uid(workers_of(self._stores["Pod"], meta.namespace, KIND, meta.name), meta.uid)
        everyone = _at_work(self._stores[KIND].all())
        facts = BackupFacts(
            backup=backup,
            service=service,
            store=store,
            store_trouble=trouble,
            busy=admission.why_busy(backup, everyone, self._backups_max),
            rehearsal_busy=admission.why_rehearsal_busy(backup, everyone, self._backups_max),
            worker=newest(pods, TaskKind.BACKUP, look, nodes),
            rehearsal=newest(pods, TaskKind.SEED, look, nodes),
        )
        if service is None:
            return facts
        card = self._engines[service.spec.engine].card
        return replace(facts, sources=tasks.sources(observe(service, card, self._stores, look).snapshot, card.port))

    async def _admitted(self, backup: DataBackup, now: datetime) -> BackupFacts:
        """With what the API server says of the others now: the copies of a new leader may be behind. Raises KubeError."""
        found, _ = await self._kube.list(KIND)
        return replace(self._facts(backup, now), busy=admission.why_busy(backup, _at_work(found), self._backups_max))

    def _service(self, backup: DataBackup) -> DataService | None:
        item = self._stores["DataService"].get(backup.metadata.namespace, backup.spec.service)
        try:
            found = parse_dataservice(item) if item is not None else None
        except ValidationError:
            return None
        return found if found is not None and found.metadata.deletion_timestamp is None else None

    def _store(self, backup: DataBackup) -> tuple[Any, str]:
        """What was chosen once stays chosen."""
        service = self._service(backup)
        of_service = service.spec.backup.store if service is not None else None
        return choose(self._stores, backup.metadata.namespace, backup.status.store or backup.spec.store or of_service)

    async def _tell(self, backup: DataBackup, event: tuple[str, str, str], now: datetime) -> None:
        await events.emit(self._kube, backup, event, now, once=True)
        service = self._service(backup)
        if service is not None:
            kind, reason, message = event
            await events.emit(self._kube, service, (kind, reason, f"{backup.metadata.name}: {message}"), now, once=True)

    async def _write(self, backup: DataBackup, fresh: DataBackupStatus) -> None:
        if fresh == backup.status:
            return
        meta, body = backup.metadata, fresh.model_dump(mode="json", by_alias=True)
        self._wrote(await self._kube.merge(KIND, meta.name, meta.namespace, {"status": body}, status=True))

    def _wrote(self, item: dict[str, Any]) -> None:
        self._stores[item["kind"]].wrote(item)


def _at_work(items: Iterable[Object]) -> list[DataBackup]:
    """Those that take a place. Of the others, which are nearly all, not even the text is read."""
    found = []
    for item in items:
        if (item.get("status") or {}).get("phase") in (BackupPhase.RUNNING, BackupPhase.VERIFYING):
            with contextlib.suppress(ValidationError):
                found.append(parse_databackup(item))
    return found


def _kind(of_task: str) -> TaskKind:
    return TaskKind.SEED if f"-{PART}" in of_task else TaskKind.BACKUP
