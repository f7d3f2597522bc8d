"""What the nodes say: silence is not loss, and what was lost with a node must be proven."""

from typing import Any

import pytest

from moorage.kube.reflector import Store
from moorage.operator.look import Look
from moorage.operator.nodes import free_nodes, gone_with, is_gone, is_silent, silence
from tests.unit.operator.kubernetes import at, condition, node, pod, stamp, taint

DECLARED = taint("node.kubernetes.io/out-of-service", "nodeshutdown", "NoExecute")


def _nodes(*items: Any) -> Store:
    store = Store()
    store.listed(list(items), "1")
    return store


def _silent(name: str, *taints: Any, since: float = 0) -> Any:
    found = node(name, *taints)
    return found | {"status": {"conditions": [condition("Ready", True, since) | {"status": "Unknown"}]}}


def _volume(*terms: tuple[str, list[str]]) -> Any:
    each = [{"matchExpressions": [{"key": key, "operator": "In", "values": values}]} for key, values in terms]
    return {"spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": each}}}}


TIED = _volume(("kubernetes.io/hostname", ["n2"]))


def test_a_silent_node_counts_as_lost_when_it_was_waited_for_and_somebody_looks_then() -> None:
    look = Look(at(100), lost_node_seconds=600)
    assert silence("n2", _nodes(_silent("n2")), look) == (stamp(0), stamp(600))
    assert look.again_seconds == 500


def test_a_node_that_is_heard_from_is_never_lost_and_where_nobody_waits_none_is() -> None:
    assert silence("n2", _nodes(node("n2")), Look(at(9000))) == ("", "")
    assert silence("n2", _nodes(_silent("n2")), Look(at(9000), lost_node_seconds=0)) == (stamp(0), "")


def _posted(found: Any, seconds: float) -> Any:
    (ready,) = found["status"]["conditions"]
    return found | {"status": {"conditions": [ready | {"lastHeartbeatTime": stamp(seconds)}]}}


def test_a_node_whose_kubelet_posted_after_it_was_called_silent_is_heard_from_until_its_word_is_old() -> None:
    """As after every outage of the API server."""
    nodes, look = _nodes(_posted(_silent("n2", since=100), 110)), Look(at(120))
    assert not is_silent("n2", nodes, look)
    assert look.again_seconds == 30, "it is looked at again when its word is old"
    assert silence("n2", nodes, Look(at(120))) == ("", "")
    assert is_silent("n2", nodes, Look(at(150)))
    assert silence("n2", nodes, Look(at(150), lost_node_seconds=600)) == (stamp(100), stamp(700))


def test_what_a_kubelet_posted_before_its_node_was_called_silent_is_no_sign_of_life() -> None:
    assert is_silent("n2", _nodes(_posted(_silent("n2", since=100), 90)), Look(at(101)))


@pytest.mark.parametrize(
    ("nodes", "gone"),
    [
        (_nodes(node("n1")), True),
        (_nodes(_silent("n2", DECLARED)), True),
        (_nodes(_silent("n2")), False),
        (_nodes(node("n2", DECLARED)), False),
        (_nodes(node("n2")), False),
    ],
    ids=["deleted", "silent and declared", "only silent", "declared while it is heard from", "well"],
)
def test_a_node_is_gone_only_by_the_word_of_somebody_who_knows(nodes: Store, gone: bool) -> None:
    assert is_gone("n2", nodes) is gone
    assert (gone_with(TIED, nodes) == "n2") is gone


@pytest.mark.parametrize(
    "volume",
    [
        None,
        {"spec": {}},
        _volume(("topology.kubernetes.io/zone", ["n2"])),
        _volume(("kubernetes.io/hostname", ["n2"]), ("topology.kubernetes.io/zone", ["a"])),
        _volume(("kubernetes.io/hostname", ["n1", "n2"])),
        _volume(("kubernetes.io/hostname", ["host-of-n1"])),
    ],
    ids=[
        "not told",
        "network storage",
        "of a zone",
        "one way in is a zone",
        "one of its nodes is there",
        "by its host's name",
    ],
)
def test_a_volume_that_something_can_still_mount_or_may_is_not_lost(volume: Any) -> None:
    other = node("n1")
    other["metadata"]["labels"] = {"kubernetes.io/hostname": "host-of-n1"}
    assert gone_with(volume, _nodes(other)) is None


def test_free_is_a_node_that_takes_pods_and_has_no_member() -> None:
    cordoned = node("n5")
    cordoned["spec"]["unschedulable"] = True
    nodes = _nodes(node("n1"), node("n2"), _silent("n3"), node("n4", taint("team", "a")), cordoned)
    assert free_nodes(nodes, [pod(node="n2")]) == 1
