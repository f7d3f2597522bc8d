"""One stream of events per tab: what changed, and nothing that the person may not see. It goes on where it broke off."""

import asyncio
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ValidationError

from moorage.kube.client import KubeError
from moorage.kube.reflector import Object
from moorage.server import looks
from moorage.server.caller import Caller, PlatformOf, SignedIn
from moorage.server.feed import Change
from moorage.server.model import Given
from moorage.server.platform import Platform
from moorage.server.routes.backups import backup_row
from moorage.server.routes.restores import restore_row
from moorage.views.backup import backup_view
from moorage.views.errors import UnreadableError
from moorage.views.restore import restore_view
from moorage.views.store import store_view

router = APIRouter(tags=["stream"])
GATHER_SECONDS = 0.05
"""Changes that come close together go out together."""
BEAT_SECONDS = 10.0
"""How often a quiet stream looks whether its session still holds, and says that it lives."""


class Topic(StrEnum):
    """The event's name."""

    SERVICE = "service"
    BACKUP = "backup"
    RESTORE = "restore"
    STORE = "store"
    HOSTS = "hosts"
    """Some node or Pod changed; ask for the hosts again when they are shown."""
    SPACES = "spaces"
    RESET = "reset"
    """Too much was missed: ask for everything that is shown again."""
    BEAT = "beat"
    """The stream lives."""
    END = "end"
    """The session is over: sign in again."""


class StreamEvent(Given):
    """An event's data."""

    space: str = ""
    name: str = ""
    row: dict[str, Any] | None = None
    """As in the list of this kind (ServiceRow, BackupRow, RestoreRow, StoreView); None: it is gone."""
    why_stale: str = ""
    """With `beat`: why what is shown may be old."""


_TOPICS = {
    "DataService": Topic.SERVICE,
    "DataBackup": Topic.BACKUP,
    "DataRestore": Topic.RESTORE,
    "BackupStore": Topic.STORE,
    "Node": Topic.HOSTS,
    "Pod": Topic.HOSTS,
    "Namespace": Topic.SPACES,
}


@router.get("/stream", response_class=EventSourceResponse)
async def stream(
    caller: SignedIn,
    platform: PlatformOf,
    after: Annotated[str | None, Query(max_length=40, description="`position` of the list that was read last.")] = None,
    last_event_id: Annotated[str | None, Header(max_length=40)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Each event's id is a position to go on from; browsers send it back by themselves as Last-Event-ID."""
    feed = platform.cache.feed
    position = last_event_id or after or feed.position
    while platform.sessions.still(caller.session):
        changes = feed.since(position)
        if changes is None:
            position = feed.position
            yield _event(Topic.RESET, StreamEvent(), position)
            continue
        reached = feed.position
        for event in await _events(platform, caller, changes):
            yield event
        position = reached
        if await feed.wait(position, BEAT_SECONDS):
            await asyncio.sleep(GATHER_SECONDS)
        else:
            yield _event(Topic.BEAT, StreamEvent(why_stale=platform.cache.why_stale), position)
    yield _event(Topic.END, StreamEvent(), position)


async def _events(platform: Platform, caller: Caller, changes: list[Change]) -> list[ServerSentEvent]:
    """Only of what the person sees. `hosts` and `spaces` carry no names, and one of each is enough."""
    found: list[ServerSentEvent] = []
    told: set[Topic] = set()
    for change in changes:
        topic = _TOPICS.get(change.kind)
        position = f"{platform.cache.feed.epoch}-{change.number}"
        if topic in (Topic.HOSTS, Topic.SPACES):
            if topic not in told:
                told.add(topic)
                found.append(_event(topic, StreamEvent(), position))
        elif topic is not None and await _sees(platform, caller, change):
            found.append(_event(topic, _row(platform, topic, change), position))
    return found


async def _sees(platform: Platform, caller: Caller, change: Change) -> bool:
    try:
        return (await looks.sight(platform, caller, change.kind)).sees(change.key[0])
    except KubeError:
        return False  # nobody can say; the next list tells


_MAKERS: dict[Topic, Callable[[Platform, Object], BaseModel]] = {
    Topic.SERVICE: lambda platform, obj: platform.rows.of(obj),
    Topic.BACKUP: lambda platform, obj: backup_row(platform, backup_view(obj)),
    Topic.RESTORE: lambda _platform, obj: restore_row(restore_view(obj)),
    Topic.STORE: lambda _platform, obj: store_view(obj),
}


def _row(platform: Platform, topic: Topic, change: Change) -> StreamEvent:
    space, name = change.key
    obj = platform.cache.get(change.kind, space, name)
    if obj is None:
        platform.rows.forget(change.key)
        return StreamEvent(space=space, name=name)
    try:
        row = _MAKERS[topic](platform, obj)
    except (UnreadableError, ValidationError):
        return StreamEvent(space=space, name=name)
    return StreamEvent(space=space, name=name, row=row.model_dump(mode="json", by_alias=True))


def _event(topic: Topic, data: StreamEvent, position: str) -> ServerSentEvent:
    return ServerSentEvent(event=str(topic), id=position, data=data.model_dump(mode="json", by_alias=True))
