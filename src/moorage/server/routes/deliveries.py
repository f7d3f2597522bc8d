"""What became of each message to a channel."""

from typing import Annotated

from fastapi import APIRouter, Query

from moorage.monitoring.telling.message import Colour
from moorage.server.caller import PlatformOf, SignedIn
from moorage.server.model import Given
from moorage.server.rights import Deed
from moorage.server.routes.channels import outbox_of, relay_of, require
from moorage.server.telling.records import Attempt, Delivery, State

router = APIRouter(tags=["channels"])


class DeliveryView(Given):
    """A message on its way to one channel."""

    name: str
    channel: str
    created: str
    title: str
    colour: Colour
    state: State
    tries: int
    merged: int
    """With how many others it became one message."""
    due: str | None = None
    """When it is tried next; null: it is done with."""
    attempts: list[Attempt]
    """What the receiver answered each time; the last 20."""


class DeliveryList(Given):
    """Newest first; of the last 14 days."""

    items: list[DeliveryView]


@router.get("/deliveries")
async def list_deliveries(
    caller: SignedIn,
    platform: PlatformOf,
    channel: Annotated[str | None, Query(max_length=40)] = None,
    at_most: Annotated[int, Query(alias="atMost", ge=1, le=1000)] = 200,
) -> DeliveryList:
    """Also of channels that are no more. Needs the right to list `channels.moorage.dev`."""
    await require(caller, Deed.LIST_CHANNELS)
    relay_of(platform)
    return DeliveryList(items=[_view(one) for one in await outbox_of(platform).log(channel, at_most)])


def _view(one: Delivery) -> DeliveryView:
    return DeliveryView(
        name=one.name,
        channel=one.channel,
        created=one.created.isoformat(timespec="seconds"),
        title=one.message.title,
        colour=one.message.colour,
        state=one.state,
        tries=one.tries,
        merged=one.merged,
        due=one.due.isoformat(timespec="seconds") if one.state is State.WAITING else None,
        attempts=one.attempts,
    )
