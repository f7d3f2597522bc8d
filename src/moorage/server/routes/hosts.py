"""The machines: what runs where, what is free, and what a drain would make yellow or red."""

from fastapi import APIRouter

from moorage.api.dataservice import KIND, Health
from moorage.server import looks
from moorage.server.caller import PlatformOf, SignedIn
from moorage.server.model import Given
from moorage.server.problem import Code, ProblemError
from moorage.views.host import HostView, colours_of, host_views
from moorage.views.service import parse

router = APIRouter(tags=["hosts"])


class Drain(Given):
    """What emptying a host would mean for one service."""

    space: str
    service: str
    becomes: Health
    """yellow: it serves with a member less; red: its only member lives there."""


class HostRow(HostView):
    """A host; members of spaces that the person may not see are counted, not named."""

    cpu_free: int
    """Thousandths of a core."""
    memory_free: int
    """Bytes."""
    takes_new_pods: bool
    hidden_members: int
    drain: list[Drain]


class HostList(Given):
    items: list[HostRow]
    position: str


@router.get("/hosts")
async def list_hosts(caller: SignedIn, platform: PlatformOf) -> HostList:
    """Needs the right to list nodes."""
    if not (await platform.sights.of(caller.person, "nodes", "")).everywhere:
        raise ProblemError(403, Code.FORBIDDEN, "you may not list nodes; an administrator of the cluster can change that")
    position = platform.cache.feed.position
    services = {(s.metadata.namespace, s.metadata.name): s for s in map(parse, await looks.visible(platform, caller, KIND))}
    hosts = host_views(platform.cache.all("Node"), platform.cache.all("Pod"), colours_of(services.values()))
    return HostList(
        items=[_row(host, {key: s.status.expected_nodes for key, s in services.items()}) for host in hosts], position=position
    )


def _row(host: HostView, members: dict[tuple[str, str], int]) -> HostRow:
    """`members`: of the services that the person may see, how many each has."""
    seen = [guest for guest in host.members if (guest.namespace, guest.service) in members]
    drains = {(g.namespace, g.service): Health.RED if members[g.namespace, g.service] <= 1 else Health.YELLOW for g in seen}
    return HostRow(
        **host.model_dump(exclude={"members"}),
        members=seen,
        cpu_free=host.cpu_free_millis,
        memory_free=host.memory_free_bytes,
        takes_new_pods=host.takes_pods,
        hidden_members=len(host.members) - len(seen),
        drain=[Drain(space=space, service=name, becomes=colour) for (space, name), colour in sorted(drains.items())],
    )
