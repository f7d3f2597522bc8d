"""What the doctor finds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from moorage.api.crd import dataservice_crd
from moorage.api.crd_backup import backupstore_crd, databackup_crd, datarestore_crd
from moorage.cli.finding import Grade
from moorage.cli.fitness import Seen, findings
from moorage.cli.rights import Right, needed

NOW = datetime(2026, 11, 6, tzinfo=UTC)
LONG_AGO = "2026-11-05T00:00:00Z"
OPERATOR_AT = {"name": "moorage", "namespace": "moorage-system"}


def node(name: str, *, ready: bool = True, version: str = "v1.34.4", arch: str = "amd64", **spec: Any) -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": str(ready)}]
    status = {"conditions": conditions, "nodeInfo": {"kubeletVersion": version, "architecture": arch}}
    return {"metadata": {"name": name, "labels": {"topology.kubernetes.io/zone": "a"}}, "spec": spec, "status": status}


def in_zone(found: dict[str, Any], zone: str) -> dict[str, Any]:
    return found | {"metadata": found["metadata"] | {"labels": {"topology.kubernetes.io/zone": zone}}}


def lease_of_node(name: str, ahead_seconds: float = 0.0) -> dict[str, Any]:
    """As a kubelet renews it: its own clock in the spec, the API server's beside it."""
    renewed = (NOW + timedelta(seconds=ahead_seconds + 0.5)).isoformat()
    managed = [{"manager": "kubelet", "time": NOW.isoformat(), "fieldsV1": {"f:spec": {"f:renewTime": {}}}}]
    return {"metadata": {"name": name, "managedFields": managed}, "spec": {"renewTime": renewed}}


def leadership(age_seconds: float = 2.0, holder: str = "moorage-0") -> dict[str, Any]:
    spec = {"holderIdentity": holder, "renewTime": (NOW - timedelta(seconds=age_seconds)).isoformat()}
    return {"metadata": {"name": "moorage-operator", "namespace": "moorage-system"}, "spec": spec}


def storage_class(name: str = "ceph", *, default: bool = True, grows: bool = True, **more: Any) -> dict[str, Any]:
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    metadata = {"name": name, "annotations": annotations}
    return {"metadata": metadata, "allowVolumeExpansion": grows, "provisioner": "rbd.csi.ceph.com"} | more


LATE = storage_class(volumeBindingMode="WaitForFirstConsumer")


def claim(phase: str = "Bound", *, made: str = LONG_AGO, **annotations: str) -> dict[str, Any]:
    metadata = {"name": "data-orders-g1-0", "namespace": "shop", "creationTimestamp": made, "annotations": annotations}
    return {"metadata": metadata, "spec": {"storageClassName": "ceph"}, "status": {"phase": phase}}


def address(*, given: bool = True, made: str = LONG_AGO, kind: str = "LoadBalancer") -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "moorage"}
    metadata = {"name": "orders", "namespace": "shop", "creationTimestamp": made, "labels": labels}
    ingress = [{"ip": "10.0.0.5"}] if given else []
    return {"metadata": metadata, "spec": {"type": kind}, "status": {"loadBalancer": {"ingress": ingress}}}


def operator(ready: int = 2, *, updated: int = 2, version: str = "0.1.0", replicas: int = 2) -> dict[str, Any]:
    metadata = OPERATOR_AT | {"labels": {"app.kubernetes.io/version": version}}
    return {"metadata": metadata, "spec": {"replicas": replicas}, "status": {"readyReplicas": ready, "updatedReplicas": updated}}


def operator_pod(image: str = "ghcr.io/moorage/moorage:0.1.0", **state: Any) -> dict[str, Any]:
    return {"status": {"containerStatuses": [{"image": image, "state": state or {"running": {}}}]}}


def policies(*names: str) -> list[dict[str, Any]]:
    return [{"metadata": {"name": f"moorage-{name}"}, "spec": {"policyName": f"moorage-{name}"}} for name in names]


def definitions(*, without: str = "") -> list[dict[str, Any]]:
    """`without`: a field of a DataService's spec."""
    service = dataservice_crd((), ())
    if without:
        del service["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"][without]
    return [service, backupstore_crd(), databackup_crd(), datarestore_crd()]


def store(phase: str = "Ready", *, default: bool = True) -> dict[str, Any]:
    status = {"phase": phase, "message": "the secret key is wrong"}
    return {"metadata": {"name": "s3", "namespace": "shop"}, "spec": {"default": default}, "status": status}


