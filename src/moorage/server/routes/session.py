"""Signing in and out, and the first password."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from moorage.kube.client import KubeError
from moorage.server.caller import AnyCaller, Caller, PlatformOf, address_of, check_origin, cookie_name, csrf_of
from moorage.server.model import Asked, Given, ObjectName
from moorage.server.people.passwords import LENGTH_MAX, LENGTH_MIN, why_refused
from moorage.server.people.records import Session, Way
from moorage.server.people.sessions import SESSION_HOURS
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError

router = APIRouter(tags=["session"])


class SignInWays(Given):
    """How people sign in here; what the sign-in page shows."""

    local: bool = True
    oidc: str | None = None
    """What the button to the provider says; None: there is no provider."""
    password_length_min: int = LENGTH_MIN


class SignIn(Asked):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=LENGTH_MAX)]


class NewPassword(Asked):
    old: Annotated[str, Field(max_length=LENGTH_MAX)]
    new: Annotated[str, Field(max_length=LENGTH_MAX)]


class SessionView(Given):
    """Who is signed in in this browser."""

    id: str
    name: str
    display_name: str
    user: str
    """As Kubernetes sees the person, such as moorage:li: what a RoleBinding names."""
    groups: list[str]
    way: Way
    must_change_password: bool
    """Until then every other call answers 403 password-must-change."""
    csrf: str
    """To be sent as the header X-Moorage-CSRF with every POST, PUT, PATCH and DELETE."""
    expires: str


class SessionRow(Given):
    """A browser that is signed in."""

    id: str
    owner: str
    way: Way
    is_this: bool
    address: str
    agent: str
    created: str
    expires: str


def session_view(caller: Caller) -> SessionView:
    return SessionView(
        id=caller.session.id,
        name=caller.session.name,
        display_name=caller.display_name,
        user=caller.person.user,
        groups=list(caller.person.groups),
        way=caller.session.way,
        must_change_password=caller.must_change,
        csrf=caller.csrf,
        expires=caller.session.expires,
    )


@router.get("/sign-in")
async def get_sign_in_ways(platform: PlatformOf) -> SignInWays:
    """Needs no session."""
    return SignInWays(oidc=platform.settings.oidc.title if platform.settings.oidc is not None else None)


@router.get("/session")
async def get_session(caller: AnyCaller) -> SessionView:
    """401 when nobody is signed in."""
    return session_view(caller)


@router.post("/session", status_code=201)
async def sign_in(body: SignIn, request: Request, response: Response, platform: PlatformOf) -> SessionView:
    """Sets the session's cookie. Too many failures: 429 with Retry-After."""
    check_origin(request)
    address, now = address_of(request), platform.monotonic()
    request.state.audited_who = body.name
    wait_seconds = platform.throttle.wait_seconds(body.name, address, now)
    if wait_seconds > 0:
        seconds = str(int(wait_seconds) + 1)
        detail = f"too many sign-ins failed; try again in {seconds} s"
        raise ProblemError(429, Code.SIGN_IN_THROTTLED, detail, {"seconds": seconds}, headers={"Retry-After": seconds})
    # counted before it is looked at, so that many tries at once are not free
    platform.throttle.failed(body.name, address, now)
    account = platform.accounts.known(body.name)
    fits = await platform.passwords.fits(body.password, account.password_hash if account is not None else None)
    if not fits or account is None or account.is_disabled:
        raise ProblemError(401, Code.SIGN_IN_FAILED, "the name or the password is wrong, or the account is disabled")
    platform.throttle.succeeded(body.name, address)
    session, secret = await platform.sessions.begin(
        account.name, Way.PASSWORD, groups=[], address=address, agent=request.headers.get("user-agent", "")
    )
    set_cookie(response, platform, secret)
    person = account.person
    return session_view(
        Caller(
            session=session,
            person=person,
            display_name=account.display_name or account.name,
            must_change=account.must_change,
            kube=platform.persons.of(person),
            csrf=csrf_of(secret),
        )
    )


@router.delete("/session", status_code=204)
async def sign_out(caller: AnyCaller, response: Response, platform: PlatformOf) -> None:
    """The session is over at every replica when this answers 204; 503 sign-out-failed: it goes on."""
    await _end(platform, caller.session)
    response.delete_cookie(cookie_name(platform), path=cookie_path(platform), secure=platform.settings.is_secure, httponly=True)


@router.put("/session/password", status_code=204)
async def change_password(body: NewPassword, caller: AnyCaller, request: Request, platform: PlatformOf) -> None:
    """The person's other sessions end; this one goes on."""
    account = None if caller.session.is_of_provider else await platform.accounts.find(caller.session.name)
    if account is None or caller.session.way is Way.TOKEN:
        raise ProblemError(409, Code.CONFLICT, "this session has no password of the console's own; change it where you signed in")
    address, now = address_of(request), platform.monotonic()
    wait_seconds = platform.throttle.wait_seconds(account.name, address, now)
    if wait_seconds > 0:
        raise ProblemError(429, Code.SIGN_IN_THROTTLED, f"too many tries failed; try again in {wait_seconds:.0f} s")
    if not await platform.passwords.fits(body.old, account.password_hash):
        platform.throttle.failed(account.name, address, now)
        raise ProblemError(403, Code.SIGN_IN_FAILED, "the old password is wrong")
    refused = "the new password is the old one" if body.new == body.old else why_refused(body.new, account.name)
    if refused is not None:
        raise ProblemError(422, Code.PASSWORD_REFUSED, refused, {"min": str(LENGTH_MIN)})
    await platform.accounts.set_password(account, body.new, must_change=False)
    await platform.sessions.end_all(caller.session.owner, but=caller.session)


@router.get("/sessions")
async def list_my_sessions(caller: AnyCaller, platform: PlatformOf) -> list[SessionRow]:
    """The person's own browsers that are signed in, newest first."""
    found = platform.sessions.of(caller.session.owner)
    return [session_row(s, caller) for s in found if s.way is not Way.TOKEN]


@router.delete("/sessions/{session}", status_code=204)
async def end_my_session(session: ObjectName, caller: AnyCaller, platform: PlatformOf) -> None:
    """One of the person's own."""
    for found in platform.sessions.of(caller.session.owner):
        if found.id == session and found.way is not Way.TOKEN:
            await _end(platform, found)
            return
    raise ProblemError(404, Code.NOT_FOUND, "there is no such session of yours; it may be over already")


def session_row(session: Session, caller: Caller) -> SessionRow:
    return SessionRow(
        id=session.id,
        owner=session.owner,
        way=session.way,
        is_this=session.id == caller.session.id,
        address=session.address,
        agent=session.agent,
        created=session.created,
        expires=session.expires,
    )


def cookie_path(platform: Platform) -> str:
    return f"{platform.settings.prefix}/"


def set_cookie(response: Response, platform: Platform, secret: str) -> None:
    response.set_cookie(
        cookie_name(platform),
        secret,
        max_age=SESSION_HOURS * 3600,
        path=cookie_path(platform),
        secure=platform.settings.is_secure,
        httponly=True,
        samesite="lax",
    )


async def _end(platform: Platform, session: Session) -> None:
    try:
        await platform.sessions.end(session)
    except KubeError as error:
        detail = f"the session could not be ended and goes on: {error}; try again, or close the browser"
        raise ProblemError(503, Code.SIGN_OUT_FAILED, detail) from error
