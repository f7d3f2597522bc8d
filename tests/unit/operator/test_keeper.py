"""The schedule by the real keeper: what is made when, and never twice."""

from datetime import timedelta
from typing import Any

import pytest

from moorage.core import names
from moorage.core.task import TaskKind
from moorage.engines import registry
from moorage.kube.client import KubeError
from moorage.operator.backups.protect import without_backups
from tests.unit.build import service
from tests.unit.operator.backup_world import World, manifest
from tests.unit.operator.kubernetes import START

MINUTE, HOUR, DAY = 60, 3600, 86400
# the world begins at 02:24:06 UTC
HALF_PAST_TWO = 6 * MINUTE - 6


async def a_world(rehearsal: str = "Never", **backup: Any) -> World:
    world = World(rehearsal=rehearsal, **backup)
    world.store_answers = True
    world.store()
    await world.settle()
    return world


def name_of(seconds: float) -> str:
    return f"orders-{START + timedelta(seconds=seconds):%Y%m%d%H%M}"


async def finish(world: World) -> None:
    """The backup that runs is taken."""
    task = world.task(TaskKind.BACKUP)
    world.succeeds(TaskKind.BACKUP, **manifest(task.body["backupName"], world.seconds))
    await world.settle()


async def test_a_backup_is_taken_at_half_past_two_and_not_before() -> None:
    world = await a_world()
    assert world.backups() == []
    await world.settle(HALF_PAST_TWO + 1)
    assert world.backups() == ["orders-202611250230"]
    assert world.status("orders-202611250230")["phase"] == "Running"


async def test_it_is_taken_once_and_again_the_next_day() -> None:
    world = await a_world()
    await world.settle(HALF_PAST_TWO + 1)
    await finish(world)
    for second in range(HALF_PAST_TWO + 10, DAY, HOUR):
        await world.settle(second)
    assert len(world.backups()) == 1
    await world.settle(HALF_PAST_TWO + DAY + 1)
    assert world.backups() == ["orders-202611250230", "orders-202611260230"]


async def test_a_run_that_was_missed_is_made_up_for_once() -> None:
    """The operator was down at half past two."""
    world = await a_world()
    world.restart()
    await world.settle(HALF_PAST_TWO + 2 * HOUR)
    assert world.backups() == ["orders-202611250230"]
    await finish(world)
    await world.settle(HALF_PAST_TWO + 3 * HOUR)
    assert len(world.backups()) == 1


async def test_a_run_that_was_missed_for_longer_than_the_window_waits_for_the_next() -> None:
    world = await a_world()
    await world.settle(HALF_PAST_TWO + 5 * HOUR)
    assert world.backups() == []


async def test_a_schedule_that_is_changed_does_not_run_for_the_past() -> None:
    world = await a_world()
    world.seconds = 8 * HOUR
    world.of("DataService", "orders")["spec"]["backup"]["schedule"] = "0 9 * * *"
    await world.settle()
    assert world.backups() == []
    await world.settle(DAY + 7 * HOUR)
    assert world.backups() == ["orders-202611260900"]


async def test_a_backup_that_a_person_deletes_is_not_taken_again() -> None:
    world = await a_world()
    await world.settle(HALF_PAST_TWO + 1)
    await finish(world)
    world.server.objects.pop(("DataBackup", "orders-202611250230"))
    await world.settle(HALF_PAST_TWO + HOUR)
    assert world.backups() == []


async def test_two_operators_make_one_backup() -> None:
    world = await a_world()
    world.restart()
    world.late = frozenset({"DataBackup"})
    await world.settle(HALF_PAST_TWO + 1)
    annotations = world.of("DataService", "orders")["metadata"]["annotations"]
    annotations.pop(names.ANNOTATION_SCHEDULE)  # the other one has not heard of it
    annotations[names.ANNOTATION_SCHEDULE] = (
        '{"expression": "30 2 * * *", "last": null, "since": "2026-11-25T02:24:06+00:00", "zone": "UTC"}'
    )
    world.restart()
    await world.settle()
    assert len(world.backups()) == 1


async def test_two_runs_are_never_made_at_once() -> None:
    world = await a_world(schedule="* * * * *")
    for minute in range(1, 10):
        await world.settle(minute * MINUTE)
    assert len(world.backups()) == 1
    await finish(world)
    await world.settle()
    assert len(world.backups()) == 2