def service(colour: str = "green", *, backup_healthy: str = "True", deleting: bool = False, **spec: Any) -> dict[str, Any]:
    metadata = {"name": "orders", "namespace": "shop"} | ({"deletionTimestamp": LONG_AGO} if deleting else {})
    conditions = [{"type": "BackupHealthy", "status": backup_healthy, "message": "the newest good backup is 3 days old"}]
    return {"metadata": metadata, "spec": spec, "status": {"healthCluster": colour, "conditions": conditions}}


GOOD: dict[str, Any] = {
    "server_time": NOW,
    "own_time": NOW,
    "cli_version": "0.1.0",
    "nodes": [node("n1"), node("n2"), node("n3")],
    "node_leases": [lease_of_node("n1"), lease_of_node("n2"), lease_of_node("n3")],
    "classes": [storage_class()],
    "claims": [claim()],
    "kubernetes_services": [address()],
    "operators": [operator()],
    "operator_pods": [operator_pod(), operator_pod()],
    "leases": [leadership()],
    "definitions": definitions(),
    "missing_rights": [],
    "policies": policies("deletion-protection", "agent-confinement", "worker-confinement"),
    "services": [service()],
    "stores": [store()],
}


def graded(**changed: Any) -> dict[str, tuple[Grade, str]]:
    return {f.what: (f.grade, f.says) for f in findings(Seen(**(GOOD | changed)))}


def test_of_a_fit_cluster_nothing_is_said_but_that() -> None:
    found = findings(Seen(**GOOD))
    assert {f.grade for f in found} == {Grade.OK}
    assert {f.do for f in found} == {""}
    assert len({f.what for f in found}) == len(found) == 13


W, P = Grade.WARNING, Grade.PROBLEM
NODES = {"n1": node("n1"), "n2": node("n2")}
BROKEN: list[tuple[dict[str, Any], str, Grade, str]] = [
    ({"nodes": [*NODES.values(), node("n3", version="v1.9.11")]}, "Kubernetes", P, "v1.9.11 is too old"),
    ({"nodes": [*NODES.values(), node("n3"), node("n4", ready=False)]}, "nodes", P, "n4 not heard from"),
    ({"nodes": [*NODES.values(), node("n3", unschedulable=True)]}, "nodes", W, "2 nodes take Pods"),
    ({"nodes": [*NODES.values(), node("n3", taints=[{"effect": "NoSchedule"}])]}, "nodes", W, "2 nodes take Pods"),
    ({"services": [service(members=5)]}, "nodes", W, "a service of 5 members needs 5"),
    ({"nodes": [*NODES.values(), node("n3"), node("n4", arch="arm64")]}, "nodes", W, "n4 (arm64)"),
    ({"own_time": NOW + timedelta(minutes=10)}, "clocks", W, "this machine is 600 s ahead"),
    ({"node_leases": [lease_of_node("n1"), lease_of_node("n2", -40)]}, "clocks", W, "n2 is 40 s behind"),
    ({"classes": []}, "storage", P, "there is no StorageClass"),
    ({"classes": [storage_class(default=False)]}, "storage", W, "(there are: ceph)"),
    ({"classes": [storage_class("a"), storage_class("b")]}, "storage", W, "a and b are all the default"),
    ({"classes": [storage_class(grows=False)]}, "storage", W, "cannot grow"),
    ({"classes": [storage_class(provisioner="kubernetes.io/no-provisioner")]}, "storage", W, "makes no volumes by itself"),
    ({"services": [service(storage={"className": "fast"})]}, "storage", P, "asks for the StorageClass fast"),
    ({"nodes": [*NODES.values(), in_zone(node("n3"), "b")]}, "storage", W, "before it is known in which zone"),
    ({"claims": [claim("Pending")]}, "storage", P, "no volume for shop/data-orders-g1-0"),
    ({"claims": [claim("Lost")]}, "storage", P, "no volume for shop/data-orders-g1-0"),
    ({"kubernetes_services": [address(given=False)]}, "addresses", P, "no load-balancer address for shop/orders"),
    ({"kubernetes_services": []}, "addresses", W, "whether there is a load balancer is not known"),
    ({"definitions": definitions()[1:]}, "resources", P, "not installed: dataservices.moorage.dev"),
    ({"definitions": definitions(without="backup")}, "resources", W, "DataService.spec.backup"),
    ({"operators": [operator(ready=0)]}, "operator", P, "no replica is ready"),
    ({"operators": [operator(ready=1)]}, "operator", W, "nobody stands by"),
    ({"operators": [operator(updated=1)]}, "operator", W, "1 of 2 replicas are of the newest version"),
    ({"operators": [operator(version="0.2.0")]}, "operator", W, "it is 0.2.0, and this CLI is 0.1.0"),
    ({"operators": [operator(), operator()]}, "operator", P, "work against each other"),
    ({"operator_pods": [operator_pod(waiting={"reason": "ImagePullBackOff", "message": "not found"})]}, "image", P, "not found"),
    ({"operator_pods": [operator_pod(), operator_pod("moorage:9")]}, "image", W, "moorage:9"),
    ({"leases": [leadership(600)]}, "leader", P, "moorage-0 was the last one, 600 s ago"),
    ({"leases": [leadership(holder="")]}, "leader", P, "no replica of the operator leads"),
    ({"leases": []}, "leader", P, "no replica of the operator leads"),
    ({"missing_rights": [Right("apps", "statefulsets", "patch")]}, "rights", P, "may not patch statefulsets.apps"),
    ({"policies": policies("agent-confinement", "worker-confinement")}, "policies", W, "`protected: true` protects nothing"),
    ({"stores": []}, "backups in shop", W, "nothing backs up orders"),
    ({"stores": [store("NotReady")]}, "backups in shop", P, "s3 cannot be used: the secret key is wrong"),
    ({"services": [service(backup_healthy="False")]}, "backups in shop", W, "orders: the newest good backup is 3 days old"),
    ({"services": [service("yellow")]}, "services", W, "shop/orders is yellow"),
    ({"services": [service("red")]}, "services", P, "shop/orders is red"),
    ({"services": [service("unknown")]}, "services", P, "shop/orders is unknown"),
    ({"nodes": None, "unread": {"nodes": "it took too long"}}, "nodes", W, "not looked at: it took too long"),
    ({"nodes": None, "classes": None, "forbidden": ["nodes", "storage"]}, "your rights", W, "you may not: nodes, storage"),
]


