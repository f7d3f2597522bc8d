"""A node that never comes back, or comes back late: the service gets its redundancy back, and no volume has two engines."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from moorage.core import names
from tests.sim.clock import simulate
from tests.sim.cluster import SILENT_SECONDS_MAX
from tests.sim.controllers import is_ready
from tests.sim.nodes import Node
from tests.sim.world import NAME, NAMESPACE, World

PAST_THE_WAIT_SECONDS = 640.0
"""Longer than a silent node is waited for."""


async def _deployed(nodes: int = 4, **spec: Any) -> World:
    has_local_disks = spec.pop("has_local_disks", False)
    world = World(nodes=nodes, has_local_disks=has_local_disks)
    world.deploy(**spec)
    await world.until(world.why_not_done)
    await asyncio.sleep(10.0)
    return world


def _status(world: World) -> Any:
    return (world.service() or {})["status"]


def _node_of(world: World, ordinal: int) -> Node:
    pod = world.server.get("Pod", f"orders-g1-{ordinal}", NAMESPACE)
    assert pod is not None
    return next(n for n in world.cluster.nodes if n.name == pod["spec"]["nodeName"])


def _lose(world: World, node: Node) -> None:
    node.lose()
    world.cluster.look_again()


def _cut(world: World, node: Node) -> None:
    node.cut(is_cut=True)
    world.cluster.look_again()


def _come_back(world: World, node: Node) -> None:
    if node.is_up:
        node.cut(is_cut=False)
        world.cluster.list_again()
    node.is_up = True
    world.cluster.look_again()


def _members_of_the_set(world: World) -> tuple[str, ...]:
    known = (f.configuration for f in world.replica_set.folders.values() if f.configuration is not None)
    return tuple(sorted(max(known).members))


def test_a_node_that_is_heard_again_makes_green_before_its_kubelet_takes_back_that_its_pods_are_not_ready() -> None:
    async def life() -> None:
        world = await _deployed(nodes=3)
        node = _node_of(world, 1)
        _cut(world, node)
        await asyncio.sleep(SILENT_SECONDS_MAX + 3.0)
        assert _status(world)["healthCluster"] == "yellow"
        _come_back(world, node)
        await asyncio.sleep(5.0)
        pod = world.server.get("Pod", "orders-g1-1", NAMESPACE)
        assert pod is not None
        assert not is_ready(pod), "what this is about"
        assert _status(world)["healthCluster"] == "green"

    simulate(life())


@pytest.mark.parametrize("ordinal", [0, 1, 2])
@pytest.mark.parametrize("loses", [_lose, _cut], ids=["no power", "cut off and running"])
def test_a_member_whose_node_stays_silent_is_stood_in_for_and_takes_its_place_again_when_it_is_back(
    loses: Callable[[World, Node], None], ordinal: int
) -> None:
    async def live() -> None:
        world = await _deployed()
        node = _node_of(world, ordinal)
        loses(world, node)
        await asyncio.sleep(60.0)
        assert len(_members_of_the_set(world)) == 3
        assert "another member is to stand in" in _status(world)["healthMsg"]
        await asyncio.sleep(PAST_THE_WAIT_SECONDS)
        assert _members_of_the_set(world) == tuple(f"orders-g1-{i}" for i in range(4) if i != ordinal)
        assert _status(world)["healthCluster"] == "yellow"
        assert f"datanode3 stands in for datanode{ordinal}" in _status(world)["healthMsg"]
        assert [(r["kind"], r["member"], r["outcome"]) for r in _status(world)["repairs"]] == [
            ("stand-in", f"datanode{ordinal}", "Succeeded")
        ]
        await world.rest()
        _come_back(world, node)
        await asyncio.sleep(20.0)
        await world.until(world.why_not_done)
        assert _members_of_the_set(world) == ("orders-g1-0", "orders-g1-1", "orders-g1-2")
        assert world.server.get("Pod", "orders-g1-3", NAMESPACE) is None
        await world.rest()

    simulate(live())


def test_a_node_that_comes_back_in_time_costs_nothing() -> None:
    async def live() -> None:
        world = await _deployed()
        node = _node_of(world, 1)
        _lose(world, node)
        await asyncio.sleep(500.0)
        _come_back(world, node)
        await world.until(world.why_not_done)
        assert not _status(world).get("repairs")
        assert world.server.get("PersistentVolumeClaim", "data-orders-g1-3", NAMESPACE) is None

    simulate(live())


def test_without_a_free_node_the_reason_is_said_and_nothing_is_changed() -> None:
    async def live() -> None:
        world = await _deployed(nodes=3)
        _lose(world, _node_of(world, 2))
        await asyncio.sleep(PAST_THE_WAIT_SECONDS)
        says = "nobody stands in for datanode2 yet: no other node is free: each that takes Pods has a member already"
        assert says in _status(world)["healthMsg"]
        assert f"kubectl taint nodes {world.cluster.nodes[2].name}" in _status(world)["healthMsg"]
        assert (world.server.get("StatefulSet", "orders-g1", NAMESPACE) or {})["spec"]["replicas"] == 3
        await world.rest()

    simulate(live())


def test_beside_an_arbiter_nobody_stands_in() -> None:
    async def live() -> None:
        world = await _deployed(arbiter=True)
        _lose(world, _node_of(world, 1))
        await asyncio.sleep(PAST_THE_WAIT_SECONDS)
        assert "nobody stands in for datanode1: beside an arbiter nobody leaves the cluster" in _status(world)["healthMsg"]
        assert (world.server.get("StatefulSet", "orders-g1", NAMESPACE) or {})["spec"]["replicas"] == 3

    simulate(live())


@pytest.mark.parametrize("declares", ["deleted", "tainted"])
def test_a_node_that_is_declared_gone_gives_its_member_to_another_one_with_the_same_volume(declares: str) -> None:
    async def live() -> None:
        world = await _deployed()
        node = _node_of(world, 1)
        before = (world.server.get("PersistentVolumeClaim", "data-orders-g1-1", NAMESPACE) or {})["spec"]["volumeName"]
        _lose(world, node)
        await asyncio.sleep(30.0)
        world.cluster.delete_node(node) if declares == "deleted" else world.cluster.declare_gone(node)
        await asyncio.sleep(5.0)
        await world.until(world.why_not_done)
        after = (world.server.get("PersistentVolumeClaim", "data-orders-g1-1", NAMESPACE) or {})["spec"]["volumeName"]
        assert after == before
        await world.rest()

    simulate(live())


@pytest.mark.parametrize("ordinal", [0, 1, 2])
@pytest.mark.parametrize("declares", ["deleted", "tainted"])
def test_a_volume_that_was_tied_to_a_node_that_is_gone_is_made_anew_elsewhere(declares: str, ordinal: int) -> None:
    async def live() -> None:
        world = await _deployed(has_local_disks=True)
        node = _node_of(world, ordinal)
        claim = names.claim(NAME, 1, ordinal)
        before = (world.server.get("PersistentVolumeClaim", claim, NAMESPACE) or {})["spec"]["volumeName"]
        _lose(world, node)
        await asyncio.sleep(30.0)
        world.cluster.delete_node(node) if declares == "deleted" else world.cluster.declare_gone(node)
        await asyncio.sleep(20.0)
        await world.until(world.why_not_done)
        after = (world.server.get("PersistentVolumeClaim", claim, NAMESPACE) or {})["spec"]["volumeName"]
        assert after != before
        assert [(r["kind"], r["outcome"]) for r in _status(world)["repairs"]] == [("replace-volume", "Succeeded")]
        await world.rest()

    simulate(live())


def test_a_volume_that_is_tied_to_a_node_that_is_only_silent_is_left_alone() -> None:
    async def live() -> None:
        world = await _deployed(nodes=3, has_local_disks=True)
        node = _node_of(world, 1)
        _lose(world, node)
        await asyncio.sleep(PAST_THE_WAIT_SECONDS)
        _come_back(world, node)
        await asyncio.sleep(5.0)
        await world.until(world.why_not_done)
        assert not _status(world).get("repairs")

    simulate(live())


@pytest.mark.parametrize("dies_at", range(1, 30, 3))
def test_an_operator_that_dies_between_any_two_steps_costs_nothing_but_time(dies_at: int) -> None:
    async def live() -> None:
        world = await _deployed()
        _lose(world, _node_of(world, 1))
        await asyncio.sleep(590.0)
        replica = world.operators[0]
        replica.kill_at_call(replica.line.calls + dies_at, 2.0)
        await asyncio.sleep(100.0)
        assert _members_of_the_set(world) == ("orders-g1-0", "orders-g1-2", "orders-g1-3")

    simulate(live())


def test_when_a_second_node_is_lost_meanwhile_nobody_leaves_before_all_others_are_well() -> None:
    async def live() -> None:
        world = await _deployed()
        _lose(world, _node_of(world, 1))
        await asyncio.sleep(590.0)
        second = _node_of(world, 2)
        _cut(world, second)
        await asyncio.sleep(PAST_THE_WAIT_SECONDS)
        assert "orders-g1-1" in _members_of_the_set(world)
        assert _status(world)["healthCluster"] == "red"
        _come_back(world, second)
        await asyncio.sleep(60.0)
        assert _members_of_the_set(world) == ("orders-g1-0", "orders-g1-2", "orders-g1-3")

    simulate(live())
