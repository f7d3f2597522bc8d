"""Who asks: from the cookie or the bearer token to the person that Kubernetes is asked as."""

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from moorage.kube.person import Person, PersonKube
from moorage.server.people.records import OIDC_PREFIX, Account, Session, Way
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError

CSRF_HEADER = "X-Moorage-CSRF"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Caller:
    """A person who is signed in."""

    session: Session
    person: Person
    display_name: str
    must_change: bool
    kube: PersonKube
    csrf: str


def platform_of(request: Request) -> Platform:
    platform: Platform = request.app.state.platform
    return platform


PlatformOf = Annotated[Platform, Depends(platform_of)]


def cookie_name(platform: Platform) -> str:
    """With `__Host-` the browser itself holds that it is secure and of this host alone; a path prefix cannot have it."""
    if not platform.settings.is_secure:
        return "moorage-session"
    return "__Secure-moorage-session" if platform.settings.prefix else "__Host-moorage-session"


def csrf_of(secret: str) -> str:
    """A page reads it from its session and sends it with every change; a foreign page can do neither."""
    return sha256(b"csrf:" + secret.encode()).hexdigest()


def address_of(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def check_origin(request: Request) -> None:
    """Refuses what another site makes a browser send. Programs send neither header."""
    fetch_site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    is_foreign = fetch_site is not None and fetch_site not in ("same-origin", "none")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        is_foreign = True
    if is_foreign:
        raise ProblemError(403, Code.CROSS_SITE, "the request comes from another site's page; open the console and try there")


async def maybe_signed_in(request: Request, platform: PlatformOf) -> Caller | None:
    """The caller, also one whose password must be changed; None when nobody is signed in."""
    secret, is_bearer = _secret(request, platform)
    if secret is None:
        return None
    session = await platform.sessions.find(secret)
    if session is None or (session.way is Way.TOKEN) != is_bearer:
        return None
    account = None if session.is_of_provider else await platform.accounts.find(session.name)
    if account is None and not session.is_of_provider:
        return None
    if account is not None and account.is_disabled:
        return None
    caller = _caller(platform, session, account, secret)
    request.state.caller = caller
    if not is_bearer and request.method not in SAFE_METHODS:
        check_origin(request)
        if not compare_digest(request.headers.get(CSRF_HEADER, ""), caller.csrf):
            raise ProblemError(
                403, Code.CROSS_SITE, f"the request lacks the session's own {CSRF_HEADER}; reload the page and try again"
            )
    return caller


def _secret(request: Request, platform: Platform) -> tuple[str | None, bool]:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip(), True
    return request.cookies.get(cookie_name(platform)), False


def _caller(platform: Platform, session: Session, account: Account | None, secret: str) -> Caller:
    if account is not None:
        person, display = account.person, account.display_name or account.name
    else:
        person = Person(session.owner, tuple(f"{OIDC_PREFIX}{group}" for group in session.groups))
        display = session.name
    return Caller(
        session=session,
        person=person,
        display_name=display,
        must_change=account is not None and account.must_change,
        kube=platform.persons.of(person),
        csrf=csrf_of(secret),
    )


async def signed_in_at_all(found: Annotated[Caller | None, Depends(maybe_signed_in)]) -> Caller:
    if found is None:
        raise ProblemError(401, Code.SIGN_IN_NEEDED, "nobody is signed in, or the session is over; sign in again")
    return found


async def signed_in(found: Annotated[Caller, Depends(signed_in_at_all)]) -> Caller:
    if found.must_change:
        raise ProblemError(403, Code.PASSWORD_MUST_CHANGE, "the first password opens nothing else; change it")
    return found


AnyCaller = Annotated[Caller, Depends(signed_in_at_all)]
"""Also one whose password must be changed first."""
SignedIn = Annotated[Caller, Depends(signed_in)]
