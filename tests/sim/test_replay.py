"""The operator dies after every single call of a deploy, a rollout, a promotion and a deletion: the rest still comes.

The server does the call and nobody hears the answer, which is also the moment before the next call.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from moorage.core import names
from tests.sim.clock import simulate
from tests.sim.world import World

Act = Callable[[World], None]


def _deploy(world: World) -> None:
    world.deploy()


def _delete(world: World) -> None:
    world.delete("Delete")


def _change_image(world: World) -> None:
    image = (world.service() or {})["spec"].get("image")
    world.change({"spec": {"image": "mongo:6.0.6" if image != "mongo:6.0.6" else "mongo:6.0.7"}})


def _promote(world: World) -> None:
    primary = (world.service() or {})["status"]["primary"]
    who = "datanode0" if primary != "datanode0" else "datanode1"
    world.change({"metadata": {"annotations": {names.ANNOTATION_PROMOTE: f"{who}@{world.now()}"}}})


def _restart_all(world: World) -> None:
    world.change({"metadata": {"annotations": {names.ANNOTATION_RESTART: f"all@{world.now()}"}}})


@dataclass(frozen=True)
class Story:
    """What a person does, and what is done before it can be told once more."""

    act: Act
    again: Act | None = None
    starts_green: bool = True


STORIES = {
    "deploy": Story(_deploy, again=_delete, starts_green=False),
    "deletion": Story(_delete, again=_deploy),
    "image": Story(_change_image),
    "restart": Story(_restart_all),
    "promotion": Story(_promote),
}


@pytest.mark.parametrize("name", STORIES)
def test_the_operator_is_killed_after_every_single_call_and_the_rest_still_comes(name: str) -> None:
    story, kills = STORIES[name], 0

    async def live() -> None:
        nonlocal kills
        world = World()
        if story.starts_green:
            world.deploy()
            await world.until(world.why_unfinished)
        (operator,) = world.operators
        while operator.deaths == kills:
            kills += 1
            operator.kill_at_call(operator.line.calls + kills)
            story.act(world)
            await world.until(world.why_unfinished)
            if story.again is not None and operator.deaths == kills:
                story.again(world)
                await world.until(world.why_unfinished)
        await world.rest()

    simulate(live())
    assert kills > 10, "the story has calls to be killed after"
