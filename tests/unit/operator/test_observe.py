"""From what the watches hold to the facts: volumes."""

from typing import Any

import pytest

from moorage.core.facts import Snapshot
from moorage.engines.registry import load
from moorage.kube.reflector import Store
from moorage.operator.observe import OBJECT_KINDS, observe
from tests.unit.build import service

CARD = load()["mongodb"].card
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
    return observe(service(**spec), CARD, stores)


def _owned(kind: str, name: str, uid: str, owner: str) -> Any:
    references = [{"controller": True, "uid": owner}] if owner else []
    return {"kind": kind, "metadata": {"name": name, "namespace": "shop", "uid": uid, "ownerReferences": references}}


@pytest.mark.parametrize(
    ("pod_owner", "members_owner", "counts"),
    [
        ("set-2", "service-2", True),
        ("set-1", "service-2", False),
        ("set-2", "service-1", False),
        ("", "service-2", True),
        ("set-1", None, False),
        ("", None, True),
    ],
    ids=["ours", "of an earlier set", "set of an earlier service", "left behind, adopted soon", "its set is gone", "left alone"],
)
def test_a_pod_of_an_earlier_service_of_the_same_name_does_not_count(
    pod_owner: str, members_owner: str | None, counts: bool
) -> None:
    stores = {kind: Store() for kind in KINDS}
    stores["Pod"].listed([_owned("Pod", "orders-g1-0", "pod", pod_owner)], "1")
    if members_owner is not None:
        stores["StatefulSet"].listed([_owned("StatefulSet", "orders-g1", "set-2", members_owner)], "1")
    bare = service()
    found = observe(bare.model_copy(update={"metadata": bare.metadata.model_copy(update={"uid": "service-2"})}), CARD, stores)
    assert (found.members[0].pod is not None) is counts


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
