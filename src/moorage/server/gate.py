"""The gate before a Prometheus and an Alertmanager that the chart brings: both ask nobody who they are, so they listen on their
Pod's loopback, and whoever has the token of Moorage's own parts gets through here to what these need, and to nothing else."""

import asyncio
import os
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from moorage.server.headers import SmallBodies
from moorage.server.logs import configure_logs
from moorage.server.mounted import MountedCertificate, is_token, serve

log = structlog.get_logger()
TIMEOUT_SECONDS = 30.0
OPEN: Mapping[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "prometheus": (("GET|POST", re.compile("api/v1/(query|query_range)")), ("GET", re.compile("api/v1/rules"))),
    "alertmanager": (
        ("GET", re.compile("api/v2/alerts")),
        ("GET|POST", re.compile("api/v2/silences")),
        ("GET|DELETE", re.compile("api/v2/silence/[0-9a-f-]{36}")),
    ),
}
"""By the first part of the path: methods, and paths that lead on. Series are never deleted, nothing is reloaded or stopped."""


@dataclass(frozen=True)
class GateSettings:
    """Files, and where the two answer."""

    host: str = "0.0.0.0"  # noqa: S104 - a Pod's Service comes from other addresses
    port: int = 8443
    tls: Path = Path("/etc/moorage/tls")
    """Folder with tls.crt and tls.key."""
    token: Path = Path("/etc/moorage/token/token")
    prometheus: str = "http://127.0.0.1:9090"
    alertmanager: str = "http://127.0.0.1:9093"

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "GateSettings":
        """Raises ValueError."""
        return cls(
            host=environment.get("MOORAGE_HOST", cls.host),
            port=int(environment.get("MOORAGE_PORT", cls.port)),
            tls=Path(environment.get("MOORAGE_GATE_TLS", cls.tls)),
            token=Path(environment.get("MOORAGE_GATE_TOKEN", cls.token)),
            prometheus=environment.get("MOORAGE_GATE_PROMETHEUS", cls.prometheus),
            alertmanager=environment.get("MOORAGE_GATE_ALERTMANAGER", cls.alertmanager),
        )


def is_open(part: str, method: str, path: str) -> bool:
    """Whether this leads on."""
    return any(method in methods.split("|") and pattern.fullmatch(path) for methods, pattern in OPEN.get(part, ()))


def create_app(upstreams: Mapping[str, str], is_known: Callable[[str], bool]) -> ASGIApp:
    """`upstreams`: first part of the path → URL. `is_known`: whether a bearer token is the console's."""
    client = httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)

    async def through(request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not is_known(token.strip()):
            return PlainTextResponse("it lacks the console's token as a bearer token", 401)
        part, path = request.path_params["part"], request.path_params["path"]
        if part not in upstreams or not is_open(part, request.method, path):
            return PlainTextResponse(f"the gate opens for no {request.method} of /{part}/{path}", 403)
        kind = request.headers.get("content-type")
        try:
            answer = await client.request(
                request.method,
                f"{upstreams[part]}/{path}",
                params=request.query_params,
                content=await request.body(),
                headers={"Content-Type": kind} if kind else {},
            )
        except httpx2.HTTPError as error:
            log.warning("part_does_not_answer", part=part, error=str(error))
            return PlainTextResponse(f"{part} does not answer: {type(error).__name__}", 502)
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))

    async def healthz(_request: Request) -> Response:
        """The process lives."""
        return PlainTextResponse("ok")

    ways = ["GET", "POST", "DELETE"]
    return SmallBodies(Starlette(routes=[Route("/healthz", healthz), Route("/{part}/{path:path}", through, methods=ways)]))


async def _serve() -> None:
    try:
        settings = GateSettings.of(os.environ)
        certificate = MountedCertificate(settings.tls)
        certificate.look()
    except (ValueError, OSError) as error:
        sys.exit(f"the gate cannot start: {error}")
    upstreams = {"prometheus": settings.prometheus, "alertmanager": settings.alertmanager}
    app = create_app(upstreams, lambda token: is_token(settings.token, token))
    async with asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(certificate.keep())
        await serve(app, settings.host, settings.port, certificate)
        keeping.cancel()


def main() -> None:
    configure_logs()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve())


if __name__ == "__main__":
    main()
