"""Stores by the real controller: when they are checked, and what they say."""

from typing import Any

import pytest

from moorage.api.backupstore import parse_backupstore
from moorage.core import names
from moorage.core.requests import is_check_awaited
from moorage.core.task import TaskKind
from moorage.kube.client import KubeError
from moorage.operator.backups.found import Finder
from moorage.operator.identity import Identity
from tests.unit.operator.backup_world import ELSEWHERE, HERE, NAME, World, manifest
from tests.unit.operator.kubernetes import at

OLDER = "mongodb-shop-orders-20261125012406"
DAY = 24 * 3600


@pytest.fixture
async def world() -> World:
    found = World(enabled=False)
    found.store(ready=False)
    return found


async def checked(world: World, *listing: object) -> None:
    await world.settle()
    world.succeeds(TaskKind.CHECK, listing)
    await world.settle()


def status(world: World, name: str = "main") -> dict[str, object]:
    return dict(world.of("BackupStore", name)["status"])


async def test_a_new_store_is_checked_at_once_and_ready_when_the_worker_says_so(world: World) -> None:
    await checked(world)
    assert (status(world)["phase"], status(world)["message"]) == ("Ready", "it can be written, read and listed")
    assert world.workers(TaskKind.CHECK) == []
    assert world.server.events("StoreReady")


async def test_a_store_that_refuses_says_what_the_worker_says(world: World) -> None:
    await world.settle()
    world.fails(TaskKind.CHECK, "the secret key is wrong: correct secretAccessKey in Secret keys", can_be_repeated=False)
    await world.settle()
    assert status(world)["phase"] == "NotReady"
    assert status(world)["message"] == "the secret key is wrong: correct secretAccessKey in Secret keys"
    assert world.server.events("StoreNotReady") == [status(world)["message"]]


async def test_a_ready_store_is_checked_every_ten_minutes_and_written_no_more_often(world: World) -> None:
    await checked(world)
    written = world.server.count("status", "BackupStore")
    for second in range(1, 590, 60):
        await world.settle(second)
        assert world.workers(TaskKind.CHECK) == []
    await world.settle(601)
    world.succeeds(TaskKind.CHECK)
    await world.settle()
    assert world.server.count("status", "BackupStore") - written == 1


async def test_a_store_that_cannot_be_used_is_checked_again_after_half_a_minute_and_ever_more_seldom(world: World) -> None:
    for second in range(0, 3600, 10):
        await world.settle(second)
        if world.workers(TaskKind.CHECK):
            world.fails(TaskKind.CHECK, "connection refused")
            await world.settle()
    checks = world.server.count("create", "Pod")
    assert 15 < checks < 40
    written = world.server.count("status", "BackupStore")
    assert written <= 12


async def test_a_store_is_checked_again_when_its_secret_changes(world: World) -> None:
    await checked(world)
    await world.settle(60)
    assert world.workers(TaskKind.CHECK) == []
    world.server.put(world.of("Secret", "keys"))
    await world.settle()
    assert len(world.workers(TaskKind.CHECK)) == 1


async def test_a_store_is_checked_again_when_its_spec_changes(world: World) -> None:
    await checked(world)
    item = world.of("BackupStore", "main")
    item["spec"]["s3"]["bucket"], item["metadata"]["generation"] = "other", 2
    await world.settle()
    assert world.task(TaskKind.CHECK).store["s3"]["bucket"] == "other"


async def test_a_secret_that_is_missing_is_named_before_a_pod_is_made(world: World) -> None:
    world.server.objects.pop(("Secret", "keys"))
    await world.settle()
    assert status(world)["message"] == (
        "Secret shop/keys (spec.s3.credentialsSecret) does not exist: create it with accessKeyId and secretAccessKey"
    )
    assert world.server.count("create", "Pod") == 0


async def test_a_secret_that_lacks_a_key_is_said(world: World) -> None:
    world.server.put({"kind": "Secret", "metadata": {"name": "keys"}, "data": {"accessKeyId": "YQ=="}})
    await world.settle()
    assert status(world)["message"] == "Secret shop/keys (spec.s3.credentialsSecret) lacks secretAccessKey"


