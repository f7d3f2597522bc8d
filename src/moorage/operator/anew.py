"""Looks at a service anew, past the local copies: they may be behind, and what is destroyed stays so."""

from collections.abc import Mapping

from moorage.api.dataservice import DataService
from moorage.core import names
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

_KINDS = ("DataService", "StatefulSet", "Pod", "EndpointSlice", "PersistentVolumeClaim")


def is_destructive(step: Step) -> bool:
    """Whether it takes, or may take, something away that runs or holds data.

    Whatever a StatefulSet is applied for, it says how many members there are, and the copies may not know of all of them.
    """
    if isinstance(step, Apply):
        return step.desired.kind == "StatefulSet"
    if isinstance(step, Order):
        return step.action in (EMPTY_MEMBER, RECOVER)
    return isinstance(step, ReplacePod | DropClaim | RenewVolume | StartAnew | MoveAddress | Exclude | Retire | Discard)


async def look_anew(kube: Kube, service: DataService, stores: Mapping[str, Store]) -> dict[str, Store]:
    """Copies of which those that a destructive step depends on are what the API server says now. Raises KubeError."""
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
    placed = {(pod.get("spec") or {}).get("nodeName") for pod in fresh["Pod"].all()}
    nodes = [await kube.get("Node", node) for node in sorted(filter(None, placed))]
    fresh["Node"] = Store()
    fresh["Node"].listed([node for node in nodes if node is not None], "")
    return {**stores, **fresh}
