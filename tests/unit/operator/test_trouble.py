"""Why a Pod cannot run, in a sentence that a person understands and that stays the same from try to try."""

from typing import Any

import pytest

from moorage.operator.trouble import pod_trouble, waits_for_volume

NOT_FOUND = 'rpc error: code = NotFound desc = failed to pull and unpack image "mongo:nosuch": mongo:nosuch: not found'


def unplaced(message: str) -> dict[str, Any]:
    return {"status": {"conditions": [{"type": "PodScheduled", "status": "False", "message": message}]}}


def waiting(reason: str, message: str = "", **container: Any) -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"status": {"containerStatuses": [{"name": "member", "image": "mongo:nosuch", "state": state, **container}]}}


@pytest.mark.parametrize(
    ("pod", "sentence"),
    [
        (
            unplaced(
                "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, "
                "preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."
            ),
            "no node can take it: every member needs a node of its own; 3 nodes didn't match pod anti-affinity rules",
        ),
        (
            unplaced("0/3 nodes are available: 3 Insufficient cpu. preemption: not helpful"),
            "no node can take it: 3 Insufficient cpu",
        ),
        (waiting("ErrImagePull", NOT_FOUND), "image 'mongo:nosuch' cannot be pulled: the registry does not have it"),
        (
            waiting("ImagePullBackOff", f'Back-off pulling image "mongo:nosuch": ErrImagePull: {NOT_FOUND}'),
            "image 'mongo:nosuch' cannot be pulled: the registry does not have it",
        ),
        (
            waiting("ErrImagePull", "dial tcp 10.0.0.1:443: connect: connection refused"),
            "image 'mongo:nosuch' cannot be pulled: the registry cannot be reached",
        ),
        (waiting("InvalidImageName", "couldn't parse"), "'mongo:nosuch' is not the name of an image"),
        (
            waiting("CrashLoopBackOff", "back-off 10s", lastState={"terminated": {"exitCode": 137, "reason": "OOMKilled"}}),
            "container 'member' does not run: it ended with exit code 137 (out of memory)",
        ),
        (waiting("ContainerCreating"), ""),
        ({}, ""),
    ],
)
def test_the_cause_is_said(pod: dict[str, Any], sentence: str) -> None:
    assert pod_trouble(pod) == sentence


def test_a_volume_that_is_on_its_way_is_no_trouble() -> None:
    pod = unplaced("0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found")
    assert waits_for_volume(pod)
    assert pod_trouble(pod) == ""
