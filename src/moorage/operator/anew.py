"""Looks at a service anew, past the local copies: they may be behind, and what is destroyed stays so."""

from collections.abc import Iterable, Mapping
from typing import Any

from moorage.api.dataservice import DataService
from moorage.core import names
from moorage.core.drill import is_fault
from moorage.core.rebuild_rule import EMPTY_MEMBER
from moorage.core.recovery import RECOVER
from moorage.core.step import (
    Apply,
    Discard,
    DropClaim,
    Exclude,
    MoveAddress,
    Order,
    RenewVolume,
    ReplacePod,
    Retire,
    StartAnew,
    Step,
)
from moorage.kube.client import Kube
from moorage.kube.reflector import Store
from moorage.operator.nodes import names_of, tied_to

_KINDS = ("DataService", "StatefulSet", "Pod", "EndpointSlice", "PersistentVolumeClaim")


def is_destructive(step: Step) -> bool:
    """Whether it takes, or may take, something away that runs or holds data.

    Whatever a StatefulSet is applied for, it says how many members there are, and the copies may not know of all of them.
    """
    if isinstance(step, Apply):
        return step.desired.kind == "StatefulSet"
    if isinstance(step, Order):
        return step.action in (EMPTY_MEMBER, RECOVER) or is_fault(step)
    return isinstance(step, ReplacePod | DropClaim | RenewVolume | StartAnew | MoveAddress | Exclude | Retire | Discard)


async def look_anew(
    kube: Kube, service: DataService, stores: Mapping[str, Store], volumes: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Store]:
    """Copies of which those that a destructive step depends on are what the API server says now. Raises KubeError.

    `volumes`: PersistentVolumes whose nodes are looked at, too; what they are tied to never changes.
    """
    namespace, name = service.metadata.namespace, service.metadata.name
    fresh = {kind: Store() for kind in _KINDS}
    for kind, store in fresh.items():
        if kind == "DataService":
            found = await kube.get(kind, name, namespace)
            store.listed([found] if found is not None else [], "")
        else:
            store.listed(*await kube.list(kind, namespace, labels={names.LABEL_INSTANCE: name}))
    fresh["DataRestore"] = Store()
    fresh["DataRestore"].listed(*await kube.list("DataRestore", namespace))
    fresh["Node"] = await _nodes(kube, fresh["Pod"].all(), stores["Node"], volumes)
    return {**stores, **fresh}


async def _nodes(kube: Kube, pods: list[dict[str, Any]], known: Store, volumes: Iterable[Mapping[str, Any]]) -> Store:
    """The copy, with the nodes that members are on, or that a volume is tied to, as they are now."""
    found = {node["metadata"]["name"]: node for node in known.all()}
    concerned = {str((pod.get("spec") or {}).get("nodeName") or "") for pod in pods}
    concerned |= {name for volume in volumes for name in names_of(tied_to(volume) or (), known)}
    for name in sorted(filter(None, concerned)):
        now = await kube.get("Node", name)
        if now is None:
            found.pop(name, None)
        else:
            found[name] = now
    nodes = Store()
    nodes.listed(list(found.values()), "")
    return nodes
