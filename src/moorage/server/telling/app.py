"""The relay's side towards Alertmanager: a notice gets its yes when it is kept for every channel."""

from collections.abc import Callable
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from moorage.core.exposition import CONTENT_TYPE, METRICS_PATH
from moorage.kube.client import KubeError
from moorage.monitoring.telling.channel import Channel
from moorage.monitoring.telling.given import UnusableChannelError, channel
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
        return await _tested(relay, relay.channels[name])

    async def try_out(request: Request) -> Response:
        """The same of a channel that is in the body: a name, and what is written down of it."""
        no = refused(request)
        if no is not None:
            return no
        try:
            body = await request.json()
            wanted = channel(body["name"], body["given"])
        except UnusableChannelError as error:
            return _no(422, str(error))
        except (ValueError, KeyError, TypeError, AttributeError):
            return _no(400, "it is no JSON with a name and what is given of the channel")
        return await _tested(relay, wanted)

    async def channels(request: Request) -> Response:
        """What may be told of each, and of those that cannot be used why."""
        no = refused(request)
        return no if no is not None else JSONResponse(_told(relay))

    async def metrics(_request: Request) -> Response:
        """Numbers by kind of channel, for whoever scrapes: as those of operator and members they need no token."""
        return PlainTextResponse(relay.tally.page(relay.channels, len(relay.unusable)), media_type=CONTENT_TYPE)

    async def healthz(_request: Request) -> Response:
        """The process lives."""
        return PlainTextResponse("ok")

    routes = [
        Route("/notices", take, methods=["POST"]),
        Route("/channels", channels),
        Route("/channels/{channel}/test", test, methods=["POST"]),
        Route("/tests", try_out, methods=["POST"]),
        Route(METRICS_PATH, metrics),
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


async def _tested(relay: Relay, channel: Channel) -> Response:
    verdict = await relay.test(channel)
    return JSONResponse({"outcome": str(verdict.outcome), "answer": verdict.answer})


def _told(relay: Relay) -> dict[str, Any]:
    items = [
        {
            "name": one.name,
            "kind": one.kind,
            "place": one.place,
            "language": one.language,
            "zone": one.zone,
            "spaces": one.spaces,
            "services": one.services,
            "severities": one.severities,
            "muted": one.muted,
            "fingerprint": one.fingerprint,
        }
        for one in sorted(relay.channels.values(), key=lambda one: one.name)
    ]
    return {"items": items, "unusable": relay.unusable}


def _no(status: int, why: str) -> Response:
    log.warning("notice_not_taken", status=status, why=why)
    return PlainTextResponse(why, status)
