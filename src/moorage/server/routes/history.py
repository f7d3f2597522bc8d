"""What happened to a service: Kubernetes' events and the repairs that its status remembers, and its members' logs."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from moorage.api.dataservice import KIND, Repair
from moorage.core import names
from moorage.kube.client import KubeError
from moorage.server import looks
from moorage.server.caller import Caller, PlatformOf, SignedIn
from moorage.server.model import Given, MemberName, ServiceName, SpaceName
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError
from moorage.views.event import EventView, of_service
from moorage.views.service import member_pods, parse

router = APIRouter(prefix="/services/{space}/{name}", tags=["services"])
LINES_MAX = 5_000
Tail = Annotated[int, Query(ge=1, le=LINES_MAX, description="So many of the last lines.")]


class History(Given):
    """Newest first."""

    events: list[EventView]
    """Kubernetes forgets them after an hour."""
    repairs: list[Repair]
    """The last 50, however old."""


class LogLines(Given):
    member: str
    pod: str
    lines: list[str]
    """Oldest first, each with the time at which the node wrote it."""


@router.get("/events")
async def get_history(space: SpaceName, name: ServiceName, caller: SignedIn, platform: PlatformOf) -> History:
    """Needs the right to list events of the space."""
    service = parse(await looks.find(platform, caller, KIND, space, name))
    events, _ = await caller.kube.list("Event", space)
    found = of_service(events, name, service.metadata.uid)
    return History(events=found[::-1], repairs=service.status.repairs[::-1])


@router.get("/logs")
async def get_logs(
    space: SpaceName,
    name: ServiceName,
    caller: SignedIn,
    platform: PlatformOf,
    member: Annotated[MemberName, Query()],
    tail: Tail = 200,
) -> LogLines:
    """Of one member's engine and agent. Needs the right to read logs of the space's Pods."""
    pod = await _pod_of(platform, caller, space, name, member)
    lines = [line async for line in caller.kube.log(pod, space, container=names.CONTAINER_MEMBER, follow=False, tail=tail)]
    return LogLines(member=member, pod=pod, lines=lines)


@router.get("/logs/follow", response_class=EventSourceResponse)
async def follow_logs(
    space: SpaceName,
    name: ServiceName,
    caller: SignedIn,
    platform: PlatformOf,
    member: Annotated[MemberName, Query()],
    tail: Tail = 200,
) -> AsyncIterator[ServerSentEvent]:
    """Each event's data is one line. `end` tells why there are no more."""
    pod = await _pod_of(platform, caller, space, name, member)
    why = "the member's container has ended"
    try:
        async for line in caller.kube.log(pod, space, container=names.CONTAINER_MEMBER, follow=True, tail=tail):
            yield ServerSentEvent(data=line, event="line")
            if not platform.sessions.still(caller.session):
                why = "the session is over"
                break
    except KubeError as error:
        why = str(error)
    with suppress(GeneratorExit):
        yield ServerSentEvent(data=why, event="end")


async def _pod_of(platform: Platform, caller: Caller, space: str, name: str, member: str) -> str:
    service = parse(await looks.find(platform, caller, KIND, space, name))
    pods = member_pods(service)
    if member not in pods:
        detail = f"{name} has no member '{member}'; there are: {', '.join(pods) or 'none yet'}"
        raise ProblemError(404, Code.NOT_FOUND, detail, {"what": "member", "name": member, "space": space})
    return pods[member]
