"""Backups by the real controllers: what they start, what they say, and what they do when something goes wrong."""

import pytest

from moorage.core import names
from moorage.core.task import TaskKind, task_from_json
from moorage.kube.client import KubeError
from moorage.operator.main import Settings
from tests.unit.operator.backup_world import NAME, World, manifest

HOUR, MINUTE = 3600, 60


@pytest.fixture
async def world() -> World:
    found = World()
    found.store()
    return found


async def begun(world: World) -> None:
    """A backup by hand whose worker runs."""
    world.backup(rehearse=False)
    await world.settle()


async def taken(world: World) -> None:
    world.backup()
    await world.settle()
    world.succeeds(TaskKind.BACKUP, **manifest())
    await world.settle()


async def test_a_backup_is_read_from_a_secondary_by_a_worker_and_described_when_it_is_taken(world: World) -> None:
    await begun(world)
    task = world.task(TaskKind.BACKUP)
    assert [m["name"] for m in task.body["members"]] == ["datanode1", "datanode2", "datanode0"]
    assert task.body["backupName"] == NAME
    assert (world.status()["phase"], world.status()["taskId"]) == ("Running", task.id)
    world.succeeds(TaskKind.BACKUP, **manifest())
    await world.settle()
    status = world.status()
    assert (status["phase"], status["backupName"], status["sizeBytes"], status["store"]) == ("Succeeded", NAME, 300, "main")
    assert status["expires"] == "2026-12-02T02:24:16Z"
    assert world.workers(TaskKind.BACKUP) == []
    assert len(world.server.events("BackupStarted")) == 2, "on the backup and on its service"
    assert len(world.server.events("BackupSucceeded")) == 2


async def test_the_name_of_a_backup_tells_the_time_in_the_services_zone(world: World) -> None:
    world.of("DataService", "orders")["spec"]["timeZone"] = "Asia/Shanghai"
    await begun(world)
    assert world.task(TaskKind.BACKUP).body["backupName"] == "mongodb-shop-orders-20261125102406"


async def test_progress_is_told_but_not_with_every_report(world: World) -> None:
    await begun(world)
    written = world.server.count("status", "DataBackup")
    for second in range(60):
        world.reports(TaskKind.BACKUP, raw_bytes=second * 1000, message="reads from datanode1")
        await world.settle(second)
    assert world.status()["rawBytes"] >= 57000
    assert world.server.count("status", "DataBackup") - written <= 31


async def test_a_worker_that_stands_still_is_ended_and_another_one_begins_anew(world: World) -> None:
    world.store_answers = True
    await begun(world)
    world.reports(TaskKind.BACKUP, message="reads from datanode1", raw_bytes=7, progress_seconds=40.0)
    await world.settle(14 * MINUTE)
    first = world.worker(TaskKind.BACKUP)["metadata"]["name"]
    assert "activeDeadlineSeconds" not in world.of("Pod", first)["spec"]
    await world.settle(16 * MINUTE)
    assert world.of("Pod", first)["spec"]["activeDeadlineSeconds"] == 1
    assert "has not got on for 15 minutes ('reads from datanode1')" in world.status()["message"]
    assert len(world.workers(TaskKind.BACKUP)) == 1, "two never write at once"
    world.is_ended(TaskKind.BACKUP)
    await world.settle(16 * MINUTE + 3)
    assert "did not get on for 15 minutes ('reads from datanode1') and was ended; it is tried again" in world.status()["message"]
    await world.settle(17 * MINUTE)
    assert world.task(TaskKind.BACKUP).id.endswith("-2")


async def test_a_worker_that_cannot_even_be_ended_does_not_hold_the_next_try_for_ever(world: World) -> None:
    world.store_answers = True
    await begun(world)
    world.reports(TaskKind.BACKUP, message="reads from datanode1", progress_seconds=40.0)
    await world.settle(16 * MINUTE)
    await world.settle(17 * MINUTE)
    assert len(world.workers(TaskKind.BACKUP)) == 1
    await world.settle(18 * MINUTE)
    assert world.status()["taskId"].endswith("-2")
    assert not world.status()["message"].startswith("the worker did not")


