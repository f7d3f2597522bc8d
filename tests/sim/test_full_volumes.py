"""Volumes that fill up: said, let grow by themselves as far as is allowed, and nothing is written while nothing changes."""

import asyncio
from typing import Any

import pytest

from tests.sim.clock import simulate
from tests.sim.world import NAMESPACE, World

GIB = 1024
LOOK_SECONDS = 10.0
"""How often an agent looks at a volume that has room."""
GROWS: Any = {"size": "10Gi", "autoGrow": {"step": "5Gi", "max": "18Gi"}}


async def deployed(storage: Any) -> World:
    world = World()
    world.deploy(storage=storage)
    await world.until(world.why_not_done)
    await asyncio.sleep(5.0)
    return world


async def watched(world: World, seconds: float) -> None:
    """The agents look at their volumes meanwhile."""
    for _ in range(int(seconds / LOOK_SECONDS)):
        for member in world.cluster.members():
            member.look_at_volume()
        await asyncio.sleep(LOOK_SECONDS)
    world.stop_when_broken()


def fill(world: World, used_mib: int) -> None:
    for folder in world.replica_set.folders.values():
        folder.used_mib = used_mib


def asked(world: World) -> set[str]:
    return {c["spec"]["resources"]["requests"]["storage"] for c in world.server.list("PersistentVolumeClaim")}


def status(world: World) -> Any:
    return (world.service() or {})["status"]


def test_volumes_grow_by_themselves_step_by_step_and_never_beyond_the_most() -> None:
    async def live() -> None:
        world = await deployed(GROWS)
        fill(world, 9 * GIB)
        await watched(world, 120.0)
        assert asked(world) == {"15Gi"}
        assert status(world)["healthCluster"] == "green"
        fill(world, 14 * GIB)
        await watched(world, 600.0)
        assert asked(world) == {"18Gi"}
        fill(world, 17 * GIB)
        await watched(world, 1200.0)
        assert asked(world) == {"18Gi"}, "never more than that"
        assert status(world)["healthCluster"] == "yellow"
        assert "as large as storage.autoGrow.max allows (18Gi)" in status(world)["healthMsg"]
        assert (world.service() or {})["spec"]["storage"]["size"] == "10Gi", "what a person wrote is theirs"
        await world.rest()

    simulate(live())


def test_a_step_is_not_taken_again_before_the_members_have_seen_the_one_before() -> None:
    async def live() -> None:
        world = await deployed({"size": "10Gi", "autoGrow": {"step": "1Gi", "max": "40Gi"}})
        fill(world, 9900)
        await watched(world, 60.0)
        assert asked(world) == {"11Gi"}
        await watched(world, 200.0)
        assert asked(world) == {"11Gi"}
        await watched(world, 120.0)
        assert asked(world) == {"12Gi"}

    simulate(live())


def test_without_a_policy_nothing_grows_a_person_is_told_and_a_larger_size_helps() -> None:
    async def live() -> None:
        world = await deployed({"size": "10Gi"})
        fill(world, 9 * GIB)
        await watched(world, 60.0)
        assert asked(world) == {"10Gi"}
        assert "are nearly full; raise storage.size, have Moorage do it" in status(world)["healthMsg"]
        await world.rest()
        fill(world, 10 * GIB - 100)
        await watched(world, 60.0)
        assert (status(world)["healthCluster"], status(world)["areWritesStopped"]) == ("red", True)
        await world.rest()
        world.change({"spec": {"storage": {"size": "20Gi"}}})
        await watched(world, 60.0)
        await world.until(world.why_not_done)
        assert asked(world) == {"20Gi"}
        assert status(world)["areWritesStopped"] is False
        await world.rest()

    simulate(live())


@pytest.mark.parametrize("dies_at", range(1, 20, 2))
def test_an_operator_that_dies_while_volumes_grow_leaves_them_alike_in_the_end(dies_at: int) -> None:
    async def live() -> None:
        world = await deployed(GROWS)
        replica = world.operators[0]
        replica.kill_at_call(replica.line.calls + dies_at, 2.0)
        fill(world, 9 * GIB)
        await watched(world, 240.0)
        await world.until(world.why_not_done)
        assert asked(world) == {"15Gi"}
        told = [e["message"] for e in world.server.list("Event") if e["reason"] == "VolumeGrown"]
        assert len(told) <= len(world.server.list("PersistentVolumeClaim"))
        assert (world.server.get("PersistentVolumeClaim", "data-orders-g1-0", NAMESPACE) or {})["status"]["capacity"]

    simulate(live())
