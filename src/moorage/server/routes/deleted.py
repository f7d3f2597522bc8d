"""The recycle bin: services that were deleted and whose volumes were kept."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from moorage.api.dataservice import KIND
from moorage.core import names
from moorage.kube.client import KubeError
from moorage.server import looks
from moorage.server.caller import Caller, PlatformOf, SignedIn
from moorage.server.model import Given, ServiceName, SpaceName
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError
from moorage.server.rights import Deed
from moorage.server.routes.services import DeedView, LastBackup, deed_in, last_backup, require_typed
from moorage.views.retained import Retained, retained
from moorage.views.service import ServiceView, service_view

router = APIRouter(prefix="/deleted-services", tags=["services"])


class DeletedService(Retained, LastBackup):
    """One of them, and what could be restored without its volumes."""


class DeletedRow(DeletedService):
    """With what the person may do about it."""

    may_undelete: DeedView
    may_give_up: DeedView


class DeletedServices(Given):
    items: list[DeletedRow] = Field(default=[])


class Deployed(Given):
    """What was sent, and what came of it."""

    service: ServiceView


@router.get("")
async def list_deleted_services(caller: SignedIn, platform: PlatformOf) -> DeletedServices:
    """What can be undeleted."""
    seen = await looks.sight(platform, caller, KIND)
    rows = [_row(platform, found) for found in _retained(platform) if seen.sees(found.namespace)]
    spaces = {row.namespace for row in rows}
    undelete, give_up = await deed_in(caller, Deed.DEPLOY, spaces), await deed_in(caller, Deed.GIVE_UP, spaces)
    return DeletedServices(
        items=[
            DeletedRow(**row.model_dump(), may_undelete=undelete[row.namespace], may_give_up=give_up[row.namespace])
            for row in rows
        ]
    )


@router.post("/{space}/{name}/undelete", status_code=201)
async def undelete_service(space: SpaceName, name: ServiceName, caller: SignedIn, platform: PlatformOf) -> Deployed:
    """Data, users and passwords come back as they were."""
    found = await _find(platform, caller, space, name)
    made = await caller.kube.create(found.manifest())
    platform.cache.wrote(made)
    return Deployed(service=service_view(made))


@router.delete("/{space}/{name}", status_code=202)
async def delete_for_good(
    space: SpaceName,
    name: ServiceName,
    caller: SignedIn,
    platform: PlatformOf,
    confirm: Annotated[str, Query(max_length=63, description="The service's name, typed by the person.")],
) -> DeletedService:
    """Its volumes and passwords are deleted, and their room is free. Backups stay."""
    found = await _find(platform, caller, space, name)
    require_typed(name, confirm)
    await _require_gone(caller, space, name)
    goes = [("PersistentVolumeClaim", volume.name) for volume in found.volumes]
    goes += [("Secret", secret) for secret in (names.internal_secret(name), names.authority_secret(name))]
    for dry_run in (True, False):  # all of it or nothing: who may delete volumes and no Secrets is refused before the first
        for kind, what in goes:
            await _remove(caller, kind, what, space, dry_run=dry_run)
    return _row(platform, found)


async def _remove(caller: Caller, kind: str, name: str, space: str, *, dry_run: bool) -> None:
    """What is gone already is fine."""
    try:
        await caller.kube.remove(kind, name, space, dry_run=dry_run)
    except KubeError as error:
        if not error.not_found:
            raise


async def _require_gone(caller: Caller, space: str, name: str) -> None:
    """Asked of the API server itself: somebody may have brought it back within the last moment."""
    if await caller.kube.get(KIND, name, space) is not None:
        detail = f"{name} runs in {space} again, and its volumes are in use; delete the service first"
        raise ProblemError(409, Code.CONFLICT, detail, {"name": name, "space": space})


async def _find(platform: Platform, caller: Caller, space: str, name: str) -> Retained:
    seen = await looks.sight(platform, caller, KIND)
    found = next((r for r in _retained(platform) if (r.namespace, r.name) == (space, name) and seen.sees(space)), None)
    if found is None:
        detail = f"nothing was kept of a service '{name}' in {space}, or you may not see it"
        raise ProblemError(404, Code.NOT_FOUND, detail, {"what": "deleted service", "name": name, "space": space})
    return found


def _row(platform: Platform, found: Retained) -> DeletedService:
    return DeletedService(**found.model_dump(), **last_backup(platform, found.namespace, found.name).model_dump())


def _retained(platform: Platform) -> list[Retained]:
    live = {(o["metadata"]["namespace"], o["metadata"]["name"]) for o in platform.cache.all(KIND)}
    return retained(platform.cache.all("PersistentVolumeClaim"), live)
