"""When the service demo counts as green: never on the word of an operator or a Pod from before."""

from typing import Any

import pytest

from devcluster.demo import why_not_green

IMAGE = "ghcr.io/moorage/moorage:new"


def _service(health: str = "green", message: str = "all 3 members are normal", seen: int = 1) -> dict[str, Any]:
    return {
        "metadata": {"generation": 1},
        "status": {"observedGeneration": seen, "healthCluster": health, "healthMsg": message, "expectedNodes": 3},
    }


def _pod(ordinal: int, image: str = IMAGE, ready: str = "True") -> dict[str, Any]:
    return {
        "metadata": {"name": f"demo-g1-{ordinal}"},
        "spec": {"initContainers": [{"image": image}]},
        "status": {"conditions": [{"type": "Ready", "status": ready}]},
    }


PODS = [_pod(0), _pod(1), _pod(2)]


def test_green_members_with_the_new_agents_are_green() -> None:
    assert why_not_green(_service(), PODS, IMAGE) is None


@pytest.mark.parametrize(
    ("service", "pods", "reason"),
    [
        ({"metadata": {"generation": 1}}, [], "Moorage's operator has not seen it yet"),
        (_service(seen=0), PODS, "Moorage's operator has not seen it yet"),
        (_service("red", "there is no primary"), PODS, "there is no primary"),
        (_service(), [*PODS[:2], _pod(2, image="old")], "demo-g1-2 still runs the agent of another image"),
        (_service(), [*PODS[:2], _pod(2, ready="False")], "demo-g1-2 is being replaced or started"),
        (_service(), PODS[:2], "2 of 3 members have a Pod"),
    ],
)
def test_anything_else_says_what_is_missing(service: dict[str, Any], pods: list[dict[str, Any]], reason: str) -> None:
    found = why_not_green(service, pods, IMAGE)
    assert found is not None
    assert reason in found
