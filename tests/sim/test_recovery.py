"""Two of three nodes are gone for good: nothing is forced by itself; on a person's word one member is kept, then all is whole."""

import asyncio

import pytest

from moorage.core import names
from moorage.core.recovery import RECOVER, wish
from moorage.core.report import Role, from_json
from tests.sim.clock import simulate
from tests.sim.controllers import WHO
from tests.sim.nodes import Node
from tests.sim.world import World

KEPT = "datanode2"
RED_SECONDS = 60.0
"""A node is called lost after 15 s, and its Pods are deleted 20 s later."""


async def _left_with_one() -> tuple[World, list[Node]]:
    """A service of which one secondary is left; the nodes of the others are gone."""
    world = World()
    world.deploy()
    await world.until(world.why_not_done)
    await asyncio.sleep(10.0)
    if world.replica_set.running["orders-g1-2"].role is Role.PRIMARY:
        world.change({"metadata": {"annotations": {names.ANNOTATION_PROMOTE: "datanode0"}}})
        await asyncio.sleep(5.0)
        await world.until(world.why_not_done)
    lost = [node for node in world.cluster.nodes if all(m.name != "orders-g1-2" for m in node.members)]
    for node in lost:
        node.lose()
    world.cluster.look_again()
    await asyncio.sleep(RED_SECONDS)
    return world, lost


def _status(world: World) -> dict[str, object]:
    return dict((world.service() or {})["status"])


def _mark(world: World) -> str:
    pod = world.server.get("Pod", "orders-g1-2", "shop")
    assert pod is not None
    return from_json(pod["metadata"]["annotations"][names.ANNOTATION_REPORT]).configuration


def _ask(world: World) -> None:
    world.change({"metadata": {"annotations": {names.ANNOTATION_RECOVER: wish(KEPT, _mark(world), world.now())}}})


def _said(world: World) -> list[str]:
    return [e["message"] for e in world.server.list("Event") if e["reason"] == "RequestDone"]


def _power_off(world: World, nodes: list[Node]) -> None:
    """`kubectl delete node`: Kubernetes then forgets the Pods that were bound to it."""
    for node in nodes:
        pods = node.pods()
        world.server.remove(WHO, world.server.get("Node", node.name) or {})
        for pod in pods:
            world.server.remove(WHO, pod)
        world.cluster.nodes.remove(node)


def _come_back(world: World, nodes: list[Node]) -> None:
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    for node in nodes:
        node.is_up = True
        world.server.create(WHO, {"kind": "Node", "metadata": {"name": node.name}, "status": ready})
        world.cluster.nodes.append(node)
    world.cluster.look_again()


def test_nothing_is_forced_by_itself_and_the_command_is_named_only_when_it_would_be_carried_out() -> None:
    async def live() -> None:
        world, lost = await _left_with_one()
        said = str(_status(world)["healthMsg"])
        assert "no majority is left, and nothing is forced" in said
        assert "moorage recover" not in said, "who is not heard from may still take writes"
        _power_off(world, lost)
        await asyncio.sleep(5.0)
        assert f"moorage recover orders --keep {KEPT} -n shop" in str(_status(world)["healthMsg"])
        await asyncio.sleep(300.0)
        assert (_status(world)["healthCluster"], world.replica_set.forced) == ("red", [])
        _come_back(world, lost)
        await world.until(world.why_not_done)
        assert world.replica_set.forced == []

    simulate(live())


def test_while_a_member_may_run_unseen_a_request_ends_with_a_sentence_and_changes_nothing() -> None:
    async def live() -> None:
        world, _ = await _left_with_one()
        _ask(world)
        await asyncio.sleep(5.0)
        assert [s for s in _said(world) if "may still run on node" in s and "kubectl delete node" in s]
        assert world.replica_set.forced == []
        address = world.server.get("EndpointSlice", "orders", "shop") or {}
        assert names.ANNOTATION_EXCLUDED not in address["metadata"]["annotations"]

    simulate(live())


@pytest.mark.parametrize("dies_at", [None, *range(1, 24, 2)], ids=lambda n: "lives" if n is None else f"dies at {n}")
def test_on_request_one_is_kept_and_those_that_come_back_put_their_data_aside_and_join(dies_at: int | None) -> None:
    """The operator may die between any two steps of it."""

    async def live() -> None:
        world, lost = await _left_with_one()
        _power_off(world, lost)
        await asyncio.sleep(5.0)
        if dies_at is not None:
            replica = world.operators[0]
            replica.kill_at_call(replica.line.calls + dies_at, 2.0)
        _ask(world)
        await asyncio.sleep(30.0)
        assert world.replica_set.forced == ["orders-g1-2"]
        assert world.operators[0].deaths == (dies_at is not None), "it was killed on the way"
        assert (_status(world)["primary"], _status(world)["healthCluster"]) == (KEPT, "yellow")
        _come_back(world, lost)
        await world.until(world.why_not_done)
        assert world.replica_set.forced == ["orders-g1-2"], "and never again"
        assert set(world.data_members()) == {f"orders-g1-{i}" for i in range(3)}
        kinds = [(r["kind"], r["member"], r["outcome"]) for r in (world.service() or {})["status"]["repairs"]]
        assert (RECOVER, KEPT, "Succeeded") in kinds
        assert any(f"{KEPT} was kept alone, as asked for" in said for said in _said(world))
        await world.rest()

    simulate(live())


@pytest.mark.parametrize("after_seconds", [0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.5, 3.0])
def test_two_old_members_that_come_back_at_any_moment_of_it_never_make_a_second_primary(after_seconds: float) -> None:
    """Either they are in time and elect, and nothing is forced; or they stay stopped until their data is put aside."""

    async def live() -> None:
        world, lost = await _left_with_one()
        _power_off(world, lost)
        await asyncio.sleep(5.0)
        _ask(world)
        await asyncio.sleep(after_seconds)
        _come_back(world, lost)
        for _ in range(400):
            await asyncio.sleep(0.1)
            leading = [m.pod for m in world.replica_set.running.values() if m.role is Role.PRIMARY]
            assert len(leading) <= 1, leading
            world.stop_when_broken()
        await world.until(world.why_not_done)
        assert len(world.replica_set.forced) <= 1
        await world.rest()

    simulate(live())


def test_a_request_of_before_another_change_does_nothing() -> None:
    async def live() -> None:
        world, lost = await _left_with_one()
        _power_off(world, lost)
        await asyncio.sleep(5.0)
        world.change({"metadata": {"annotations": {names.ANNOTATION_RECOVER: wish(KEPT, "9:9", world.now())}}})
        await asyncio.sleep(10.0)
        assert [s for s in _said(world) if "and the request was for 9:9" in s]
        assert world.replica_set.forced == []
        address = world.server.get("EndpointSlice", "orders", "shop") or {}
        assert names.ANNOTATION_EXCLUDED not in address["metadata"]["annotations"]

    simulate(live())
