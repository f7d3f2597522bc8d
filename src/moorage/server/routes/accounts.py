"""Accounts of the console's own, everybody's sessions, and tokens for programs."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from moorage.kube.client import KubeError
from moorage.server.caller import Caller, PlatformOf, SignedIn, address_of
from moorage.server.model import Asked, Given, Line, ObjectName
from moorage.server.people.records import LOCAL_PREFIX, Account, Way
from moorage.server.people.sessions import TOKEN_DAYS_MAX
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError, not_found
from moorage.server.routes.session import SessionRow, session_row
from moorage.server.trail import Makes

router = APIRouter(tags=["accounts"])
AccountName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=40)]
GroupName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=63)]
Groups = Annotated[list[GroupName], Field(max_length=50)]


class AccountView(Given):
    name: str
    display_name: str
    user: str
    """As Kubernetes sees the person: what a RoleBinding names."""
    groups: list[str]
    """Without the prefix `moorage:` that Kubernetes sees them with."""
    must_change_password: bool
    is_disabled: bool
    created: str
    password_changed: str
    sessions: int


class NewAccount(Asked):
    name: AccountName
    display_name: Line = ""
    groups: Groups = Field(default=[])


class AccountChange(Asked):
    """What is left out stays."""

    display_name: Line | None = None
    groups: Groups | None = None
    is_disabled: bool | None = None


class FirstPassword(Given):
    account: AccountView
    password: str
    """Shown this once; it must be changed at the first sign-in."""


class TokenWish(Asked):
    label: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
    days: Annotated[int, Field(ge=1, le=TOKEN_DAYS_MAX)] = 90


class TokenView(Given):
    id: str
    label: str
    owner: str
    created: str
    expires: str


class NewToken(Given):
    token: TokenView
    secret: str
    """Shown this once; programs send it as `Authorization: Bearer SECRET`."""


@router.get("/accounts")
async def list_accounts(caller: SignedIn, platform: PlatformOf) -> list[AccountView]:
    """Needs the right to list `accounts.moorage.dev`."""
    await _require(caller, "list")
    return [_view(platform, account) for account in platform.accounts.all()]


@router.post("/accounts", status_code=201)
async def create_account(body: NewAccount, caller: SignedIn, platform: PlatformOf, makes: Makes) -> FirstPassword:
    """With a password that is drawn here. A group that the person could not name in Kubernetes cannot be given away."""
    makes("account", body.name)
    await _require(caller, "create")
    await _require_nameable(platform, body.groups)
    await _require_groups(caller, body.groups)
    try:
        account, password = await platform.accounts.create(body.name, body.groups, body.display_name)
    except KubeError as error:
        if error.conflict:
            raise ProblemError(409, Code.CONFLICT, f"there is an account '{body.name}' already", {"name": body.name}) from error
        raise
    return FirstPassword(account=_view(platform, account), password=password)


@router.patch("/accounts/{account}")
async def change_account(account: AccountName, body: AccountChange, caller: SignedIn, platform: PlatformOf) -> AccountView:
    """A disabled account's sessions and tokens are over."""
    await _require(caller, "update")
    before = await _find(platform, account)
    if body.groups is not None:
        await _require_nameable(platform, {*body.groups} - {*before.groups})
        await _require_groups(caller, [*{*body.groups} ^ {*before.groups}])
    if body.is_disabled and before.person == caller.person:
        raise ProblemError(409, Code.CONFLICT, "you cannot disable yourself; another administrator can")
    changed = before.model_copy(update=body.model_dump(exclude_none=True))
    await platform.accounts.change(changed)
    if changed.is_disabled:
        await platform.sessions.end_all(changed.person.user, tokens=True)
    return _view(platform, changed)


@router.post("/accounts/{account}/password")
async def reset_password(account: AccountName, caller: SignedIn, platform: PlatformOf) -> FirstPassword:
    """A new first password; the account's sessions and tokens are over."""
    await _require(caller, "update")
    found = await _find(platform, account)
    await _require_groups(caller, found.groups)
    password = await platform.accounts.reset(found)
    await platform.sessions.end_all(found.person.user, tokens=True)
    return FirstPassword(account=_view(platform, await _find(platform, account)), password=password)


