"""What a person deletes or edits by hand is put back, and nothing is overwritten that belongs to others."""

import asyncio
import json

import pytest

from moorage.core import names
from tests.sim.clock import simulate
from tests.sim.faults import EDITS, LIVE
from tests.sim.world import NAME, NAMESPACE, World

EDITED = [
    ("Service", NAME),
    ("Role", names.service_account(NAME)),
    ("PodDisruptionBudget", NAME),
    ("Secret", names.app_secret(NAME)),
]


@pytest.mark.parametrize(("kind", "name"), EDITED, ids=str)
def test_an_object_that_was_edited_by_hand_is_put_back(kind: str, name: str) -> None:
    async def live() -> None:
        world = World()
        world.deploy()
        await world.until(world.why_not_done)
        before = world.server.get(kind, name, NAMESPACE)
        world.server.merge("person", kind, name, NAMESPACE, EDITS[kind])
        assert world.server.get(kind, name, NAMESPACE) != before
        await world.until(world.why_not_done, seconds_max=10.0)
        await world.rest()

    simulate(live())


def test_pods_whose_stateful_set_was_deleted_are_taken_over_and_run_on() -> None:
    """The garbage collector stands still, as it may after an outage of the API server; when it goes on it finds nothing to do."""

    def uids(world: World) -> list[str]:
        found = (world.server.get("Pod", f"{NAME}-g1-{ordinal}", NAMESPACE) or {} for ordinal in range(3))
        return [pod["metadata"]["uid"] for pod in found]

    async def live() -> None:
        world = World()
        world.deploy()
        await world.until(world.why_not_done)
        before = uids(world)
        world.cluster.collects = False
        world.server.delete("person", "StatefulSet", f"{NAME}-g1", NAMESPACE)
        await asyncio.sleep(1.0)
        await world.until(world.why_not_done, seconds_max=10.0)
        world.cluster.collects = True
        world.cluster.look_again()
        await world.rest()
        assert uids(world) == before, "nobody had to stop"

    simulate(live())


def test_a_setting_that_a_running_engine_takes_reaches_every_member_and_replaces_none() -> None:
    async def live() -> None:
        world = World()
        world.deploy()
        await world.until(world.why_not_done)
        before = {p["metadata"]["uid"] for p in world.pods(1)}
        for value in ("2000", "3000", None):
            world.change({"spec": {"parameters": {LIVE: value}}})
            await world.until(world.why_not_done, seconds_max=10.0)
            said = [p["metadata"]["annotations"].get(names.ANNOTATION_SETTINGS, "{}") for p in world.pods(1)]
            assert [json.loads(text).get(LIVE) for text in said] == [value] * 3
        assert {p["metadata"]["uid"] for p in world.pods(1)} == before
        await world.rest()

    simulate(live())
