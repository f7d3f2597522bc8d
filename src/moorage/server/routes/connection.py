"""How to connect: the service's Secret, read as the person, and never kept by the server. The password is asked for by itself."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query

from moorage.api.dataservice import KIND, DataService
from moorage.core import names
from moorage.server import looks
from moorage.server.caller import Caller, PlatformOf, SignedIn
from moorage.server.model import Given, ServiceName, SpaceName
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError
from moorage.server.trail import Makes
from moorage.views import binding
from moorage.views.service import parse

router = APIRouter(tags=["services"])


class User(StrEnum):
    """Whom a service makes by itself."""

    APP = "app"
    """For applications."""
    ADMIN = "admin"
    """For who makes databases and users."""


As = Annotated[User, Query(alias="user", description="As whom.")]


class Connection(Given):
    """Where and as whom. Needs the right to read Secrets of the space."""

    host: str | None
    port: int | None
    is_reachable_from_outside: bool
    secret: str
    """Name of the Secret in Service Binding layout, to be mounted by applications inside the cluster."""
    entries: dict[str, str]
    """As in the Secret: username, uri, direct-uri, ca.crt …; where the password stands in them there is ••••••••."""


class Revealed(Given):
    entries: dict[str, str]
    """As in the Secret, with the password."""


@router.get("/services/{space}/{name}/connection")
async def get_connection(
    space: SpaceName, name: ServiceName, caller: SignedIn, platform: PlatformOf, user: As = User.APP
) -> Connection:
    """As the application's user unless told otherwise, without the password."""
    service, entries = await _read(platform, caller, space, name, user)
    endpoints = service.status.endpoints
    return Connection(
        host=endpoints.host,
        port=endpoints.port,
        is_reachable_from_outside=str(service.spec.expose.type) == "LoadBalancer",
        secret=_secret(name, user),
        entries=binding.covered(entries),
    )


@router.post("/services/{space}/{name}/connection/password")
async def reveal_password(
    space: SpaceName, name: ServiceName, caller: SignedIn, platform: PlatformOf, makes: Makes, user: As = User.APP
) -> Revealed:
    """Changes nothing, and stands in the audit list: who took whose password, and from where. Not to be kept."""
    makes("user", user)
    _, entries = await _read(platform, caller, space, name, user)
    return Revealed(entries=entries)


def _secret(name: str, user: User) -> str:
    return names.admin_secret(name) if user is User.ADMIN else names.app_secret(name)


async def _read(platform: Platform, caller: Caller, space: str, name: str, user: User) -> tuple[DataService, dict[str, str]]:
    service = parse(await looks.find(platform, caller, KIND, space, name))
    secret_name = _secret(name, user)
    secret = await caller.kube.get("Secret", secret_name, space)
    if secret is None:
        raise ProblemError(404, Code.NOT_READY, f"{name} has no Secret '{secret_name}' yet: it is still being set up")
    return service, binding.decode(secret.get("data") or {})
