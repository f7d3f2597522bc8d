"""What the doctor finds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moorage.cli.fitness import Grade, Seen, findings

NOW = datetime(2026, 11, 6, tzinfo=UTC)


def node(name: str, *, ready: bool = True, version: str = "v1.34.4", cordoned: bool = False) -> dict[str, Any]:
    status = {"conditions": [{"type": "Ready", "status": str(ready)}], "nodeInfo": {"kubeletVersion": version}}
    return {"metadata": {"name": name}, "spec": {"unschedulable": cordoned}, "status": status}


def storage_class(name: str, *, default: bool = True, grows: bool = True) -> dict[str, Any]:
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    return {"metadata": {"name": name, "annotations": annotations}, "allowVolumeExpansion": grows}


def store(phase: str = "Ready", *, default: bool = True) -> dict[str, Any]:
    status = {"phase": phase, "message": "the secret key is wrong"}
    return {"metadata": {"name": "s3", "namespace": "shop"}, "spec": {"default": default}, "status": status}


def service(colour: str = "green") -> dict[str, Any]:
    return {"metadata": {"name": "orders", "namespace": "shop"}, "status": {"healthCluster": colour}}


GOOD: dict[str, Any] = {
    "server_time": NOW,
    "own_time": NOW,
    "nodes": [node("n1"), node("n2"), node("n3")],
    "classes": [storage_class("ceph")],
    "operators": [{"status": {"readyReplicas": 2}}],
    "services": [service()],
    "stores": [store()],
}


def graded(**changed: Any) -> dict[str, tuple[Grade, str]]:
    return {f.what: (f.grade, f.says) for f in findings(Seen(**(GOOD | changed)))}


def test_of_a_fit_cluster_nothing_is_said_but_that() -> None:
    assert {grade for grade, _ in graded().values()} == {Grade.OK}


@pytest.mark.parametrize(
    ("changed", "what", "grade", "words"),
    [
        ({"own_time": NOW + timedelta(minutes=10)}, "clock", Grade.WARNING, "differ by 600 s"),
        ({"operators": []}, "operator", Grade.BAD, "is not installed"),
        ({"operators": [{"status": {}}]}, "operator", Grade.BAD, "no replica"),
        ({"operators": [{"status": {"readyReplicas": 1}}]}, "operator", Grade.WARNING, "nobody stands by"),
        ({"nodes": [node("n1"), node("n2"), node("n3", ready=False)]}, "nodes", Grade.BAD, "n3 not heard from"),
        ({"nodes": [node("n1"), node("n2"), node("n3", cordoned=True)]}, "nodes", Grade.WARNING, "2 nodes take Pods"),
        ({"nodes": [node("n1", version="v1.9.11"), node("n2"), node("n3")]}, "versions", Grade.BAD, "v1.9.11 is too old"),
        ({"classes": []}, "storage", Grade.BAD, "no StorageClass"),
        ({"classes": [storage_class("a", default=False)]}, "storage", Grade.WARNING, "(a)"),
        ({"classes": [storage_class("a"), storage_class("b")]}, "storage", Grade.WARNING, "a, b are all default"),
        ({"classes": [storage_class("a", grows=False)]}, "storage", Grade.WARNING, "cannot grow"),
        ({"stores": []}, "backups in shop", Grade.WARNING, "no default store"),
        ({"stores": [store("NotReady")]}, "backups in shop", Grade.BAD, "s3: the secret key is wrong"),
        ({"services": [service("yellow")]}, "services", Grade.WARNING, "shop/orders yellow"),
        ({"services": [service("red")]}, "services", Grade.BAD, "shop/orders red"),
        ({"nodes": None, "unread": {"nodes": "forbidden"}}, "nodes", Grade.WARNING, "not looked at: forbidden"),
    ],
)
def test_what_is_not_well_is_named(changed: dict[str, Any], what: str, grade: Grade, words: str) -> None:
    found = graded(**changed)
    assert found[what][0] is grade
    assert words in found[what][1]
    assert {grade for name, (grade, _) in found.items() if name != what} == {Grade.OK}, "one cause, one finding"
