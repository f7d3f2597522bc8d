"""Taking, listing and deleting backups."""

import json
from typing import Any

from moorage.api.databackup import Trigger
from moorage.cli.errors import ExitCode
from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import backup, service

RUNNING = {"phase": "Running", "source": "datanode1", "rawBytes": 3 << 30, "bytesPerSecond": 50 << 20, "sizeBytes": 1 << 30}
DONE: dict[str, Any] = {
    "phase": "Succeeded",
    "startTime": "2026-11-06T18:30:05Z",
    "endTime": "2026-11-06T18:31:05Z",
    "rawBytes": 4 << 30,
    "sizeBytes": 1 << 30,
    "verified": True,
    "restoreSeconds": 41.2,
}


def test_a_backup_is_named_by_engine_namespace_service_and_the_time_in_its_own_zone(moorage: Moorage) -> None:
    ran = moorage("backup", "orders", "--keep-days", "30", "--no-rehearse", having=[service(timeZone="Asia/Shanghai")])
    assert ran.client.specs("DataBackup") == {
        "mongodb-shop-orders-20261107023005": {"service": "orders", "trigger": "Manual", "keepDays": 30, "rehearse": False}
    }
    assert ran.out == "asked for shop/mongodb-shop-orders-20261107023005\n"


def test_waiting_shows_each_step_once_and_ends_with_a_sentence(moorage: Moorage) -> None:
    said = {"DataBackup": [{}, RUNNING, RUNNING | {"rawBytes": 4 << 30}, {"phase": "Verifying"}, DONE]}
    ran = moorage("backup", "orders", "--wait", having=[service()], said=said)
    name = "mongodb-shop-orders-20261106183005"
    assert ran.code == ExitCode.OK
    assert ran.out == (
        f"orders is backed up as {name}: 4.0 GiB of data in 1.0 GiB, taken in 1 min 0 s; verified by a restore in 41 s\n"
    )
    assert ran.err.splitlines() == [
        "waiting to start",
        "backing up from datanode1",
        "taken; a rehearsal restores and compares it",
        f"next: moorage restore {name} -n shop --to NEW",
    ]


def test_a_backup_that_fails_ends_the_command_with_its_message(moorage: Moorage) -> None:
    said = {"DataBackup": [{"phase": "Failed", "message": "the bucket 'backups' does not exist"}]}
    ran = moorage("backup", "orders", "--wait", having=[service()], said=said)
    assert (ran.code, ran.out) == (ExitCode.ERROR, "")
    assert "error: orders was not backed up: the bucket 'backups' does not exist" in ran.err


def test_a_backup_whose_rehearsal_fails_is_no_success(moorage: Moorage) -> None:
    said = {"DataBackup": [DONE | {"verified": False, "verifyMessage": "2 documents are missing"}]}
    ran = moorage("backup", "orders", "--wait", having=[service()], said=said)
    assert ran.code == ExitCode.ERROR
    assert "its rehearsal failed: 2 documents are missing" in ran.err


def test_giving_up_waiting_is_a_time_out_and_says_what_was_seen_last(moorage: Moorage) -> None:
    ran = moorage("backup", "orders", "--wait", "--timeout", "0", having=[service()], said={"DataBackup": [RUNNING]})
    assert ran.code == ExitCode.TIMEOUT
    assert "is not done after 0 s; last seen: backing up from datanode1; it goes on by itself" in ran.err


def test_a_service_that_does_not_exist_is_not_backed_up(moorage: Moorage) -> None:
    ran = moorage("backup", "nix")
    assert ran.code == ExitCode.NOT_FOUND
    assert "there is no service 'nix' in namespace shop" in ran.err
    assert ran.client.specs("DataBackup") == {}


def test_the_list_is_newest_first_and_holds_those_of_services_that_are_gone(moorage: Moorage) -> None:
    having = [
        backup("old", startTime="2026-11-05T18:30:00Z", endTime="2026-11-05T18:30:41Z", trigger="Schedule", sizeBytes=5 << 20),
        backup("new", startTime="2026-11-06T18:30:00Z", verified=False, verifyMessage="2 documents are missing"),
        backup("gone", of="customers", trigger="Found", startTime="2026-11-01T00:00:00Z"),
    ]
    ran = moorage("backups", having=having)
    rows = [text.split() for text in ran.out.splitlines()]
    assert [row[:2] for row in rows[1:]] == [["new", "orders"], ["old", "orders"], ["gone", "customers"]]
    assert "no: 2 documents are missing" in ran.out
    assert "41 s" in ran.out
    assert "5.0 MiB" in ran.out
    assert [b["by"] for b in json.loads(moorage("backups", "-o", "json", having=having).out)] == ["hand", "schedule", "elsewhere"]
    assert "gone" not in moorage("backups", "orders", having=having).out
    assert "next: moorage restore old -n shop --to NEW" in ran.err


def test_a_backup_says_who_asked_for_it(moorage: Moorage) -> None:
    having = [backup(str(kind).lower(), trigger=str(kind)) for kind in Trigger]
    said = {line.split()[0]: line for line in moorage("backups", having=having).out.splitlines()[1:]}
    words = {"schedule": "by schedule", "manual": "by hand", "safety": "before a restore", "found": "by another cluster"}
    assert set(said) == set(words)
    assert {name: words[name] in line for name, line in said.items()} == dict.fromkeys(words, True)
    assert ", before a restore" in moorage("backup", "show", "safety", having=having).out


def test_text_and_json_show_one_backup(moorage: Moorage) -> None:
    having = [backup("b1", **{key: value for key, value in DONE.items() if key != "phase"}, sha256="ab" * 32)]
    text = moorage("backup", "show", "b1", having=having).out
    found = json.loads(moorage("backup", "show", "b1", "-o", "json", having=having).out)
    assert found["tookSeconds"] == 60
    assert found["sha256"] in text
    assert "1.0 GiB in the store, 4.0 GiB of data" in text


def test_a_service_called_show_can_be_backed_up(moorage: Moorage) -> None:
    ran = moorage("backup", "--no-wait", "show", having=[service("show")])
    assert list(ran.client.specs("DataBackup")) == ["mongodb-shop-show-20261106183005"]


def test_deleting_wants_the_name_and_without_a_terminal_does_not_ask(moorage: Moorage) -> None:
    ran = moorage("backup", "delete", "b1", having=[backup()])
    assert ran.code == ExitCode.USAGE
    assert "say it with --yes b1" in ran.err
    assert list(ran.client.specs("DataBackup")) == ["b1"]
    assert moorage("backup", "delete", "b1", "--yes", "b2", having=[backup()]).code == ExitCode.USAGE


def test_deleting_leaves_the_others(moorage: Moorage) -> None:
    ran = moorage("backup", "delete", "b1", "--yes", "b1", having=[backup(), backup("b2")])
    assert (ran.code, ran.out) == (ExitCode.OK, "shop/b1 is deleted\n")
    assert list(ran.client.specs("DataBackup")) == ["b2"]


def test_what_another_cluster_took_is_not_deleted_from_here(moorage: Moorage) -> None:
    ran = moorage("backup", "delete", "b1", "--yes", "b1", having=[backup(trigger="Found", owned=False, store="far")])
    assert ran.code == ExitCode.CONFLICT
    assert "b1 was taken by another cluster, which keeps it" in ran.err
    assert "next: moorage adopt far -n shop" in ran.err
    assert list(ran.client.specs("DataBackup")) == ["b1"]
    assert moorage("backup", "delete", "b1", "--yes", "b1", having=[backup(trigger="Found", owned=True)]).code == ExitCode.OK
