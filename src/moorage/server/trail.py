"""Every change and every download leaves an entry in the audit list, before its answer is sent; also one that was refused."""

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from moorage.server.caller import SAFE_METHODS, Caller
from moorage.server.people.audit import Entry
from moorage.server.platform import Platform
from moorage.wishes.requests import instant

NAMED = ("name", "backup", "restore", "store", "account", "session", "token", "binding", "alert", "rule", "silence", "channel")
"""Path parameters that name what was changed, in the order in which they say most."""

NAME_LENGTH_MAX = 253


class Naming:
    """By which a route says what it makes. Said before it is made, so that a refused one has its name, too; never a secret."""

    def __init__(self, request: Request) -> None:
        self._state = request.state

    def __call__(self, kind: str, name: str, space: str = "", **params: str) -> None:
        """`space`: where the path does not say it; `params`: what else says what was asked for."""
        self._state.audited_made = f"{kind}/{name[:NAME_LENGTH_MAX]}"
        self._state.audited_space = space
        self._state.audited = params

    def says(self, **params: str) -> None:
        """Of what the path names: what else says what was asked for."""
        self._state.audited = params


Makes = Annotated[Naming, Depends(Naming)]


class AuditTrail:
    """Around the routes, inside of what handles errors."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_told(scope):
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and not is_dry_run(scope):
                platform: Platform = scope["app"].state.platform
                await platform.audit.add(_entry(platform, scope, int(message["status"])))
            await send(message)

        await self._app(scope, receive, told)


DOWNLOADS = "/archive"
"""Changes nothing, and takes everything that a service holds out of the house."""
SIGNS_IN = "/api/v1/oidc/callback"
"""A change by GET: a browser comes from the provider."""


def _is_told(scope: Scope) -> bool:
    if scope["type"] != "http" or not scope["path"].startswith("/api/"):
        return False
    return scope["method"] not in SAFE_METHODS or scope["path"] == SIGNS_IN or scope["path"].endswith(DOWNLOADS)


def operation_id(route: APIRoute) -> str:
    """`list_services` → `listServices`: the name that clients call it by. It never changes once shipped."""
    first, *others = route.name.split("_")
    return first + "".join(word.capitalize() for word in others)


def is_dry_run(scope: Scope) -> bool:
    return b"dryRun=true" in scope.get("query_string", b"")


def _entry(platform: Platform, scope: Scope, status: int) -> Entry:
    state: dict[str, Any] = scope.get("state") or {}
    status = int(state.get("refused", status))  # also of a browser that is sent on to the sentence about it
    caller: Caller | None = state.get("caller")
    params = {key: str(value)[:NAME_LENGTH_MAX] for key, value in (scope.get("path_params") or {}).items()}
    route = scope.get("route")
    named = next((key for key in NAMED if key in params), "")
    return Entry(
        time=instant(platform.clock()),
        who=caller.person.user if caller is not None else str(state.get("audited_who", ""))[:64],
        way=str(caller.session.way) if caller is not None else "",
        action=operation_id(route) if isinstance(route, APIRoute) else scope["method"],
        space=params.get("space", "") or str(state.get("audited_space", "")),
        object=f"{'service' if named == 'name' else named}/{params[named]}" if named else "",
        made=str(state.get("audited_made", "")),
        address=scope["client"][0] if scope.get("client") else "",
        status=status,
        code=str(state.get("problem", "")) if status >= 400 else "",
        params=state.get("audited") or {},
    )
