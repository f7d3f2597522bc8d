"""Why a Pod cannot run, in a sentence that a person understands and that stays the same from try to try."""

from typing import Any

import pytest

from moorage.operator.look import Look
from moorage.operator.told import Finding, read
from moorage.operator.trouble import pod_trouble
from tests.unit.operator.kubernetes import (
    AGENT_IMAGE,
    ENGINE_IMAGE,
    INSTALLED,
    NOT_YET,
    at,
    condition,
    ended,
    event,
    node,
    pod,
    stamp,
    taint,
    unplaced,
    waiting,
)

NOT_FOUND = f'rpc error: code = NotFound desc = failed to pull and unpack image "{ENGINE_IMAGE}": {ENGINE_IMAGE}: not found'
PLACED = condition("PodScheduled", True)
SANDBOX = condition("PodReadyToStartContainers", True, 1)
NO_SANDBOX = condition("PodReadyToStartContainers", False)
PULLING = event("Pulling", f'Pulling image "{AGENT_IMAGE}"', 1)


def found(item: dict[str, Any], *events: dict[str, Any], seconds: float = 0, nodes: Any = ()) -> Finding | None:
    """What is seen that long after the Pod was made."""
    return pod_trouble(item, Look(at(seconds), {"pod-0": read(events)}), list(nodes))


def says(item: dict[str, Any], *events: dict[str, Any], seconds: float = 0, nodes: Any = ()) -> str:
    trouble = found(item, *events, seconds=seconds, nodes=nodes)
    return trouble.says if trouble is not None else ""


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            (
                "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, "
                "preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."
            ),
            "no node can take it: every member needs a node of its own; 3 nodes didn't match pod anti-affinity rules",
        ),
        (
            "0/3 nodes are available: 3 Insufficient cpu. preemption: not helpful",
            "no node can take it: no node has as much cpu left as it asks for; 3 Insufficient cpu",
        ),
        (
            "0/2 nodes are available: 1 Insufficient memory, 1 node(s) had volume node affinity conflict. preemption: no",
            (
                "no node can take it: no node has as much memory left as it asks for; "
                "its volume is tied to a node that cannot take it; "
                "1 Insufficient memory, 1 nodes had volume node affinity conflict"
            ),
        ),
    ],
)
def test_why_no_node_takes_it_is_said_with_what_that_means(message: str, sentence: str) -> None:
    assert found(unplaced(message)) == Finding(sentence)


@pytest.mark.parametrize(
    "message",
    [
        "0/2 nodes are available: 1 node(s) were unschedulable, 1 node(s) had untolerated taint(s). preemption: not helpful.",
        (
            "0/2 nodes are available: 1 node(s) were unschedulable, 1 node(s) had untolerated taint "
            "{node.kubernetes.io/disk-pressure: }. preemption: not helpful."
        ),
    ],
    ids=["since 1.34", "before"],
)
def test_nodes_that_are_closed_are_named_since_the_scheduler_only_counts_them(message: str) -> None:
    full = node("n2", taint("node.kubernetes.io/disk-pressure"))
    drained = node("n1", taint("node.kubernetes.io/unschedulable"), taint("dedicated", "gpu", "PreferNoSchedule"))
    sentence = says(unplaced(message), nodes=[full, drained, node("n3")])
    assert sentence.startswith(
        "no node can take it: node n1 is cordoned (kubectl uncordon lets it take Pods again); node n2 is short of disk space; "
    )
    assert "{" not in sentence


def test_a_taint_of_the_administrators_is_named_as_it_is() -> None:
    gpu = node("n1", taint("dedicated", "gpu"))
    assert "node n1 has the taint 'dedicated=gpu'" in says(unplaced("1 node(s) had untolerated taint(s)"), nodes=[gpu])


def test_a_pod_that_no_scheduler_looks_at_is_said_after_a_while() -> None:
    fresh = pod(node="", conditions=[])
    assert found(fresh, seconds=14) is None
    assert found(fresh, seconds=15) == Finding("its Pod has no node after 15 s, and no scheduler says why", needs_somebody=False)


def test_a_volume_that_is_on_its_way_is_no_trouble_of_the_pod() -> None:
    waits = unplaced("0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found")
    assert found(waits, seconds=600) is None