async def test_a_check_and_a_rehearsal_that_stand_still_are_ended_too(world: World) -> None:
    await taken(world)
    world.reports(TaskKind.SEED, message="compares", progress_seconds=40.0)
    await world.settle(16 * MINUTE)
    assert world.worker(TaskKind.SEED)["spec"]["activeDeadlineSeconds"] == 1
    (check,) = world.workers(TaskKind.CHECK)
    check["status"] = {"phase": "Running", "containerStatuses": [{"name": "worker", "state": {"running": {}}}]}
    world.server.put(check)
    await world.settle(22 * MINUTE)
    assert world.of("Pod", check["metadata"]["name"])["spec"]["activeDeadlineSeconds"] == 1


async def test_a_finished_backup_causes_no_writes_and_no_questions(world: World) -> None:
    await taken(world)
    await world.settle()
    asked = len(world.server.asked)
    world.seconds += 60
    await world.pass_("DataBackup", "b1")
    assert len(world.server.asked) == asked or world.status()["phase"] == "Verifying"


async def test_a_backup_by_hand_is_rehearsed(world: World) -> None:
    await taken(world)
    assert world.status()["phase"] == "Verifying"
    task = world.task(TaskKind.SEED)
    assert task.body["mode"] == "rehearse"
    assert task.body["path"] == f"mongodb/shop/orders/{NAME}"
    assert world.workers(TaskKind.BACKUP) == []
    world.succeeds(TaskKind.SEED, restoreSeconds=41.5)
    await world.settle()
    status = world.status()
    assert (status["phase"], status["verified"], status["restoreSeconds"]) == ("Succeeded", True, 41.5)
    assert world.workers(TaskKind.SEED) == [], "its volume goes with it"
    assert world.server.events("BackupVerified")


async def test_a_backup_that_cannot_be_restored_is_unverified_and_says_why(world: World) -> None:
    await taken(world)
    world.fails(TaskKind.SEED, "collection shop.carts holds 3 documents instead of 4", can_be_repeated=False)
    await world.settle()
    status = world.status()
    assert (status["phase"], status["verified"]) == ("Succeeded", False)
    assert "collection shop.carts holds 3 documents instead of 4" in status["message"]
    assert world.server.events("BackupNotVerified")


async def test_a_rehearsal_without_the_private_key_says_which_secret_is_missing(world: World) -> None:
    encryption = {"recipient": "age1x", "identitySecret": "private"}
    world.of("BackupStore", "main")["spec"]["encryption"] = encryption
    await taken(world)
    await world.settle(10)
    assert world.workers(TaskKind.SEED) == []
    assert "Secret shop/private (spec.encryption.identitySecret) does not exist" in world.status()["message"]
    world.server.put({"kind": "Secret", "metadata": {"name": "private"}, "data": {"identity": "YQ=="}})
    await world.settle()
    assert len(world.workers(TaskKind.SEED)) == 1


async def test_a_rehearsal_that_found_no_place_says_nothing_against_the_backup(world: World) -> None:
    await taken(world)
    for second in (0, 100):
        world.seconds = second
        world.dies(TaskKind.SEED)
        await world.settle()
        await world.settle(second + 70)
    status = world.status()
    assert (status["phase"], status.get("verified")) == ("Succeeded", None)
    assert status["verifyMessage"] == "the worker ran out of memory and was killed (tried 2 times)"


async def test_a_lost_worker_is_tried_again_with_another_name_and_at_last_given_up(world: World) -> None:
    await begun(world)
    seen = []
    for second in (10, 100, 500):
        world.seconds = second
        seen.append(world.task(TaskKind.BACKUP).body["backupName"])
        world.dies(TaskKind.BACKUP)
        await world.settle()
        await world.settle(second + 300)
    assert len(set(seen)) == 3
    assert world.status()["phase"] == "Failed"
    assert world.status()["message"] == "the worker ran out of memory and was killed (tried 3 times)"
    assert len(world.server.events("BackupFailed")) == 2


async def test_between_two_tries_it_waits_and_says_until_when(world: World) -> None:
    await begun(world)
    world.fails(TaskKind.BACKUP, "the store does not answer")
    await world.settle(3)
    assert world.status()["message"].startswith("the store does not answer; it is tried again at 02:24:11 UTC")
    assert len(world.workers(TaskKind.BACKUP)) == 1
    await world.settle(70)
    assert world.task(TaskKind.BACKUP).id.endswith("-2")


