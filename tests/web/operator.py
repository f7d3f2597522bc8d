"""What an operator would say of services, written straight into the API server: there is no node here for one to work on."""

from typing import Any

from moorage.api.schema import API_VERSION
from moorage.core import names
from tests.server.kubernetes import Kubernetes
from tests.server.objects import Object, say, secret

MEMBERS = ("datanode0", "datanode1", "datanode2")
PASSWORD = "s3cret-of-the-application"
ADDRESS, PORT = "10.96.12.7", 27017
STARTED = "2026-11-06T18:30:00Z"
GOOD_BACKUP = {"phase": "Succeeded", "startTime": STARTED, "endTime": "2026-11-06T18:31:00Z", "rawBytes": 1000}
GIB = 1024


def make_hosts(kubernetes: Kubernetes) -> list[str]:
    """Three hosts with room."""
    found = ["n1", "n2", "n3"]
    room = {"cpu": "16", "memory": "64Gi", "pods": "110", "ephemeral-storage": "500Gi"}
    for name in found:
        kubernetes.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": STARTED, "lastHeartbeatTime": STARTED}
        address = {"type": "InternalIP", "address": f"10.0.0.1{name[1]}"}
        status = {"capacity": room, "allocatable": room, "conditions": [ready], "addresses": [address]}
        answer = kubernetes.admin.patch(
            f"/api/v1/nodes/{name}/status", json={"status": status}, headers={"Content-Type": "application/merge-patch+json"}
        )
        answer.raise_for_status()
    return found


def service(kubernetes: Kubernetes, space: str, name: str = "orders", **spec: Any) -> None:
    """A service that nobody looked at yet."""
    meta = {"name": name, "namespace": space}
    wanted = {"engine": "mongodb", "version": "7.0", **spec}
    kubernetes.create({"apiVersion": API_VERSION, "kind": "DataService", "metadata": meta, "spec": wanted})


def run(kubernetes: Kubernetes, space: str, name: str = "orders", **spec: Any) -> None:
    """A service that is green: its members' Pods, its Secret, and what is seen of it."""
    service(kubernetes, space, name, **spec)
    for ordinal, member in enumerate(MEMBERS):
        _pod(kubernetes, space, name, ordinal, role="primary" if member == MEMBERS[0] else "secondary")
    uri = f"mongodb://{name}:{PASSWORD}@{ADDRESS}:{PORT}/{name}"
    secret(kubernetes, space, names.app_secret(name), type="mongodb", username=name, password=PASSWORD, uri=uri)
    tell(kubernetes, space, name, **green(name))


def tell(kubernetes: Kubernetes, space: str, name: str = "orders", **status: Any) -> None:
    say(kubernetes, "DataService", space, name, **status)


def green(name: str = "orders") -> Object:
    ready = {"type": "Ready", "status": "True", "reason": "Green", "message": "", "lastTransitionTime": STARTED}
    return {
        "observedGeneration": 1,
        "healthCluster": "green",
        "healthMsg": "",
        "healthInstances": dict.fromkeys(MEMBERS, "green"),
        "membersReady": "3/3",
        "primary": MEMBERS[0],
        "version": "7.0",
        "init": {"phase": "Succeeded", "startTime": STARTED, "endTime": "2026-11-06T18:31:00Z"},
        "endpoints": {"host": ADDRESS, "port": PORT, "secretName": names.app_secret(name)},
        "volumes": {m: {"sizeMib": 20 * GIB, "usedPercent": 41, "level": "ok"} for m in MEMBERS},
        "conditions": [ready],
        "repair": None,
        "backup": {"phase": "None"},
    }


def yellow() -> Object:
    return {
        "healthCluster": "yellow",
        "healthMsg": "datanode2 is 42 s behind the primary and catching up",
        "healthInstances": {**dict.fromkeys(MEMBERS, "green"), "datanode2": "yellow"},
        "membersReady": "2/3",
        "repair": {"action": "Wait", "reason": "datanode2 catches up by itself", "since": STARTED},
    }


def red() -> Object:
    return {
        "healthCluster": "red",
        "healthMsg": "no primary: datanode0 and datanode2 are not heard from",
        "healthInstances": {"datanode0": "unknown", "datanode1": "yellow", "datanode2": "unknown"},
        "membersReady": "0/3",
        "primary": None,
    }


def _pod(kubernetes: Kubernetes, space: str, service: str, ordinal: int, role: str) -> None:
    labels = {**names.labels(service, "mongodb"), names.LABEL_ROLE: role}
    meta = {"name": names.pod(service, 1, ordinal), "namespace": space, "labels": labels}
    container = {"name": names.CONTAINER_MEMBER, "image": "mongo"}
    spec = {"containers": [container], "nodeName": f"n{ordinal + 1}"}
    kubernetes.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
    state = {
        "name": names.CONTAINER_MEMBER,
        "image": "mongo",
        "imageID": "",
        "ready": True,
        "restartCount": ordinal,
        "state": {"running": {"startedAt": STARTED}},
    }
    seen = {"phase": "Running", "startTime": STARTED, "containerStatuses": [state]}
    kubernetes.merge("Pod", names.pod(service, 1, ordinal), space, {"status": seen}, "/status")
