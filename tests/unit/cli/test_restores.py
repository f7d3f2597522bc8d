"""Restoring beside, in place, undoing and adopting."""

import copy
from typing import Any

import pytest

from moorage.cli.errors import ExitCode
from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import backup, service, store

AT = "2026-11-06T12:34:56+08:00"
KNOWN: dict[str, Any] = {
    "phase": "Ready",
    "services": [
        {"engine": "mongodb", "namespace": "shop", "name": "orders", "backups": 7, "newest": "mongodb-shop-orders-1"},
        {"engine": "mongodb", "namespace": "shop", "name": "carts", "backups": 1, "newest": "mongodb-shop-carts-1"},
        {"engine": "mongodb", "namespace": "shop", "name": "broken", "backups": 0},
        {"engine": "mongodb", "namespace": "bank", "name": "ledger", "backups": 2, "newest": "mongodb-bank-ledger-1"},
    ],
}


def test_a_backup_comes_back_beside(moorage: Moorage) -> None:
    ran = moorage("restore", "b1", "--to", "copy", having=[service(), backup()])
    assert ran.client.specs("DataRestore") == {
        "restore-copy-20261106183005": {"source": {"backup": "b1"}, "toNew": "copy"},
    }
    assert ran.out == "asked for shop/restore-copy-20261106183005\n"


def test_a_backup_comes_back_beside_also_when_its_service_is_gone(moorage: Moorage) -> None:
    assert moorage("restore", "b1", "--to", "orders", having=[backup()]).code == ExitCode.OK


def test_a_name_that_is_taken_is_refused(moorage: Moorage) -> None:
    ran = moorage("restore", "b1", "--to", "copy", having=[service(), service("copy"), backup()])
    assert ran.code == ExitCode.CONFLICT
    assert ran.client.specs("DataRestore") == {}


def test_in_place_wants_the_name_of_the_service(moorage: Moorage) -> None:
    ran = moorage("restore", "b1", "--in-place", having=[service(), backup()])
    assert ran.code == ExitCode.USAGE
    assert "replacing the data of orders must be confirmed" in ran.err
    assert ran.client.specs("DataRestore") == {}


def test_in_place_replaces_the_data_of_the_backups_own_service(moorage: Moorage) -> None:
    line = ("restore", "b1", "--in-place", "--yes", "orders", "--no-safety-backup", "--undo-days", "0")
    ran = moorage(*line, having=[service(), backup()])
    spec = {"source": {"backup": "b1"}, "inPlace": "orders", "safetyBackup": False, "undoDays": 0}
    assert ran.client.specs("DataRestore") == {"restore-orders-20261106183005": spec}


