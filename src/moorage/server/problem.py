"""How the API says no: application/problem+json with a code to translate by, its parameters, and a sentence."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from moorage.kube.client import KubeError
from moorage.kube.refusal import is_soon_over
from moorage.monitoring.centre import given
from moorage.monitoring.telling.given import Wrong
from moorage.server.model import Given
from moorage.server.parts import PartError
from moorage.views.errors import UnreadableError
from moorage.views.refusal import sentences

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"


class Code(StrEnum):
    """Why. People's sentences are translated by it; it never changes once shipped."""

    SIGN_IN_NEEDED = "sign-in-needed"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGN_IN_THROTTLED = "sign-in-throttled"
    SIGN_OUT_FAILED = "sign-out-failed"
    PASSWORD_MUST_CHANGE = "password-must-change"  # noqa: S105 - a code
    PASSWORD_REFUSED = "password-refused"  # noqa: S105 - a code
    CROSS_SITE = "cross-site"
    INVALID = "invalid"
    REFUSED = "refused"
    """The API server refused what was asked for; the sentences are its own."""
    FORBIDDEN = "forbidden"
    PROTECTED = "protected"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    CHANGED_MEANWHILE = "changed-meanwhile"
    """Somebody else changed it since the text was read."""
    NAME_NOT_TYPED = "name-not-typed"
    NO_ROOM = "no-room"
    SPACE_NOT_EMPTY = "space-not-empty"
    FINAL_BACKUP_FAILED = "final-backup-failed"
    COPY_BY_HAND = "copy-by-hand"
    """The store is a file system that no way leads into; the sentence says how it is copied."""
    STORE_REFUSES = "store-refuses"
    """The store did not give what it holds."""
    NOTHING_TO_UNDO = "nothing-to-undo"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too-large"
    UNREACHABLE = "unreachable"
    """The API server of Kubernetes does not answer."""
    PROVIDER_UNREACHABLE = "provider-unreachable"
    """The provider of identities does not answer, or not as the standard says."""
    PROVIDER_REFUSED = "provider-refused"
    """The provider did not let the person in."""
    PROVIDER_NOT_BELIEVED = "provider-not-believed"
    """What it said does not hold, or serves no more."""
    PROVIDER_NAMES_NOBODY = "provider-names-nobody"
    """Whom it let in has no name that can be one here."""
    PROVIDER_UNSET = "provider-unset"
    SIGN_IN_NOT_BEGUN = "sign-in-not-begun"
    """Somebody came back from the provider whom this browser did not send, or too long ago."""
    NO_MONITORING = "no-monitoring"
    """No Prometheus and no Alertmanager is known, or no relay: nobody judges alerts, or nobody is told."""
    MONITORING_AWAY = "monitoring-away"
    """Prometheus, Alertmanager or the relay does not answer, or not as its API says."""
    NOT_READY = "not-ready"
    INTERNAL = "internal"


class Cause(Given):
    """One thing that is wrong with what was sent."""

    field: str
    """Path of the field, such as spec.storage.size or body.name; empty when it is no single one."""
    message: str
    wrong: Wrong | None = None
    """By which the sentence is translated; null: it stands in English alone."""