async def test_what_cannot_end_otherwise_is_not_tried_again(world: World) -> None:
    await begun(world)
    world.fails(TaskKind.BACKUP, "the key is wrong: correct Secret keys", can_be_repeated=False)
    await world.settle()
    assert (world.status()["phase"], world.status()["message"]) == ("Failed", "the key is wrong: correct Secret keys")


async def test_a_pod_that_vanished_is_replaced(world: World) -> None:
    await begun(world)
    world.server.objects.pop(("Pod", world.worker(TaskKind.BACKUP)["metadata"]["name"]))
    await world.settle()
    assert world.task(TaskKind.BACKUP).id.endswith("-2")


async def test_a_copy_that_is_behind_makes_no_second_worker(world: World) -> None:
    """A new leader whose watch of Pods has not told yet of the worker that the old one made."""
    await begun(world)
    world.restart()
    world.late = frozenset({"Pod"})
    await world.pass_("DataBackup", "b1")
    assert len(world.workers(TaskKind.BACKUP)) == 1


async def test_an_operator_that_was_killed_finds_the_worker_it_made(world: World) -> None:
    world.backup(rehearse=False)
    world.server.refuse = lambda verb, kind, name: KubeError("gone", 0) if (verb, kind) == ("status", "DataBackup") else None
    with pytest.raises(KubeError):
        await world.settle()
    world.server.refuse = lambda verb, kind, name: None
    world.restart()
    world.seconds += 5
    await world.settle()
    assert world.task(TaskKind.BACKUP).id.endswith("-1")
    assert world.status()["backupName"] == NAME


async def test_a_backup_of_no_service_fails_and_says_so(world: World) -> None:
    world.backup(service="carts")
    await world.settle()
    assert (world.status()["phase"], world.status()["message"]) == (
        "Failed", "there is no service 'carts' in namespace shop",
    )  # fmt: skip


async def test_a_service_that_is_deleted_during_its_backup_ends_it(world: World) -> None:
    await begun(world)
    world.delete("DataService", "orders")
    await world.settle()
    assert world.status()["phase"] == "Failed"
    assert world.status()["message"] == "the service orders was deleted while its backup ran"
    assert world.workers(TaskKind.BACKUP) == []


async def test_without_a_store_it_waits_and_is_over_when_its_time_is(world: World) -> None:
    world.server.objects.pop(("BackupStore", "main"))
    world.backup()
    await world.settle()
    assert world.status()["phase"] == "Pending"
    assert "there is no store" in world.status()["message"]
    await world.settle(4 * HOUR + 1)
    assert world.status()["phase"] == "Failed"
    assert world.status()["message"].startswith("it could not begin in time: there is no store")


async def test_without_a_readable_member_it_waits(world: World) -> None:
    for ordinal in range(3):
        world.server.objects.pop(("Pod", f"orders-g1-{ordinal}"))
    world.backup()
    await world.settle()
    assert world.status()["message"] == "it waits: no member can be read from: none is healthy"


async def test_one_backup_of_a_service_at_once(world: World) -> None:
    await begun(world)
    world.backup("b2")
    await world.settle()
    assert len(world.workers(TaskKind.BACKUP)) == 1
    assert world.status("b2")["message"] == "it waits: backup b1 of this service is running"
    world.succeeds(TaskKind.BACKUP, **manifest())
    await world.settle()
    assert world.status("b2")["phase"] == "Running"


async def test_no_more_backups_run_at_once_than_the_cluster_allows() -> None:
    world = World(settings=Settings(backups_max=2))
    world.store()
    for name in ("a", "b", "c"):
        world.put_service(name)
        world.backup(f"of-{name}", service=name)
    await world.settle()
    assert len(world.workers(TaskKind.BACKUP)) == 2
    assert "no more than 2 do at once" in world.status("of-c")["message"]


async def test_a_worker_that_a_quota_forbids_is_said_and_tried_again(world: World) -> None:
    world.backup()
    refusal = KubeError('pods "x" is forbidden: violates PodSecurity "restricted:latest": no', 403)
    world.server.refuse = lambda verb, kind, name: refusal if (verb, kind) == ("create", "Pod") else None
    await world.settle()
    assert "its worker cannot be made: the namespace's Pod Security" in world.status()["message"]
    world.server.refuse = lambda verb, kind, name: None
    await world.settle(31)
    assert world.status()["phase"] == "Running"


