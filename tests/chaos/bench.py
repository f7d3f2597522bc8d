"""The service that faults are tried on: deployed once and used again, small, on volumes of its own that have an end."""

import base64
import json
import shutil
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from devcluster import faults, links, nodes
from devcluster.config import NODES
from devcluster.controller.volumes import folder_of
from devcluster.kube import Client, Json
from tests.chaos import kit
from tests.chaos.addresses import Addresses
from tests.chaos.resolver import resolve_cluster_names
from tests.e2e import cluster
from tests.e2e.cluster import kubectl, until

NAMESPACE, NAME, DATA_MEMBERS = "moorage-chaos", "ledger", 3
SERVICE = f"/apis/moorage.dev/v1/namespaces/{NAMESPACE}/dataservices/{NAME}"
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
CORE = f"/api/v1/namespaces/{NAMESPACE}"
ASIDE = ".moorage-aside"
GREEN_SECONDS, SOON_GREEN_SECONDS = 300.0, 120.0


@dataclass(frozen=True)
class Member:
    """As Moorage and as Kubernetes name it."""

    name: str
    pod: str


def spec() -> Json:
    """Of the engine that is tried."""
    return {
        "engine": kit.chosen().engine,
        "onDelete": "Delete",
        "resources": {"cpu": "500m", "memory": kit.chosen().memory},
        # a disk that can be filled, with room for two copies beside each other and for what failed starts leave behind
        "storage": {"size": "2Gi", "className": "limited"},
        "backup": {"enabled": False, "pointInTime": False},
    }


MEMBERS = tuple(Member(f"datanode{i}", f"{NAME}-g1-{i}") for i in range(DATA_MEMBERS))


def member(name: str) -> Member:
    return next(m for m in MEMBERS if name in (m.name, m.pod))


def name_of_host(host: str) -> str:
    """`ledger-g1-0.ledger-members…:27017` → datanode0; empty for none."""
    return f"datanode{host.partition('.')[0].rpartition('-')[2]}" if host else ""


def get(path: str) -> Json | None:
    """None when there is no such object, or the API server cannot be asked now."""
    try:
        return Client(seconds=3.0).get(path)
    except (OSError, HTTPException, ValueError):
        return None


def service() -> Json:
    return get(SERVICE) or {}


def status() -> Json:
    found: Json = service().get("status") or {}
    return found


def engine_pid(one: Member) -> int:
    """Of its engine, on this machine."""
    return cluster.engine_pid(one.pod, NAMESPACE)


def pod_of(one: Member) -> Json:
    return get(f"{CORE}/pods/{one.pod}") or {}


def node_of(one: Member) -> str:
    """Raises AssertionError while its Pod has none, such as after a drain."""
    node = str(pod_of(one).get("spec", {}).get("nodeName", ""))
    assert node, f"the Pod of {one.name} has no node now"
    return node


def uid_of(one: Member) -> str:
    return str(pod_of(one).get("metadata", {}).get("uid", ""))


def claim_of(one: Member) -> str:
    return f"data-{one.pod}"


def volume_of(one: Member) -> Path:
    """The folder on this machine that the member keeps its data in."""
    claim = get(f"{CORE}/persistentvolumeclaims/{claim_of(one)}") or {}
    return folder_of(claim["spec"]["volumeName"])


def primary() -> Member:
    """As the service says it; the service is asked when it is whole."""
    return member(str(status()["primary"]))


def agent_image() -> str:
    """Tag of the image that the members' agents came from."""
    started = pod_of(MEMBERS[0]).get("spec", {}).get("initContainers") or [{}]
    return str(started[0].get("image", "")).rpartition(":")[2]


def secret(name: str) -> dict[str, str]:
    found = get(f"{CORE}/secrets/{name}") or {}
    return {key: base64.b64decode(value).decode() for key, value in (found.get("data") or {}).items()}


def addresses() -> Addresses:
    resolve_cluster_names()
    app, admin = secret(f"{NAME}-app"), secret(f"{NAME}-admin")
    members = {m.name: admin_uri(m, admin) for m in MEMBERS}
    if "direct-uri" in app:
        return Addresses(app["direct-uri"], app["uri"], members)
    every = kit.member_uri(",".join(map(host_of, MEMBERS)), app)  # its own URI leads to the address; this one to who takes writes
    return Addresses(app["uri"], every, members)