async def test_a_failure_does_not_block_the_next_run() -> None:
    world = await a_world()
    await world.settle(HALF_PAST_TWO + 1)
    world.fails(TaskKind.BACKUP, "the key is wrong", can_be_repeated=False)
    await world.settle()
    assert world.status("orders-202611250230")["phase"] == "Failed"
    await world.settle(HALF_PAST_TWO + DAY + 1)
    assert world.status("orders-202611260230")["phase"] == "Running"


async def test_no_store_is_no_schedule() -> None:
    world = World()
    await world.settle(HALF_PAST_TWO + 1)
    assert world.backups() == []
    assert names.ANNOTATION_SCHEDULE not in world.of("DataService", "orders")["metadata"].get("annotations", {})


async def test_a_store_that_comes_later_makes_nothing_for_the_past() -> None:
    world = World()
    await world.settle(HALF_PAST_TWO + HOUR)
    world.store()
    await world.settle()
    assert world.backups() == []


async def test_disabled_is_no_schedule_and_enabled_anew_begins_anew() -> None:
    world = await a_world(enabled=False)
    await world.settle(HALF_PAST_TWO + HOUR)
    world.of("DataService", "orders")["spec"]["backup"]["enabled"] = True
    await world.settle()
    assert world.backups() == []


async def test_the_first_of_the_week_is_rehearsed_and_the_next_when_it_failed() -> None:
    world = await a_world(rehearsal="FirstOfWeek")
    await world.settle(HALF_PAST_TWO + 1)  # a Wednesday
    assert world.of("DataBackup", "orders-202611250230")["spec"]["rehearse"] is True
    world.fails(TaskKind.BACKUP, "no", can_be_repeated=False)
    await world.settle(HALF_PAST_TWO + DAY + 1)
    assert world.of("DataBackup", "orders-202611260230")["spec"]["rehearse"] is True
    await finish(world)
    world.succeeds(TaskKind.SEED, restoreSeconds=1)
    await world.settle()
    await world.settle(HALF_PAST_TWO + 2 * DAY + 1)
    assert world.of("DataBackup", "orders-202611270230")["spec"]["rehearse"] is False


async def test_the_schedule_keeps_time_in_the_services_zone() -> None:
    world = World(rehearsal="Never")
    world.of("DataService", "orders")["spec"]["timeZone"] = "Asia/Shanghai"
    world.store()
    await world.settle()
    await world.settle(HALF_PAST_TWO + 1)
    assert world.backups() == []
    await world.settle(HALF_PAST_TWO + 16 * HOUR + 1)
    assert world.backups() == ["orders-202611251830"]


async def test_a_zone_that_does_not_exist_makes_nothing_and_stops_nothing() -> None:
    world = World()
    world.of("DataService", "orders")["spec"]["timeZone"] = "Mars/Base"
    world.store()
    await world.settle()
    await world.settle(HALF_PAST_TWO + 1)
    assert world.backups() == []


async def test_old_backups_go_and_the_newest_good_one_stays() -> None:
    world = await a_world(keepDays=1)
    for day in range(4):
        await world.settle(HALF_PAST_TWO + day * DAY + 1)
        await finish(world)
    deleted = [n for verb, kind, n in world.server.asked if (verb, kind) == ("delete", "DataBackup")]
    assert deleted == [name_of(HALF_PAST_TWO), name_of(HALF_PAST_TWO + DAY)]
    world.of("DataService", "orders")["spec"]["backup"]["enabled"] = False
    await world.settle(30 * DAY)
    assert world.backups() == [name_of(HALF_PAST_TWO + 3 * DAY)]


async def test_the_log_is_archived_by_one_worker_and_ends_with_the_service() -> None:
    world = await a_world(pointInTime=True)
    task = world.task(TaskKind.ARCHIVE)
    assert len(task.body["members"]) == 3
    world.reports(TaskKind.ARCHIVE)
    await world.settle(100)
    assert world.task(TaskKind.ARCHIVE).id == task.id
    world.delete("DataService", "orders")
    await world.settle()
    assert world.workers(TaskKind.ARCHIVE) == []


async def test_an_archiver_that_is_lost_is_replaced_after_a_pause() -> None:
    world = await a_world(pointInTime=True)
    first = world.task(TaskKind.ARCHIVE).id
    world.dies(TaskKind.ARCHIVE)
    await world.settle(10)
    assert world.task(TaskKind.ARCHIVE).id == first
    await world.settle(45)
    assert world.task(TaskKind.ARCHIVE).id != first


