"""What an operator would say of services, written straight into the API server: there is no node here for one to work on."""

from typing import Any

from moorage.api.schema import API_VERSION
from moorage.core import names
from tests.server.kubernetes import Kubernetes
from tests.server.objects import Object, backup, claim, say, secret, store

MEMBERS = ("datanode0", "datanode1", "datanode2")
PASSWORD = "s3cret-of-the-application"
ADDRESS, PORT = "10.96.12.7", 27017
STARTED = "2026-11-06T18:30:00Z"
GOOD_BACKUP = {"phase": "Succeeded", "startTime": STARTED, "endTime": "2026-11-06T18:31:00Z", "rawBytes": 1000}
GIB = 1024
LINES = (
    '{"t":{"$date":"2026-11-06T18:30:01.120+00:00"},"s":"I","c":"NETWORK","msg":"Waiting for connections"}',
    '{"t":{"$date":"2026-11-06T18:30:04.514+00:00"},"s":"W","c":"COMMAND","msg":"Slow query"}',
    '{"t":{"$date":"2026-11-06T18:30:09.031+00:00"},"s":"E","c":"STORAGE","msg":"WiredTiger error"}',
)
"""Of each member, as its engine writes them."""
_NODE_INFO = (
    "architecture",
    "bootID",
    "containerRuntimeVersion",
    "kernelVersion",
    "kubeProxyVersion",
    "machineID",
    "operatingSystem",
    "osImage",
    "systemUUID",
)
"""Every one is a must of Kubernetes; pages show the kubelet's version alone."""
GAP = {"start": "2026-11-03T00:00:00Z", "end": "2026-11-03T06:00:00Z"}
WINDOW = {"start": "2026-11-01T18:30:00Z", "end": "2026-11-06T18:31:00Z", "gaps": [GAP]}


def make_hosts(kubernetes: Kubernetes, kubelet_port: int) -> list[str]:
    """Three hosts with room. Their kubelet answers on this machine: the API server asks it by the first address, for logs."""
    found = ["n1", "n2", "n3"]
    room = {"cpu": "64", "memory": "512Gi", "pods": "110", "ephemeral-storage": "500Gi"}
    for name in found:
        kubernetes.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": STARTED, "lastHeartbeatTime": STARTED}
        addresses = [{"type": "Hostname", "address": "127.0.0.1"}, {"type": "InternalIP", "address": f"10.0.0.1{name[1]}"}]
        status = {
            "capacity": room,
            "allocatable": room,
            "conditions": [ready],
            "addresses": addresses,
            "nodeInfo": {**dict.fromkeys(_NODE_INFO, ""), "kubeletVersion": "v1.34.4"},
            "daemonEndpoints": {"kubeletEndpoint": {"Port": kubelet_port}},
        }
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
        "expectedNodes": len(MEMBERS),
        "clusterNodes": len(MEMBERS),
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


def backed_up(kubernetes: Kubernetes, space: str, name: str = "orders-1", service: str = "orders", **more: Any) -> None:
    """A good backup that a rehearsal restored."""
    stored = f"mongodb-{space}-{service}-20261106183000"
    taken = {
        **GOOD_BACKUP,
        "taskId": f"b-{name}",
        "backupName": stored,
        "store": "main",
        "engine": "mongodb",
        "version": "7.0",
        "source": "datanode1",
        "consistentTime": "2026-11-06T18:30:10Z",
        "sizeBytes": 2_040_109_465,
        "rawBytes": 15_000_000_000,
        "bytesPerSecond": 205_000_000,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "encrypted": False,
        "verified": True,
        "verifyMessage": "restored and read: 14 collections",
        "verifiedTime": "2026-11-06T18:35:00Z",
    }
    backup(kubernetes, space, name, {**taken, **more}, service)


def left_behind(kubernetes: Kubernetes, space: str, service: str) -> None:
    """The volumes of a service that was deleted."""
    for ordinal in range(len(MEMBERS)):
        claim(kubernetes, space, service, ordinal, deleted=STARTED)


def happened(kubernetes: Kubernetes, space: str, name: str, service: str = "orders", at: str = STARTED, **said: Any) -> None:
    """An event of Kubernetes about this very service, not another of its name before."""
    about = kubernetes.get("DataService", service, space)
    assert about is not None
    involved = {
        "apiVersion": API_VERSION,
        "kind": "DataService",
        "name": service,
        "namespace": space,
        "uid": about["metadata"]["uid"],
    }
    meta = {"name": name, "namespace": space}
    times = {"firstTimestamp": at, "lastTimestamp": at, "count": 1}
    kubernetes.create({"apiVersion": "v1", "kind": "Event", "metadata": meta, "involvedObject": involved, **times, **said})


def restorable(window: Object = WINDOW) -> Object:
    """What it says of a service's backups when there are some."""
    last = {"phase": "Succeeded", "startTime": STARTED, "endTime": GOOD_BACKUP["endTime"], "lastSuccess": GOOD_BACKUP["endTime"]}
    return {"window": window, "backup": {**last, "nextRun": "2026-11-07T18:30:00Z", "lastVerified": "2026-11-06T18:35:00Z"}}


def ready_store(kubernetes: Kubernetes, space: str, name: str = "main", **status: Any) -> None:
    """The space's default, which is used without a fault."""
    s3 = {"endpoint": "https://s3.example.com", "bucket": "backups", "credentialsSecret": f"moorage-store-{name}"}
    store(kubernetes, space, name, s3=s3, default=True)
    found = {"phase": "Ready", "checked": STARTED, "observedGeneration": 1}
    say(kubernetes, "BackupStore", space, name, **{**found, **status})


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
    wanted = {"requests": {"cpu": "1", "memory": "2Gi"}}
    container = {"name": names.CONTAINER_MEMBER, "image": "mongo", "resources": wanted}
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


def alert_rule(
    kubernetes: Kubernetes,
    space: str,
    name: str,
    spec: Object,
    firing: int | None = None,
    since: str | None = None,
    *,
    holding: int | None = None,
    phase: str = "Accepted",
    message: str = "it stands in ConfigMap moorage-system/moorage-own-rules",
    is_current: bool = True,
) -> None:
    """An alert of somebody's own, and what became of it."""
    meta = {"name": name, "namespace": space}
    kubernetes.create({"apiVersion": API_VERSION, "kind": "AlertRule", "metadata": meta, "spec": spec})
    ready = {"type": "Ready", "status": "True" if phase == "Accepted" else "False", "reason": phase, "message": ""}
    conditions = [{**ready, "lastTransitionTime": STARTED, "observedGeneration": 1}]
    told = {"phase": phase, "message": message, "firing": firing, "conditions": conditions}
    told |= {"holding": holding, "holdingSince": since} if holding else {"firingSince": since}
    say(kubernetes, "AlertRule", space, name, **told, observedGeneration=1 if is_current else None)
