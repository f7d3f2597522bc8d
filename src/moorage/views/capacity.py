"""Whether the hosts have room for a service that is not there yet. Pure."""

from collections.abc import Iterable

from moorage.views.host import HostView, millis, whole
from moorage.views.text import size


def fitting(hosts: Iterable[HostView], cpu: str, memory: str) -> list[HostView]:
    """Those that take a member of this size now."""
    cpu_millis, memory_bytes = millis(cpu), whole(memory)
    return [h for h in hosts if h.takes_pods and h.cpu_free_millis >= cpu_millis and h.memory_free_bytes >= memory_bytes]


def why_no_room(hosts: Iterable[HostView], members: int, cpu: str, memory: str) -> str | None:
    """The reason why these members would wait for room; None: there is room now. Every member needs a host of its own."""
    found = list(hosts)
    open_ones = [h for h in found if h.takes_pods]
    with_room = fitting(found, cpu, memory)
    if len(with_room) >= members:
        return None
    if len(open_ones) < members:
        return f"{members} members need {members} hosts, and {len(open_ones)} of {len(found)} take new Pods"
    tight = sorted((h for h in open_ones if h not in with_room), key=lambda h: h.name)
    room = ", ".join(f"{h.name} has {h.cpu_free_millis}m and {size(h.memory_free_bytes)} free" for h in tight[:3])
    more = f" and {len(tight) - 3} more are too small" if len(tight) > 3 else ""
    return f"each member needs {cpu} CPU and {memory}, and {len(with_room)} of {members} wanted hosts have that; {room}{more}"
