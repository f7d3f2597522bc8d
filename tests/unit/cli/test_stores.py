"""Making stores known and forgetting them."""

from pathlib import Path

import pytest

from moorage.cli.errors import ExitCode
from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import service, store

S3 = ("store", "add", "s3", "kodo", "--endpoint", "https://s3.example.com", "--bucket", "backups", "--no-wait")
RECIPIENT = "age1" + "q" * 58


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, moorage: Moorage) -> None:
    """After `moorage`, which takes them away."""
    del moorage
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "geheim")


@pytest.mark.usefixtures("keys")
def test_the_key_pair_goes_from_the_environment_into_a_secret_and_nowhere_else(moorage: Moorage, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("-----BEGIN CERTIFICATE-----\n")
    ran = moorage(*S3, "--ca-file", str(authority), "--default")
    place = {
        "endpoint": "https://s3.example.com",
        "bucket": "backups",
        "credentialsSecret": "moorage-store-kodo",
        "caSecret": "moorage-store-kodo-ca",
    }
    assert ran.client.specs("BackupStore") == {"kodo": {"s3": place, "default": True}}
    secrets = {name: o["stringData"] for (kind, _, name), o in ran.client.objects.items() if kind == "Secret"}
    assert secrets == {
        "moorage-store-kodo": {"accessKeyId": "AKIA", "secretAccessKey": "geheim"},
        "moorage-store-kodo-ca": {"ca.crt": "-----BEGIN CERTIFICATE-----\n"},
    }
    assert "geheim" not in ran.out + ran.err


def test_without_keys_and_without_a_terminal_nothing_is_asked(moorage: Moorage) -> None:
    ran = moorage(*S3)
    assert ran.code == ExitCode.USAGE
    assert "AWS_ACCESS_KEY_ID" in ran.err
    assert ran.client.objects == {}


@pytest.mark.usefixtures("keys")
def test_a_store_that_exists_keeps_its_secret(moorage: Moorage) -> None:
    ran = moorage(*S3, having=[store("kodo")])
    assert ran.code == ExitCode.CONFLICT
    assert [kind for kind, _, _ in ran.client.objects] == ["BackupStore"]


def test_a_private_key_is_no_authority(moorage: Moorage, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n")
    ran = moorage(*S3, "--credentials-secret", "mine", "--ca-file", str(authority))
    assert (ran.code, ran.client.objects) == (ExitCode.USAGE, {})


def test_encryption_needs_the_way_back_too(moorage: Moorage) -> None:
    ran = moorage(*S3, "--credentials-secret", "mine", "--age-recipient", RECIPIENT)
    assert (ran.code, ran.client.objects) == (ExitCode.USAGE, {})
    ran = moorage(*S3, "--credentials-secret", "mine", "--age-recipient", RECIPIENT, "--identity-secret", "age")
    assert ran.client.specs("BackupStore")["kodo"]["encryption"] == {"recipient": RECIPIENT, "identitySecret": "age"}


def test_adding_waits_until_the_store_was_checked_and_says_what_to_fix(moorage: Moorage) -> None:
    line = ("store", "add", "file-system", "nfs", "--claim", "shared", "--path", "moorage")
    wrong = {"phase": "NotReady", "message": "the claim 'shared' does not exist", "observedGeneration": 1}
    ran = moorage(*line, said={"BackupStore": [{}, wrong]})
    assert ran.client.specs("BackupStore") == {"nfs": {"fileSystem": {"claim": "shared", "path": "moorage"}}}
    assert ran.code == ExitCode.ERROR
    assert "nfs was added, but cannot be used: the claim 'shared' does not exist" in ran.err
    good = moorage(*line, said={"BackupStore": [{"phase": "Ready", "observedGeneration": 1}]})
    assert (good.code, good.out) == (ExitCode.OK, "shop/nfs is ready\n")


def test_the_list_says_where_a_store_is_and_what_is_wrong_with_it(moorage: Moorage) -> None:
    wrong = {"phase": "NotReady", "message": "the key is wrong", "checked": "2026-11-06T18:30:00Z"}
    text = moorage("stores", having=[store(status=wrong)]).out
    assert "https://s3.example.com/backups" in text
    assert "NotReady" in text
    assert "the key is wrong" in text


def test_removing_says_that_the_backups_stay(moorage: Moorage) -> None:
    having = [store(), service(backup={"store": "s3"})]
    assert moorage("store", "remove", "s3", having=having).code == ExitCode.USAGE
    ran = moorage("store", "remove", "s3", "--yes", "s3", having=having)
    assert ran.out == "shop/s3 is removed; the backups stay in https://s3.example.com/backups\n"
    assert ran.client.specs("BackupStore") == {}
