"""What every answer says to the browser: load nothing from elsewhere, run nothing that stands in a page, be framed by nobody."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from moorage.server.problem import Code, ProblemError, response

BODY_BYTES_MAX = 1_048_576
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def policy(style_nonce: str = "") -> str:
    """`style_nonce`: of the style elements that the pages' library makes."""
    return POLICY.format(styles=f" 'nonce-{style_nonce}'" if style_nonce else "")


class SecureHeaders:
    """Adds them; a route that says otherwise keeps what it says."""

    def __init__(self, app: ASGIApp, *, is_secure: bool) -> None:
        self._app = app
        self._added = {**ALWAYS, **({"Strict-Transport-Security": "max-age=31536000"} if is_secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._added.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", policy())
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


class SmallBodies:
    """Reads a body before the routes see it, and refuses one that is larger than any form before it takes the memory."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > BODY_BYTES_MAX:
                await response(_TOO_LARGE)(scope, receive, send)
                return
        await self._app(scope, _first({"type": "http.request", "body": body, "more_body": False}, receive), send)


_TOO_LARGE = ProblemError(413, Code.TOO_LARGE, "the body is larger than 1 MiB, which no form is")


def _first(message: Message, then: Receive) -> Receive:
    """`message`, and after it what else arrives: that the browser is gone."""
    waiting = [message]

    async def receive() -> Message:
        return waiting.pop() if waiting else await then()

    return receive
