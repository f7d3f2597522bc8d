"""A service that comes back as a new one has the passwords that it had, where its backup holds them and the key may be read."""

from typing import Any

import pyrage
import pytest

from tests.server.objects import backup, claim, say, secret, seen, store
from tests.server.people import MakePerson
from tests.server.sealed import NAME, VALUES, Kept, kept, put
from tests.store.gateway import Gateway

__all__ = ["kept"]


def test_a_service_of_a_store_comes_back_with_the_passwords_that_it_had(kept: Kept) -> None:
    begun = kept.ask()
    assert (begun.status_code, begun.json()["service"]) == (202, "ledger"), begun.text
    assert kept.passwords() == VALUES
    found = kept.kubernetes.get("Secret", "ledger-internal", kept.space)
    assert found is not None
    assert found["metadata"]["labels"]["app.kubernetes.io/instance"] == "ledger", "or the operator does not see it"
    assert len(kept.kubernetes.list("DataRestore", kept.space)) == 1
    assert not [value for value in VALUES.values() if value in begun.text]


def test_so_does_a_copy_of_a_backup_that_is_listed_here(kept: Kept, gateway: Gateway) -> None:
    found = kept.kubernetes.get("BackupStore", "main", kept.space)
    assert found is not None
    put(gateway, kept.space, found["spec"]["encryption"]["recipient"])
    told = {"phase": "Succeeded", "store": "main", "backupName": NAME, "engine": "mongodb", "sizeBytes": 1, "encrypted": True}
    backup(kept.kubernetes, kept.space, "by-hand", told, service="ledger")
    seen("the backup", lambda: kept.editor.browser.get(f"/backups/{kept.space}/by-hand").json().get("sizeBytes"))
    begun = kept.ask(store=None, storedBackup=None, backup="by-hand")
    assert begun.status_code == 202, begun.text
    assert kept.passwords() == VALUES


def test_without_being_asked_nobody_reads_a_password(kept: Kept) -> None:
    assert kept.ask(keepPasswords=False).status_code == 202
    assert kept.passwords() == {}


def test_another_key_opens_nothing_and_nothing_is_begun(kept: Kept) -> None:
    other = pyrage.x25519.Identity.generate()
    kept.kubernetes.merge("Secret", "key-of-age", kept.space, {"stringData": {"identity": str(other)}})
    kept.refused(kept.ask(), f"the store's identity is that of {other.to_public()}")


def test_a_backup_without_passwords_says_so(kept: Kept, gateway: Gateway) -> None:
    put(gateway, "bank", None)
    kept.refused(kept.ask(), f"{NAME} holds no passwords: only a store that encrypts keeps them, sealed")


def test_of_a_store_that_cannot_have_them_the_reason_is_said(kept: Kept) -> None:
    kept.kubernetes.merge("BackupStore", "main", kept.space, {"spec": {"encryption": None}})
    stores = kept.editor.browser
    seen("the change", lambda: [s["isEncrypted"] for s in stores.get("/stores", space=kept.space).json()["items"]] == [False])
    kept.refused(kept.ask(), "store main does not encrypt, so no password is in its backups")
    kept.kubernetes.delete("BackupStore", "main", kept.space)
    store(kept.kubernetes, kept.space, fileSystem={"claim": "shared"})
    known = {"engine": "mongodb", "namespace": "bank", "name": "ledger", "backups": 1, "newest": NAME}
    say(kept.kubernetes, "BackupStore", kept.space, "main", phase="Ready", services=[known])
    seen(
        "the other",
        lambda: [s["kind"] for s in stores.get("/stores", space=kept.space).json()["items"] if s["services"]] == ["FileSystem"],
    )
    kept.refused(kept.ask(), "store main is a shared file system, which the console does not read")


def test_passwords_of_an_earlier_service_of_the_name_are_left_alone(kept: Kept) -> None:
    secret(kept.kubernetes, kept.space, "ledger-internal", **{"app-password": "of-another"})
    kept.refused(kept.ask(), "there is a Secret 'ledger-internal' already")
    assert kept.passwords() == {"app-password": "of-another"}


def test_who_may_not_read_the_stores_key_or_not_restore_gets_nothing(kept: Kept, someone: MakePerson) -> None:
    viewer = someone()
    kept.kubernetes.let(viewer.user, "view", kept.space)
    seen("right to look", lambda: viewer.browser.get("/stores", space=kept.space).json()["items"])
    answer = kept.ask(viewer)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    kept.refused(answer, "datarestores", 403)


def test_a_backup_that_the_store_does_not_name_is_not_guessed(kept: Kept) -> None:
    kept.refused(kept.ask(storedBackup="mongodb-bank-ledger-20200101000000"), "its passwords cannot be found")


@pytest.mark.parametrize(
    "wish",
    [{"to": None, "inPlace": True}, {"store": None, "storedBackup": None, "at": "2026-11-06T18:00:00Z", "service": "ledger"}],
)
def test_in_place_and_of_a_moment_there_is_nothing_to_choose(kept: Kept, wish: dict[str, Any]) -> None:
    kept.refused(kept.ask(**wish), "keepPasswords goes with a backup that becomes a new service", 422)


def test_the_new_name_of_a_service_in_the_recycle_bin_keeps_that_ones_passwords(kept: Kept) -> None:
    """The operator refuses such a name while its volumes are kept; here nothing of it is overwritten."""
    claim(kept.kubernetes, kept.space, "ledger")
    secret(kept.kubernetes, kept.space, "ledger-internal", **{"app-password": "of-the-deleted-one"})
    kept.refused(kept.ask(), "there is a Secret 'ledger-internal' already")
