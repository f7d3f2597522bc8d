"""What happened to a service, from what is kept of it: Kubernetes' events are gone after an hour, these are not. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from moorage.api.conditions import Resource
from moorage.api.dataservice import DataService
from moorage.views.backup import BackupView
from moorage.views.restore import RestoreView


class PastKind(StrEnum):
    """From which record it comes."""

    DEPLOYMENT = "deployment"
    """The first one."""
    REPAIR = "repair"
    """The last 50 are kept."""
    DRILL = "drill"
    """The last 20 are kept."""
    SETTINGS = "settings"
    """The last 50 are kept."""
    BACKUP = "backup"
    """As long as the backup is kept."""
    RESTORE = "restore"
    """As long as its DataRestore is kept."""


class Past(Resource):
    """One thing that happened."""

    time: str
    """RFC 3339, when it began."""
    ended: str | None = None
    kind: PastKind
    what: str
    """The kind of repair or drill, or the name of the backup or restore."""
    member: str = ""
    """Whom it was about; empty: the whole service."""
    outcome: str
    """As the record says it: Running, Succeeded, Failed, GivenUp …"""
    message: str = ""


def past(service: DataService, backups: Iterable[BackupView], restores: Iterable[RestoreView]) -> list[Past]:
    """Newest first. `backups`, `restores`: those of the service."""
    found = [*_of_status(service), *map(_backup, backups), *map(_restore, restores)]
    return sorted((p for p in found if p.time), key=lambda p: (p.time, p.what), reverse=True)


def _of_status(service: DataService) -> Iterable[Past]:
    status, init = service.status, service.status.init
    if init.start_time is not None:
        name, message = service.metadata.name, init.msg
        yield Past(
            time=init.start_time, ended=init.end_time, kind=PastKind.DEPLOYMENT, what=name, outcome=init.phase, message=message
        )
    for r in status.repairs:
        yield Past(
            time=r.start_time,
            ended=r.end_time,
            kind=PastKind.REPAIR,
            what=r.kind,
            member=r.member,
            outcome=r.outcome,
            message=r.why,
        )
    for s in status.settings_changes:
        yield Past(time=s.time, ended=s.time, kind=PastKind.SETTINGS, what="", outcome="Succeeded", message=s.what)
    for d in status.drills:
        yield Past(
            time=d.start_time or d.requested,
            ended=d.end_time,
            kind=PastKind.DRILL,
            what=str(d.kind),
            member=d.member,
            outcome=str(d.phase),
            message=d.message,
        )


def _backup(view: BackupView) -> Past:
    return Past(
        time=view.start_time or view.created or "",
        ended=view.end_time,
        kind=PastKind.BACKUP,
        what=view.name,
        member=view.source or "",
        outcome=str(view.phase),
        message=view.message,
    )


def _restore(view: RestoreView) -> Past:
    return Past(
        time=view.start_time or view.created or "",
        ended=view.end_time,
        kind=PastKind.RESTORE,
        what=view.name,
        outcome=str(view.phase),
        message=view.message,
    )