async def test_deleting_a_backup_deletes_its_archive_first(world: World) -> None:
    await taken(world)
    world.succeeds(TaskKind.SEED, restoreSeconds=1)
    await world.settle()
    world.delete("DataBackup", "b1")
    await world.settle()
    assert world.task(TaskKind.DELETE).body == {"path": f"mongodb/shop/orders/{NAME}"}
    assert not world.is_released("DataBackup", "b1")
    world.succeeds(TaskKind.DELETE)
    await world.settle()
    assert world.is_released("DataBackup", "b1")
    assert world.workers(TaskKind.DELETE) == []


async def test_a_backup_is_deleted_also_when_its_service_is_long_gone(world: World) -> None:
    await taken(world)
    world.server.objects.pop(("DataService", "orders"))
    await world.settle()
    world.delete("DataBackup", "b1")
    await world.settle()
    world.succeeds(TaskKind.DELETE)
    await world.settle()
    assert world.is_released("DataBackup", "b1")


async def test_a_deletion_is_released_after_ten_minutes_and_says_that_the_archive_stays(world: World) -> None:
    await begun(world)
    world.succeeds(TaskKind.BACKUP, **manifest())
    await world.settle()
    world.delete("DataBackup", "b1")
    for second in range(0, 601, 60):
        await world.settle(second)
        if not world.is_released("DataBackup", "b1") and world.workers(TaskKind.DELETE):
            world.fails(TaskKind.DELETE, "the store does not answer")
    await world.settle(601)
    assert world.is_released("DataBackup", "b1")
    (said,) = world.server.events("ArchiveStays")
    assert said == (f"archive {NAME} stays in store main: it could not be deleted within 10 minutes: the store does not answer")


async def test_a_deletion_whose_store_is_gone_is_released_at_once(world: World) -> None:
    await begun(world)
    world.succeeds(TaskKind.BACKUP, **manifest())
    await world.settle()
    world.server.objects.pop(("BackupStore", "main"))
    world.delete("DataBackup", "b1")
    await world.settle()
    assert world.is_released("DataBackup", "b1")
    assert world.server.events("ArchiveStays")


async def test_a_running_backup_that_is_deleted_ends_before_its_archive_is_removed(world: World) -> None:
    await begun(world)
    world.delete("DataBackup", "b1")
    await world.pass_("DataBackup", "b1")
    assert world.workers(TaskKind.DELETE) == []
    await world.settle()
    assert world.workers(TaskKind.BACKUP) == []
    assert world.task(TaskKind.DELETE).body["path"].endswith(NAME)


async def test_a_backup_that_never_began_is_deleted_without_a_worker(world: World) -> None:
    world.server.objects.pop(("BackupStore", "main"))
    world.backup()
    await world.settle()
    world.delete("DataBackup", "b1")
    await world.settle()
    assert world.is_released("DataBackup", "b1")


async def test_a_backup_that_waits_for_its_store_between_two_tries_keeps_no_other_from_running() -> None:
    world = World(settings=Settings(backups_max=1))
    world.store()
    world.store("near", default=False)
    world.put_service("a")
    world.put_service("b", store="near")
    world.backup("of-a", service="a")
    await world.settle()
    world.dies(TaskKind.BACKUP)
    world.of("BackupStore", "main")["status"] |= {"phase": "NotReady", "message": "nothing listens"}
    world.backup("of-b", service="b")
    world.late = frozenset({"BackupStore"})
    world.stores["BackupStore"].listed([world.of("BackupStore", "main"), world.of("BackupStore", "near")], "9")
    for _ in range(3):
        world.seconds += 30
        await world.pass_("DataBackup", "of-a")
        await world.pass_("DataBackup", "of-b")
    assert (world.status("of-a")["phase"], world.status("of-b")["phase"]) == ("Pending", "Running")
    assert "nothing listens" in world.status("of-a")["message"]


async def test_a_worker_of_an_earlier_backup_of_the_same_name_is_not_taken_for_its_own(world: World) -> None:
    await begun(world)
    world.succeeds(TaskKind.BACKUP, **manifest())
    left = world.worker(TaskKind.BACKUP)
    world.server.objects.pop(("DataBackup", "b1"))
    world.backup()
    world.of("DataBackup", "b1")["metadata"]["uid"] = "another"
    await world.settle()
    assert world.status()["phase"] == "Running"
    assert world.status()["taskId"] != task_from_json(left["metadata"]["annotations"][names.ANNOTATION_TASK]).id
