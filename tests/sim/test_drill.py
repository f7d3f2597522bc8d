"""A game day in the simulation: it ends as it should, whoever dies on the way, and nothing that was acknowledged is at risk."""

import asyncio
from typing import Any

import pytest

from moorage.api.drill_kinds import DrillKind
from moorage.core import names
from tests.sim.clock import simulate
from tests.sim.world import World

KINDS = [kind for kind in DrillKind if kind is not DrillKind.POD_DELETE]


async def _deployed(*, allowed: bool = True) -> World:
    world = World()
    world.deploy(drills={"allowed": allowed})
    await world.until(world.why_not_done)
    await asyncio.sleep(10.0)
    return world


def _ask(world: World, kind: DrillKind) -> None:
    when = world.loop.utc().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    world.change({"metadata": {"annotations": {names.ANNOTATION_DRILL: f"{kind}@{when}"}}})


def _status(world: World) -> Any:
    return (world.service() or {})["status"]


def _answers(world: World) -> list[str]:
    return [e["message"] for e in world.server.list("Event") if e["reason"] == "RequestDone"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_drill_hits_one_member_and_ends_green_with_a_report(kind: DrillKind) -> None:
    async def live() -> None:
        world = await _deployed()
        _ask(world, kind)
        await asyncio.sleep(2.0)
        assert (_status(world)["isRepairing"], f"a drill is under way: {kind}" in _status(world)["healthMsg"]) == ("drill", True)
        await world.until(world.why_not_done)
        (drill,) = _status(world)["drills"]
        assert (drill["phase"], drill["lost"], drill["acknowledged"]) == ("Succeeded", 0, 100)
        assert drill["secondsToGreen"] > 0
        (said,) = _answers(world)
        assert said.startswith(f"{kind} on orders ({drill['member']}): writes stood still for 0.5 s, 0 of 100 acknowledged")
        await world.rest()
        assert [p for p in world.server.list("Pod") if "moorage-drill-" in p["metadata"]["name"]] == []

    simulate(live())


def test_a_service_that_does_not_say_so_is_left_alone_and_the_person_is_told() -> None:
    async def live() -> None:
        world = await _deployed(allowed=False)
        term = world.replica_set.acknowledged[0]
        _ask(world, DrillKind.PRIMARY_CRASH)
        await asyncio.sleep(5.0)
        await world.until(world.why_not_done)
        (said,) = _answers(world)
        assert said == "no drill: orders does not say that it may be drilled; its owner allows it with spec.drills.allowed: true"
        assert world.replica_set.acknowledged[0] == term
        assert not _status(world).get("drills")
        await world.rest()

    simulate(live())


def test_nothing_is_broken_when_a_member_dies_while_the_writer_begins() -> None:
    async def live() -> None:
        world = await _deployed()
        _ask(world, DrillKind.PRIMARY_CRASH)
        await asyncio.sleep(1.0)
        follower = next(m for m in world.cluster.members() if m.name != f"orders-g1-{_status(world)['primary'][-1]}")
        follower.crash(down_seconds=20.0)
        await asyncio.sleep(10.0)
        await world.until(world.why_not_done)
        (drill,) = _status(world)["drills"]
        assert (drill["phase"], drill["member"]) == ("Failed", "")
        assert "a drill begins only while all is well" in drill["message"]
        await world.rest()

    simulate(live())


@pytest.mark.parametrize("kind", [DrillKind.PRIMARY_CRASH, DrillKind.MEMBER_DATA_LOSS])
@pytest.mark.parametrize("dies_at", range(1, 24, 2))
def test_an_operator_that_dies_between_any_two_steps_of_a_drill_makes_no_fault_twice(dies_at: int, kind: DrillKind) -> None:
    async def live() -> None:
        world = await _deployed()
        replica = world.operators[0]
        replica.kill_at_call(replica.line.calls + dies_at, 2.0)
        _ask(world, kind)
        await asyncio.sleep(20.0)
        await world.until(world.why_not_done)
        assert replica.deaths == 1, "it was killed on the way"
        orders = [e for e in world.server.list("Event") if e["reason"] == "OrderGiven" and e["message"].startswith("the drill ")]
        (drill,) = _status(world)["drills"]
        assert (len(orders) <= 1, drill["phase"], drill["lost"]) == (True, "Succeeded", 0)
        await world.rest()

    simulate(live())


def test_a_writer_that_is_lost_makes_no_success() -> None:
    async def live() -> None:
        world = await _deployed()
        _ask(world, DrillKind.PRIMARY_FREEZE)
        await asyncio.sleep(8.0)
        (pod,) = [p for p in world.server.list("Pod") if "moorage-drill-" in p["metadata"]["name"]]
        assert _status(world)["drills"][0]["phase"] == "Running"
        world.server.remove("kubernetes", pod)
        await world.until(world.why_not_done)
        (drill,) = _status(world)["drills"]
        assert (drill["phase"], drill["message"]) == ("Failed", "its writer is gone")
        await world.rest()

    simulate(live())
