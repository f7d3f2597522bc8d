"""Backups: the list, one by hand, and deleting one."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from moorage.api.databackup import KIND, BackupPhase
from moorage.api.dataservice import KIND as SERVICE
from moorage.server import looks
from moorage.server.caller import PlatformOf, SignedIn
from moorage.server.model import Asked, Given, ObjectName, ServiceName, SpaceName
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError
from moorage.server.routes.services import require_typed
from moorage.server.trail import Makes
from moorage.views import zone
from moorage.views.backup import BackupView, backup_view, newest_first, newest_good
from moorage.views.service import parse
from moorage.wishes import asked

router = APIRouter(tags=["backups"])


class BackupRow(BackupView):
    """A backup, with its sentences."""

    doing: str = ""
    """What happens with it now."""
    how_far: str = ""
    """How far it is, while it runs."""
    rehearsed: str = ""
    """What the rehearsal found."""
    done_percent: int | None = None
    """While it runs, by what the last good backup of the service held: an estimate; null when there is none."""


class BackupList(Given):
    items: list[BackupRow]
    """Newest first."""
    position: str


class BackUp(Asked):
    store: ObjectName | None = None
    """The service's own when absent."""
    keep_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    rehearse: bool | None = None
    """Restore it into a throw-away member and compare; yes when absent."""


def backup_row(platform: Platform, view: BackupView) -> BackupRow:
    done = view.percent_done(_held_before(platform, view)) if view.phase is BackupPhase.RUNNING else None
    return BackupRow(**view.model_dump(), doing=view.step, how_far=view.figures, rehearsed=view.verdict, done_percent=done)


def _held_before(platform: Platform, view: BackupView) -> int | None:
    last = newest_good(looks.about(platform.cache.all(KIND, view.namespace), view.service))
    return last.raw_bytes if last is not None else None


@router.get("/backups")
async def list_backups(
    caller: SignedIn,
    platform: PlatformOf,
    space: Annotated[SpaceName | None, Query()] = None,
    service: Annotated[ServiceName | None, Query()] = None,
) -> BackupList:
    """Also those of services that were deleted."""
    position = platform.cache.feed.position
    found = await looks.visible(platform, caller, KIND, space)
    mine = found if service is None else looks.about(found, service)
    return BackupList(items=[backup_row(platform, v) for v in newest_first([backup_view(b) for b in mine])], position=position)


@router.get("/backups/{space}/{backup}")
async def get_backup(space: SpaceName, backup: ObjectName, caller: SignedIn, platform: PlatformOf) -> BackupRow:
    return backup_row(platform, backup_view(await looks.find(platform, caller, KIND, space, backup)))


@router.post("/services/{space}/{name}/backups", status_code=202)
async def back_up(
    space: SpaceName, name: ServiceName, body: BackUp, caller: SignedIn, platform: PlatformOf, makes: Makes
) -> BackupRow:
    """Clients are not disturbed: a secondary is read. The operator takes it; the event stream tells how far it is."""
    service = parse(await looks.find(platform, caller, SERVICE, space, name))
    when = asked.stamp(platform.clock(), zone.of(service))
    wanted = asked.backup(
        space, name, service.spec.engine, when, store=body.store, keep_days=body.keep_days, rehearse=body.rehearse
    )
    makes("backup", wanted["metadata"]["name"])
    made = await caller.kube.create(wanted)
    platform.cache.wrote(made)
    return backup_row(platform, backup_view(made))


@router.delete("/backups/{space}/{backup}", status_code=202)
async def delete_backup(
    space: SpaceName,
    backup: ObjectName,
    caller: SignedIn,
    platform: PlatformOf,
    confirm: Annotated[str, Query(max_length=253, description="The backup's name, typed by the person.")],
) -> None:
    """Also from the store; it cannot be brought back."""
    view = backup_view(await looks.find(platform, caller, KIND, space, backup))
    require_typed(backup, confirm)
    if view.is_foreign:
        detail = f"{backup} was taken by another cluster, which keeps it; delete it there"
        raise ProblemError(409, Code.CONFLICT, detail, {"name": backup})
    await caller.kube.remove(KIND, backup, space)
