"""The address's EndpointSlice: who stands behind it, in which term, of which generation. Standard library only: agents use it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from moorage.core import names


@dataclass(frozen=True)
class Holder:
    """The member that the address is to lead to."""

    pod_name: str
    pod_uid: str
    pod_ip: str
    node_name: str
    namespace: str


def led_to(found: dict[str, Any], holder: Holder, *, term: int, generation: int) -> dict[str, Any]:
    """The slice with this member behind it; `metadata.resourceVersion` stays, so that writing it is a compare-and-swap."""
    meta = found["metadata"]
    marks = {
        **(meta.get("annotations") or {}),
        names.ANNOTATION_TERM: str(term),
        names.ANNOTATION_HOLDER: holder.pod_name,
        names.ANNOTATION_GENERATION: str(generation),
    }
    endpoint = {
        "addresses": [holder.pod_ip],
        "conditions": {"ready": True, "serving": True, "terminating": False},
        "nodeName": holder.node_name,
        "targetRef": {"kind": "Pod", "name": holder.pod_name, "namespace": holder.namespace, "uid": holder.pod_uid},
    }
    return {**found, "metadata": {**meta, "annotations": marks}, "endpoints": [endpoint]}


def without(found: dict[str, Any], pods: Collection[str]) -> dict[str, Any]:
    """The slice that gives these members up, and nobody else; as above."""
    meta = found["metadata"]
    marks = {k: v for k, v in (meta.get("annotations") or {}).items() if k != names.ANNOTATION_EXCLUDED}
    excluded = {names.ANNOTATION_EXCLUDED: ",".join(sorted(pods))} if pods else {}
    return {**found, "metadata": {**meta, "annotations": marks | excluded}}
