"""To the provider and back: the two addresses that a browser visits when somebody signs in there.

A refusal sends it to the page where people sign in, which says why (`problem.handle`)."""

from hmac import compare_digest
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from moorage.server.caller import PlatformOf, address_of
from moorage.server.people.oidc import Attempt, NobodyError, OidcError, Provider, ProviderError
from moorage.server.people.records import OIDC_PREFIX, Way
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError
from moorage.server.routes.session import cookie_path, set_cookie

router = APIRouter(tags=["session"])
COOKIE = "moorage-oidc"
ATTEMPT_SECONDS = 600
ERROR_MAX = 100
"""Characters of the provider's word for it that are kept."""
Text = Annotated[str, Query()]
"""As long as a request may be: what the provider sent is not answered with a lesson about lengths."""


@router.get("/oidc/sign-in", status_code=303, response_class=RedirectResponse)
async def begin_oidc(platform: PlatformOf) -> RedirectResponse:
    """Sends the browser to the provider."""
    attempt = Attempt.new()
    try:
        address = await _provider(platform).address(attempt)
    except OidcError as error:
        raise _problem(error) from error
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        COOKIE,
        attempt.secret,
        max_age=ATTEMPT_SECONDS,
        path=_path(platform),
        secure=platform.settings.is_secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/oidc/callback", status_code=303, response_class=RedirectResponse)
async def end_oidc(
    request: Request, platform: PlatformOf, state: Text = "", code: Text = "", error: Text = ""
) -> RedirectResponse:
    """Where the provider sends the browser back to; then to the first page, signed in."""
    provider = _provider(platform)
    attempt = Attempt(request.cookies.get(COOKIE, ""))
    if not attempt.secret or not compare_digest(attempt.state.encode(), state.encode()):
        detail = "this browser did not begin this sign-in, or more than ten minutes ago; sign in again"
        raise ProblemError(401, Code.SIGN_IN_NOT_BEGUN, detail)
    if error or not code:
        request.state.audited = {"error": error[:ERROR_MAX]}
        detail = f"the provider did not sign you in: {error[:ERROR_MAX] or 'it sent no code'}"
        raise ProblemError(401, Code.PROVIDER_REFUSED, detail)
    try:
        identity = await provider.identity(attempt, code)
    except OidcError as failure:
        raise _problem(failure) from failure
    request.state.audited_who = f"{OIDC_PREFIX}{identity.name}"
    _, secret = await platform.sessions.begin(
        identity.name,
        Way.OIDC,
        groups=identity.groups,
        address=address_of(request),
        agent=request.headers.get("user-agent", ""),
    )
    answer = RedirectResponse(cookie_path(platform), 303)
    set_cookie(answer, platform, secret)
    answer.delete_cookie(COOKIE, path=_path(platform), secure=platform.settings.is_secure, httponly=True)
    return answer


def _provider(platform: Platform) -> Provider:
    if platform.settings.oidc is None:
        raise ProblemError(404, Code.PROVIDER_UNSET, "no provider is set here; sign in with a password")
    return Provider(platform.settings.oidc)


def _path(platform: Platform) -> str:
    return f"{cookie_path(platform)}api/v1/oidc/"


def _problem(error: OidcError) -> ProblemError:
    if isinstance(error, ProviderError):
        return ProblemError(503, Code.PROVIDER_UNREACHABLE, str(error))
    code = Code.PROVIDER_NAMES_NOBODY if isinstance(error, NobodyError) else Code.PROVIDER_NOT_BELIEVED
    return ProblemError(401, code, str(error))