async def test_an_archiver_is_replaced_when_its_store_is_another_one() -> None:
    world = await a_world(pointInTime=True)
    first = world.task(TaskKind.ARCHIVE).id
    world.of("BackupStore", "main")["spec"]["s3"]["bucket"] = "other"
    await world.settle(10)
    assert world.task(TaskKind.ARCHIVE).id != first
    assert world.task(TaskKind.ARCHIVE).store["s3"]["bucket"] == "other"


async def test_an_archiver_stops_when_point_in_time_is_switched_off() -> None:
    world = await a_world(pointInTime=True)
    world.of("DataService", "orders")["spec"]["backup"]["pointInTime"] = False
    await world.settle()
    assert world.workers(TaskKind.ARCHIVE) == []


async def test_an_idle_service_is_read_and_not_written() -> None:
    world = await a_world(pointInTime=True)
    world.reports(TaskKind.ARCHIVE)
    await world.settle(20)
    written = [a for a in world.server.asked if a[0] not in ("get", "list")]
    for second in range(30, 300, 10):
        await world.settle(second)
    assert [a for a in world.server.asked if a[0] not in ("get", "list")] == written


async def test_the_services_status_tells_of_its_backups_and_is_not_written_again() -> None:
    world = await a_world()
    await world.settle(HALF_PAST_TWO + 1)
    await finish(world)
    held = {"keyfile": "YQ==", "app-password": "YQ==", "admin-password": "YQ=="}
    world.server.put({"kind": "Secret", "metadata": {"name": "orders-internal"}, "data": held})
    for _ in range(40):
        world.hear()
        await world.controllers["DataService"].reconcile(("shop", "orders"))
    status = world.of("DataService", "orders")["status"]
    assert status["backup"]["phase"] == "Succeeded"
    assert status["backup"]["nextRun"] == "2026-11-26T02:30:00Z"
    (healthy,) = [c for c in status["conditions"] if c["type"] == "BackupHealthy"]
    assert (healthy["status"], healthy["reason"]) == ("True", "BackedUp")
    written = world.server.count("status", "DataService")
    for _ in range(5):
        world.hear()
        await world.controllers["DataService"].reconcile(("shop", "orders"))
    assert world.server.count("status", "DataService") == written


async def test_what_breaks_the_look_at_the_members_does_not_keep_a_backup_from_being_made() -> None:
    world = await a_world()
    world.seconds = HALF_PAST_TWO + 1
    world.server.refuse = lambda verb, kind, name: KubeError("away", 0) if kind == "Event" or verb == "status" else None
    world.hear()
    with pytest.raises(KubeError):
        await world.controllers["DataService"].reconcile(("shop", "orders"))
    assert world.backups() == ["orders-202611250230"]


async def test_the_backup_that_a_restore_reads_stays_however_the_restore_names_it() -> None:
    """A moment is reached from a backup that nobody names; one that only the store knows may be known here, too."""
    world = await a_world(keepDays=1)
    for day in range(2):
        await world.settle(HALF_PAST_TWO + day * DAY + 1)
        await finish(world)
    oldest = name_of(HALF_PAST_TWO)
    status = {"phase": "Seeding", "generation": 2, "backupName": world.status(oldest)["backupName"]}
    world.server.put(
        {
            "kind": "DataRestore",
            "metadata": {"name": "back", "finalizers": [names.FINALIZER]},
            "spec": {"inPlace": "orders", "source": {"at": world.stamp()}},
            "status": status,
        }
    )
    world.seconds = HALF_PAST_TWO + 2 * DAY
    await world.pass_("DataBackup", oldest)
    assert "deletionTimestamp" not in world.of("DataBackup", oldest)["metadata"]
    world.of("DataRestore", "back")["status"]["phase"] = "Failed"
    await world.pass_("DataBackup", oldest)
    assert ("delete", "DataBackup", oldest) in world.server.asked


async def test_an_engine_without_backups_is_neither_backed_up_nor_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "backed_up", lambda: frozenset({"another"}))
    world = await a_world(pointInTime=True)
    await world.settle(HALF_PAST_TWO + 1)
    assert world.backups() == []
    assert world.workers(TaskKind.ARCHIVE) == []
    found = without_backups(service())
    assert (found.healthy, found.reason) == ("False", "NoBackups")
    assert found.message.startswith("services of engine 'mongodb' are not backed up")
