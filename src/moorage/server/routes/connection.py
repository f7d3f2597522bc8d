"""How to connect: the service's Secret, read as the person, and never kept by the server."""

from fastapi import APIRouter, Response

from moorage.api.dataservice import KIND
from moorage.core import names
from moorage.server import looks
from moorage.server.caller import PlatformOf, SignedIn
from moorage.server.model import Given, ServiceName, SpaceName
from moorage.server.problem import Code, ProblemError
from moorage.views import binding
from moorage.views.service import parse

router = APIRouter(tags=["services"])


class Connection(Given):
    """Where and as whom. Needs the right to read Secrets of the space."""

    host: str | None
    port: int | None
    is_reachable_from_outside: bool
    secret: str
    """Name of the Secret in Service Binding layout, to be mounted by applications inside the cluster."""
    entries: dict[str, str]
    """As in the Secret: username, password, uri, direct-uri, ca.crt …; it holds the password."""


@router.get("/services/{space}/{name}/connection")
async def get_connection(
    space: SpaceName, name: ServiceName, caller: SignedIn, platform: PlatformOf, response: Response
) -> Connection:
    """The application's user with the password. Not to be cached."""
    service = parse(await looks.find(platform, caller, KIND, space, name))
    secret_name = names.app_secret(name)
    secret = await caller.kube.get("Secret", secret_name, space)
    if secret is None:
        raise ProblemError(404, Code.NOT_READY, f"{name} has no Secret '{secret_name}' yet: it is still being set up")
    response.headers["Cache-Control"] = "no-store"
    endpoints = service.status.endpoints
    return Connection(
        host=endpoints.host,
        port=endpoints.port,
        is_reachable_from_outside=str(service.spec.expose.type) == "LoadBalancer",
        secret=secret_name,
        entries=binding.decode(secret.get("data") or {}),
    )
