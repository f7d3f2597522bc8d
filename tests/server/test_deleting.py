"""What goes and what stays: nothing is deleted before a person knows, and a final backup comes before the deletion."""

import pytest

from moorage.core import names
from tests.server.console import Browser
from tests.server.kubernetes import Kubernetes
from tests.server.objects import Object, backup, claim, say, secret, seen
from tests.server.people import MakePerson, Someone

SERVICE = "/services/{}/orders"
GOOD = {"phase": "Succeeded", "startTime": "2026-11-06T18:00:00Z", "endTime": "2026-11-06T18:01:00Z", "rawBytes": 1000}


@pytest.fixture
def owner(editor: Someone, space: str) -> Browser:
    made = editor.browser.post("/services", {"engine": "mongodb", "name": "orders", "space": space})
    assert made.status_code == 201, made.text
    return editor.browser


def test_the_last_good_backup_is_told_before_a_service_is_deleted(kubernetes: Kubernetes, owner: Browser, space: str) -> None:
    path = f"{SERVICE.format(space)}/deletion"
    assert owner.get(path).json()["lastBackup"] is None
    backup(kubernetes, space, "b1", {**GOOD, "verified": True})
    backup(kubernetes, space, "b2", {**GOOD, "endTime": "2026-11-06T19:01:00Z"})
    backup(kubernetes, space, "b3", {"phase": "Failed", "endTime": "2026-11-06T20:01:00Z"})
    told = seen(
        "b3 in the list",
        lambda: owner.get(path).json() if len(owner.get("/backups", space=space).json()["items"]) == 3 else None,
    )
    assert (told["lastBackup"], told["lastBackupName"], told["isLastBackupVerified"]) == ("2026-11-06T19:01:00Z", "b2", False)
    assert told["isBegun"] is False


def test_a_final_backup_is_good_before_anything_is_deleted(kubernetes: Kubernetes, owner: Browser, space: str) -> None:
    path = SERVICE.format(space)
    first = owner.delete(path, confirm="orders", finalBackup="true")
    assert (first.status_code, first.json()["isBegun"]) == (202, False), first.text
    name = first.json()["finalBackup"]
    assert kubernetes.get("DataBackup", name, space) is not None
    again = owner.delete(path, confirm="orders", after=name)
    assert again.json()["isBegun"] is False
    assert kubernetes.get("DataService", "orders", space) is not None
    say(kubernetes, "DataBackup", space, name, **GOOD)
    seen("the good backup", lambda: owner.get(f"/backups/{space}/{name}").json()["isGood"])
    last = owner.delete(path, confirm="orders", after=name)
    assert (last.json()["isBegun"], last.json()["lastBackupName"]) == (True, name)
    assert kubernetes.get("DataService", "orders", space) is None


def test_a_final_backup_that_fails_leaves_the_service_as_it_is(kubernetes: Kubernetes, owner: Browser, space: str) -> None:
    path = SERVICE.format(space)
    name = owner.delete(path, confirm="orders", finalBackup="true").json()["finalBackup"]
    say(kubernetes, "DataBackup", space, name, phase="Failed", message="the bucket is full")
    seen("the failed backup", lambda: owner.get(f"/backups/{space}/{name}").json()["phase"] == "Failed")
    refused = owner.delete(path, confirm="orders", after=name)
    assert (refused.status_code, refused.json()["code"]) == (409, "final-backup-failed")
    assert "so orders stays: the bucket is full" in refused.json()["detail"]
    assert kubernetes.get("DataService", "orders", space) is not None


def test_a_backup_of_another_service_is_no_final_backup(kubernetes: Kubernetes, owner: Browser, space: str) -> None:
    backup(kubernetes, space, "other", GOOD, "others")
    seen("the backup", lambda: owner.get(f"/backups/{space}/other").status_code == 200)
    assert owner.delete(SERVICE.format(space), confirm="orders", after="other").status_code == 409
    assert kubernetes.get("DataService", "orders", space) is not None


def test_nobody_waits_for_a_final_backup_of_a_protected_service(kubernetes: Kubernetes, owner: Browser, space: str) -> None:
    assert owner.put(f"{SERVICE.format(space)}/protection", {"protected": True}).status_code == 202
    refused = owner.delete(SERVICE.format(space), confirm="orders", finalBackup="true")
    assert refused.json()["code"] == "protected"
    assert kubernetes.list("DataBackup", space) == []


def in_bin(browser: Browser, space: str) -> list[Object]:
    return [r for r in browser.get("/deleted-services").json()["items"] if r["namespace"] == space]


def test_the_recycle_bin_tells_when_it_was_and_what_else_could_be_restored(
    kubernetes: Kubernetes, editor: Someone, space: str
) -> None:
    backup(kubernetes, space, "b1", {**GOOD, "verified": True}, "old")
    claim(kubernetes, space, "old", deleted="2026-11-06T12:00:00Z")
    seen("the deleted service", lambda: in_bin(editor.browser, space))
    seen("its backup", lambda: in_bin(editor.browser, space)[0]["lastBackup"])
    (row,) = in_bin(editor.browser, space)
    assert (row["name"], row["deleted"], row["lastBackupName"], row["isLastBackupVerified"]) == (
        "old",
        "2026-11-06T12:00:00Z",
        "b1",
        True,
    )


def test_what_is_given_up_frees_its_volumes_and_takes_its_passwords_along(
    kubernetes: Kubernetes, editor: Someone, space: str
) -> None:
    first, second = (claim(kubernetes, space, "old", ordinal) for ordinal in (0, 1))
    secret(kubernetes, space, names.internal_secret("old"), password="x")
    secret(kubernetes, space, "others", password="x")
    seen("both volumes", lambda: [len(r["volumes"]) for r in in_bin(editor.browser, space)] == [2])
    path = f"/deleted-services/{space}/old"
    assert editor.browser.delete(path, confirm="ol").json()["code"] == "name-not-typed"
    gone = editor.browser.delete(path, confirm="old")
    assert gone.status_code == 202, gone.text
    for name in (first, second):
        found = kubernetes.get("PersistentVolumeClaim", name, space)
        assert found is None or "deletionTimestamp" in found["metadata"], "its protection ends by a controller that is not here"
    assert kubernetes.get("Secret", names.internal_secret("old"), space) is None
    assert kubernetes.get("Secret", "others", space) is not None
    seen("an empty bin", lambda: in_bin(editor.browser, space) == [])


def test_the_volumes_of_a_service_that_runs_are_not_given_up(kubernetes: Kubernetes, owner: Browser, space: str) -> None:
    name = claim(kubernetes, space, "orders")
    refused = owner.delete(f"/deleted-services/{space}/orders", confirm="orders")
    assert refused.status_code in (404, 409)
    found = kubernetes.get("PersistentVolumeClaim", name, space)
    assert found is not None
    assert "deletionTimestamp" not in found["metadata"]


def test_who_may_only_look_frees_nothing(kubernetes: Kubernetes, someone: MakePerson, editor: Someone, space: str) -> None:
    name = claim(kubernetes, space, "old")
    viewer = someone()
    kubernetes.let(viewer.user, "view", space)
    seen("the deleted service", lambda: in_bin(editor.browser, space))
    refused = viewer.browser.delete(f"/deleted-services/{space}/old", confirm="old")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    found = kubernetes.get("PersistentVolumeClaim", name, space)
    assert found is not None
    assert "deletionTimestamp" not in found["metadata"]