@router.delete("/accounts/{account}", status_code=204)
async def delete_account(account: AccountName, caller: SignedIn, platform: PlatformOf) -> None:
    """With its sessions and tokens. RoleBindings that name the person stay."""
    await _require(caller, "delete")
    found = await _find(platform, account)
    if found.person == caller.person:
        raise ProblemError(409, Code.CONFLICT, "you cannot delete yourself; another administrator can")
    await platform.accounts.remove(account)
    await platform.sessions.end_all(found.person.user, tokens=True)


@router.get("/account-sessions")
async def list_all_sessions(caller: SignedIn, platform: PlatformOf) -> list[SessionRow]:
    """Everybody's, newest first, tokens among them. Needs the right to list `accounts.moorage.dev`."""
    await _require(caller, "list")
    return [session_row(s, caller) for s in platform.sessions.of()]


@router.delete("/account-sessions/{session}", status_code=204)
async def end_session(session: ObjectName, caller: SignedIn, platform: PlatformOf) -> None:
    """Anybody's session or token. Needs the right to update `accounts.moorage.dev`."""
    await _require(caller, "update")
    found = next((s for s in platform.sessions.of() if s.id == session), None)
    if found is None:
        raise not_found("session", session)
    await platform.sessions.end(found)


@router.get("/tokens")
async def list_tokens(caller: SignedIn, platform: PlatformOf) -> list[TokenView]:
    """The person's own."""
    return [
        TokenView(id=s.id, label=s.label, owner=s.owner, created=s.created, expires=s.expires)
        for s in platform.sessions.of(caller.session.owner)
        if s.way is Way.TOKEN
    ]


@router.post("/tokens", status_code=201)
async def create_token(body: TokenWish, caller: SignedIn, request: Request, platform: PlatformOf, makes: Makes) -> NewToken:
    """It has the person's rights, whatever they are when it is used; a token makes no token."""
    makes("token", body.label)
    if caller.session.way is Way.TOKEN:
        raise ProblemError(403, Code.FORBIDDEN, "a token cannot make another; sign in and make it there")
    session, secret = await platform.sessions.make_token(caller.session, body.label, body.days, address_of(request))
    token = TokenView(id=session.id, label=session.label, owner=session.owner, created=session.created, expires=session.expires)
    return NewToken(token=token, secret=secret)


@router.delete("/tokens/{token}", status_code=204)
async def revoke_token(token: ObjectName, caller: SignedIn, platform: PlatformOf) -> None:
    """One of the person's own."""
    found = next((s for s in platform.sessions.of(caller.session.owner) if s.id == token and s.way is Way.TOKEN), None)
    if found is None:
        raise not_found("token", token)
    await platform.sessions.end(found)


async def _require(caller: Caller, verb: str) -> None:
    """Kubernetes decides: accounts are a resource that only its roles know."""
    if not await caller.kube.may(verb, "accounts", group="moorage.dev"):
        detail = f"you may not {verb} accounts.moorage.dev; an administrator of the console can change that"
        raise ProblemError(403, Code.FORBIDDEN, detail)


async def _require_groups(caller: Caller, groups: list[str]) -> None:
    """Nobody makes somebody mightier than they are: who gives a group must be in it, or may impersonate it."""
    for group in groups:
        name = f"{LOCAL_PREFIX}{group}"
        if name not in caller.person.groups and not await caller.kube.may("impersonate", "groups", name=name):
            detail = f"you are not in the group {group}, so you cannot put somebody into it or take them out of it"
            raise ProblemError(403, Code.FORBIDDEN, detail, {"group": group})


async def _require_nameable(platform: Platform, groups: Iterable[str]) -> None:
    """A group that the console may not name shuts its people out: Kubernetes refuses all that they ask."""
    for group in groups:
        name = f"{LOCAL_PREFIX}{group}"
        if not await platform.persons.own.may("impersonate", "groups", name=name):
            detail = f"the console may not act for the group {group}; name it in the chart's console.groups, and {name} counts"
            raise ProblemError(422, Code.INVALID, detail, {"group": group})


async def _find(platform: Platform, name: str) -> Account:
    account = await platform.accounts.find(name)
    if account is None:
        raise not_found("account", name)
    return account


def _view(platform: Platform, account: Account) -> AccountView:
    return AccountView(
        name=account.name,
        display_name=account.display_name,
        user=account.person.user,
        groups=account.groups,
        must_change_password=account.must_change,
        is_disabled=account.is_disabled,
        created=account.created,
        password_changed=account.password_changed,
        sessions=len([s for s in platform.sessions.of(account.person.user) if s.way is not Way.TOKEN]),
    )