def host_of(one: Member) -> str:
    """The member's own name, which leads to it however often its Pod is made anew."""
    return f"{one.pod}.{NAME}-members.{NAMESPACE}.svc.cluster.local"


def admin_uri(one: Member, admin: dict[str, str] | None = None) -> str:
    """Leads to the member itself."""
    return kit.member_uri(host_of(one), admin or secret(f"{NAME}-admin"))


def deploy() -> None:
    """The service, or the one that an earlier run left, once it is green; one that an earlier run broke for good is made anew."""
    if service().get("spec", {}).get("engine", kit.chosen().engine) != kit.chosen().engine:
        remove()
    if not is_as_wanted():
        _apply()
    try:
        wait_green(SOON_GREEN_SECONDS if is_known() else GREEN_SECONDS)
    except AssertionError:
        remove()
        _apply()
        wait_green()


def is_as_wanted() -> bool:
    """Whether the service there was applied as it would be now: between two runs nothing has to be done."""
    found = service().get("metadata") or {}
    applied = json.loads((found.get("annotations") or {}).get(APPLIED) or "{}")
    return bool(applied.get("spec") == spec() and not found.get("deletionTimestamp"))


def is_known() -> bool:
    """Whether it was green before."""
    return bool((status().get("init") or {}).get("phase") == "Succeeded")


def _apply() -> None:
    kubectl("create", "namespace", NAMESPACE, check=False)
    meta = {"name": NAME, "namespace": NAMESPACE}
    manifest = {"apiVersion": "moorage.dev/v1", "kind": "DataService", "metadata": meta, "spec": spec()}
    kubectl("apply", "-f", "-", stdin=json.dumps(manifest))


def remove() -> None:
    kubectl("delete", "mds", NAME, "-n", NAMESPACE, "--ignore-not-found", "--timeout=150s")
    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=150s")


def is_green() -> bool:
    """Said of the spec of today, by an operator that has nothing left to do."""
    found = service()
    said = found.get("status") or {}
    current = said.get("observedGeneration") == found.get("metadata", {}).get("generation", 0)
    at_rest = any(c["type"] == "Reconciling" and c["status"] == "False" for c in said.get("conditions") or [])
    green = said.get("healthCluster") == "green" and said.get("membersReady") == f"{DATA_MEMBERS}/{DATA_MEMBERS}"
    return bool(current and green and at_rest)


def wait_green(seconds: float = GREEN_SECONDS) -> None:
    try:
        until(f"{NAME} is green", is_green, seconds=seconds, every_seconds=0.5)
    except AssertionError as error:
        raise AssertionError(f"{error}; it says: {status().get('healthMsg')}") from None


def asides(one: Member) -> frozenset[str]:
    """What was put aside in the member's volume, by the order that it was done for."""
    folder = volume_of(one) / ASIDE
    return frozenset(found.name for found in folder.iterdir()) if folder.exists() else frozenset()


def was_rebuilt(one: Member) -> bool:
    """Since the last `make_as_new`. What was put aside for it may be gone again: a small volume needs the room."""
    repairs = status().get("repairs") or []
    return bool(asides(one)) or any((found["kind"], found["member"]) == ("resync", one.name) for found in repairs)


def make_as_new() -> None:
    """Between two runs: what earlier ones left counts for nothing in the next.

    A member is rebuilt three times an hour and no more, and what it had stays for a day. That would end a matrix.
    """
    Client().patch(f"{SERVICE}/status", {"status": {"repairs": []}})
    for one in MEMBERS:
        shutil.rmtree(volume_of(one) / ASIDE, ignore_errors=True)
        shutil.rmtree(volume_of(one) / "rollback", ignore_errors=True)


def put_right() -> None:
    """After a run that broke off: everything that a fault may have stopped runs again, and nothing is cut."""
    for start in (links.heal, *faults.HOST_PROCESSES.values(), nodes.start, nodes.wait_ready):
        start()
    kubectl("-n", "moorage-system", "scale", "deployment", "moorage", "--replicas=2")
    for node in NODES:
        kubectl("uncordon", node.name, check=False)
