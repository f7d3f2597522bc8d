"""A backup's archive reaches a person as it lies in the store, or not at all."""

import hashlib

import httpx2
import pytest

from moorage.backup.manifest import Manifest
from tests.server.console import Browser
from tests.server.kubernetes import Kubernetes
from tests.server.objects import backup, secret, seen, store
from tests.server.people import MakePerson, Someone
from tests.store.gateway import BUCKET, KEY, SECRET, Gateway

BODY = bytes(range(256)) * 40_000
NAME = "mongodb-shop-orders-20261106183005"


@pytest.fixture
def kept(kubernetes: Kubernetes, gateway: Gateway, editor: Someone, space: str) -> str:
    """A backup in a store; its folder there."""
    folder = f"mongodb/{space}/orders/{NAME}"
    put(gateway, space, BODY)
    s3 = {"endpoint": gateway.endpoint, "bucket": BUCKET, "prefix": "production", "credentialsSecret": "keys"}
    store(kubernetes, space, s3=s3)
    secret(kubernetes, space, "keys", accessKeyId=KEY, secretAccessKey=SECRET)
    in_store = {"phase": "Succeeded", "store": "main", "backupName": NAME, "engine": "mongodb", "sizeBytes": len(BODY)}
    backup(kubernetes, space, NAME, in_store)
    seen("the backup", lambda: editor.browser.get(f"/backups/{space}/{NAME}").json().get("sizeBytes"))
    seen("the store", lambda: editor.browser.get("/stores", space=space).json()["items"])
    return folder


def put(gateway: Gateway, space: str, body: bytes) -> None:
    folder = f"mongodb/{space}/orders/{NAME}"
    manifest = Manifest(
        backup_name=NAME,
        engine="mongodb",
        version="6.0.5",
        namespace=space,
        service="orders",
        start_time="2026-11-06T18:30:05Z",
        end_time="2026-11-06T18:31:05Z",
        consistent_time="2026-11-06T18:31:05Z",
        raw_bytes=1,
        size_bytes=len(BODY),
        sha256=hashlib.sha256(BODY).hexdigest(),
        archive="archive.zst",
    )
    objects = gateway.store()
    objects.put(f"{folder}/archive.zst", body)
    objects.put(f"{folder}/manifest.json", manifest.to_json())
    objects.close()


def archive(browser: Browser, space: str) -> httpx2.Response:
    return browser.get(f"/backups/{space}/{NAME}/archive")


def test_what_arrives_is_what_was_put_there(kept: str, editor: Someone, admin: Browser, space: str) -> None:
    answer = archive(editor.browser, space)
    assert answer.status_code == 200, answer.text
    assert answer.content == BODY
    assert answer.headers["content-disposition"] == f'attachment; filename="{NAME}.archive.zst"'
    assert (answer.headers["x-sha256"], kept) == (hashlib.sha256(BODY).hexdigest(), f"mongodb/{space}/orders/{NAME}")
    entries = [e for e in admin.get("/audit").json()["items"] if (e["action"], e["space"]) == ("downloadBackup", space)]
    assert [(e["who"], e["object"]) for e in entries] == [(editor.user, f"backup/{NAME}")]


@pytest.mark.usefixtures("kept")
def test_an_archive_that_was_changed_in_the_store_never_arrives_whole(gateway: Gateway, editor: Someone, space: str) -> None:
    put(gateway, space, b"X" + BODY[1:])
    with pytest.raises(httpx2.RemoteProtocolError):
        archive(editor.browser, space)


@pytest.mark.usefixtures("kept")
def test_who_may_not_read_the_stores_keys_gets_no_archive(kubernetes: Kubernetes, someone: MakePerson, space: str) -> None:
    viewer = someone()
    kubernetes.let(viewer.user, "view", space)
    refused = archive(viewer.browser, space)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert SECRET not in refused.text


@pytest.mark.usefixtures("kept")
def test_what_the_store_refuses_is_said(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    kubernetes.merge("Secret", "keys", space, {"stringData": {"secretAccessKey": "wrong"}})
    refused = archive(editor.browser, space)
    assert (refused.status_code, refused.json()["code"]) == (409, "store-refuses")
    assert "secretAccessKey" in refused.json()["detail"]


def test_of_a_shared_file_system_the_folder_to_copy_is_said(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    store(kubernetes, space, fileSystem={"claim": "shared", "path": "moorage"})
    in_store = {"phase": "Succeeded", "store": "main", "backupName": NAME, "engine": "mongodb", "sizeBytes": len(BODY)}
    backup(kubernetes, space, NAME, in_store)
    seen("the backup", lambda: editor.browser.get(f"/backups/{space}/{NAME}").json().get("sizeBytes"))
    seen("the store", lambda: editor.browser.get("/stores", space=space).json()["items"])
    refused = archive(editor.browser, space)
    assert (refused.status_code, refused.json()["code"]) == (409, "copy-by-hand")
    assert f"moorage/mongodb/{space}/orders/{NAME}/" in refused.json()["detail"]


def test_a_backup_that_is_not_in_a_store_cannot_be_downloaded(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    backup(kubernetes, space, NAME, {"phase": "Failed", "message": "the bucket is full"})
    seen("the backup", lambda: editor.browser.get(f"/backups/{space}/{NAME}").json().get("phase") == "Failed")
    refused = archive(editor.browser, space)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "the bucket is full" in refused.json()["detail"]
