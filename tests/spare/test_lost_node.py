"""A node stays silent while another one is free. Needs four nodes: `make spare`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from devcluster import faults
from devcluster.config import NODES
from tests.e2e.backups import direct_uri
from tests.e2e.client import Writer
from tests.e2e.cluster import exists, get, kubectl, scale_operator, until
from tests.e2e.small import LOOK_SECONDS, Small

NAME = "kept"
SMALL = Small("spare")
LOST_NODE_SECONDS = 20
"""Instead of ten minutes; Kubernetes itself calls a node silent after 40 s."""
STANDS_IN_WITHIN_SECONDS, BACK_WITHIN_SECONDS = 180.0, 180.0
GAP_SECONDS_MAX = 3.0
"""Members join and leave one at a time, and the primary stays."""
OPERATOR = ("-n", "moorage-system", "deployment", "moorage")
WAIT = "MOORAGE_LOST_NODE_SECONDS"


@pytest.fixture(scope="module", autouse=True)
def _short_wait() -> Iterator[None]:
    if len(NODES) < 4:
        pytest.fail("this needs a free node: `make spare` runs it on four", pytrace=False)
    path = f"jsonpath={{.spec.template.spec.containers[0].env[?(@.name=='{WAIT}')].value}}"
    before = kubectl("get", *OPERATOR, "-o", path).strip()
    _wait_for_nodes(str(LOST_NODE_SECONDS))
    yield
    _wait_for_nodes(before)


def _wait_for_nodes(seconds: str) -> None:
    kubectl("set", "env", *OPERATOR, f"{WAIT}={seconds}")
    scale_operator(2)


@pytest.fixture(scope="module")
def kept() -> Iterator[str]:
    with SMALL.made(), SMALL.deployed(NAME, members=3, resources={"cpu": "150m", "memory": "512Mi"}):
        SMALL.green(NAME, members=3)
        yield NAME


def _secondary(name: str) -> tuple[str, int, str]:
    """A member, its ordinal and its node."""
    primary = SMALL.status(name)["primary"]
    ordinal = next(n for n in (2, 1) if primary != f"datanode{n}")
    return f"datanode{ordinal}", ordinal, _node_of(ordinal)


def _node_of(ordinal: int) -> str:
    return str(get("pod", f"{NAME}-g1-{ordinal}", SMALL.namespace)["spec"]["nodeName"])


@contextmanager
def _silent(node: str) -> Iterator[None]:
    faults.stop_node(node)
    try:
        yield
    finally:
        faults.start_node(node)


def _says(name: str, words: str, seconds: float) -> None:
    started = time.monotonic()
    until(
        f"{name} says '{words}'",
        lambda: words in str(SMALL.status(name).get("healthMsg") or ""),
        seconds=seconds,
        every_seconds=LOOK_SECONDS,
    )
    print(f"said after {time.monotonic() - started:.1f} s: {SMALL.status(name)['healthMsg']}")


def test_another_member_stands_in_for_one_on_a_silent_node_and_leaves_when_it_is_back(kept: str) -> None:
    member, ordinal, node = _secondary(kept)
    claim = f"data-{NAME}-g1-{ordinal}"
    uid = get("pvc", claim, SMALL.namespace)["metadata"]["uid"]
    with Writer(direct_uri(kept, SMALL.namespace), "numbers") as writer:
        with _silent(node):
            _says(kept, f"datanode3 stands in for {member} until node {node} is back", STANDS_IN_WITHIN_SECONDS)
            assert SMALL.status(kept)["healthCluster"] == "yellow", "a node is lost"
            assert get("pvc", claim, SMALL.namespace)["metadata"]["uid"] == uid, "what was on the node is left as it is"
            writer.wait_for_more(100)
        started = time.monotonic()
        until(
            "the stand-in is gone",
            lambda: not exists("pod", f"{NAME}-g1-3", SMALL.namespace),
            seconds=BACK_WITHIN_SECONDS,
            every_seconds=LOOK_SECONDS,
        )
        SMALL.green(kept, members=3)
        print(f"as before {time.monotonic() - started:.1f} s after the node was back")
        writer.wait_for_more(50)
    assert writer.lost() == set()
    print(f"longest gap {writer.history.longest_gap_seconds():.2f} s")
    assert writer.history.longest_gap_seconds() < GAP_SECONDS_MAX


def test_a_node_that_was_declared_gone_gives_its_member_to_a_free_one(kept: str) -> None:
    member, ordinal, node = _secondary(kept)
    taint = "node.kubernetes.io/out-of-service"
    with Writer(direct_uri(kept, SMALL.namespace), "more") as writer:
        with _silent(node):
            try:
                _says(kept, f"{taint}=nodeshutdown:NoExecute", 60.0)
                kubectl("taint", "nodes", node, f"{taint}=nodeshutdown:NoExecute")
                SMALL.green(kept, members=3)
                assert _node_of(ordinal) != node
            finally:
                kubectl("taint", "nodes", node, f"{taint}-", check=False)
        writer.wait_for_more(50)
    assert writer.lost() == set()
    assert member in SMALL.status(kept)["healthInstances"]
    print(f"longest gap {writer.history.longest_gap_seconds():.2f} s")
    assert writer.history.longest_gap_seconds() < GAP_SECONDS_MAX