def test_a_moment_comes_back_in_place(moorage: Moorage) -> None:
    ran = moorage("restore", "--service", "orders", "--at", AT, "--in-place", "--yes", "orders", having=[service()])
    assert list(ran.client.specs("DataRestore").values()) == [{"source": {"at": AT, "service": "orders"}, "inPlace": "orders"}]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (("--to", "copy"), "what is to be restored?"),
        (("b1", "--at", AT, "--to", "copy"), "what is to be restored?"),
        (("--at", AT, "--to", "copy"), "--at needs --service NAME"),
        (("b1",), "where to?"),
        (("b1", "--to", "copy", "--in-place"), "where to?"),
        (("b1", "--to", "copy", "--service", "orders"), "a backup knows its service"),
        (("b1", "--to", "copy", "--undo-days", "3"), "go with --in-place only"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(moorage: Moorage, line: tuple[str, ...], sentence: str) -> None:
    ran = moorage("restore", *line, having=[service(), backup()])
    assert ran.code == ExitCode.USAGE
    assert sentence in ran.err
    assert ran.client.specs("DataRestore") == {}


def test_waiting_for_a_restore_shows_its_steps_and_says_until_when_it_can_be_undone(moorage: Moorage) -> None:
    said = {
        "DataRestore": [
            {"phase": "SafetyBackup"},
            {"phase": "Seeding", "bytesDone": 1 << 20, "rawBytes": 2 << 20},
            {"phase": "Seeding", "bytesDone": 2 << 20, "rawBytes": 2 << 20},
            {"phase": "Starting"},
            {"phase": "Switching"},
            {"phase": "Succeeded", "restoreSeconds": 95, "undoUntil": "2026-11-09T18:32:00Z"},
        ]
    }
    ran = moorage("restore", "b1", "--in-place", "--yes", "orders", "--wait", having=[service(), backup()], said=said)
    assert ran.out.startswith("orders serves the data from b1 after 1 min 35 s; the data before can be had back until 2026-11-")
    assert ran.err.splitlines() == [
        "backing up what runs now",
        "filling and comparing a new volume",
        "starting the members",
        "moving the address",
        "next: moorage restore undo orders -n shop    (if it is not what you wanted)",
    ]


def test_a_restore_that_fails_ends_the_command_with_its_message(moorage: Moorage) -> None:
    said = {"DataRestore": [{"phase": "Failed", "message": "the archive is broken"}]}
    ran = moorage("restore", "b1", "--to", "copy", "--wait", having=[service(), backup()], said=said)
    assert ran.code == ExitCode.ERROR
    assert "copy was not restored: the archive is broken" in ran.err


def test_undo_is_refused_when_nothing_is_kept(moorage: Moorage) -> None:
    ran = moorage("restore", "undo", "orders", "--yes", "orders", having=[service()])
    assert ran.code == ExitCode.CONFLICT
    assert "there is nothing to undo" in ran.err


def test_undo_asks_for_the_data_before(moorage: Moorage) -> None:
    kept = service(status={"restore": {"phase": "Succeeded", "undoUntil": "2026-11-09T18:32:00Z"}})
    assert moorage("restore", "undo", "orders", having=[kept]).code == ExitCode.USAGE
    ran = moorage("restore", "undo", "orders", "--yes", "orders", having=[kept])
    assert ran.client.specs("DataRestore") == {"undo-orders-20261106183005": {"undo": "orders"}}
    assert "restore-orders" not in moorage("restores", having=list(ran.client.objects.values())).out


def test_a_store_tells_what_it_knows_and_which_names_are_free(moorage: Moorage) -> None:
    ran = moorage("adopt", "s3", having=[store(status=KNOWN), service()])
    rows = {tuple(text.split()[:2]): text.split()[-1] for text in ran.out.splitlines()[1:]}
    free = {("shop", "broken"), ("shop", "carts"), ("bank", "ledger")}
    assert rows == dict.fromkeys(free, "free") | {("shop", "orders"): "taken"}
    assert "next: moorage adopt s3 shop/carts -n shop --wait" in ran.err


def test_a_store_tells_which_backup_a_rehearsal_found_whole(moorage: Moorage) -> None:
    older = {"name": "carts", "verified": "mongodb-shop-carts-0", "verifiedTime": "2026-11-01T02:30:00Z"}
    known: list[dict[str, Any]] = copy.deepcopy(KNOWN["services"])
    known[1] |= older
    known[3]["verified"] = known[3]["newest"]
    ran = moorage("adopt", "s3", having=[store(status=KNOWN | {"services": known})])
    rows = {text.split()[1]: text for text in ran.out.splitlines()[1:]}
    assert rows["ledger"].split()[-2:] == ["yes", "free"]
    assert "2026-11-01" in rows["carts"]
    assert rows["orders"].split()[-2:] == ["-", "free"]


def test_a_service_is_adopted_from_its_newest_backup(moorage: Moorage) -> None:
    ran = moorage("adopt", "s3", "bank/ledger", "--as", "book", having=[store(status=KNOWN)])
    source = {"store": "s3", "storedBackup": "mongodb-bank-ledger-1"}
    assert list(ran.client.specs("DataRestore").values()) == [{"source": source, "toNew": "book"}]


def test_all_are_those_of_this_namespace_that_can_come_back(moorage: Moorage) -> None:
    ran = moorage("adopt", "s3", "--all", having=[store(status=KNOWN), service()])
    assert [spec["toNew"] for spec in ran.client.specs("DataRestore").values()] == ["carts"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (("nix",), ExitCode.NOT_FOUND),
        (("broken",), ExitCode.NOT_FOUND),
        (("orders",), ExitCode.CONFLICT),
        (("--all", "--as", "book"), ExitCode.USAGE),
        (("carts", "--all"), ExitCode.USAGE),
    ],
)
def test_what_cannot_be_adopted_is_said(moorage: Moorage, line: tuple[str, ...], code: ExitCode) -> None:
    ran = moorage("adopt", "s3", *line, having=[store(status=KNOWN), service()])
    assert ran.code == code
    assert ran.client.specs("DataRestore") == {}