@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        (waiting("ErrImagePull", NOT_FOUND), f"image '{ENGINE_IMAGE}' cannot be pulled: the registry does not have it"),
        (
            waiting("ImagePullBackOff", f'Back-off pulling image "{ENGINE_IMAGE}": ErrImagePull: {NOT_FOUND}'),
            f"image '{ENGINE_IMAGE}' cannot be pulled: the registry does not have it",
        ),
        (
            waiting("ErrImagePull", "dial tcp 10.0.0.1:443: connect: connection refused"),
            f"image '{ENGINE_IMAGE}' cannot be pulled: the registry cannot be reached",
        ),
        (
            waiting("ErrImagePull", "write /var/lib/containerd/x: no space left on device"),
            f"image '{ENGINE_IMAGE}' cannot be pulled: its node has no room left for it",
        ),
        (waiting("InvalidImageName", "couldn't parse"), f"'{ENGINE_IMAGE}' is not the name of an image"),
        (
            waiting("CreateContainerConfigError", 'secret "orders-internal" not found'),
            "container 'member' cannot be started: secret 'orders-internal' not found",
        ),
        (
            waiting("CrashLoopBackOff", "back-off 10s", lastState=ended(137, "OOMKilled")),
            "container 'member' ran out of memory and was killed: raise resources.memory",
        ),
        (
            waiting("CrashLoopBackOff", "back-off 40s", lastState=ended(1, "Error")),
            "container 'member' does not run: it ended with exit code 1; its log says why (moorage logs)",
        ),
        (
            waiting("CrashLoopBackOff", lastState=ended(128, "StartError", message='exec: "/opt/x": no such file')),
            "container 'member' cannot be started: exec: '/opt/x': no such file",
        ),
    ],
    ids=lambda value: value["state"]["waiting"]["reason"] if isinstance(value, dict) else "",
)
def test_what_a_container_cannot_do_until_somebody_acts_is_said(member: dict[str, Any], sentence: str) -> None:
    assert found(pod(member)) == Finding(sentence)


def test_a_crash_loop_is_one_sentence_through_all_its_states() -> None:
    """Kubernetes shows it waiting, running for a moment, and ended; a status that followed would be written all the time."""
    last = {"lastState": ended(1, "Error", 300), "restartCount": 3, "ready": False}
    states = [
        {**waiting("CrashLoopBackOff"), **last},
        {"state": {"running": {"startedAt": stamp(301)}}, **last},
        {**last, "state": ended(1, "Error", 303)},
    ]
    assert len({found(pod(state), seconds=304) for state in states}) == 1


def test_a_member_that_fell_once_and_starts_again_needs_nobody() -> None:
    fell = {
        "state": {"running": {"startedAt": stamp(300)}},
        "lastState": ended(1, "Error", 299),
        "restartCount": 1,
        "ready": False,
    }
    assert found(pod(fell), seconds=301) is None


def test_a_member_that_ran_out_of_memory_says_so_already_the_first_time() -> None:
    starts = {
        "state": {"running": {"startedAt": stamp(300)}},
        "lastState": ended(137, "OOMKilled", 299),
        "restartCount": 1,
        "ready": False,
    }
    trouble = found(pod(starts), seconds=301)
    assert trouble == Finding("container 'member' ran out of memory and was killed: raise resources.memory", needs_somebody=False)
    assert found(pod({**starts, "ready": True}), seconds=302) is None


def test_how_a_container_ended_long_ago_explains_nothing_today() -> None:
    silent = {
        "state": {"running": {"startedAt": stamp(0)}},
        "lastState": ended(1, "Error", -1),
        "restartCount": 9,
        "ready": False,
    }
    assert found(pod(silent), seconds=61) is None


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            "The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 9Gi. ",
            "node n2 evicted it because it is short of disk space: make room on that node",
        ),
        (
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 98Mi. ",
            "node n2 evicted it because it is short of memory: make room on that node",
        ),
    ],
)
def test_an_evicted_member_says_what_its_node_is_short_of(message: str, sentence: str) -> None:
    assert found(pod(phase="Failed", reason="Evicted", message=message)) == Finding(sentence)


def test_a_pod_that_its_node_refuses_is_made_anew_by_kubernetes() -> None:
    refused = pod(phase="Failed", reason="NodeShutdown", message="Pod was rejected as the node is shutting down.")
    sentence = "node n2 gave it up: NodeShutdown: Pod was rejected as the node is shutting down."
    assert found(refused) == Finding(sentence, needs_somebody=False)