@pytest.mark.parametrize(("changed", "what", "grade", "words"), BROKEN, ids=[f"{b[1]}: {b[3]}" for b in BROKEN])
def test_what_is_not_well_is_named_once_with_what_to_do(changed: dict[str, Any], what: str, grade: Grade, words: str) -> None:
    found = [f for f in findings(Seen(**(GOOD | changed))) if f.grade is not Grade.OK]
    assert [(f.what, f.grade) for f in found] == [(what, grade)], "one cause, one finding"
    assert words in found[0].says
    assert found[0].do


@pytest.mark.parametrize(
    "changed",
    [
        {"claims": [claim("Pending", made=NOW.isoformat())]},
        {"claims": [claim("Pending")], "classes": [LATE]},
        {"kubernetes_services": [address(), address(given=False, made=NOW.isoformat())]},
        {"kubernetes_services": [address(), address(given=False, kind="ClusterIP")]},
        {"services": [service("unknown", deleting=True)]},
        {"services": [service(backup={"enabled": False})], "stores": []},
        {"services": [service(backup={"store": "s3"})], "stores": [store(default=False)]},
        {"operators": [operator(version="99d62d386ce1")]},
        {"nodes": [*NODES.values(), in_zone(node("n3"), "b")], "classes": [LATE]},
    ],
)
def test_what_only_takes_its_time_or_is_meant_so_is_no_finding(changed: dict[str, Any]) -> None:
    assert {grade for grade, _ in graded(**changed).values()} == {Grade.OK}


def test_a_volume_that_waits_for_its_member_is_missed_once_the_member_has_a_node() -> None:
    chosen = claim("Pending", **{"volume.kubernetes.io/selected-node": "n1"})
    assert graded(claims=[chosen], classes=[LATE])["storage"][0] is Grade.PROBLEM


def test_without_moorage_that_alone_is_said_of_it() -> None:
    nothing = dict.fromkeys(("operator_pods", "leases", "missing_rights", "services", "stores"))
    unread = {"services": "the API server does not know this resource", "stores": "the API server does not know this resource"}
    found = findings(Seen(**(GOOD | nothing | {"operators": [], "definitions": [], "policies": [], "unread": unread})))
    bad = {f.what: f.says for f in found if f.grade is not Grade.OK}
    assert list(bad) == ["resources", "operator", "policies"]
    assert bad["operator"] == "Moorage is not installed"


def test_the_rights_that_are_asked_for_are_those_that_the_chart_gives() -> None:
    given, roles = set(), ("moorage-operator", "moorage-leader")
    for document in yaml.safe_load_all(Path("deploy/moorage.yaml").read_text()):
        if document["kind"] not in ("ClusterRole", "Role") or document["metadata"]["name"] not in roles:
            continue
        where = document["metadata"].get("namespace", "")
        given |= {
            Right(group, resource, verb, where)
            for rule in document["rules"]
            for group in rule["apiGroups"]
            for resource in rule["resources"]
            for verb in rule["verbs"]
        }
    assert set(needed("moorage-system")) == given
