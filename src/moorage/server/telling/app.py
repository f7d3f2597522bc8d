"""The relay's side towards Alertmanager: a notice gets its yes when it is kept for every channel."""

from collections.abc import Callable

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from moorage.kube.client import KubeError
from moorage.monitoring.telling.notice import UnreadableError
from moorage.server.headers import SmallBodies
from moorage.server.telling.relay import Relay

log = structlog.get_logger()
NOBODY = "there is no channel, so nobody would be told; make the Secret of channels, with an entry NAME.yaml each"


def create_app(relay: Relay, is_known: Callable[[str], bool]) -> ASGIApp:
    """`is_known`: whether a bearer token is the one that Alertmanager was given."""

    def refused(request: Request) -> Response | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and is_known(token.strip()):
            return None
        return _no(401, "it lacks the relay's token as a bearer token")

    async def take(request: Request) -> Response:
        """Of Alertmanager: what is answered with 5xx it sends again."""
        no = refused(request)
        return no if no is not None else await _taken(relay, request)

    async def test(request: Request) -> Response:
        """A test message to one channel, and what its receiver really answered."""
        no = refused(request)
        if no is not None:
            return no
        name = request.path_params["channel"]
        if name not in relay.channels:
            return _no(404, f"there is no channel {name}; there are: {', '.join(sorted(relay.channels)) or 'none'}")
        verdict = await relay.test(name)
        return JSONResponse({"outcome": str(verdict.outcome), "answer": verdict.answer})

    async def healthz(_request: Request) -> Response:
        """The process lives."""
        return PlainTextResponse("ok")

    routes = [
        Route("/notices", take, methods=["POST"]),
        Route("/channels/{channel}/test", test, methods=["POST"]),
        Route("/healthz", healthz),
    ]
    return SmallBodies(Starlette(routes=routes))


async def _taken(relay: Relay, request: Request) -> Response:
    names = tuple(relay.channels)
    if not names:
        return _no(503, NOBODY)
    try:
        kept = await relay.accept(await request.json(), names)
    except UnreadableError as error:
        return _no(400, str(error))
    except ValueError:
        return _no(400, "it is no JSON")
    except KubeError as error:
        return _no(503, f"it could not be kept: {error}")
    return JSONResponse({"kept": len(kept)})


def _no(status: int, why: str) -> Response:
    log.warning("notice_not_taken", status=status, why=why)
    return PlainTextResponse(why, status)
