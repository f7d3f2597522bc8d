"""Keeps a service backed up: makes the backups of its schedule. Two operators that both see a run due make the same one."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import ValidationError

from moorage.api.databackup import KIND, BackupPhase, DataBackup, DataBackupSpec, Trigger
from moorage.api.dataservice import DataService, Rehearsal, parse_dataservice
from moorage.api.schema import API_VERSION
from moorage.core import names
from moorage.core.backups import OVER, moment, text
from moorage.core.schedule import (
    ScheduleError,
    Seen,
    due,
    jitter,
    next_start,
    run_name,
    seen_from_json,
    seen_now,
    week_of,
)
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Key, Store
from moorage.operator.backups.archive import Archiver
from moorage.operator.backups.choose import choose
from moorage.operator.backups.protect import own_backups_of
from moorage.operator.controller import Pass

log = structlog.get_logger()

AGAIN_SECONDS_MAX = 3600.0


class Keeper:
    """Of all services."""

    def __init__(
        self,
        kube: Kube,
        stores: Mapping[str, Store],
        archiver: Archiver,
        clock: Callable[[], datetime],
        backed_up: Collection[str],
        zone: str = "UTC",
    ) -> None:
        """`backed_up`: engines that have backups. `zone`: the platform's."""
        self._kube, self._stores, self._archiver, self._now = kube, stores, archiver, clock
        self._backed_up, self._zone = backed_up, zone

    async def keep(self, at: Key) -> Pass:
        """One pass. Raises KubeError."""
        item = self._stores["DataService"].get(*at)
        try:
            service = parse_dataservice(item) if item is not None else None
        except ValidationError:
            return Pass()  # its reconciler says so
        if service is None or service.spec.engine not in self._backed_up:
            return Pass()
        now = self._now()
        if service.metadata.deletion_timestamp is not None:
            await self._archiver.stop(service)
            return Pass()
        if service.status.init.phase != "Succeeded":
            return Pass()  # there is nothing to keep yet
        seconds = (await self._archiver.keep(service, now), await self._keep_schedule(service, now))
        return Pass(min((s for s in seconds if s is not None), default=None))

    async def _keep_schedule(self, service: DataService, now: datetime) -> float | None:
        policy, meta, zone = service.spec.backup, service.metadata, service.spec.time_zone or self._zone
        said = meta.annotations.get(names.ANNOTATION_SCHEDULE)
        if not policy.enabled:
            if said is not None:
                await self._note(service, None)
            return None
        if choose(self._stores, meta.namespace, policy.store)[0] is None:
            return None
        before = seen_from_json(said)
        seen, offset = seen_now(before, policy, zone, now), jitter(meta.namespace, meta.name, policy.spread_minutes)
        try:
            run, coming = due(policy, seen, offset, now), next_start(policy, seen, offset, now)
        except ScheduleError as error:
            log.warning("schedule_not_usable", service=service.key, error=str(error))
            return None  # BackupHealthy says so
        if seen != before:
            await self._note(service, seen)
        if run is not None:
            await self._begin(service, seen, run, run + offset + timedelta(minutes=policy.start_within_minutes))
        return min(max((coming - now).total_seconds(), 0.0) + 0.1, AGAIN_SECONDS_MAX) if coming is not None else None

    async def _begin(self, service: DataService, seen: Seen, run: datetime, start_by: datetime) -> None:
        meta = service.metadata
        own = own_backups_of(self._stores, meta.namespace, meta.name)
        if any(b.spec.trigger is Trigger.SCHEDULE and b.status.phase not in OVER and not _is_leaving(b) for b in own):
            return  # never two at once: its end wakes this service
        spec = DataBackupSpec(service=meta.name, trigger=Trigger.SCHEDULE, rehearse=_is_rehearsed(service, own, run, seen.zone))
        manifest = {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": {
                "name": run_name(meta.name, run),
                "namespace": meta.namespace,
                "labels": {names.LABEL_INSTANCE: meta.name, names.LABEL_PART_OF: names.PART_OF},
                "annotations": {names.ANNOTATION_START_BY: text(start_by)},
                "finalizers": [names.FINALIZER],
            },
            "spec": spec.to_dict(),
        }
        try:
            self._wrote(await self._kube.create(manifest))
            log.info("backup_scheduled", service=service.key, run=text(run))
        except KubeError as error:
            if not error.conflict:
                raise
        await self._note(service, Seen(seen.expression, seen.zone, seen.since, run))

    async def _note(self, service: DataService, seen: Seen | None) -> None:
        patch = {"metadata": {"annotations": {names.ANNOTATION_SCHEDULE: seen.to_json() if seen is not None else None}}}
        self._wrote(await self._kube.merge("DataService", service.metadata.name, service.metadata.namespace, patch))

    def _wrote(self, item: dict[str, Any]) -> None:
        self._stores[item["kind"]].wrote(item)


def _is_leaving(backup: DataBackup) -> bool:
    return backup.metadata.deletion_timestamp is not None


def _is_rehearsed(service: DataService, own: list[DataBackup], run: datetime, zone: str) -> bool:
    """Of a week the first; when that one failed or could not be rehearsed, the next."""
    match service.spec.backup.rehearsal:
        case Rehearsal.ALWAYS:
            return True
        case Rehearsal.NEVER:
            return False
    week = week_of(run, zone)
    done = (b for b in own if b.status.verified or b.status.phase is BackupPhase.VERIFYING)
    return not any((at := moment(b.status.end_time)) is not None and week_of(at, zone) == week for b in done)
