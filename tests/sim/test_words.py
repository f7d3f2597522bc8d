"""What is said while calls fail."""

import asyncio

import pytest

from tests.sim.clock import simulate
from tests.sim.server import Write
from tests.sim.world import World


@pytest.mark.parametrize("luck", range(6))
def test_calls_that_fail_for_some_seconds_are_not_worth_a_word(luck: int) -> None:
    said: list[str] = []

    def listen(write: Write) -> None:
        if write.verb == "merge status" and write.kind == "DataService":
            said.append(str((write.asked or {})["status"].get("healthMsg", "")))

    async def live() -> None:
        world = World(luck)
        world.server.on_write.append(listen)
        world.deploy()
        await world.until(world.why_not_done)
        world.operators[0].line.refused_share = 0.7
        for size in range(10, 30):  # each change is a reason to look again at once
            world.change({"spec": {"storage": {"size": f"{size}Gi"}}})
            await asyncio.sleep(0.3)
        world.operators[0].line.heal()
        await world.until(world.why_not_done)

    simulate(live())
    assert [words for words in said if "does not take" in words] == []
