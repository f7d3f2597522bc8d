"""What a restore can be made from, and the sentence when it cannot."""

from typing import Any

import pytest

from moorage.api.datarestore import parse_datarestore
from moorage.kube.reflector import Store
from moorage.operator.sources import Found, find

NAME = "mongodb-shop-orders-20261125023000"
KNOWN = {"engine": "mongodb", "namespace": "old-shop", "name": "orders", "newest": "mongodb-old-shop-orders-20261124023000"}
STORE = {
    "metadata": {"name": "far", "namespace": "shop"},
    "spec": {"s3": {"endpoint": "https://s3.example.com", "bucket": "backups", "credentialsSecret": "s3"}},
    "status": {
        "phase": "Ready",
        "services": [
            {"engine": "mongodb", "namespace": "old-shop", "name": "orders", "newest": "mongodb-old-shop-orders-20261124023000"}
        ],
    },
}
WINDOW = {
    "start": "2026-11-25T02:30:00Z",
    "end": "2026-11-25T12:00:00Z",
    "gaps": [{"start": "2026-11-25T05:00:00Z", "end": "2026-11-25T06:00:00Z"}],
}


def backup(name: str = NAME, at: str = "2026-11-25T02:30:00Z", **status: Any) -> dict[str, Any]:
    known = {"phase": "Succeeded", "backupName": name, "store": "far", "engine": "mongodb", "consistentTime": at}
    meta = {"name": name, "namespace": "shop"}
    return {"metadata": meta, "spec": {"service": "orders"}, "status": {**known, **status}}


def found(source: dict[str, Any], *backups: dict[str, Any], window: Any = WINDOW, begun_with: str | None = None) -> Found:
    orders = {"metadata": {"name": "orders", "namespace": "shop"}, "spec": {"engine": "mongodb"}, "status": {"window": window}}
    stores = {kind: Store() for kind in ("BackupStore", "DataBackup", "DataService")}
    stores["BackupStore"].listed([STORE], "1")
    stores["DataBackup"].listed([*backups], "1")
    stores["DataService"].listed([orders], "1")
    meta = {"name": "back", "namespace": "shop"}
    status = {"phase": "Seeding", "backupName": begun_with} if begun_with is not None else {}
    return find(parse_datarestore({"metadata": meta, "spec": {"inPlace": "orders", "source": source}, "status": status}), stores)


def test_a_good_backup_lies_where_its_name_says() -> None:
    source = found({"backup": NAME}, backup()).source
    assert source is not None
    assert (source.path, source.store) == (f"mongodb/shop/orders/{NAME}", "far")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ({"phase": "Failed", "message": "no space"}, "no space"),
        ({"verified": False, "verifyMessage": "a count differs"}, "differs"),
    ],
)
def test_a_backup_that_is_not_good_is_refused(status: dict[str, Any], says: str) -> None:
    assert says in found({"backup": NAME}, backup(**status)).refused


def test_a_backup_that_is_being_taken_is_waited_for() -> None:
    assert found({"backup": NAME}, backup(phase="Running")).waits


def test_a_backup_that_does_not_exist_is_refused_with_those_that_do() -> None:
    assert NAME in found({"backup": "nosuch"}, backup()).refused


def test_a_backup_that_only_the_store_knows_is_found_by_the_services_that_it_lists() -> None:
    source = found({"store": "far", "storedBackup": "mongodb-old-shop-orders-20261123023000"}).source
    assert source is not None
    assert source.path == "mongodb/old-shop/orders/mongodb-old-shop-orders-20261123023000"
    assert "20261124023000" in found({"store": "far", "storedBackup": "mongodb-a-b-20261123023000"}).refused


def test_a_moment_is_restored_from_the_newest_good_backup_before_it() -> None:
    later = backup("mongodb-shop-orders-20261125080000", "2026-11-25T08:00:00Z")
    failed = backup("mongodb-shop-orders-20261125100000", "2026-11-25T10:00:00Z", phase="Failed")
    source = found({"at": "2026-11-25T19:30:00+08:00"}, backup(), later, failed).source
    assert source is not None
    assert (source.backup_name, source.until) == ("mongodb-shop-orders-20261125080000", "2026-11-25T19:30:00+08:00")


@pytest.mark.parametrize(
    ("at", "nearest"),
    [
        ("2026-11-25T01:00:00Z", "2026-11-25T02:30:00Z"),
        ("2026-11-25T13:00:00Z", "2026-11-25T12:00:00Z"),
        ("2026-11-25T05:30:00Z", "2026-11-25T05:00:00Z and 2026-11-25T06:00:00Z"),
    ],
    ids=["before", "after", "in a gap"],
)
def test_a_moment_that_cannot_be_reached_is_refused_with_the_nearest_that_can(at: str, nearest: str) -> None:
    assert nearest in found({"at": at}, backup()).refused


def test_without_an_archive_no_moment_can_be_restored() -> None:
    assert "only its backups" in found({"at": "2026-11-25T05:30:00Z"}, backup(), window=None).refused


def test_a_moment_that_no_calendar_has_is_refused_in_words() -> None:
    assert "2026-13-45T00:00:00Z" in found({"at": "2026-13-45T00:00:00Z"}, backup()).refused


def test_the_backup_that_a_moment_is_reached_from_is_chosen_once() -> None:
    """An archiver that is replaced takes the window away for a moment, and a younger backup may come to stand nearer."""
    younger = backup("mongodb-shop-orders-20261125033000", "2026-11-25T03:30:00Z")
    chosen = found({"at": "2026-11-25T04:00:00Z"}, backup(), younger, window=None, begun_with=NAME).source
    assert chosen is not None
    assert (chosen.backup_name, chosen.until) == (NAME, "2026-11-25T04:00:00Z")
    assert "gone" in found({"at": "2026-11-25T04:00:00Z"}, younger, begun_with=NAME).refused
