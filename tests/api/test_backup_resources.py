"""What the API server itself refuses of stores, backups, restores and schedules, with a sentence that says what is allowed."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.api.server import Answer, Server

S3 = {"endpoint": "https://s3.example.com", "bucket": "backups", "credentialsSecret": "s3-keys"}
RECIPIENT = "age1" + "q" * 58
AT = "2026-11-06T12:34:56+08:00"

Object = dict[str, Any]


def resource(kind: str, name: str, spec: Object) -> Object:
    return {"apiVersion": "moorage.dev/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def would_create(server: Server, kind: str, spec: Object) -> Answer:
    return server.ask("create", "--dry-run=server", "-f", "-", stdin=resource(kind, "tried", spec))


def must_refuse(answer: Answer, sentence: str) -> None:
    told = answer.text.replace('Invalid value: "object": ', "Invalid value: ").replace(
        'Invalid value: "string": ', "Invalid value: "
    )
    assert not answer.accepted
    assert sentence in told


def test_a_good_store_is_taken(server: Server) -> None:
    assert would_create(server, "BackupStore", {"s3": S3}).accepted
    assert would_create(server, "BackupStore", {"s3": S3 | {"endpoint": "http://10.0.0.5:9000/"}, "default": True}).accepted
    encryption = {"recipient": RECIPIENT, "identitySecret": "age"}
    assert would_create(server, "BackupStore", {"fileSystem": {"claim": "nfs"}, "encryption": encryption}).accepted


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({}, "exactly one of s3 and fileSystem must be given; such as s3:"),
        ({"s3": S3, "fileSystem": {"claim": "nfs"}}, "exactly one of s3 and fileSystem must be given"),
        (
            {"s3": S3 | {"endpoint": "s3.example.com"}},
            "endpoint 's3.example.com' is no address of an S3 service; allowed: https://HOST",
        ),
        ({"s3": S3 | {"endpoint": "https://s3.example.com/backups"}}, "is no address of an S3 service; allowed: https://HOST"),
        ({"s3": S3 | {"bucket": "b"}}, "spec.s3.bucket in body should be at least 3 chars long"),
        ({"s3": {"endpoint": "https://s3.example.com", "bucket": "backups"}}, "spec.s3.credentialsSecret: Required value"),
        (
            {"s3": S3, "encryption": {"recipient": "ssh-ed25519 AAAA", "identitySecret": "age"}},
            "recipient 'ssh-ed25519 AAAA' is no public key of age; allowed: what age-keygen prints after 'Public key:'",
        ),
        ({"s3": S3, "encryption": {"recipient": RECIPIENT}}, "spec.encryption.identitySecret: Required value"),
    ],
)
def test_a_store_that_cannot_be_is_refused_with_what_is_allowed(server: Server, spec: Object, sentence: str) -> None:
    must_refuse(would_create(server, "BackupStore", spec), sentence)


@pytest.mark.parametrize(
    "spec",
    [
        {"source": {"backup": "b1"}, "toNew": "copy"},
        {"source": {"store": "s3", "storedBackup": "mongodb-shop-orders-20261106023000"}, "toNew": "orders"},
        {"source": {"at": AT}, "inPlace": "orders", "undoDays": 0, "safetyBackup": False},
        {"source": {"at": "2026-11-06T12:34:56.5Z", "service": "orders"}, "toNew": "copy"},
        {"undo": "orders"},
    ],
)
def test_a_good_restore_is_taken(server: Server, spec: Object) -> None:
    assert would_create(server, "DataRestore", spec).accepted


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"source": {"backup": "b1"}}, "exactly one of toNew, inPlace and undo must be given; such as toNew: orders-copy"),
        (
            {"source": {"backup": "b1"}, "toNew": "copy", "inPlace": "orders"},
            "exactly one of toNew, inPlace and undo must be given",
        ),
        ({"toNew": "copy"}, "source must name a backup, a storedBackup or a moment (at), and be left out for an undo"),
        ({"source": {"backup": "b1"}, "undo": "orders"}, "and be left out for an undo"),
        ({"source": {"at": AT}, "toNew": "copy"}, "source.service must say whose moment `at` is"),
        ({"source": {"storedBackup": "x"}, "toNew": "copy"}, "source.store must say which BackupStore knows storedBackup"),
        (
            {"source": {"at": "2026-11-06T12:34:56", "service": "orders"}, "toNew": "copy"},
            "at '2026-11-06T12:34:56' is no moment; allowed: a date, a time and a zone, such as 2026-11-06T12:34:56+08:00",
        ),
        ({"source": {"backup": "b1"}, "inPlace": "orders", "undoDays": 91}, "should be less than or equal to 90"),
    ],
)
def test_a_restore_that_cannot_be_is_refused_with_what_is_allowed(server: Server, spec: Object, sentence: str) -> None:
    must_refuse(would_create(server, "DataRestore", spec), sentence)


NUMBERS = count()


@pytest.fixture
def standing(server: Server) -> Iterator[tuple[str, str]]:
    """A backup and a restore of a service that does not exist."""
    number = next(NUMBERS)  # those of the test before may still be on their way out
    backup, restore = f"kept-{number}", f"asked-{number}"
    server.create(resource("DataBackup", backup, {"service": "nix"}))
    server.create(resource("DataRestore", restore, {"source": {"backup": "nix"}, "toNew": "copy"}))
    yield backup, restore
    server.must("delete", f"databackup/{backup}", f"datarestore/{restore}", "--wait=false")


def would_change(server: Server, what: str, spec: Object) -> Answer:
    return server.ask("patch", what, "--dry-run=server", "--type=merge", f"--patch={json.dumps({'spec': spec})}")


def test_of_a_backup_only_how_long_it_is_kept_can_change(server: Server, standing: tuple[str, str]) -> None:
    backup = f"databackup/{standing[0]}"
    assert would_change(server, backup, {"keepDays": 30}).accepted
    must_refuse(would_change(server, backup, {"keepDays": 0}), "should be greater than or equal to 1")
    must_refuse(would_change(server, backup, {"service": "other"}), "service of a backup cannot be changed after it was made")
    must_refuse(would_change(server, backup, {"trigger": "Schedule"}), "trigger of a backup cannot be changed after it was made")


def test_a_restore_cannot_change(server: Server, standing: tuple[str, str]) -> None:
    answer = would_change(server, f"datarestore/{standing[1]}", {"toNew": "other"})
    must_refuse(answer, "a restore cannot be changed after it was made")


@pytest.mark.parametrize("schedule", ["30 2 * * *", "*/15 0-6 1,15 * 1-5", "0 3 * * 0"])
def test_a_cron_expression_is_taken(server: Server, schedule: str) -> None:
    assert server.would_create("orders", backup={"schedule": schedule}).accepted


@pytest.mark.parametrize("schedule", ["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *"])
def test_a_schedule_that_never_comes_is_refused(server: Server, schedule: str) -> None:
    must_refuse(server.would_create("orders", backup={"schedule": schedule}), f"backup.schedule '{schedule}' never comes")


@pytest.mark.parametrize("schedule", ["", "daily", "60 2 * * *", "30 24 * * *", "30 2 * *", "30 2 * * * *", "@daily"])
def test_what_is_no_cron_expression_is_refused_with_what_is_allowed(server: Server, schedule: str) -> None:
    sentence = f"backup.schedule '{schedule}' is no cron expression; allowed: five fields, minute hour day month weekday"
    must_refuse(server.would_create("orders", backup={"schedule": schedule}), sentence)
