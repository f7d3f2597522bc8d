"""Two services that need a rebuild at the same time, where the platform allows one: one after the other, and both in the end."""

import asyncio
from typing import Any

from moorage.operator.main import Settings
from tests.sim.clock import simulate
from tests.sim.world import NAMESPACE, World

NAMES = ("orders", "bills")


def _status(world: World, name: str) -> Any:
    return (world.server.get("DataService", name, NAMESPACE) or {}).get("status") or {}


def _is_running(world: World, name: str) -> bool:
    return any(r["outcome"] == "Running" for r in _status(world, name).get("repairs") or [])


def _why_not_green(world: World) -> str | None:
    red = [name for name in NAMES if _status(world, name).get("healthCluster") != "green"]
    return f"{red[0]}: {_status(world, red[0]).get('healthMsg')}" if red else None


def test_where_one_may_be_repaired_at_once_the_other_waits_says_so_and_follows() -> None:
    async def live() -> None:
        world = World(settings=Settings(repairs_max=1))
        world.deploy()
        meta = {"name": "bills", "namespace": NAMESPACE}
        world.server.create("person", {"kind": "DataService", "metadata": meta, "spec": {"engine": "mongodb"}})
        await world.until(lambda: _why_not_green(world))
        await asyncio.sleep(10.0)
        for member in [m for m in world.cluster.members() if m.name in ("orders-g1-2", "bills-g1-2")]:
            member.damage("its data is damaged")
        waited = False
        for _ in range(2 * 200):
            await asyncio.sleep(0.5)
            assert not all(_is_running(world, name) for name in NAMES)
            says = [_status(world, name).get("healthMsg", "") + str(_status(world, name).get("repair")) for name in NAMES]
            waited |= any("it waits: 1 other service is being repaired, and 1 at once are the limit" in said for said in says)
        assert waited
        assert _why_not_green(world) is None
        for name in NAMES:
            assert [(r["kind"], r["outcome"]) for r in _status(world, name)["repairs"]] == [("resync", "Succeeded")]

    simulate(live())
