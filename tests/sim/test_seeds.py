"""A thousand lives of a service. Each is driven by its seed alone: `pytest tests/sim --seed 17` lives that one again."""

import asyncio

from tests.sim import faults
from tests.sim.clock import simulate
from tests.sim.world import World

FAULTS: tuple[faults.Happening, ...] = (
    faults.operator_killed,
    faults.operator_killed,
    faults.api_server_gone,
    faults.operator_cut_off,
    faults.calls_fail,
    faults.calls_are_slow,
    faults.answers_come_late,
    faults.watches_tell_late,
    faults.watches_have_a_gap,
    faults.pod_deleted,
    faults.pod_deleted_by_force,
    faults.node_lost,
    faults.node_cut_off,
    faults.engine_crashes,
    faults.agent_dies,
    faults.object_deleted_by_hand,
    faults.object_edited_by_hand,
    faults.volume_lost,
    faults.status_wiped,
)
PEOPLE: tuple[faults.Happening, ...] = (
    faults.another_image,
    faults.an_image_that_is_not_there,
    faults.another_parameter,
    faults.a_parameter_that_is_refused,
    faults.larger_volumes,
    faults.restart,
    faults.promote,
)


async def _live(seed: int) -> None:
    world = World(seed, replicas=1 + (seed % 3 == 0))
    random = world.random
    world.deploy(**random.choice(({}, {}, {}, {"arbiter": True}, {"members": 1})))
    for _ in range(random.randint(3, 9)):
        await asyncio.sleep(random.uniform(0.0, random.choice((1.0, 4.0, 20.0))))
        happening = random.choice(FAULTS + PEOPLE)
        world.trace.add("happening", happening.__name__)
        end = happening(world)
        if end is not None:
            world.loop.call_later(random.uniform(1.0, 45.0), end)
        world.stop_when_broken()
    await asyncio.sleep(45.0)
    world.trace.add("happening", "nothing any more")
    await world.until(world.why_not_done)
    await world.rest()


def test_the_promises_hold_under_faults_and_the_service_comes_to_rest(seed: int) -> None:
    simulate(_live(seed))
