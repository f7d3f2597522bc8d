"""Restores: beside a service or in its place, of a backup or of a moment, and the undo of the last one."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from moorage.api.backupstore import KIND as STORE
from moorage.api.backupstore import BackupStore
from moorage.api.databackup import KIND as BACKUP
from moorage.api.datarestore import KIND
from moorage.api.dataservice import KIND as SERVICE
from moorage.backup.layout import backup_folder
from moorage.kube.client import KubeError
from moorage.server import looks
from moorage.server.caller import Caller, PlatformOf, SignedIn
from moorage.server.model import Asked, Given, ObjectName, ServiceName, SpaceName
from moorage.server.oldpasswords import secret_of
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError
from moorage.server.routes.archive import folder_of
from moorage.server.routes.services import require_typed
from moorage.server.trail import Makes, Naming
from moorage.views import zone
from moorage.views.backup import backup_view
from moorage.views.restore import RestoreView, restore_view
from moorage.views.service import parse
from moorage.views.store import read
from moorage.wishes import asked
from moorage.wishes.restore import RestoreWish, spec_of, why_refused

router = APIRouter(tags=["restores"])


class RestoreRow(RestoreView):
    """A restore, with its sentences."""

    doing: str = ""
    how_far: str = ""
    done_percent: int | None = None
    """Of the data that is brought back, while a volume is filled."""
    left_seconds: float | None = None
    """Until the volume is filled, at the pace of the last seconds; null when nobody knows. Then members start."""


class RestoreList(Given):
    items: list[RestoreRow]
    """Newest first."""
    position: str


class Restore(Asked):
    """Exactly one of `backup`, `storedBackup` and `at`; exactly one of `to` and `inPlace`."""

    backup: ObjectName | None = None
    store: ObjectName | None = None
    """With `storedBackup`: the store that knows it."""
    stored_backup: ObjectName | None = None
    """Name in the store, of a service that is gone or of another cluster; with `to`."""
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
    keep_passwords: bool = False
    """With `to`, of a backup: the users app and admin have the passwords that it holds, and not new ones. Only an S3 store that
    encrypts has them; it takes the right to read its Secrets, and to make one."""
    safety_backup: bool | None = None
    undo_days: Annotated[int, Field(ge=0, le=90)] | None = None


class Undo(Asked):
    confirm: Annotated[str, Field(max_length=63)]
    """The service's name, typed by the person."""


def restore_row(view: RestoreView) -> RestoreRow:
    return RestoreRow(
        **view.model_dump(),
        doing=view.step,
        how_far=view.figures,
        done_percent=view.percent_done,
        left_seconds=view.seconds_left,
    )


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
async def start_restore(space: SpaceName, body: Restore, caller: SignedIn, platform: PlatformOf, makes: Makes) -> RestoreRow:
    """In place, the old data serves until the restored data has been compared; then the address moves in one step."""
    wish = RestoreWish(
        backup=body.backup,
        to=body.to,
        in_place=body.in_place,
        service=body.service,
        at=body.at.isoformat() if body.at is not None else None,
        safety_backup=body.safety_backup,
        undo_days=body.undo_days,
        store=body.store,
        stored_backup=body.stored_backup,
    )
    _require_sense(wish, body)
    owner = await _owner(platform, caller, space, body)
    seen = {s["metadata"]["name"]: s for s in await looks.visible(platform, caller, SERVICE, space)}
    service = seen.get(owner)
    if body.in_place:
        service = await looks.find(platform, caller, SERVICE, space, owner)
        require_typed(owner, body.confirm)
    elif body.to is not None and body.to in seen:
        detail = f"there is a service '{body.to}' already in {space}; take another name, or restore in place"
        raise ProblemError(409, Code.CONFLICT, detail, {"name": body.to, "space": space})
    spec = spec_of(wish, owner)
    if not body.keep_passwords:
        return await _ask(platform, caller, space, spec, service, makes)
    store, folder = await _place(platform, caller, space, body)
    await _ask(platform, caller, space, spec, service, makes, dry_run=True)
    secret = await caller.kube.create(await secret_of(caller, store, folder, body.to or ""))
    try:
        return await _ask(platform, caller, space, spec, service, makes)
    except KubeError:
        await caller.kube.remove("Secret", secret["metadata"]["name"], space)
        raise


@router.post("/services/{space}/{name}/undo", status_code=202)
async def undo_restore(
    space: SpaceName, name: ServiceName, body: Undo, caller: SignedIn, platform: PlatformOf, makes: Makes
) -> RestoreRow:
    """The data as it was before the last restore in place. What was written since does not serve any more."""
    service = await looks.find(platform, caller, SERVICE, space, name)
    require_typed(name, body.confirm)
    if parse(service).status.restore.undo_until is None:
        detail = f"no volumes are kept of {name} as it was before a restore in place"
        raise ProblemError(409, Code.NOTHING_TO_UNDO, detail, {"name": name})
    return await _ask(platform, caller, space, {"undo": name}, service, makes)


async def _owner(platform: Platform, caller: Caller, space: str, body: Restore) -> str:
    """Whose data it is here; of a store's backup the service that it becomes."""
    if body.store is not None:
        await looks.find(platform, caller, STORE, space, body.store)
        return body.to or ""
    return body.service or backup_view(await looks.find(platform, caller, BACKUP, space, body.backup or "")).service


async def _place(platform: Platform, caller: Caller, space: str, body: Restore) -> tuple[BackupStore, str]:
    """The store that a backup lies in, and its folder there."""
    if body.backup is not None:
        view = backup_view(await looks.find(platform, caller, BACKUP, space, body.backup))
        return read(await looks.find(platform, caller, STORE, space, view.store or "")), folder_of(view)
    store = read(await looks.find(platform, caller, STORE, space, body.store or ""))
    for known in store.status.services:
        if body.stored_backup in (known.newest, known.verified):
            return store, backup_folder(known.engine, known.namespace, known.name, body.stored_backup or "")
    detail = f"{body.stored_backup} is neither the newest nor the newest verified backup of a service that {body.store} knows"
    raise ProblemError(409, Code.CONFLICT, f"{detail}, so its passwords cannot be found", {"name": body.stored_backup or ""})


def _require_sense(wish: RestoreWish, body: Restore) -> None:
    if body.keep_passwords and (body.to is None or body.at is not None):
        raise ProblemError(
            422, Code.INVALID, "keepPasswords goes with a backup that becomes a new service: backup or store, and to"
        )
    if body.at is not None and body.at.tzinfo is None:
        raise ProblemError(422, Code.INVALID, "the moment has no time zone; write it as 2026-11-06T12:34:56+08:00")
    refused = why_refused(wish)
    if refused is not None:
        raise ProblemError(422, Code.INVALID, refused)


async def _ask(
    platform: Platform,
    caller: Caller,
    space: str,
    spec: dict[str, Any],
    service: dict[str, Any] | None,
    makes: Naming,
    *,
    dry_run: bool = False,
) -> RestoreRow:
    """`dry_run`: only whether Kubernetes takes it."""
    when = asked.stamp(platform.clock(), zone.of(parse(service) if service is not None else None))
    wanted = asked.restore(space, when, spec)
    makes("restore", wanted["metadata"]["name"])
    if dry_run:
        return restore_row(restore_view(await caller.kube.check(wanted)))
    made = await caller.kube.create(wanted)
    platform.cache.wrote(made)
    return restore_row(restore_view(made))