class Problem(Given):
    """RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    code: Code
    params: dict[str, str] = Field(default={})
    """What stands in the sentence, for translations of it."""
    detail: str
    """The sentence: what happened, why, and what to do."""
    causes: list[Cause] = Field(default=[])


class ProblemError(Exception):
    """Ends a request."""

    def __init__(
        self,
        status: int,
        code: Code,
        detail: str,
        params: Mapping[str, str] | None = None,
        *,
        causes: list[Cause] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.params, self.causes, self.headers = dict(params or {}), causes or [], dict(headers or {})


_TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    409: "Conflict",
    413: "Too large",
    422: "Not possible",
    429: "Too many tries",
    500: "Internal error",
    503: "Not available",
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {"model": Problem, "description": "Why not.", "content": {MEDIA_TYPE: {}}},
    422: {"model": Problem, "description": "What was sent is not possible.", "content": {MEDIA_TYPE: {}}},
}


def not_found(what: str, name: str, space: str = "") -> ProblemError:
    where = f" in {space}" if space else ""
    params = {"what": what, "name": name, "space": space}
    return ProblemError(404, Code.NOT_FOUND, f"there is no {what} '{name}'{where}, or you may not see it", params)


def of_kube(error: KubeError) -> ProblemError:
    """What the API server said, in its own sentences."""
    if error.code == 0:
        return ProblemError(503, Code.UNREACHABLE, f"{error}; what runs goes on, and the console comes back by itself")
    told = sentences(error.body)
    causes = [_cause(line) for line in told]
    detail = "; ".join(told) or str(error)
    if error.code == 403 and "is being terminated" in str(error):
        return ProblemError(409, Code.CONFLICT, f"the space is being deleted, and takes nothing new ({detail})")
    if error.code == 403 and is_soon_over(str(error)):
        said = f"Kubernetes is not ready for this yet, and will be in some seconds; try again then ({detail})"
        return ProblemError(503, Code.NOT_READY, said, headers={"Retry-After": "2"})
    if error.code == 403 and "protected" in str(error):
        return ProblemError(403, Code.PROTECTED, detail)
    if error.code == 401:
        return ProblemError(503, Code.UNREACHABLE, "the API server does not accept the console's own credentials")
    if error.code in (400, 422):
        return ProblemError(422, Code.REFUSED, detail, causes=causes)
    if error.code >= 500 or error.code == 429:
        return ProblemError(503, Code.UNREACHABLE, f"the API server cannot answer now: {detail}")
    code = {403: Code.FORBIDDEN, 404: Code.NOT_FOUND, 409: Code.CONFLICT}.get(error.code, Code.REFUSED)
    return ProblemError(error.code if error.code in _TITLES else 422, code, detail, causes=causes)


_NAME_RULE = "metadata.name '"
"""How the rule for names begins: the API server names no field for it, since it is one of the whole object."""


def _cause(sentence: str) -> Cause:
    if sentence.startswith(_NAME_RULE):
        return Cause(field="metadata.name", message=sentence)
    field, separator, message = sentence.partition(": ")
    is_path = bool(separator) and " " not in field
    return Cause(field=field if is_path else "", message=message if is_path else sentence)


def response(error: ProblemError) -> JSONResponse:
    problem = Problem(
        title=_TITLES.get(error.status, "Refused"),
        status=error.status,
        code=error.code,
        params=error.params,
        detail=error.detail,
        causes=error.causes,
    )
    content = problem.model_dump(mode="json", by_alias=True)
    return JSONResponse(content, error.status, {"Cache-Control": "no-store", **error.headers}, MEDIA_TYPE)


AT_THE_DOOR = frozenset({"/api/v1/oidc/sign-in", "/api/v1/oidc/callback"})
"""Where a browser itself goes to: a person sees what it is answered."""


def handle(app: FastAPI, door: str) -> None:
    """Every exception becomes a problem; nothing of the inside is told. `door`: path of the page that people sign in on."""

    def said(request: Request, error: ProblemError) -> Response:
        request.state.problem, request.state.refused = str(error.code), error.status
        if request.scope["path"] not in AT_THE_DOOR:
            return response(error)
        log.warning("sign_in_refused", code=str(error.code), detail=error.detail)
        # the code alone: a link that somebody made up shows no words of theirs
        return RedirectResponse(f"{door}?refused={error.code}", 303, {"Cache-Control": "no-store"})

    @app.exception_handler(ProblemError)
    async def _problem(request: Request, error: ProblemError) -> Response:
        return said(request, error)

    @app.exception_handler(KubeError)
    async def _kube(request: Request, error: KubeError) -> Response:
        return said(request, of_kube(error))

    @app.exception_handler(PartError)
    @app.exception_handler(given.UnreadableError)
    async def _monitoring(request: Request, error: PartError | given.UnreadableError) -> Response:
        return said(request, ProblemError(503, Code.MONITORING_AWAY, f"{error}; alerts are judged and told without the console"))

    @app.exception_handler(UnreadableError)
    async def _unreadable(request: Request, error: UnreadableError) -> Response:
        return said(request, ProblemError(409, Code.UNREADABLE, str(error)))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        causes = [Cause(field=".".join(str(part) for part in e["loc"]), message=str(e["msg"])) for e in error.errors()]
        detail = "; ".join(f"{cause.field}: {cause.message}" for cause in causes)
        return said(request, ProblemError(422, Code.INVALID, detail, causes=causes))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        code = {404: Code.NOT_FOUND, 405: Code.INVALID, 413: Code.TOO_LARGE}.get(error.status_code, Code.INVALID)
        return said(request, ProblemError(error.status_code, code, str(error.detail), headers=error.headers))

    @app.exception_handler(Exception)
    async def _internal(request: Request, error: Exception) -> Response:
        log.error("request_failed", path=request.url.path, exc_info=error)
        return said(request, ProblemError(500, Code.INTERNAL, "the console made a mistake; its log says which"))
