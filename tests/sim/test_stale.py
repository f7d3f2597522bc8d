"""An operator whose watches are behind never acts on what is no longer so."""

import asyncio

from moorage.core.promotion import HAND_OVER
from tests.sim.clock import simulate
from tests.sim.orders import carry_out
from tests.sim.world import NAME, World

BEHIND_SECONDS = 60.0


def test_no_member_is_replaced_while_another_is_down_and_the_watch_has_not_told_yet() -> None:
    async def live() -> None:
        world = World()
        world.deploy()
        await world.until(world.why_not_done)
        world.operators[0].line.late_seconds = {"Pod": BEHIND_SECONDS}
        (down,) = [m for m in world.cluster.members() if m.name == f"{NAME}-g1-1"]
        down.crash(down_seconds=BEHIND_SECONDS / 2)
        await asyncio.sleep(1.0)
        world.change({"spec": {"image": "mongo:6.0.6"}})
        await asyncio.sleep(BEHIND_SECONDS)
        world.operators[0].line.heal()
        await world.until(world.why_not_done)
        await world.rest()

    simulate(live())


def test_the_primary_is_not_replaced_by_an_operator_that_takes_it_for_a_secondary() -> None:
    async def live() -> None:
        world = World()
        world.deploy()
        await world.until(world.why_not_done)
        world.operators[0].line.late_seconds = {"Pod": BEHIND_SECONDS, "EndpointSlice": BEHIND_SECONDS}
        carry_out(world.replica_set, f"{NAME}-g1-0", HAND_OVER, {"to": f"{NAME}-g1-2", "term": 1})
        await asyncio.sleep(5.0)
        world.change({"spec": {"image": "mongo:6.0.6"}})
        await asyncio.sleep(BEHIND_SECONDS)
        world.operators[0].line.heal()
        await world.until(world.why_not_done)
        await world.rest()

    simulate(live())


def test_no_member_is_taken_away_by_a_newer_operator_that_has_not_heard_of_it() -> None:
    """The operator is being upgraded: the new one brings another image, and its watches hang since before members joined."""

    async def live() -> None:
        world = World(replicas=2, nodes=5)
        world.deploy()
        await world.until(world.why_not_done)
        (leader,) = [o for o in world.operators if o.name == world.leader()]
        (standby,) = [o for o in world.operators if o is not leader]
        standby.image = "moorage:next"
        standby.kill()
        await asyncio.sleep(10.0)
        standby.line.late_seconds = dict.fromkeys(standby.line.heard, 10 * BEHIND_SECONDS)
        world.change({"spec": {"members": 5}})
        await asyncio.sleep(BEHIND_SECONDS)
        assert len(world.cluster.members()) == 5
        leader.kill(absent_seconds=20 * BEHIND_SECONDS)
        await asyncio.sleep(BEHIND_SECONDS)
        assert world.leader() == standby.name
        standby.line.heal()
        await world.until(world.why_not_done)
        assert len(world.cluster.members()) == 5

    simulate(live())
