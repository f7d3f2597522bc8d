"""What a person asks of a running service. Each writes a request, which the operator carries out and removes."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from moorage.api.dataservice import KIND
from moorage.core import names
from moorage.core.maintenance import DAYS_MAX
from moorage.server import looks
from moorage.server.caller import Caller, PlatformOf, SignedIn
from moorage.server.model import Asked, Given, Line, MemberName, ServiceName, SpaceName
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError
from moorage.server.routes.services import require_typed
from moorage.views.recovery import CannotBeKeptError, RecoveryView, recovery
from moorage.views.service import ServiceView, member_pods, parse, service_view
from moorage.wishes import requests

router = APIRouter(prefix="/services/{space}/{name}", tags=["actions"])
MINUTES_MAX = DAYS_MAX * 24 * 60


class OfMember(Asked):
    member: MemberName


class Restart(Asked):
    member: MemberName | None = None
    """Only this one; every one when absent."""


class Maintenance(Asked):
    minutes: Annotated[int, Field(ge=1, le=MINUTES_MAX)]
    reason: Line = ""
    """Everybody who looks at the service sees it."""


class Recover(OfMember):
    configuration: Annotated[str, Field(max_length=64, pattern=r"^[^@\s\x00-\x1f\x7f]+$")]
    """As `recovery` told it."""
    confirm: Annotated[str, Field(max_length=63)]
    """The service's name, typed by the person."""


class Protection(Asked):
    protected: bool


class Requested(Given):
    """What was asked for; the service shows it under `requests` until it is carried out."""

    service: ServiceView


@router.post("/promote", status_code=202)
async def promote_member(
    space: SpaceName, name: ServiceName, body: OfMember, caller: SignedIn, platform: PlatformOf
) -> Requested:
    """The old primary hands over first: clients see a pause of well under a second."""
    await _require_member(platform, caller, space, name, body.member)
    return await _ask(platform, caller, space, name, requests.promote(body.member, _when(platform)))


@router.post("/restart", status_code=202)
async def restart_members(
    space: SpaceName, name: ServiceName, body: Restart, caller: SignedIn, platform: PlatformOf
) -> Requested:
    """One after the other while the service is green, and the primary hands over before it stops."""
    await _require_member(platform, caller, space, name, body.member)
    return await _ask(platform, caller, space, name, requests.restart(body.member, platform.clock()))


@router.post("/rebuild", status_code=202)
async def rebuild_member(
    space: SpaceName, name: ServiceName, body: OfMember, caller: SignedIn, platform: PlatformOf
) -> Requested:
    """The member puts its data aside and copies everything from the others; only while nothing is at risk by it."""
    await _require_member(platform, caller, space, name, body.member)
    return await _ask(platform, caller, space, name, requests.rebuild(body.member, _when(platform)))


@router.get("/recovery")
async def preview_recovery(
    space: SpaceName, name: ServiceName, member: Annotated[MemberName, Query()], caller: SignedIn, platform: PlatformOf
) -> RecoveryView:
    """What is at stake when this member is kept alone, for the dialog before it. 409: it cannot be."""
    await _require_member(platform, caller, space, name, member)
    service = parse(await looks.find(platform, caller, KIND, space, name))
    labels = {names.LABEL_INSTANCE: name, names.LABEL_COMPONENT: names.COMPONENT_MEMBER}
    pods, _ = await caller.kube.list("Pod", space, labels=labels)  # as the person, and as they are now
    try:
        return recovery(service, pods, member)
    except CannotBeKeptError as error:
        raise ProblemError(409, Code.CONFLICT, str(error), {"name": name, "member": member}) from error


@router.post("/recover", status_code=202)
async def recover_service(
    space: SpaceName, name: ServiceName, body: Recover, caller: SignedIn, platform: PlatformOf
) -> Requested:
    """The last way back when most members are gone for good: one goes on alone, and what only the others hold is lost.

    The operator refuses it, and says why among the events, while anything better is possible.
    """
    require_typed(name, body.confirm)
    now = await preview_recovery(space, name, body.member, caller, platform)
    if now.configuration != body.configuration:
        detail = f"what {body.member} knows of the others has changed since it was looked at; look again"
        raise ProblemError(409, Code.CONFLICT, detail, {"name": name, "member": body.member})
    return await _ask(platform, caller, space, name, requests.recover(body.member, body.configuration, _when(platform)))


@router.put("/maintenance", status_code=202)
async def begin_maintenance(
    space: SpaceName, name: ServiceName, body: Maintenance, caller: SignedIn, platform: PlatformOf
) -> Requested:
    """Nothing is repaired and nothing is rolled out; it ends by itself. Members still elect a primary among themselves."""
    until = platform.clock() + timedelta(minutes=body.minutes)
    return await _ask(platform, caller, space, name, requests.maintenance(until, body.reason))


@router.delete("/maintenance", status_code=202)
async def end_maintenance(space: SpaceName, name: ServiceName, caller: SignedIn, platform: PlatformOf) -> Requested:
    """Repairs and roll-outs go on."""
    return await _ask(platform, caller, space, name, requests.maintenance(None))


@router.put("/protection", status_code=202)
async def set_protection(
    space: SpaceName, name: ServiceName, body: Protection, caller: SignedIn, platform: PlatformOf
) -> Requested:
    """While it is on, the API server refuses to delete the service."""
    return await _ask(platform, caller, space, name, {"spec": {"protected": body.protected}})


def _when(platform: Platform) -> str:
    """Tells one request from the next."""
    return platform.clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _ask(platform: Platform, caller: Caller, space: str, name: str, patch: dict[str, Any]) -> Requested:
    await looks.find(platform, caller, KIND, space, name)
    changed = await caller.kube.merge(KIND, name, space, patch)
    platform.cache.wrote(changed)
    return Requested(service=service_view(changed, await looks.pods_of(platform, caller, space, name)))


async def _require_member(platform: Platform, caller: Caller, space: str, name: str, member: str | None) -> None:
    service = parse(await looks.find(platform, caller, KIND, space, name))
    members = member_pods(service)
    if member is not None and members and member not in members:
        detail = f"{name} has no member '{member}'; there are: {', '.join(members)}"
        raise ProblemError(404, Code.NOT_FOUND, detail, {"what": "member", "name": member, "space": space})
