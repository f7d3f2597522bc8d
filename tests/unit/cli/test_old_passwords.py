"""An adopted service may have the passwords that it had: who gives the private key brings them back."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyrage
import pytest

from moorage.backup import age
from moorage.backup.passwords import secret_with, unsealed
from moorage.cli.adoptable import Adoptable
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.old_passwords import opened
from moorage.operator.manifests import INTERNAL
from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import store
from tests.unit.cli.test_restores import KNOWN
from tests.unit.worker.test_publish import MADE

VALUES = {"keyfile": "k", "app-password": "old", "admin-password": "older"}
CARTS = Adoptable("mongodb", "shop", "carts", 1, "mongodb-shop-carts-1", None, None, None, "free", "carts-2")


def sealed(values: Any) -> tuple[Any, str]:
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    return replace(MADE, recipient=recipient, secrets=age.seal(json.dumps(values).encode(), recipient)), str(identity)


def test_what_was_sealed_comes_back_as_the_secret_that_the_operator_looks_for() -> None:
    made, identity = sealed(VALUES | {"more": "x"})
    assert unsealed(made, f"# a comment\n{identity}\n") == VALUES
    secret = secret_with(VALUES, "shop", CARTS.becomes, CARTS.engine)
    assert set(secret["stringData"]) == set(INTERNAL)
    assert secret["metadata"]["name"] == "carts-2-internal"
    assert secret["metadata"]["labels"]["app.kubernetes.io/part-of"] == "moorage", "or the operator does not see it"


def test_another_key_opens_nothing_and_both_are_named() -> None:
    made, _ = sealed(VALUES)
    other = pyrage.x25519.Identity.generate()
    with pytest.raises(CliError, match=str(other.to_public())):
        opened(made, str(other))


def test_a_backup_that_is_not_encrypted_holds_none() -> None:
    with pytest.raises(CliError, match="holds no passwords: only a store that encrypts keeps them, sealed") as raised:
        opened(MADE, "AGE-SECRET-KEY-1X")
    assert raised.value.code is ExitCode.CONFLICT


def test_a_key_that_cannot_be_read_asks_for_nothing(moorage: Moorage, tmp_path: Path) -> None:
    keys = {
        "kind": "Secret",
        "metadata": {"name": "s3-keys", "namespace": "shop"},
        "data": {"accessKeyId": "YQ==", "secretAccessKey": "YQ=="},
    }
    ran = moorage("adopt", "s3", "carts", "--identity", str(tmp_path / "nix"), having=[store(status=KNOWN), keys])
    assert (ran.code, ran.client.specs("DataRestore")) == (ExitCode.USAGE, {})
    assert "cannot be read" in ran.err


def test_passwords_of_an_earlier_service_of_the_name_are_not_overwritten(moorage: Moorage, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("AGE-SECRET-KEY-1X")
    there = {"kind": "Secret", "metadata": {"name": "carts-internal", "namespace": "shop"}, "data": {}}
    ran = moorage("adopt", "s3", "carts", "--identity", str(tmp_path / "key"), having=[store(status=KNOWN), there])
    assert (ran.code, ran.client.specs("DataRestore")) == (ExitCode.CONFLICT, {})


def test_without_the_key_new_passwords_are_drawn_and_that_is_said(moorage: Moorage) -> None:
    ran = moorage("adopt", "s3", "carts", having=[store(status=KNOWN)])
    assert "app and admin of carts get new passwords; applications take them from the Secret carts-app" in ran.err
