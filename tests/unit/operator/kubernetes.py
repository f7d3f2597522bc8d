"""Kubernetes' objects as its API server answers them: written down from a 1.34 cluster, shortened to what is read."""

from datetime import UTC, datetime, timedelta
from typing import Any

Object = dict[str, Any]

START = datetime(2026, 11, 25, 2, 24, 6, tzinfo=UTC)
AGENT_IMAGE, ENGINE_IMAGE = "ghcr.io/moorage/moorage:1", "docker.io/library/mongo:6.0"


def at(seconds: float) -> datetime:
    """That long after the Pod was made and placed."""
    return START + timedelta(seconds=seconds)


def stamp(seconds: float) -> str:
    return at(seconds).isoformat(timespec="seconds").replace("+00:00", "Z")


def waiting(reason: str, message: str = "", **status: Any) -> Object:
    return {"state": {"waiting": {"reason": reason, "message": message}}, "ready": False, "restartCount": 0, **status}


def ended(exit_code: int, reason: str, seconds: float = 1, message: str = "") -> Object:
    return {"terminated": {"exitCode": exit_code, "reason": reason, "finishedAt": stamp(seconds), "message": message}}


INSTALLED: Object = {"state": ended(0, "Completed", 1), "ready": True, "restartCount": 0}
NOT_YET = waiting("PodInitializing")


def pod(
    member: Object = NOT_YET, install: Object = INSTALLED, *, node: str = "n2", conditions: Any = None, **status: Any
) -> Object:
    """A member's Pod that was placed at once; what is given is the state of its two containers."""
    return {
        "metadata": {
            "name": "orders-g1-0",
            "namespace": "shop",
            "uid": "pod-0",
            "creationTimestamp": stamp(0),
            "labels": {"app.kubernetes.io/instance": "orders"},
        },
        "spec": {"nodeName": node} if node else {},
        "status": {
            "phase": "Pending",
            "conditions": [condition("PodScheduled", True)] if conditions is None else conditions,
            "initContainerStatuses": [{"name": "install-agent", "image": AGENT_IMAGE, **install}],
            "containerStatuses": [{"name": "member", "image": ENGINE_IMAGE, **member}],
            **status,
        },
    }


def condition(kind: str, holds: bool, seconds: float = 0, **more: Any) -> Object:
    return {"type": kind, "status": str(holds), "lastTransitionTime": stamp(seconds), **more}


def unplaced(message: str) -> Object:
    """What the scheduler says of a Pod that it finds no node for."""
    found = pod(node="", conditions=[condition("PodScheduled", False, reason="Unschedulable", message=message)])
    del found["status"]["initContainerStatuses"], found["status"]["containerStatuses"]
    return found


def node(name: str, *taints: Object, ready: bool = True) -> Object:
    return {"metadata": {"name": name}, "spec": {"taints": [*taints]}, "status": {"conditions": [condition("Ready", ready)]}}


def taint(key: str, value: str = "", effect: str = "NoSchedule") -> Object:
    return {"key": key, "effect": effect} | ({"value": value} if value else {})


def event(reason: str, message: str, seconds: float = 0, **more: Any) -> Object:
    return {
        "metadata": {"creationTimestamp": stamp(seconds)},
        "reason": reason,
        "message": message,
        "lastTimestamp": stamp(seconds),
    } | more


def claim(
    ordinal: int,
    *,
    class_name: str = "standard",
    size: str = "10Gi",
    volume: str = "",
    capacity: str = "",
    leaving: bool = False,
    **status: Any,
) -> Object:
    """A member's claim; `capacity`: what its volume has, as much as it asks for when not said."""
    meta: Object = {
        "name": f"data-orders-g1-{ordinal}",
        "namespace": "shop",
        "uid": f"claim-{ordinal}",
        "creationTimestamp": stamp(0),
    }
    if leaving:
        meta["deletionTimestamp"] = stamp(0)
    spec = {"storageClassName": class_name, "resources": {"requests": {"storage": size}}, "volumeName": volume}
    bound = {"phase": "Bound", "capacity": {"storage": capacity or size}} if volume else {"phase": "Pending"}
    return {"metadata": meta, "spec": spec, "status": bound | status}


def storage_class(name: str, *, default: bool = False, grows: bool = True) -> Object:
    marks = {"storageclass.kubernetes.io/is-default-class": str(default).lower()}
    return {"metadata": {"name": name, "annotations": marks}, "provisioner": "csi.example.com", "allowVolumeExpansion": grows}


def quota(of: str, requested: str, used: str, limited: str) -> str:
    """How the API server refuses what exceeds a ResourceQuota."""
    return f"{of} is forbidden: exceeded quota: small, requested: {requested}, used: {used}, limited: {limited}"