async def test_a_claim_that_is_missing_or_for_one_node_only_is_said() -> None:
    world = World(enabled=False)
    world.server.put(
        {"kind": "BackupStore", "metadata": {"name": "nfs", "generation": 1}, "spec": {"fileSystem": {"claim": "shared"}}}
    )
    await world.settle()
    assert "PersistentVolumeClaim shop/shared (spec.fileSystem.claim) does not exist" in str(status(world, "nfs")["message"])
    claim = {"kind": "PersistentVolumeClaim", "metadata": {"name": "shared"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
    world.server.put(claim)
    await world.settle(31)
    assert "must have the access mode ReadWriteMany" in str(status(world, "nfs")["message"])
    world.server.put({**claim, "spec": {"accessModes": ["ReadWriteMany"]}})
    await world.settle(62)
    assert len(world.workers(TaskKind.CHECK)) == 1


def ask(world: World, when: str) -> None:
    world.of("BackupStore", "main")["metadata"]["annotations"] = {names.ANNOTATION_CHECK: when}


async def test_a_store_is_checked_at_once_when_a_person_asks_and_the_answer_is_told_from_the_one_before(world: World) -> None:
    await checked(world)
    ask(world, "2026-11-06T18:31:00.000Z")
    await world.settle(60)
    assert len(world.workers(TaskKind.CHECK)) == 1
    assert is_check_awaited(parse_backupstore(world.of("BackupStore", "main")))
    world.succeeds(TaskKind.CHECK)
    await world.settle()
    assert (status(world)["checked"], status(world)["answered"]) == (world.stamp(), "2026-11-06T18:31:00.000Z")
    await world.settle(120)
    assert world.workers(TaskKind.CHECK) == [], "one request, one check"


async def test_a_request_that_came_while_a_check_ran_gets_a_check_of_its_own(world: World) -> None:
    await world.settle()
    ask(world, "2026-11-06T18:31:00.000Z")
    world.succeeds(TaskKind.CHECK)
    await world.settle()
    assert len(world.workers(TaskKind.CHECK)) == 1
    world.fails(TaskKind.CHECK, "connection refused")
    await world.settle()
    assert (status(world)["phase"], status(world)["answered"]) == ("NotReady", "2026-11-06T18:31:00.000Z")


async def test_a_request_is_answered_by_what_stands_in_the_way_of_a_check(world: World) -> None:
    await checked(world)
    world.server.objects.pop(("Secret", "keys"))
    ask(world, "now")
    await world.settle()
    assert (status(world)["phase"], status(world)["answered"]) == ("NotReady", "now")


async def test_a_check_that_cannot_start_is_said_within_half_a_minute(world: World) -> None:
    await world.settle()
    item = world.worker(TaskKind.CHECK)
    message = '0/3 nodes are available: persistentvolumeclaim "x" not found.'
    item["status"] = {
        "phase": "Pending",
        "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}],
    }
    await world.settle(25)
    assert status(world)["phase"] == "NotReady"
    assert str(status(world)["message"]).startswith("it cannot be checked: its worker does not start")


async def test_a_check_that_a_quota_forbids_is_said_and_tried_again_every_half_minute(world: World) -> None:
    refusal = KubeError('pods "x" is forbidden: violates PodSecurity "restricted:latest": no', 403)
    world.server.refuse = lambda verb, kind, name: refusal if (verb, kind) == ("create", "Pod") else None
    await world.settle()
    assert str(status(world)["message"]).startswith(
        "it cannot be checked: its worker cannot be made: the namespace's Pod Security"
    )
    for second in range(0, 300, 10):
        await world.settle(second)
    assert world.server.count("create", "Pod") <= 11
    world.server.refuse = lambda verb, kind, name: None
    await world.settle(400)
    assert len(world.workers(TaskKind.CHECK)) == 1


async def test_a_check_that_is_lost_once_takes_no_trust_away(world: World) -> None:
    await checked(world)
    await world.settle(601)
    world.dies(TaskKind.CHECK)
    await world.settle()
    assert status(world)["phase"] == "Ready"
    await world.settle(640)
    world.dies(TaskKind.CHECK)
    await world.settle()
    assert status(world)["phase"] == "NotReady"


async def test_two_default_stores_both_say_so_and_stop_saying_it(world: World) -> None:
    await checked(world)
    world.store("second")
    await world.settle()
    for name in ("main", "second"):
        assert "stores main and second both say that they are the default" in str(status(world, name)["message"])
    world.of("BackupStore", "second")["spec"]["default"] = False
    await world.settle()
    for name in ("main", "second"):
        assert "both say" not in str(status(world, name)["message"])


async def test_an_operator_that_starts_anew_does_not_check_a_ready_store_at_once(world: World) -> None:
    await checked(world)
    world.restart()
    await world.settle(60)
    assert world.workers(TaskKind.CHECK) == []
    await world.settle(601)
    assert len(world.workers(TaskKind.CHECK)) == 1


async def test_the_services_that_a_store_knows_are_listed(world: World) -> None:
    elsewhere = manifest("mongodb-other-carts-20261124020000", namespace="other", service="carts")
    never = {"verified": None, "verifiedTime": None}
    await checked(world, manifest(), elsewhere)
    assert status(world)["services"] == [
        {"engine": "mongodb", "namespace": "other", "name": "carts", "backups": 1, "newest": elsewhere["backupName"],
         "newestTime": elsewhere["endTime"], **never},
        {"engine": "mongodb", "namespace": "shop", "name": "orders", "backups": 1, "newest": NAME,
         "newestTime": manifest()["endTime"], **never},
    ]  # fmt: skip


async def test_a_check_that_could_not_tell_its_listing_takes_no_service_from_the_list(world: World) -> None:
    await checked(world, manifest())
    await world.settle(601)
    world.succeeds(TaskKind.CHECK)
    world.worker(TaskKind.CHECK)["metadata"]["annotations"].pop("moorage.dev/report")
    await world.settle()
    assert status(world)["services"]


async def test_a_backup_that_only_the_store_knows_becomes_a_resource(world: World) -> None:
    await checked(world, manifest(), manifest("mongodb-other-x-20261124020000", namespace="other"))
    assert world.backups() == [NAME]
    found = world.of("DataBackup", NAME)
    assert (found["spec"]["trigger"], found["spec"]["service"]) == ("Found", "orders")
    assert (found["status"]["phase"], found["status"]["sizeBytes"]) == ("Succeeded", 300)


async def test_an_operator_that_is_killed_while_it_describes_what_it_found_goes_on_with_it(world: World) -> None:
    await world.settle()
    world.succeeds(TaskKind.CHECK, [manifest()])
    world.server.refuse = lambda verb, kind, name: KubeError("gone", 0) if (verb, kind) == ("status", "DataBackup") else None
    with pytest.raises(KubeError):
        await world.settle()
    assert world.backups() == [NAME]
    world.server.refuse = lambda verb, kind, name: None
    world.restart()
    await world.settle()
    assert world.status(NAME)["phase"] == "Succeeded"


async def test_a_backup_that_kubernetes_knows_is_not_found_again(world: World) -> None:
    world.server.put(
        {
            "kind": "DataBackup",
            "metadata": {"name": "b1", "finalizers": ["moorage.dev/cleanup"]},
            "spec": {"service": "orders"},
            "status": {"phase": "Succeeded", "backupName": NAME, "endTime": world.stamp(), "store": "main", "engine": "mongodb"},
        }
    )
    await checked(world, manifest())
    assert world.backups() == ["b1"]


async def test_a_backup_that_was_deleted_after_the_listing_is_not_found_again(world: World) -> None:
    await checked(world, manifest())
    await world.settle(601)
    world.succeeds(TaskKind.CHECK, [manifest()])  # heard of later than of the deletion
    world.delete("DataBackup", NAME)
    for _ in range(2):
        await world.pass_("DataBackup", NAME)
    world.succeeds(TaskKind.DELETE)
    await world.pass_("DataBackup", NAME)
    assert world.is_released("DataBackup", NAME)
    world.server.objects.pop(("DataBackup", NAME))
    await world.settle()
    assert world.backups() == []


async def test_a_store_into_which_a_backup_failed_is_checked_at_once_and_then_no_more_for_it(world: World) -> None:
    await checked(world)
    world.backup(rehearse=False)
    await world.settle(100)
    world.fails(TaskKind.BACKUP, "bucket 'backups' is full", can_be_repeated=False)
    await world.settle(110)
    assert world.workers(TaskKind.CHECK)
    world.fails(TaskKind.CHECK, "bucket 'backups' is full")
    await world.settle(111)
    assert status(world)["phase"] == "NotReady"
    assert world.workers(TaskKind.CHECK) == []


async def test_a_backup_that_cannot_be_read_does_not_keep_the_store_from_being_checked(world: World) -> None:
    world.server.put({"kind": "DataBackup", "metadata": {"name": "odd"}, "spec": {"service": 7}})
    await checked(world, manifest())
    assert status(world)["phase"] == "Ready"
    assert NAME in world.backups()


async def test_the_listing_of_another_store_does_not_make_it_forgotten_what_was_deleted(world: World) -> None:
    world.store("other", default=False)
    main, other = (parse_backupstore(world.of("BackupStore", name)) for name in ("main", "other"))
    finder = Finder(world.server, world.stores, lambda item: None, Identity(world.server))
    world.hear()
    finder.deleted("shop", NAME, at(5))
    await finder.find(other, [], at(10))
    await finder.find(main, [manifest()], at(0))  # its check began before the deletion, and is heard of last
    assert world.backups() == []


async def test_a_backup_that_another_cluster_took_is_listed_and_its_archive_is_never_deleted(world: World) -> None:
    await checked(world, manifest(cluster=ELSEWHERE), manifest(OLDER, -3600))
    foreign, own = world.status(NAME), world.status(OLDER)
    assert (foreign["owned"], own["owned"]) == (False, True)
    assert foreign["message"] == "found in the store; another cluster took it, and this one never deletes it"
    assert foreign.get("expires") is None
    world.delete("DataBackup", NAME)
    await world.pass_("DataBackup", NAME)
    assert world.workers(TaskKind.DELETE) == []
    assert world.is_released("DataBackup", NAME)
    assert world.server.events("ArchiveStays") == [
        f"archive {NAME} stays in store main: another cluster took it and keeps it"
    ]  # fmt: skip


async def test_of_what_nobody_knows_who_took_it_nothing_is_deleted_either(world: World) -> None:
    """Written by an older version."""
    old = manifest()
    del old["cluster"]
    await checked(world, old)
    assert world.status(NAME)["owned"] is False


async def test_an_operator_that_may_not_read_which_cluster_it_is_takes_nothing_for_its_own(world: World) -> None:
    world.server.refuse = lambda verb, kind, name: KubeError("forbidden", 403) if kind == "Namespace" else None
    await checked(world, manifest(), manifest(OLDER, cluster=""))
    assert [world.status(name)["owned"] for name in (NAME, OLDER)] == [False, False]


async def test_a_foreign_backup_is_forgotten_when_its_time_is_over_and_found_again_while_it_is_there(world: World) -> None:
    await checked(world, manifest(cluster=ELSEWHERE))
    world.seconds = 8 * DAY
    await world.pass_("DataBackup", NAME)
    assert not world.is_there("DataBackup", NAME)
    assert world.workers(TaskKind.DELETE) == []


async def test_a_foreign_backup_does_not_let_the_last_own_one_go(world: World) -> None:
    """Two clusters have a service of this name, and the other one was backed up last."""
    await checked(world, manifest(OLDER, -3600), manifest(cluster=ELSEWHERE))
    world.seconds = 8 * DAY
    await world.pass_("DataBackup", OLDER)
    assert world.is_there("DataBackup", OLDER)
    assert "deletionTimestamp" not in world.of("DataBackup", OLDER)["metadata"]


@pytest.mark.parametrize("cluster", [ELSEWHERE, ""])
async def test_an_adopted_service_takes_its_backups_with_it(world: World, cluster: str) -> None:
    await checked(world, manifest(cluster=cluster), manifest(OLDER, -3600, cluster=cluster))
    world.of("DataService", "orders")["metadata"]["annotations"] = {names.ANNOTATION_ADOPTED: cluster or "unknown"}
    await world.settle()
    for name in (NAME, OLDER):
        assert world.status(name)["owned"] is True
        assert world.status(name)["message"] == "found in the store; adopted with its service"
    world.seconds = 8 * DAY
    await world.pass_("DataBackup", OLDER)
    assert ("delete", "DataBackup", OLDER) in world.server.asked
    await world.pass_("DataBackup", NAME)
    assert ("delete", "DataBackup", NAME) not in world.server.asked, "the newest good one stays"


async def test_a_backup_says_in_the_store_which_cluster_took_it(world: World) -> None:
    await checked(world)
    world.backup(rehearse=False)
    await world.settle()
    assert world.task(TaskKind.BACKUP).body["cluster"] == HERE


VERIFIED: dict[str, Any] = {"verified": True, "verifiedTime": "2026-11-25T03:00:00Z", "restoreSeconds": 41.2}


async def test_what_a_rehearsal_found_is_known_to_whoever_reads_the_store(world: World) -> None:
    await checked(world, manifest(**VERIFIED))
    found = world.status(NAME)
    assert (found["verified"], found["restoreSeconds"], found["verifiedTime"]) == (True, 41.2, "2026-11-25T03:00:00Z")


async def test_a_rehearsal_after_a_backup_was_found_is_heard_of_too(world: World) -> None:
    await checked(world, manifest(cluster=ELSEWHERE))
    assert world.status(NAME).get("verified") is None
    await world.settle(601)
    bad = manifest(cluster=ELSEWHERE, verified=False, verifiedTime="2026-11-25T03:00:00Z", verifyMessage="2 are missing")
    world.succeeds(TaskKind.CHECK, [bad])
    await world.settle()
    assert (world.status(NAME)["verified"], world.status(NAME)["verifyMessage"]) == (False, "2 are missing")
    assert world.status(NAME)["owned"] is False, "the rest stays as it was"


async def test_nobody_is_led_to_a_backup_that_its_rehearsal_found_bad(world: World) -> None:
    await checked(world, manifest(verified=False, verifiedTime="x"), manifest(OLDER, -3600, **VERIFIED))
    known = world.of("BackupStore", "main")["status"]["services"][0]
    assert (known["backups"], known["newest"], known["verified"]) == (2, OLDER, OLDER)


async def test_retention_keeps_the_newest_that_was_verified_elsewhere(world: World) -> None:
    await checked(world, manifest(), manifest(OLDER, -3600, **VERIFIED))
    world.seconds = 8 * DAY
    await world.pass_("DataBackup", OLDER)
    assert world.is_there("DataBackup", OLDER)
    assert ("delete", "DataBackup", OLDER) not in world.server.asked
