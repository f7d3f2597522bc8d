"""Retention: deletes what is no longer kept, after a look at what the API server says now: the copies may be behind."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from pydantic import ValidationError

from moorage.api.databackup import KIND, DataBackup, Trigger, parse_databackup
from moorage.api.datarestore import DataRestore, parse_datarestore
from moorage.api.dataservice import DataService, parse_dataservice
from moorage.core import ownership, retention
from moorage.core.backups import moment, text
from moorage.kube.client import Kube
from moorage.kube.reflector import Object, Store
from moorage.operator.controller import Pass

log = structlog.get_logger()

KEEP_DAYS, KEEP_LAST = 7, 1
"""For backups whose service is gone and that say nothing themselves."""
ADOPTED = "found in the store; adopted with its service"
AGAIN_SECONDS_MAX = 3600.0


class Expiry:
    """Of all DataBackups that are over."""

    def __init__(self, kube: Kube, stores: Mapping[str, Store]) -> None:
        self._kube, self._stores = kube, stores

    async def look(self, backup: DataBackup, now: datetime) -> Pass:
        """One pass. Raises KubeError."""
        namespace, name = backup.metadata.namespace, backup.metadata.name
        service, restores = self._service(backup), self._restores(namespace)
        if backup.is_foreign:
            return await self._look_at_foreign(backup, service, restores, now)
        ends = self._ends(backup, service, restores)
        if ends is None:
            return Pass()
        said = text(ends)
        if said != backup.status.expires:
            body = {"status": {"expires": said}}
            self._stores[KIND].wrote(await self._kube.merge(KIND, name, namespace, body, status=True))
        if now < ends:
            return Pass(min((ends - now).total_seconds() + 1.0, AGAIN_SECONDS_MAX))
        if self._is_deletable(backup, self._stores[KIND].all(), service, restores, now):
            fresh, _ = await self._kube.list(KIND, namespace)
            if self._is_deletable(backup, fresh, service, restores, now):
                log.info("backup_expired", backup=f"{namespace}/{name}", expired=said)
                await self._kube.delete(KIND, name, namespace)
        return Pass()

    async def _look_at_foreign(
        self, backup: DataBackup, service: DataService | None, restores: list[DataRestore], now: datetime
    ) -> Pass:
        """Another cluster keeps it. Here it is only known, until it may be gone there: what still is there is found again."""
        namespace, name = backup.metadata.namespace, backup.metadata.name
        if service is not None and ownership.is_owned(backup.status.cluster, "", service.metadata.annotations):
            body = {"status": {"owned": True, "message": ADOPTED}}
            self._stores[KIND].wrote(await self._kube.merge(KIND, name, namespace, body, status=True))
            return Pass(0.0)
        ends = retention.expires(backup, backup.spec.keep_days or KEEP_DAYS)
        if ends is None or now < ends:
            return Pass(min((ends - now).total_seconds() + 1.0, AGAIN_SECONDS_MAX) if ends is not None else None)
        if any(_is_needed(backup, r) for r in restores):
            return Pass(AGAIN_SECONDS_MAX)
        log.info("foreign_backup_forgotten", backup=f"{namespace}/{name}")
        await self._kube.delete(KIND, name, namespace)
        return Pass()

    def _is_deletable(
        self, backup: DataBackup, items: Sequence[Object], service: DataService | None, restores: list[DataRestore], now: datetime
    ) -> bool:
        own = [b for b in _parsed(items) if _of(b) == _of(backup) and not b.is_foreign]
        moments = {b.metadata.name: self._ends(b, service, restores) for b in own}
        keep_last = service.spec.backup.keep_last if service is not None else KEEP_LAST
        needed = frozenset(b.metadata.name for b in own if any(_is_needed(b, r) for r in restores))
        return backup.metadata.name in retention.deletable(own, moments, keep_last, now, needed)

    def _ends(self, backup: DataBackup, service: DataService | None, restores: list[DataRestore]) -> datetime | None:
        """Its service's word of today counts; of a service that is gone, what was said last."""
        undo = max((at for r in restores if (at := _undo_until(r, backup)) is not None), default=None)
        if backup.spec.keep_days is None and service is None:
            last_said = moment(backup.status.expires)
            if last_said is not None:
                return last_said
        days = service.spec.backup.keep_days if service is not None else KEEP_DAYS
        return retention.expires(backup, backup.spec.keep_days or days, undo)

    def _service(self, backup: DataBackup) -> DataService | None:
        item = self._stores["DataService"].get(backup.metadata.namespace, backup.spec.service)
        try:
            return parse_dataservice(item) if item is not None else None
        except ValidationError:
            return None

    def _restores(self, namespace: str) -> list[DataRestore]:
        found = []
        for item in self._stores["DataRestore"].all():
            if item["metadata"]["namespace"] == namespace:
                try:
                    found.append(parse_datarestore(item))
                except ValidationError:
                    continue
        return found


def _is_needed(backup: DataBackup, restore: DataRestore) -> bool:
    """By a restore that is not over. One of a moment, or of a name in the store, tells it in its status alone."""
    if restore.is_over:
        return False
    is_read = restore.status.backup_name is not None and restore.status.backup_name == backup.status.backup_name
    return is_read or backup.metadata.name in (restore.spec.source.backup, restore.status.safety_backup)


def _undo_until(restore: DataRestore, backup: DataBackup) -> datetime | None:
    """A safety backup is kept for as long as what it was taken before can be undone."""
    if backup.spec.trigger is not Trigger.SAFETY or restore.status.safety_backup != backup.metadata.name:
        return None
    until, ended = moment(restore.status.undo_until), moment(backup.status.end_time)
    return until or (ended + timedelta(days=restore.spec.undo_days) if ended is not None else None)


def _parsed(items: Sequence[Object]) -> list[DataBackup]:
    found = []
    for item in items:
        try:
            found.append(parse_databackup(item))
        except ValidationError:
            continue
    return found


def _of(backup: DataBackup) -> tuple[str, str]:
    return backup.metadata.namespace, backup.spec.service
