"""The machines: what each has, what is asked of it, and which services live on it. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import Field

from moorage.api.conditions import Resource
from moorage.api.dataservice import DataService, Health
from moorage.api.quantity import parse
from moorage.core import names
from moorage.views.service import member_pods

Object = dict[str, Any]
_OVER = ("Succeeded", "Failed")


class Guest(Resource):
    """A member on this host."""

    namespace: str
    service: str
    pod: str
    role: str = ""
    health: Health = Health.UNKNOWN
    """Of the member, as the service's status says."""


class HostView(Resource):
    """One node."""

    name: str
    address: str = ""
    is_ready: bool = False
    message: str = ""
    """Why it is not ready or takes no new Pods."""
    is_schedulable: bool = True
    cpu_millis: int = 0
    """What Pods may take in all."""
    memory_bytes: int = 0
    cpu_asked_millis: int = 0
    """What the Pods on it ask for."""
    memory_asked_bytes: int = 0
    pods: int = 0
    pods_max: int = 0
    kubelet: str = ""
    created: str | None = None
    members: list[Guest] = Field(default=[])

    @property
    def cpu_free_millis(self) -> int:
        return max(0, self.cpu_millis - self.cpu_asked_millis)

    @property
    def memory_free_bytes(self) -> int:
        return max(0, self.memory_bytes - self.memory_asked_bytes)

    @property
    def takes_pods(self) -> bool:
        return self.is_ready and self.is_schedulable and self.pods < self.pods_max


Colours = Mapping[tuple[str, str], Health]
"""(namespace, Pod) → colour of the member in it."""


def colours_of(services: Iterable[DataService]) -> dict[tuple[str, str], Health]:
    """As the services' own status says."""
    return {
        (service.metadata.namespace, pod): service.status.health_instances[member]
        for service in services
        for member, pod in member_pods(service).items()
    }


def host_views(nodes: Iterable[Object], pods: Iterable[Object], colours: Colours) -> list[HostView]:
    """By name."""
    on: dict[str, list[Object]] = {}
    for pod in pods:
        node = (pod.get("spec") or {}).get("nodeName")
        if node and (pod.get("status") or {}).get("phase") not in _OVER:
            on.setdefault(node, []).append(pod)
    return sorted((_host(node, on.get(node["metadata"]["name"], []), colours) for node in nodes), key=lambda h: h.name)


def _host(node: Object, pods: list[Object], colours: Colours) -> HostView:
    meta, spec, status = node["metadata"], node.get("spec") or {}, node.get("status") or {}
    ready: Object = next((c for c in status.get("conditions") or [] if c.get("type") == "Ready"), {})
    room = status.get("allocatable") or status.get("capacity") or {}
    asked = [_asked(pod) for pod in pods]
    closed = bool(spec.get("unschedulable"))
    is_ready = ready.get("status") == "True"
    return HostView(
        name=meta["name"],
        address=next((a["address"] for a in status.get("addresses") or [] if a.get("type") == "InternalIP"), ""),
        is_ready=is_ready,
        message="it is closed for new Pods" if is_ready and closed else "" if is_ready else str(ready.get("message") or ""),
        is_schedulable=not closed,
        cpu_millis=millis(room.get("cpu")),
        memory_bytes=whole(room.get("memory")),
        cpu_asked_millis=sum(cpu for cpu, _ in asked),
        memory_asked_bytes=sum(memory for _, memory in asked),
        pods=len(pods),
        pods_max=int(room.get("pods") or 0),
        kubelet=(status.get("nodeInfo") or {}).get("kubeletVersion", ""),
        created=meta.get("creationTimestamp"),
        members=sorted(
            (guest for pod in pods if (guest := _guest(pod, colours)) is not None), key=lambda g: (g.namespace, g.pod)
        ),
    )


def _asked(pod: Object) -> tuple[int, int]:
    """What the scheduler counts: the containers together, or the largest of those that run before them."""
    spec = pod.get("spec") or {}
    running, before = spec.get("containers") or [], spec.get("initContainers") or []
    cpu = max([sum(_cpu(c) for c in running), *(_cpu(c) for c in before)])
    return cpu, max([sum(_memory(c) for c in running), *(_memory(c) for c in before)])


def _cpu(container: Object) -> int:
    return millis(_requests(container).get("cpu"))


def _memory(container: Object) -> int:
    return whole(_requests(container).get("memory"))


def _requests(container: Object) -> Mapping[str, Any]:
    resources: Mapping[str, Any] = container.get("resources") or {}
    return resources.get("requests") or {}


def _guest(pod: Object, colours: Colours) -> Guest | None:
    meta = pod["metadata"]
    labels = meta.get("labels") or {}
    is_member = labels.get(names.LABEL_COMPONENT) == names.COMPONENT_MEMBER and labels.get(names.LABEL_PART_OF) == names.PART_OF
    if not is_member or names.LABEL_INSTANCE not in labels:
        return None
    return Guest(
        namespace=meta["namespace"],
        service=labels[names.LABEL_INSTANCE],
        pod=meta["name"],
        role=labels.get(names.LABEL_ROLE, ""),
        health=colours.get((meta["namespace"], meta["name"]), Health.UNKNOWN),
    )


_OTHER_UNITS = {"n": "1e-9", "u": "1e-6", "P": "1e15", "E": "1e18", "Pi": str(2**50), "Ei": str(2**60)}
"""Of Kubernetes' own, besides those that people may write for a service."""


def millis(quantity: object) -> int:
    """Thousandths of a core."""
    return int(_exact(quantity) * 1000)


def whole(quantity: object) -> int:
    """Bytes."""
    return int(_exact(quantity))


def _exact(quantity: object) -> Decimal:
    """A quantity of anybody's Pod; what cannot be read counts as nothing."""
    text = str(quantity or "0")
    try:
        return parse(text)
    except ValueError:
        unit = next((u for u in sorted(_OTHER_UNITS, key=len, reverse=True) if text.endswith(u)), "")
        try:
            return Decimal(text.removesuffix(unit)) * Decimal(_OTHER_UNITS.get(unit, "1"))
        except InvalidOperation:
            return Decimal(0)
