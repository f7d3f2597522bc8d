"""A restore in place: the operator may be killed after any of its calls, and the address never leads to what was not verified."""

import asyncio

import pytest

from moorage.core import names
from moorage.kube.client import Object
from tests.sim import faults
from tests.sim.clock import simulate
from tests.sim.world import NAME, NAMESPACE, World

BACKUP = "mongodb-shop-orders-20261101023000"
RESTORE = "back"
PARAMETER = "net.maxIncomingConnections"
REMOVED = "service copy, which had no data yet, was removed"
RESTORED_SECONDS_MAX = 400.0
HANGS_SECONDS_MAX = 17 * 60.0
"""Fifteen minutes without progress, and two to end."""
CALLS_MAX = 80
"""More than a whole restore makes."""


def _store(world: World) -> None:
    """A store that works, and a good backup in it."""
    world.server.create("person", {"kind": "Secret", "metadata": {"name": "s3", "namespace": NAMESPACE}, "data": _keys()})
    spec = {"s3": {"endpoint": "https://s3.example.com", "bucket": "backups", "credentialsSecret": "s3"}}
    _make(world, "BackupStore", "far", spec, {"phase": "Ready", "observedGeneration": 1, "checked": world.now()})
    taken = {
        "phase": "Succeeded",
        "backupName": BACKUP,
        "store": "far",
        "engine": "mongodb",
        "version": "6.0.5",
        "endTime": world.now(),
        "consistentTime": world.now(),
        "rawBytes": 1000,
    }
    _make(world, "DataBackup", BACKUP, {"service": NAME, "store": "far", "trigger": "Found"}, taken)


def _keys() -> dict[str, str]:
    return {"accessKeyId": "a2V5", "secretAccessKey": "c2VjcmV0"}