def test_a_registry_that_does_not_answer_is_said_after_15_seconds_and_in_the_same_words_ever_after() -> None:
    """Kubernetes calls the sandbox ready only after the first image is there, so only the event says that it is being pulled."""
    hangs = pod(install=NOT_YET, conditions=[PLACED, NO_SANDBOX])
    assert found(hangs, PULLING, seconds=14) is None
    later = {found(hangs, PULLING, seconds=seconds) for seconds in (15, 30, 300, 86400)}
    assert later == {
        Finding(f"image '{AGENT_IMAGE}' is still being pulled after 15 s: does its registry answer?", needs_somebody=False)
    }


def test_the_look_comes_back_by_itself_when_a_pull_begins_to_be_slow() -> None:
    waits = pod(install=NOT_YET, conditions=[PLACED])
    early, late = Look(at(3)), Look(at(5))
    pod_trouble(waits, early, [])
    pod_trouble(waits, late, [])
    assert (early.again_seconds, early.asks) == (1, {})
    assert (late.again_seconds, late.asks) == (10, {"pod-0": 10})


def test_a_pull_that_failed_is_said_before_its_node_tries_again_and_writes_it_into_the_pod() -> None:
    waits = pod(NOT_YET, INSTALLED, conditions=[PLACED, SANDBOX])
    failed = event("Failed", f'Failed to pull image "{ENGINE_IMAGE}": rpc error: code = NotFound desc = not found', 2)
    said = Finding(f"image '{ENGINE_IMAGE}' cannot be pulled: the registry does not have it")
    assert [found(waits, failed, seconds=seconds) for seconds in (6, 20)] == [said, said]
    other = event("Failed", 'Failed to pull image "another:1": rpc error: code = NotFound desc = not found', 2)
    assert found(waits, other, seconds=6) is None
    pulled = event("Pulled", f'Successfully pulled image "{ENGINE_IMAGE}" in 2s', 5)
    assert found(waits, failed, pulled, seconds=6) is None


def test_the_engines_image_is_named_when_the_agents_is_there_also_without_events() -> None:
    hangs = pod(NOT_YET, INSTALLED, conditions=[PLACED, SANDBOX])
    assert found(hangs, seconds=15) is None
    assert says(hangs, seconds=16) == f"image '{ENGINE_IMAGE}' is still being pulled after 15 s: does its registry answer?"


def test_an_image_that_is_there_is_not_blamed_for_a_slow_node() -> None:
    pulled = event("Pulled", f'Container image "{AGENT_IMAGE}" already present on machine', 1)
    sentence = "node n2 has not started its containers after 15 s"
    assert says(pod(install=NOT_YET, conditions=[PLACED]), PULLING, pulled, seconds=20) == sentence
    assert says(pod(install=NOT_YET, conditions=[PLACED]), seconds=20) == sentence


def test_a_pod_whose_node_does_not_report_it_at_all_is_said() -> None:
    placed = pod(conditions=[PLACED])
    del placed["status"]["initContainerStatuses"], placed["status"]["containerStatuses"]
    assert says(placed, seconds=15) == "node n2 has not started its containers after 15 s"


def test_an_agent_that_is_not_copied_in_time_is_said() -> None:
    copies = {"state": {"running": {"startedAt": stamp(1)}}, "ready": False}
    assert says(pod(install=copies), seconds=16) == "container 'install-agent' has not finished after 15 s"


def test_a_volume_that_cannot_be_mounted_needs_somebody_when_it_lasts() -> None:
    secret = event("FailedMount", 'MountVolume.SetUp failed for volume "internal" : secret "orders-internal" not found', 20)
    sentence = "its volume 'internal' cannot be mounted: secret 'orders-internal' not found"
    waits = pod(install=NOT_YET, conditions=[PLACED, NO_SANDBOX])
    assert found(waits, secret, seconds=20) == Finding(sentence, needs_somebody=False)
    assert found(waits, secret, seconds=60) == Finding(sentence)


def test_a_pod_that_runs_is_asked_nothing_about() -> None:
    runs = {"state": {"running": {"startedAt": stamp(2)}}, "ready": True, "restartCount": 0}
    look = Look(at(3600))
    assert pod_trouble(pod(runs, phase="Running"), look, []) is None
    assert (look.asks, look.again_seconds) == ({}, None)


def test_a_pod_that_does_not_end_in_its_time_is_said() -> None:
    leaving = pod({"state": {"running": {"startedAt": stamp(2)}}, "ready": False})
    leaving["metadata"]["deletionTimestamp"] = stamp(100)
    assert found(leaving, seconds=129) is None
    assert says(leaving, seconds=130) == "its old Pod does not end: node n2 does not stop it, or a finalizer holds it"
