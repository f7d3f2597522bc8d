"""The number of members changes while clients write; what cannot be placed is said and costs nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.client import Writer, connect, uri
from tests.e2e.cluster import exists, get, kubectl, moorage, status, until
from tests.e2e.conftest import MANIFEST

CHANGE_SECONDS = 240.0
LOOK_SECONDS = 1.0
"""Looking more often takes from the two cores what the members need."""
GAP_SECONDS_MAX = 5.0


@pytest.fixture(scope="module")
def scaled() -> Iterator[str]:
    """A service that starts with one member."""
    kubectl("apply", "-f", "-", stdin=MANIFEST.format(name="scaled") + "  members: 1\n")
    settled("scaled", 1)
    yield "scaled"
    kubectl("delete", "mds", "scaled", "--timeout=120s")


def scale(name: str, members: int) -> None:
    kubectl("scale", "mds", name, f"--replicas={members}")


def settled(name: str, members: int) -> None:
    """Until the service is green with exactly these members and nothing is left to do."""

    def is_settled() -> bool:
        item = get("mds", name)
        now = item.get("status") or {}
        reconciling = next((c["status"] for c in now.get("conditions") or [] if c["type"] == "Reconciling"), "True")
        current = now.get("observedGeneration") == item["metadata"]["generation"]
        green = now.get("healthCluster") == "green" and now.get("membersReady") == f"{members}/{members}"
        return bool(current and green and reconciling == "False")

    try:
        until(f"{name} is green with {members} members", is_settled, seconds=CHANGE_SECONDS, every_seconds=LOOK_SECONDS)
    except AssertionError as error:
        now = status(name)
        raise AssertionError(f"{error}; it says: {now.get('healthMsg')}; step: {now.get('repair')}") from None


def hosts(name: str) -> list[str]:
    """The replica set's own configuration, as MongoDB tells every client."""
    with connect(name) as client:
        return sorted(host.partition(".")[0] for host in client.admin.command("hello")["hosts"])


def pods(name: str, *members: int) -> list[str]:
    return [f"{name}-g1-{i}" for i in members]


def claim_ids(name: str) -> dict[str, str]:
    return {pod: get("pvc", f"data-{pod}")["metadata"]["uid"] for pod in pods(name, 0, 1, 2)}


def test_one_member_becomes_three_while_clients_write(scaled: str) -> None:
    with connect(scaled) as client:
        client["app"]["before"].insert_one({"_id": 1})
    with Writer(uri(scaled), "grown") as writer:
        scale(scaled, 3)
        settled(scaled, 3)
        writer.wait_for_more(50)
    assert writer.lost() == set()
    assert writer.history.longest_gap_seconds() < GAP_SECONDS_MAX
    assert hosts(scaled) == pods(scaled, 0, 1, 2)
    with connect(scaled) as client:
        assert client["app"]["before"].find_one() == {"_id": 1}
    assert all(member in uri(scaled, "uri") for member in pods(scaled, 0, 1, 2))


def test_three_members_become_one_after_the_primary_handed_over_and_their_volumes_stay(scaled: str) -> None:
    settled(scaled, 3)
    moorage("promote", scaled, "datanode2")
    until("datanode2 is primary", lambda: status(scaled).get("primary") == "datanode2", seconds=30)
    settled(scaled, 3)
    kept = claim_ids(scaled)
    with Writer(uri(scaled), "shrunk") as writer:
        scale(scaled, 1)
        settled(scaled, 1)
        writer.wait_for_more(50)
    assert writer.lost() == set()
    assert writer.history.longest_gap_seconds() < GAP_SECONDS_MAX
    assert hosts(scaled) == pods(scaled, 0)
    until("their Pods are gone", lambda: not any(exists("pod", pod) for pod in pods(scaled, 1, 2)))
    assert claim_ids(scaled) == kept
    events = kubectl("get", "events", "--field-selector", f"involvedObject.name={scaled}", "-o", "jsonpath={.items[*].message}")
    for pod, member in zip(pods(scaled, 1, 2), ("datanode1", "datanode2"), strict=True):
        assert f"{member} leaves the cluster: 1 member is asked for; its volume data-{pod} is kept" in events


def test_members_that_come_back_catch_up_on_the_volumes_that_they_left(scaled: str) -> None:
    settled(scaled, 1)
    kept = claim_ids(scaled)
    with Writer(uri(scaled), "back") as writer:
        scale(scaled, 3)
        settled(scaled, 3)
    assert writer.lost() == set()
    assert claim_ids(scaled) == kept
    assert hosts(scaled) == pods(scaled, 0, 1, 2)
    moorage("promote", scaled, "datanode1")
    until("datanode1 is primary", lambda: status(scaled).get("primary") == "datanode1", seconds=30)
    assert writer.lost() == set()


def test_five_members_on_three_nodes_are_said_and_three_of_them_go_on(scaled: str) -> None:
    scale(scaled, 3)
    settled(scaled, 3)
    with Writer(uri(scaled), "wide") as writer:
        scale(scaled, 5)
        missing = "datanode3 and datanode4 cannot run: no node can take it: every member needs a node of its own"

        def said() -> dict[str, Any] | None:
            """A member that was demoted just before is away for a moment: it is waited for."""
            now = status(scaled)
            return now if missing in now.get("healthMsg", "") and now["membersReady"] == "3/5" else None

        now = until("what is missing is said, and three go on", said, seconds=30)
        writer.wait_for_more(50)
        assert (now["healthCluster"], now["expectedNodes"], now["clusterNodes"]) == ("yellow", 5, 3)
        assert {c["type"]: c["status"] for c in now["conditions"]}["Ready"] == "True"
        assert hosts(scaled) == pods(scaled, 0, 1, 2)
        scale(scaled, 3)
        settled(scaled, 3)
    assert writer.lost() == set()
    assert writer.history.longest_gap_seconds() < GAP_SECONDS_MAX
    until("the Pods that never ran are gone", lambda: not any(exists("pod", pod) for pod in pods(scaled, 3, 4)))


def test_settings_may_change_while_members_have_no_place(scaled: str) -> None:
    """What does not depend on the missing members does not wait for them."""
    settled(scaled, 3)
    before = {pod: get("pod", pod)["metadata"]["uid"] for pod in pods(scaled, 0, 1, 2)}
    patch = {"spec": {"members": 5, "parameters": {"net.maxIncomingConnections": "250"}}}
    kubectl("patch", "mds", scaled, "--type=merge", "-p", json.dumps(patch))

    def all_anew() -> bool:
        return all(exists("pod", pod) and get("pod", pod)["metadata"]["uid"] != uid for pod, uid in before.items())

    until("every member runs with the new setting", all_anew, seconds=CHANGE_SECONDS, every_seconds=LOOK_SECONDS)
    scale(scaled, 3)
    settled(scaled, 3)