def _make(world: World, kind: str, name: str, spec: Object, status: Object | None = None) -> None:
    made = {"kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}
    world.server.create("person", made)
    if status is not None:
        world.server.merge("person", kind, name, NAMESPACE, {"status": status}, status=True)


def restore_in_place(world: World, name: str = RESTORE, undo_days: int = 3) -> None:
    spec = {"source": {"backup": BACKUP}, "inPlace": NAME, "safetyBackup": False, "undoDays": undo_days}
    _make(world, "DataRestore", name, spec)


def phase(world: World, name: str = RESTORE) -> str:
    found = world.server.get("DataRestore", name, NAMESPACE)
    return "" if found is None else str((found.get("status") or {}).get("phase"))


def message(world: World, name: str = RESTORE) -> str:
    found = world.server.get("DataRestore", name, NAMESPACE) or {}
    return str((found.get("status") or {}).get("message"))


def why_not_over(world: World, name: str = RESTORE) -> str | None:
    if phase(world, name) not in ("Succeeded", "Failed"):
        return f"{phase(world, name)}: {message(world, name)}"
    return world.why_not_done()


def generation(world: World) -> int:
    return names.generation_of((world.service() or {})["metadata"].get("annotations") or {})


async def _deployed() -> World:
    world = World()
    world.deploy()
    _store(world)
    await world.until(world.why_not_done)
    return world


async def _restored(world: World) -> None:
    await world.until(lambda: why_not_over(world), RESTORED_SECONDS_MAX)
    assert (phase(world), generation(world)) == ("Succeeded", 2), message(world)
    assert len(world.pods(2)) == 3
    await world.until(lambda: None if not world.pods(1) else "the old members still stop")
    assert world.kept()[0] == 6, "the old volumes are kept"


def test_a_restore_in_place_is_verified_before_the_address_moves_and_the_old_volumes_are_kept() -> None:
    async def live() -> None:
        world = await _deployed()
        restore_in_place(world)
        await _restored(world)
        await world.rest()

    simulate(live())


@pytest.mark.parametrize("call", range(1, CALLS_MAX, 2))
def test_an_operator_that_is_killed_at_any_call_of_a_restore_goes_on_with_it(call: int) -> None:
    async def live() -> None:
        world = await _deployed()
        restore_in_place(world)
        world.operators[0].kill_at_call(world.operators[0].line.calls + call)
        await _restored(world)
        await world.rest()

    simulate(live())


@pytest.mark.parametrize("can_be_ended", [True, False])
def test_a_worker_that_hangs_is_ended_and_the_restore_goes_on_with_another(can_be_ended: bool) -> None:
    async def live() -> None:
        world = await _deployed()
        world.cluster.workers.hangs, world.cluster.workers.can_be_ended = 1, can_be_ended
        restore_in_place(world)
        await world.until(lambda: why_not_over(world), HANGS_SECONDS_MAX + RESTORED_SECONDS_MAX)
        assert (phase(world), generation(world)) == ("Succeeded", 2), message(world)
        assert world.server.get("DataRestore", RESTORE, NAMESPACE)["status"]["taskId"].endswith("-2")  # type: ignore[index]
        await world.rest()

    simulate(live())


def test_an_undo_brings_the_data_back_that_served_before() -> None:
    async def live() -> None:
        world = await _deployed()
        restore_in_place(world)
        await _restored(world)
        _make(world, "DataRestore", "undo", {"undo": NAME})
        await world.until(lambda: why_not_over(world, "undo"), RESTORED_SECONDS_MAX)
        assert (phase(world, "undo"), generation(world)) == ("Succeeded", 1), message(world, "undo")
        await world.until(lambda: None if not world.pods(2) else "the members that were restored still stop")
        assert world.kept()[0] == 6
        await world.rest()

    simulate(live())


def test_a_restore_that_fails_leaves_what_runs_alone_and_nothing_behind() -> None:
    async def live() -> None:
        world = await _deployed()
        world.cluster.workers.failures.append("the archive is broken")
        restore_in_place(world)
        await world.until(lambda: why_not_over(world))
        assert phase(world) == "Failed"
        assert "the archive is broken" in message(world)
        await world.until(lambda: None if world.kept()[0] == 3 else "the unfinished volume is still there")
        assert generation(world) == 1
        await world.rest()

    simulate(live())


def test_a_restore_that_is_deleted_half_way_leaves_what_runs_alone_and_nothing_behind() -> None:
    async def live(seconds: float) -> None:
        world = await _deployed()
        restore_in_place(world)
        await asyncio.sleep(seconds)
        world.server.delete("person", "DataRestore", RESTORE, NAMESPACE)
        await world.until(lambda: "it is still there" if phase(world) else world.why_not_done())
        await world.until(lambda: None if world.kept()[0] in (3, 6) else "unfinished volumes are still there")
        assert world.kept()[0] == (3 if generation(world) == 1 else 6)
        await world.rest()

    for seconds in (0.5, 2.0, 5.0, 8.0, 12.0):
        simulate(live(seconds))


def test_kept_volumes_go_when_their_time_is_over() -> None:
    async def live() -> None:
        world = await _deployed()
        restore_in_place(world, undo_days=0)
        await world.until(lambda: why_not_over(world), RESTORED_SECONDS_MAX)
        await world.until(lambda: None if world.kept()[0] == 3 else f"{world.kept()[0]} volumes are kept")
        assert world.server.get("StatefulSet", names.statefulset(NAME, 1), NAMESPACE) is None

    simulate(live())


def test_a_service_that_is_deleted_and_brought_back_serves_what_was_restored() -> None:
    async def live() -> None:
        world = await _deployed()
        restore_in_place(world)
        await _restored(world)
        world.delete("Retain")
        await world.until(world.why_not_gone)
        assert world.kept()[0] == 6
        world.deploy()
        await world.until(world.why_not_done)
        assert generation(world) == 2

    simulate(live())


def test_an_annotation_that_somebody_took_away_comes_back() -> None:
    async def live() -> None:
        world = await _deployed()
        restore_in_place(world)
        await _restored(world)
        world.change({"metadata": {"annotations": {names.ANNOTATION_GENERATION: None}}})
        await world.until(lambda: None if generation(world) == 2 else "it is still away")
        await world.until(world.why_not_done)
        await world.rest()

    simulate(live())


def why_copy_is_not_green(world: World) -> str | None:
    status = (world.server.get("DataService", "copy", NAMESPACE) or {}).get("status") or {}
    return None if status.get("healthCluster") == "green" else f"{status.get('healthCluster')}: {status.get('healthMsg')}"


@pytest.mark.parametrize("call", [0, *range(1, 60, 4)])
def test_a_restore_beside_makes_a_service_that_starts_with_the_restored_data(call: int) -> None:
    async def live() -> None:
        world = await _deployed()
        _make(world, "DataRestore", RESTORE, {"source": {"backup": BACKUP}, "toNew": "copy"})
        if call:
            world.operators[0].kill_at_call(world.operators[0].line.calls + call)
        await world.until(lambda: why_not_over(world), RESTORED_SECONDS_MAX)
        assert phase(world) == "Succeeded", message(world)
        await world.until(lambda: why_copy_is_not_green(world))
        volume = world.server.get("PersistentVolumeClaim", "data-copy-g1-0", NAMESPACE)
        assert volume is not None
        assert names.ANNOTATION_SEEDED in volume["metadata"]["annotations"]
        assert names.ANNOTATION_RESTORE not in volume["metadata"]["annotations"], "it serves: nobody may throw it away"
        await world.rest()

    simulate(live())


def test_a_service_that_is_gone_is_brought_back_from_what_the_store_knows() -> None:
    async def live() -> None:
        world = await _deployed()
        world.delete("Delete")
        await world.until(world.why_not_gone)
        _make(world, "DataRestore", RESTORE, {"source": {"backup": BACKUP}, "toNew": "copy"})
        await world.until(lambda: None if phase(world) in ("Succeeded", "Failed") else message(world), RESTORED_SECONDS_MAX)
        assert phase(world) == "Succeeded", message(world)
        await world.until(lambda: why_copy_is_not_green(world))

    simulate(live())


def test_a_restore_in_place_takes_a_safety_backup_first() -> None:
    async def live() -> None:
        world = await _deployed()
        _make(world, "DataRestore", RESTORE, {"source": {"backup": BACKUP}, "inPlace": NAME})
        await world.until(lambda: None if phase(world) == "SafetyBackup" else message(world))
        restore = world.server.get("DataRestore", RESTORE, NAMESPACE) or {}
        name = restore["status"]["safetyBackup"]
        await world.until(lambda: None if world.server.get("DataBackup", name, NAMESPACE) else "none is taken")
        safety = world.server.get("DataBackup", name, NAMESPACE) or {}
        assert safety["spec"]["trigger"] == "Safety"
        done = {"status": {"phase": "Succeeded", "backupName": "s", "engine": "mongodb"}}
        world.server.merge("person", "DataBackup", name, NAMESPACE, done, status=True)
        await _restored(world)

    simulate(live())


def test_a_restore_does_not_wait_for_a_node_that_is_lost() -> None:
    async def live() -> None:
        world = await _deployed()
        world.cluster.nodes[2].lose()
        world.cluster.look_again()
        await asyncio.sleep(60.0)
        restore_in_place(world)
        await world.until(lambda: None if phase(world) in ("Succeeded", "Failed") else message(world), RESTORED_SECONDS_MAX)
        assert (phase(world), generation(world)) == ("Succeeded", 2), message(world)
        world.cluster.nodes[2].is_up = True
        world.cluster.look_again()
        await world.until(world.why_not_done)
        assert len(world.pods(2)) == 3

    simulate(live())


def what_is_left(world: World) -> list[str]:
    """Of the new service."""
    kinds = ("DataService", "PersistentVolumeClaim", "StatefulSet", "Secret", "Service", "EndpointSlice")
    found = ((kind, item["metadata"]["name"]) for kind in kinds for item in world.server.list(kind))
    return [f"{kind}/{name}" for kind, name in found if "copy" in name]


@pytest.mark.parametrize("call", [0, *range(3, 60, 9)])
def test_a_restore_beside_that_fails_leaves_nothing_and_its_name_is_free_again(call: int) -> None:
    async def live() -> None:
        world = await _deployed()
        world.cluster.workers.failures.append("the archive is broken")
        _make(world, "DataRestore", RESTORE, {"source": {"backup": BACKUP}, "toNew": "copy"})
        if call:
            world.operators[0].kill_at_call(world.operators[0].line.calls + call)
        await world.until(lambda: None if phase(world) == "Failed" else message(world))
        await world.until(lambda: ", ".join(what_is_left(world)) or None)
        assert message(world) == "the volume could not be filled: the archive is broken; " + REMOVED
        _make(world, "DataRestore", "again", {"source": {"backup": BACKUP}, "toNew": "copy"})
        await world.until(lambda: why_not_over(world, "again"), RESTORED_SECONDS_MAX)
        assert phase(world, "again") == "Succeeded", message(world, "again")
        await world.until(lambda: why_copy_is_not_green(world))
        await world.rest()

    simulate(live())


@pytest.mark.parametrize("seconds", [0.5, 2.0, 6.0])
def test_a_restore_beside_that_is_deleted_half_way_leaves_nothing(seconds: float) -> None:
    async def live() -> None:
        world = await _deployed()
        world.cluster.workers.hangs = 1
        _make(world, "DataRestore", RESTORE, {"source": {"backup": BACKUP}, "toNew": "copy"})
        await asyncio.sleep(seconds)
        world.server.delete("person", "DataRestore", RESTORE, NAMESPACE)
        await world.until(lambda: "it is still there" if phase(world) else ", ".join(what_is_left(world)) or None)
        await world.rest()

    simulate(live())


def test_a_service_that_somebody_changed_stays_when_its_restore_fails_and_says_so() -> None:
    async def live() -> None:
        world = await _deployed()
        world.cluster.workers.failures.append("the archive is broken")
        _make(world, "DataRestore", RESTORE, {"source": {"backup": BACKUP}, "toNew": "copy"})
        await world.until(lambda: None if phase(world) == "Seeding" else message(world))
        world.server.merge("person", "DataService", "copy", NAMESPACE, {"spec": {"parameters": {PARAMETER: "500"}}})
        await world.until(lambda: None if phase(world) == "Failed" else message(world))
        await world.until(lambda: None if "stays, for somebody has changed" in message(world) else message(world))
        status = (world.server.get("DataService", "copy", NAMESPACE) or {})["status"]
        assert "the archive is broken" in status["healthMsg"]
        assert world.server.get("StatefulSet", "copy-g1", NAMESPACE) is None

    simulate(live())


LIVES = 60
FAULTS = (
    faults.operator_killed,
    faults.operator_killed,
    faults.api_server_gone,
    faults.operator_cut_off,
    faults.calls_fail,
    faults.calls_are_slow,
    faults.watches_tell_late,
    faults.watches_have_a_gap,
    faults.pod_deleted,
    faults.node_lost,
    faults.engine_crashes,
    faults.agent_dies,
    faults.status_wiped,
    faults.object_edited_by_hand,
    faults.restart,
    faults.another_parameter,
)


@pytest.mark.parametrize("life", range(LIVES))
def test_the_promises_hold_when_faults_meet_a_restore(life: int) -> None:
    async def live() -> None:
        world = World(life, replicas=1 + (life % 4 == 0))
        world.deploy()
        _store(world)
        await world.until(world.why_not_done)
        restore_in_place(world)
        for _ in range(world.random.randint(1, 3)):
            await asyncio.sleep(world.random.uniform(0.0, 6.0))
            happening = world.random.choice(FAULTS)
            world.trace.add("happening", happening.__name__)
            end = happening(world)
            if end is not None:
                world.loop.call_later(world.random.uniform(1.0, 30.0), end)
        await asyncio.sleep(30.0)
        await world.until(lambda: why_not_over(world), RESTORED_SECONDS_MAX)
        assert phase(world) == "Succeeded", message(world)
        await world.rest()

    simulate(live())
