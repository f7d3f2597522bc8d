"""Channels that people are told by: what each is, whether it works; making and changing them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from moorage.kube.client import KubeError
from moorage.monitoring.telling.channel import Channel, Kind, Outcome
from moorage.monitoring.telling.given import Wrong
from moorage.monitoring.telling.message import Language
from moorage.monitoring.telling.wished import changed, written
from moorage.server.caller import Caller, PlatformOf, SignedIn
from moorage.server.channelasked import NAME, ChangedChannel, ChannelWish, NewChannel, wanted
from moorage.server.model import Given
from moorage.server.parts import Part, PartError
from moorage.server.platform import Platform
from moorage.server.problem import Cause, Code, ProblemError, not_found
from moorage.server.rights import Deed
from moorage.server.routes.services import DeedView, deed_in
from moorage.server.telling.kept import ChannelSecret, KeptChannels
from moorage.server.telling.outbox import Outbox
from moorage.server.telling.records import Delivery, State
from moorage.server.trail import Makes

router = APIRouter(tags=["channels"])
ChannelName = Annotated[str, Path(pattern=NAME)]
EntryName = Annotated[str, Path(pattern=r"^[-._a-zA-Z0-9]{1,253}$", description="A channel, or an entry that is none.")]
TEST_SECONDS = 45.0
"""A mail server is waited for at each of its steps."""
TRIES_MAX = 5
"""Of a new channel between whose reading and writing the Secret became another."""


class LatestView(Given):
    """The newest message of a channel."""

    created: str
    state: State


class ChannelView(Given):
    """What may be told of it: no secret, and of a URL that is one the host."""

    name: str
    kind: Kind
    place: str
    """Such as `slack at hooks.slack.com`."""
    url: str
    """Of a mail server and Telegram's interface, where it is no secret; else empty."""
    has_secret: bool
    language: Language
    zone: str
    to: list[str]
    sender: str
    user: str
    spaces: list[str]
    """Of these alone; empty: of all."""
    services: list[str]
    """SPACE/NAME; of these alone; empty: of all."""
    severities: list[str]
    muted: bool
    is_in_use: bool | None
    """Whether the relay tells people by it as it is here; null: it is not known."""
    latest: LatestView | None


class ChannelsMay(Given):
    """What the person may do with them."""

    create: DeedView
    update: DeedView
    """Also test."""
    delete: DeedView


class ChannelList(Given):
    items: list[ChannelView]
    unusable: dict[str, str]
    """Entry → why nobody can be told by it."""
    version: str
    """To be sent with a change."""
    may: ChannelsMay
    away: str
    """Why it is not known what the relay uses; empty: it is."""


class SavedChannel(Given):
    """The relay uses it within two minutes, when the kubelet has brought it."""

    name: str
    version: str


class Trial(ChannelWish):
    """A channel that need not be kept."""

    name: Annotated[str, Field(pattern=NAME)]
    """Of one that is there: what is empty is taken from it."""


class Tested(Given):
    """What the receiver answered to a test message."""

    outcome: Outcome
    answer: str


@router.get("/channels")
async def list_channels(caller: SignedIn, platform: PlatformOf) -> ChannelList:
    """As they are kept, which the relay knows a minute later. Needs the right to list `channels.moorage.dev`."""
    await require(caller, Deed.LIST_CHANNELS)
    relay = relay_of(platform)
    kept = await _secret(platform).read()
    latest = await outbox_of(platform).latest()
    in_use, away = await _in_use(relay)
    return ChannelList(
        items=[_view(one, in_use, latest.get(one.name)) for one in sorted(kept.found.usable.values(), key=lambda one: one.name)],
        unusable=kept.found.unusable,
        version=kept.version,
        may=ChannelsMay(
            create=await _may(caller, Deed.CREATE_CHANNEL),
            update=await _may(caller, Deed.CHANGE_CHANNEL),
            delete=await _may(caller, Deed.DELETE_CHANNEL),
        ),
        away=away,
    )


@router.post("/channels", status_code=201)
async def create_channel(body: NewChannel, caller: SignedIn, platform: PlatformOf, makes: Makes) -> SavedChannel:
    """Needs the right to create `channels.moorage.dev`."""
    makes("channel", body.name, by=str(body.kind))
    await require(caller, Deed.CREATE_CHANNEL)
    secret = _secret(platform)
    made = wanted(body.name, body, None)
    for tries_left in reversed(range(TRIES_MAX)):
        kept = await secret.read()
        if kept.entries_of(body.name):
            detail = f"there is a channel '{body.name}' already; take another name, or change that one"
            raise ProblemError(409, Code.CONFLICT, detail, causes=[Cause(field="body.name", message=detail, wrong=Wrong.TAKEN)])
        try:
            return SavedChannel(name=body.name, version=await secret.keep(made, kept))
        except KubeError as error:
            if not error.conflict or not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


