"""Dynamic volumes: what is made, grown and removed."""

from typing import Any

import pytest

from devcluster.controller.quantity import size_in_bytes
from devcluster.controller.volumes import Create, Delete, Grow, plan, volume
from devcluster.members import split


def _claim(*, phase: str = "Pending", asks: str = "1Gi", has: str = "1Gi", of: str = "standard") -> dict[str, Any]:
    return {
        "metadata": {"namespace": "shop", "name": "data", "uid": "u1"},
        "spec": {"storageClassName": of, "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": asks}}},
        "status": {"phase": phase} | ({"capacity": {"storage": has}} if phase == "Bound" else {}),
    }


def test_a_waiting_claim_gets_a_volume() -> None:
    assert plan([_claim()], []) == [Create(_claim())]


def test_a_claim_of_a_class_that_is_not_ours_is_left_alone() -> None:
    assert plan([_claim(of="ceph")], []) == []


def test_a_claim_whose_volume_is_there_gets_no_second_one() -> None:
    assert plan([_claim()], [volume(_claim())]) == []


def test_a_claim_that_asks_for_more_grows() -> None:
    claim, there = _claim(phase="Bound", asks="2Gi"), volume(_claim())
    assert plan([claim], [there]) == [Grow(claim, there)]


@pytest.mark.parametrize(("policy", "deleted"), [("Delete", True), ("Retain", False)])
def test_a_released_volume_goes_when_its_policy_says_so(policy: str, deleted: bool) -> None:
    there = volume(_claim()) | {"status": {"phase": "Released"}}
    there["spec"]["persistentVolumeReclaimPolicy"] = policy
    assert plan([], [there]) == ([Delete(there)] if deleted else [])


def test_the_volume_of_somebody_else_is_left_alone() -> None:
    there = volume(_claim()) | {"status": {"phase": "Released"}}
    there["metadata"]["annotations"] = {}
    assert plan([], [there]) == []


@pytest.mark.parametrize(("text", "bytes_"), [("1Gi", 2**30), ("500M", 500_000_000), ("1.5Ki", 1536), ("7", 7)])
def test_sizes(text: str, bytes_: int) -> None:
    assert size_in_bytes(text) == bytes_


def test_a_size_that_is_none_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(ValueError, match="'2 GB' is not a size; a size is a number and one of k, M, G"):
        size_in_bytes("2 GB")


def test_without_a_namespace_it_is_the_default_one() -> None:
    assert split("orders") == ("default", "orders")
    assert split("shop/orders") == ("shop", "orders")
