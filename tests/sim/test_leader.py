"""At most one operator acts, also when its calls hang for longer than it may lead."""

import asyncio

import pytest

from tests.sim.clock import simulate
from tests.sim.world import World


@pytest.mark.parametrize("luck", range(20))
def test_a_leader_whose_calls_hang_writes_nothing_once_it_may_not_lead(luck: int) -> None:
    async def live() -> None:
        world = World(luck, replicas=2)
        await asyncio.sleep(1.0)
        (leader,) = [o for o in world.operators if o.name == world.leader()]
        world.deploy()
        leader.line.answer_seconds_max = 12.0
        await asyncio.sleep(120.0)
        leader.line.heal()
        await world.until(world.why_not_done)
        await world.rest()

    simulate(live())
