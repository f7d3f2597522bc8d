"""Restores: beside a service or in its place, of a backup or of a moment, and the undo of the last one."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from moorage.api.databackup import KIND as BACKUP
from moorage.api.datarestore import KIND
from moorage.api.dataservice import KIND as SERVICE
from moorage.server import looks
from moorage.server.caller import Caller, PlatformOf, SignedIn
from moorage.server.model import Asked, Given, ObjectName, ServiceName, SpaceName
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError
from moorage.server.routes.services import require_typed
from moorage.views import zone
from moorage.views.backup import backup_view
from moorage.views.restore import RestoreView, restore_view
from moorage.views.service import parse
from moorage.wishes import asked
from moorage.wishes.restore import RestoreWish, spec_of, why_refused

router = APIRouter(tags=["restores"])


class RestoreRow(RestoreView):
    """A restore, with its sentences."""

    doing: str = ""
    how_far: str = ""
    done_percent: int | None = None
    """Of the data that is brought back, while a volume is filled."""


class RestoreList(Given):
    items: list[RestoreRow]
    """Newest first."""
    position: str


class Restore(Asked):
    """Exactly one of `backup` and `at`; exactly one of `to` and `inPlace`."""

    backup: ObjectName | None = None
    at: datetime | None = None
    """Any moment of the service's window, with its zone."""
    service: ServiceName | None = None
    """With `at`: whose past. With `inPlace`: whose data is replaced; the backup's own service when absent."""
    to: ServiceName | None = None
    """As a new service of this name."""
    in_place: bool = False
    """Replaces the data of the service; can be undone."""
    confirm: Annotated[str, Field(max_length=63)] = ""
    """In place: the service's name, typed by the person."""
    safety_backup: bool | None = None
    undo_days: Annotated[int, Field(ge=0, le=90)] | None = None


class Undo(Asked):
    confirm: Annotated[str, Field(max_length=63)]
    """The service's name, typed by the person."""


def restore_row(view: RestoreView) -> RestoreRow:
    return RestoreRow(**view.model_dump(), doing=view.step, how_far=view.figures, done_percent=view.percent_done)


@router.get("/restores")
async def list_restores(
    caller: SignedIn,
    platform: PlatformOf,
    space: Annotated[SpaceName | None, Query()] = None,
    service: Annotated[ServiceName | None, Query()] = None,
) -> RestoreList:
    position = platform.cache.feed.position
    found = await looks.visible(platform, caller, KIND, space)
    mine = found if service is None else looks.about(found, service)
    views = sorted((restore_view(r) for r in mine), key=lambda v: (v.start_time or v.created or "", v.name), reverse=True)
    return RestoreList(items=[restore_row(v) for v in views], position=position)


@router.get("/restores/{space}/{restore}")
async def get_restore(space: SpaceName, restore: ObjectName, caller: SignedIn, platform: PlatformOf) -> RestoreRow:
    return restore_row(restore_view(await looks.find(platform, caller, KIND, space, restore)))


@router.post("/spaces/{space}/restores", status_code=202)
async def start_restore(space: SpaceName, body: Restore, caller: SignedIn, platform: PlatformOf) -> RestoreRow:
    """In place, the old data serves until the restored data has been compared; then the address moves in one step."""
    wish = RestoreWish(
        backup=body.backup,
        to=body.to,
        in_place=body.in_place,
        service=body.service,
        at=body.at.isoformat() if body.at is not None else None,
        safety_backup=body.safety_backup,
        undo_days=body.undo_days,
    )
    _require_sense(wish, body)
    owner = body.service or backup_view(await looks.find(platform, caller, BACKUP, space, body.backup or "")).service
    seen = {s["metadata"]["name"]: s for s in await looks.visible(platform, caller, SERVICE, space)}
    service = seen.get(owner)
    if body.in_place:
        service = await looks.find(platform, caller, SERVICE, space, owner)
        require_typed(owner, body.confirm)
    elif body.to is not None and body.to in seen:
        detail = f"there is a service '{body.to}' already in {space}; take another name, or restore in place"
        raise ProblemError(409, Code.CONFLICT, detail, {"name": body.to, "space": space})
    return await _ask(platform, caller, space, spec_of(wish, owner), service)


@router.post("/services/{space}/{name}/undo", status_code=202)
async def undo_restore(space: SpaceName, name: ServiceName, body: Undo, caller: SignedIn, platform: PlatformOf) -> RestoreRow:
    """The data as it was before the last restore in place. What was written since does not serve any more."""
    service = await looks.find(platform, caller, SERVICE, space, name)
    require_typed(name, body.confirm)
    if parse(service).status.restore.undo_until is None:
        detail = f"no volumes are kept of {name} as it was before a restore in place"
        raise ProblemError(409, Code.NOTHING_TO_UNDO, detail, {"name": name})
    return await _ask(platform, caller, space, {"undo": name}, service)


def _require_sense(wish: RestoreWish, body: Restore) -> None:
    if body.at is not None and body.at.tzinfo is None:
        raise ProblemError(422, Code.INVALID, "the moment has no time zone; write it as 2026-11-06T12:34:56+08:00")
    refused = why_refused(wish)
    if refused is not None:
        raise ProblemError(422, Code.INVALID, refused)


async def _ask(
    platform: Platform, caller: Caller, space: str, spec: dict[str, Any], service: dict[str, Any] | None
) -> RestoreRow:
    when = asked.stamp(platform.clock(), zone.of(parse(service) if service is not None else None))
    made = await caller.kube.create(asked.restore(space, when, spec))
    platform.cache.wrote(made)
    return restore_row(restore_view(made))
