"""Puts the server together: the API under /api/v1, its document, health, and the pages."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from fastapi import APIRouter, FastAPI, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from moorage import __version__
from moorage.server import pages
from moorage.server.headers import SecureHeaders, SmallBodies
from moorage.server.platform import Platform
from moorage.server.problem import RESPONSES, handle
from moorage.server.routes import (
    accounts,
    actions,
    alertrules,
    alerts,
    alerttries,
    archive,
    audit,
    backups,
    catalog,
    channels,
    charts,
    connection,
    deleted,
    deliveries,
    history,
    hosts,
    manifest,
    oidc,
    overview,
    restores,
    services,
    session,
    spaces,
    stores,
    stream,
)
from moorage.server.routes.session import cookie_path
from moorage.server.trail import AuditTrail, operation_id

API = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = (
    session.router,
    oidc.router,
    overview.router,
    catalog.router,
    services.router,
    deleted.router,
    actions.router,
    connection.router,
    history.router,
    charts.router,
    manifest.router,
    backups.router,
    archive.router,
    restores.router,
    stores.router,
    alertrules.router,
    alerttries.router,
    hosts.router,
    alerts.router,
    channels.router,
    deliveries.router,
    spaces.router,
    accounts.router,
    audit.router,
    stream.router,
)


def document(platform: Platform | None = None) -> FastAPI:
    """The API alone; without a platform only its document can be asked for."""
    api = FastAPI(
        title="Moorage",
        version=__version__,
        summary="Databases on Kubernetes, for people.",
        description="Errors are RFC 9457 problems. Changes need the header X-Moorage-CSRF, unless a token is sent.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        generate_unique_id_function=operation_id,
        lifespan=_lifespan(platform) if platform is not None else None,
    )
    api.state.platform = platform
    for router in ROUTERS:
        api.include_router(router, prefix=API, responses=RESPONSES)
    return api


def create_app(platform: Platform) -> ASGIApp:
    """The whole server."""
    app = document(platform)
    handle(app, cookie_path(platform))

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        """The process lives."""
        return Response("ok", media_type="text/plain")

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        """Everything was read once, so that no page is half empty."""
        if platform.is_ready:
            return Response("ok", media_type="text/plain")
        return Response(platform.cache.why_stale or "accounts are not read yet", 503, media_type="text/plain")

    if platform.settings.web is not None:
        app.include_router(pages.router(platform.settings.web, platform.settings.prefix))
    app.add_middleware(AuditTrail)
    app.add_middleware(SmallBodies)
    app.add_middleware(SecureHeaders, is_secure=platform.settings.is_secure)

    return WithPrefix(app, platform.settings.prefix)


class WithPrefix:
    """Cuts the path prefix off, where the proxy in front left it."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if self._prefix and (path == self._prefix or path.startswith(f"{self._prefix}/")):
            cut = path.removeprefix(self._prefix) or "/"
            scope = {**scope, "path": cut, "raw_path": cut.encode()}
        await self._app(scope, receive, send)


def _lifespan(platform: Platform) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(platform.run())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            await platform.close()

    return lifespan
