"""Members that cannot come back by themselves come back, and nothing that was acknowledged is ever put at risk for it."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from moorage.core import names
from tests.sim.clock import simulate
from tests.sim.world import BrokenPromiseError, World

MEMBERS = (0, 1, 2)


async def _deployed() -> World:
    world = World()
    world.deploy()
    await world.until(world.why_not_done)
    await asyncio.sleep(10.0)
    return world


@pytest.mark.parametrize("ordinal", MEMBERS)
@pytest.mark.parametrize("is_out_of_date", [False, True], ids=["damaged", "left behind"])
def test_a_member_whose_data_is_of_no_use_is_rebuilt_from_the_others(ordinal: int, is_out_of_date: bool) -> None:
    async def live() -> None:
        world = await _deployed()
        (member,) = [m for m in world.cluster.members() if m.name == f"orders-g1-{ordinal}"]
        member.damage("its data is damaged", is_out_of_date=is_out_of_date)
        await asyncio.sleep(5.0)
        await world.until(world.why_not_done)
        status = (world.service() or {})["status"]
        assert [(r["kind"], r["member"], r["outcome"]) for r in status["repairs"]] == [
            ("resync", f"datanode{ordinal}", "Succeeded")
        ]
        assert status["isRepairing"] == "no-op"
        await world.rest()

    simulate(live())


@pytest.mark.parametrize("ordinal", MEMBERS)
@pytest.mark.parametrize("has_arbiter", [False, True], ids=["three with data", "two and an arbiter"])
def test_a_member_whose_volume_is_lost_gets_another_one_and_a_primary_hands_over_first(ordinal: int, has_arbiter: bool) -> None:
    async def live() -> None:
        world = World()
        world.deploy(arbiter=has_arbiter)
        await world.until(world.why_not_done)
        await asyncio.sleep(10.0)
        where = ("PersistentVolumeClaim", f"data-orders-g1-{ordinal}", "shop")
        before = (world.server.get(*where) or {})["spec"]["volumeName"]
        world.server.merge("kubernetes", *where, {"status": {"phase": "Lost"}}, status=True)
        await asyncio.sleep(1.0)
        await world.until(world.why_not_done)
        assert (world.server.get(*where) or {})["spec"]["volumeName"] != before
        assert [(r["kind"], r["outcome"]) for r in (world.service() or {})["status"]["repairs"]] == [
            ("replace-volume", "Succeeded")
        ]
        await world.rest()

    simulate(live())


def test_nobody_is_emptied_while_another_member_is_down() -> None:
    async def live() -> None:
        world = await _deployed()
        first, second = [m for m in world.cluster.members() if m.name in ("orders-g1-1", "orders-g1-2")]
        second.crash(down_seconds=60.0)
        first.damage("its data is damaged")
        await asyncio.sleep(40.0)
        status = (world.service() or {})["status"]
        assert status["healthCluster"] == "red"
        assert "datanode1 is not rebuilt: there is no primary" in [r["why"] for r in status["repair"]["rejected"]]
        assert not status.get("repairs")
        await world.until(world.why_not_done)

    simulate(live())


@pytest.mark.parametrize("is_volume_lost", [False, True], ids=["damaged", "volume lost"])
@pytest.mark.parametrize("dies_at", range(1, 36, 3))
def test_an_operator_that_dies_between_any_two_steps_of_a_rebuild_costs_nothing_but_time(
    dies_at: int, is_volume_lost: bool
) -> None:
    async def live() -> None:
        world = await _deployed()
        replica = world.operators[0]
        replica.kill_at_call(replica.line.calls + dies_at, 2.0)
        (member,) = [m for m in world.cluster.members() if m.name == "orders-g1-2"]
        if is_volume_lost:
            where = ("PersistentVolumeClaim", "data-orders-g1-2", "shop")
            world.server.merge("kubernetes", *where, {"status": {"phase": "Lost"}}, status=True)
        else:
            member.damage("its data is damaged")
        await asyncio.sleep(20.0)
        await world.until(world.why_not_done)
        assert replica.deaths == 1, "it was killed on the way"
        kind = "replace-volume" if is_volume_lost else "resync"
        repairs = [(r["kind"], r["outcome"]) for r in (world.service() or {})["status"]["repairs"]]
        assert set(repairs) == {(kind, "Succeeded")}
        await world.rest()

    simulate(live())


def test_a_person_who_asks_gets_a_rebuild_or_a_sentence() -> None:
    async def live() -> None:
        world = await _deployed()
        primary = (world.service() or {})["status"]["primary"]
        follower = next(m for m in ("datanode0", "datanode1") if m != primary)
        for who in (primary, follower):
            world.change({"metadata": {"annotations": {names.ANNOTATION_REBUILD: f"{who}@{world.now()}"}}})
            await asyncio.sleep(5.0)
            await world.until(world.why_not_done)
        said = [e["message"] for e in world.server.list("Event") if e["reason"] == "RequestDone"]
        assert f"{primary} cannot be rebuilt now: it is the primary: promote another member first" in said
        assert f"{follower} was emptied, as asked for, and copies everything anew" in said

    simulate(live())


def test_a_rebuild_for_which_there_is_no_room_is_refused_once_and_the_member_is_as_it_was() -> None:
    async def live() -> None:
        world = await _deployed()
        primary = (world.service() or {})["status"]["primary"]
        ordinal = next(i for i in MEMBERS if f"datanode{i}" != primary)
        (member,) = [m for m in world.cluster.members() if m.name == f"orders-g1-{ordinal}"]
        member.fill()
        world.change({"metadata": {"annotations": {names.ANNOTATION_REBUILD: f"datanode{ordinal}@{world.now()}"}}})
        await asyncio.sleep(10.0)
        await world.until(world.why_not_done)
        said = [e["message"] for e in world.server.list("Event") if e["reason"] == "RequestDone"]
        assert f"datanode{ordinal} cannot be rebuilt: its volume has no room for a new copy beside its old data" in said
        (repair,) = (world.service() or {})["status"]["repairs"]
        assert (repair["outcome"], "it was refused" in repair["why"]) == ("Failed", True)
        await world.rest()

    simulate(live())


def test_one_of_two_data_members_is_rebuilt_without_leaving_the_cluster() -> None:
    async def live() -> None:
        world = World()
        world.deploy(arbiter=True)
        await world.until(world.why_not_done)
        await asyncio.sleep(10.0)
        primary = (world.service() or {})["status"]["primary"]
        ordinal = 1 if primary == "datanode0" else 0
        (member,) = [m for m in world.cluster.members() if m.name == f"orders-g1-{ordinal}"]
        member.damage("its data is damaged")
        await asyncio.sleep(5.0)
        await world.until(world.why_not_done)
        orders = [e["message"] for e in world.server.list("Event") if "leaves the cluster" in e["message"]]
        assert orders == []
        assert [r["outcome"] for r in (world.service() or {})["status"]["repairs"]] == ["Succeeded"]
        await world.rest()

    simulate(live())


def test_during_maintenance_nothing_is_repaired_and_it_ends_by_itself() -> None:
    async def live() -> None:
        world = await _deployed()
        until = world.loop.utc().timestamp() + 60.0
        stamp = datetime.fromtimestamp(until, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        text = f'{{"until": "{stamp}", "reason": "a switch is replaced"}}'
        world.change({"metadata": {"annotations": {names.ANNOTATION_MAINTENANCE: text}}})
        await asyncio.sleep(2.0)
        (member,) = [m for m in world.cluster.members() if m.name == "orders-g1-2"]
        member.damage("its data is damaged")
        await asyncio.sleep(30.0)
        status = (world.service() or {})["status"]
        assert (status["isRepairing"], status["maintenance"]["reason"]) == ("maintenance", "a switch is replaced")
        assert "nothing is repaired" in status["healthMsg"]
        assert not status.get("repairs")
        await asyncio.sleep(40.0)
        await world.until(world.why_not_done)
        assert names.ANNOTATION_MAINTENANCE not in (world.service() or {})["metadata"]["annotations"]

    simulate(live())


def test_an_operator_that_has_a_member_emptied_that_counts_is_caught() -> None:
    async def live() -> None:
        world = await _deployed()
        body = {"order": "empty-member-x", "configuration": "9:9"}
        order = json.dumps({"id": "empty-member-x", "action": "empty-member", "body": body})
        wrong = {"metadata": {"annotations": {names.ANNOTATION_ORDER: order}}}
        world.server.merge("operator-0", "Pod", "orders-g1-2", "shop", wrong)
        await asyncio.sleep(5.0)
        world.stop_when_broken()

    with pytest.raises(BrokenPromiseError, match="was emptied although the replica set counts it"):
        simulate(live())