@router.put("/channels/{channel}")
async def change_channel(
    channel: ChannelName, body: ChangedChannel, caller: SignedIn, platform: PlatformOf, makes: Makes
) -> SavedChannel:
    """What is left empty of its secrets stays. Refused when the body is of an older version. Needs the right to update
    `channels.moorage.dev`."""
    await require(caller, Deed.CHANGE_CHANNEL)
    kept = await _current(platform, channel, body.version)
    before = kept.found.usable.get(channel)
    made = wanted(channel, body, before)
    makes.says(changed=", ".join(changed(before, made) if before is not None else written(made)))
    try:
        return SavedChannel(name=channel, version=await _secret(platform).keep(made, kept))
    except KubeError as error:
        raise (_changed_meanwhile(channel) if error.conflict else error) from error


@router.delete("/channels/{channel}", status_code=202)
async def delete_channel(
    channel: EntryName, caller: SignedIn, platform: PlatformOf, version: Annotated[str, Query(max_length=64)]
) -> None:
    """Also of an entry that is no use. What waits to be sent by it is not. Needs the right to delete `channels.moorage.dev`."""
    await require(caller, Deed.DELETE_CHANNEL)
    kept = await _current(platform, channel, version)
    try:
        await _secret(platform).remove(channel, kept)
    except KubeError as error:
        raise (_changed_meanwhile(channel) if error.conflict else error) from error


@router.post("/channels/test")
async def try_channel(body: Trial, caller: SignedIn, platform: PlatformOf, makes: Makes) -> Tested:
    """A test message by what is not kept yet. Needs the right to update `channels.moorage.dev`."""
    makes("channel", body.name, by=str(body.kind))
    await require(caller, Deed.CHANGE_CHANNEL)
    kept = await _secret(platform).read()
    return await _tested(platform, wanted(body.name, body, kept.found.usable.get(body.name)))


@router.post("/channels/{channel}/test")
async def test_channel(channel: ChannelName, caller: SignedIn, platform: PlatformOf) -> Tested:
    """Sends a test message at once, by what is kept now. Needs the right to update `channels.moorage.dev`."""
    await require(caller, Deed.CHANGE_CHANNEL)
    found = (await _secret(platform).read()).found.usable.get(channel)
    if found is None:
        raise not_found("channel", channel)
    return await _tested(platform, found)


def relay_of(platform: Platform) -> Part:
    if platform.relay is None:
        raise ProblemError(503, Code.NO_MONITORING, "the relay is not installed, so nobody is told; set relay.enabled=true")
    return platform.relay


def _secret(platform: Platform) -> ChannelSecret:
    return ChannelSecret(platform.persons.own, platform.settings.namespace, platform.settings.channels)


def outbox_of(platform: Platform) -> Outbox:
    return Outbox(platform.persons.own, platform.settings.namespace, platform.settings.identity)


async def _tested(platform: Platform, channel: Channel) -> Tested:
    """The relay sends it: its way to the receiver is the one that counts."""
    asked = {"name": channel.name, "given": written(channel)}
    return Tested.model_validate(await relay_of(platform).ask("POST", "/tests", json=asked, seconds=TEST_SECONDS))


async def _in_use(relay: Part) -> tuple[dict[str, str] | None, str]:
    """Channel → fingerprint of it as the relay knows it, or why that is not known."""
    try:
        answer = await relay.ask("GET", "/channels")
        return {str(one["name"]): str(one.get("fingerprint", "")) for one in answer["items"]}, ""
    except PartError as error:
        return None, str(error)


async def _current(platform: Platform, channel: str, version: str) -> KeptChannels:
    kept = await _secret(platform).read()
    if not kept.entries_of(channel):
        raise not_found("channel", channel)
    if kept.version != version:
        raise _changed_meanwhile(channel)
    return kept


def _changed_meanwhile(channel: str) -> ProblemError:
    detail = f"the channels were changed meanwhile by somebody else; look at {channel} as it is now, and change that"
    return ProblemError(409, Code.CHANGED_MEANWHILE, detail, {"name": channel})


async def require(caller: Caller, deed: Deed) -> None:
    may = await _may(caller, deed)
    if not may.allowed:
        raise ProblemError(403, Code.FORBIDDEN, may.why_not)


async def _may(caller: Caller, deed: Deed) -> DeedView:
    return (await deed_in(caller, deed, {""}))[""]


def _view(one: Channel, in_use: dict[str, str] | None, latest: Delivery | None) -> ChannelView:
    return ChannelView(
        name=one.name,
        kind=one.kind,
        place=one.place,
        url=one.shown_url,
        has_secret=bool(one.secret),
        language=one.language,
        zone=one.zone,
        to=list(one.to),
        sender=one.sender,
        user=one.user,
        spaces=list(one.spaces),
        services=list(one.services),
        severities=[str(severity) for severity in one.severities],
        muted=one.muted,
        is_in_use=None if in_use is None else in_use.get(one.name) == one.fingerprint,
        latest=None if latest is None else LatestView(created=latest.created.isoformat(timespec="seconds"), state=latest.state),
    )
