"""Two of three members lose their volumes at once, and the third one lacks what they had confirmed."""

import asyncio

from moorage.core.report import Role
from tests.sim.clock import simulate
from tests.sim.world import NAMESPACE, World

BEHIND_SECONDS, RED_SECONDS = 3.0, 120.0


async def _left_with_one_that_is_behind() -> World:
    world = World()
    world.deploy()
    await world.until(world.why_not_done)
    await asyncio.sleep(5.0)
    kept = next(m for m in world.replica_set.running.values() if m.role is Role.SECONDARY).pod
    node = next(n for n in world.cluster.nodes if any(m.name == kept for m in n.members))
    node.cut(is_cut=True)
    world.cluster.look_again()
    await asyncio.sleep(BEHIND_SECONDS)
    for member in [m for m in world.cluster.members() if m.name != kept]:
        world.server.delete("person", "PersistentVolumeClaim", f"data-{member.name}", NAMESPACE)
        world.server.delete("person", "Pod", member.name, NAMESPACE)
        member.kill()
    node.cut(is_cut=False)
    world.cluster.list_again()
    world.cluster.look_again()
    return world


def test_nobody_is_elected_by_members_that_lost_their_data() -> None:
    async def live() -> None:
        world = await _left_with_one_that_is_behind()
        await asyncio.sleep(RED_SECONDS)
        world.stop_when_broken()
        assert world.replica_set.lost == ""
        status = (world.service() or {})["status"]
        assert status["healthCluster"] == "red"
        assert "no majority is left, and nothing is forced" in status["healthMsg"]
        assert all(m.role is not Role.PRIMARY for m in world.replica_set.running.values())

    simulate(live())
