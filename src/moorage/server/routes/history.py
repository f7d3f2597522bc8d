"""What happened to a service: Kubernetes' events and the repairs that its status remembers, and its members' logs."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from moorage.api.databackup import KIND as BACKUP
from moorage.api.datarestore import KIND as RESTORE
from moorage.api.dataservice import KIND, Repair
from moorage.core import names
from moorage.kube.client import KubeError
from moorage.kube.reflector import Object
from moorage.server import looks
from moorage.server.caller import Caller, PlatformOf, SignedIn
from moorage.server.model import Given, MemberName, ServiceName, SpaceName
from moorage.server.older import Part
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError
from moorage.views.backup import readable
from moorage.views.event import EventView, of_service
from moorage.views.past import Past, past
from moorage.views.restore import restore_view
from moorage.views.service import member_pods, parse

router = APIRouter(prefix="/services/{space}/{name}", tags=["services"])
LINES_MAX = 5_000
ENTRIES_MAX = 1_000
Tail = Annotated[int, Query(ge=1, le=LINES_MAX, description="So many of the last lines.")]


class History(Given):
    """Newest first."""

    events: list[EventView]
    """Kubernetes forgets them after an hour."""
    repairs: list[Repair]
    """The last 50, however old."""
    past: list[Past]
    """What is kept longer: the deployment, repairs, drills, changed settings, backups and restores, however old."""
    next: str | None
    """To be sent as `before` for what is older; null: that was all."""


class LogLines(Given):
    member: str
    pod: str
    lines: list[str]
    """Oldest first, each with the time at which the node wrote it."""


@router.get("/events")
async def get_history(
    space: SpaceName,
    name: ServiceName,
    caller: SignedIn,
    platform: PlatformOf,
    before: Annotated[datetime | None, Query(description="Only what is older, with its zone.")] = None,
    at_most: Annotated[
        int, Query(alias="atMost", ge=1, le=ENTRIES_MAX, description="Of each list, and what is of the same moment as the last.")
    ] = ENTRIES_MAX,
) -> History:
    """Needs the right to list events of the space."""
    if before is not None and before.tzinfo is None:
        raise ProblemError(422, Code.INVALID, "before has no time zone; write it as 2026-11-06T12:34:56Z")
    service = parse(await looks.find(platform, caller, KIND, space, name))
    events, _ = await caller.kube.list("Event", space)
    backups = [v for b in await _about(platform, caller, BACKUP, space, name) if (v := readable(b)) is not None]
    restores = [restore_view(r) for r in await _about(platform, caller, RESTORE, space, name)]
    seen, repairs = of_service(events, name, service.metadata.uid)[::-1], service.status.repairs[::-1]
    kept = past(service, backups, restores)
    part = Part(before, at_most)
    for times in ([e.time for e in seen], [r.start_time for r in repairs], [p.time for p in kept]):
        part.reaches(times)
    return History(
        events=part.of(seen, lambda e: e.time),
        repairs=part.of(repairs, lambda r: r.start_time),
        past=part.of(kept, lambda p: p.time),
        next=part.next,
    )


async def _about(platform: Platform, caller: Caller, kind: str, space: str, name: str) -> list[Object]:
    return looks.about(await looks.visible(platform, caller, kind, space), name)


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
