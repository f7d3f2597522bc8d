"""From what the watches hold to the facts: volumes, and members on their way out."""

from typing import Any

import pytest

from moorage.core import names
from moorage.core.facts import Snapshot
from moorage.core.report import MemberReport, Role
from moorage.engines.registry import load
from moorage.kube.reflector import Store
from moorage.operator.observe import OBJECT_KINDS, observe
from tests.unit.build import service

KINDS = (*OBJECT_KINDS, "Pod", "PersistentVolumeClaim", "Node", "StorageClass")


def claim(ordinal: int, *, class_name: str = "standard", size: str = "10Gi", volume: str = "", leaving: bool = False) -> Any:
    meta: dict[str, Any] = {"name": f"data-orders-g1-{ordinal}", "namespace": "shop"}
    if leaving:
        meta["deletionTimestamp"] = "2026-11-01T00:00:00Z"
    spec = {"storageClassName": class_name, "resources": {"requests": {"storage": size}}, "volumeName": volume}
    return {"metadata": meta, "spec": spec, "status": {"phase": "Bound" if volume else "Pending"}}


def storage_class(name: str, *, default: bool = False) -> Any:
    marks = {"storageclass.kubernetes.io/is-default-class": str(default).lower()}
    return {"metadata": {"name": name, "annotations": marks}, "provisioner": "x"}


def observed(*claims: Any, **spec: Any) -> Snapshot:
    stores = {kind: Store() for kind in KINDS}
    stores["PersistentVolumeClaim"].listed(list(claims), "1")
    stores["StorageClass"].listed([storage_class("standard", default=True), storage_class("fast")], "1")
    return observe(service(**spec), load()["mongodb"].card, stores)


@pytest.mark.parametrize(
    ("found", "is_stale"),
    [
        (claim(0), False),
        (claim(0, class_name="nosuch"), True),
        (claim(0, size="5Gi"), True),
        (claim(0, class_name="nosuch", volume="pvc-1"), False),
        (claim(0, class_name="nosuch", leaving=True), False),
    ],
    ids=["as asked for", "another class", "another size", "has a volume", "is being deleted"],
)
def test_only_a_claim_that_never_had_a_volume_may_be_made_again(found: Any, is_stale: bool) -> None:
    assert bool(observed(found).stale_claims) is is_stale


def test_a_class_that_does_not_exist_is_said_with_those_that_do() -> None:
    said = observed(storage={"className": "nosuch"}).claim_trouble
    assert said == "StorageClass 'nosuch' does not exist; there are: fast, standard"


def test_a_class_that_was_removed_later_concerns_no_volume() -> None:
    bound = [claim(i, class_name="gone", volume=f"pvc-{i}") for i in range(3)]
    assert observed(*bound, storage={"className": "gone"}).claim_trouble == ""


def test_only_a_volume_that_is_there_can_grow() -> None:
    assert observed(claim(0, size="5Gi"), claim(1, size="5Gi", volume="pvc-1")).claim_sizes == {"data-orders-g1-1": "5Gi"}


def pod(ordinal: int, *configured: int) -> Any:
    """A Pod that is ready and says who stands in its engine's configuration."""
    report = MemberReport(role=Role.SECONDARY, configured=tuple(names.pod("orders", 1, i) for i in configured))
    marks = {names.ANNOTATION_REPORT: report.to_json()}
    meta = {"name": names.pod("orders", 1, ordinal), "namespace": "shop", "annotations": marks}
    return {"metadata": meta, "spec": {}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}


def shrinking(*pods: Any, replicas: int = 1, claims: tuple[Any, ...] = ()) -> Snapshot:
    stores = {kind: Store() for kind in KINDS}
    stores["Pod"].listed(list(pods), "1")
    stores["PersistentVolumeClaim"].listed(list(claims), "1")
    meta = {"name": "orders-g1", "namespace": "shop"}
    stores["StatefulSet"].listed([{"metadata": meta, "spec": {"replicas": replicas}}], "1")
    return observe(service(members=1), load()["mongodb"].card, stores)


@pytest.mark.parametrize(
    ("seen", "leaving"),
    [
        (shrinking(pod(0)), []),
        (shrinking(pod(0), pod(2)), ["datanode2"]),
        (shrinking(pod(0), replicas=3), ["datanode1", "datanode2"]),
        (shrinking(pod(0, 0, 4)), ["datanode4"]),
    ],
    ids=["nobody", "has a Pod", "is to have a Pod", "stands in the configuration"],
)
def test_a_member_is_seen_until_nothing_is_left_of_it(seen: Snapshot, leaving: list[str]) -> None:
    assert [m.name for m in seen.members] == ["datanode0"]
    assert [m.name for m in seen.leaving] == leaving


@pytest.mark.parametrize(
    ("seen", "unused"),
    [
        (shrinking(pod(0), claims=(claim(1),)), ("data-orders-g1-1",)),
        (shrinking(pod(0), claims=(claim(1, volume="pvc-1"),)), ()),
        (shrinking(pod(0), pod(1), claims=(claim(1),)), ()),
        (shrinking(pod(0), replicas=3, claims=(claim(1),)), ()),
        (shrinking(pod(0), claims=(claim(0), claim(1, leaving=True))), ()),
    ],
    ids=["left over", "has a volume", "has a Pod", "will have a Pod", "wanted, or going"],
)
def test_only_a_claim_without_volume_and_member_is_unused(seen: Snapshot, unused: tuple[str, ...]) -> None:
    assert seen.unused_claims == unused
