"""A real S3 store that encrypts, and in it a backup of bank/ledger with the passwords of then."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import httpx2
import pyrage
import pytest

from moorage.backup import age
from moorage.backup.manifest import Manifest
from tests.server.kubernetes import Kubernetes
from tests.server.objects import say, secret, seen, store
from tests.server.people import Someone
from tests.store.gateway import BUCKET, KEY, SECRET, Gateway

NAME = "mongodb-bank-ledger-20261106183005"
VALUES = {"keyfile": "a2V5", "app-password": "old-of-app", "admin-password": "old-of-admin"}


@dataclass(frozen=True)
class Kept:
    """A store that knows bank/ledger, and who asks for it."""

    kubernetes: Kubernetes
    space: str
    editor: Someone

    def ask(self, person: Someone | None = None, **wish: Any) -> httpx2.Response:
        body = {"store": "main", "storedBackup": NAME, "to": "ledger", "keepPasswords": True, **wish}
        return (person or self.editor).browser.post(f"/spaces/{self.space}/restores", body)

    def passwords(self) -> dict[str, str]:
        found = self.kubernetes.get("Secret", "ledger-internal", self.space)
        return {key: base64.b64decode(value).decode() for key, value in ((found or {}).get("data") or {}).items()}

    def refused(self, answer: httpx2.Response, sentence: str, status: int = 409) -> None:
        assert answer.status_code == status, answer.text
        assert sentence in answer.json()["detail"]
        assert self.kubernetes.list("DataRestore", self.space) == [], "nothing was begun"
        assert not set(VALUES.values()) & set(self.passwords().values())
        assert not [value for value in VALUES.values() if value in answer.text]


@pytest.fixture
def kept(kubernetes: Kubernetes, gateway: Gateway, editor: Someone, space: str) -> Kept:
    """The store encrypts, and its Secret has the right key."""
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    put(gateway, "bank", recipient)
    secret(kubernetes, space, "keys", accessKeyId=KEY, secretAccessKey=SECRET)
    secret(kubernetes, space, "key-of-age", identity=f"# a comment\n{identity}\n")
    s3 = {"endpoint": gateway.endpoint, "bucket": BUCKET, "prefix": "production", "credentialsSecret": "keys"}
    store(kubernetes, space, s3=s3, encryption={"recipient": recipient, "identitySecret": "key-of-age"})
    known = {"engine": "mongodb", "namespace": "bank", "name": "ledger", "backups": 1, "newest": NAME}
    say(kubernetes, "BackupStore", space, "main", phase="Ready", services=[known])
    seen("the store", lambda: [s["services"] for s in editor.browser.get("/stores", space=space).json()["items"]] != [[]])
    return Kept(kubernetes, space, editor)


def put(gateway: Gateway, space: str, recipient: str | None) -> None:
    sealed = age.seal(json.dumps(VALUES | {"more": "x"}).encode(), recipient) if recipient else None
    made = Manifest(
        backup_name=NAME,
        engine="mongodb",
        version="6.0.5",
        namespace=space,
        service="ledger",
        start_time="2026-11-06T18:30:05Z",
        end_time="2026-11-06T18:31:05Z",
        consistent_time="2026-11-06T18:31:05Z",
        raw_bytes=1,
        size_bytes=1,
        sha256="0" * 64,
        archive="archive.zst.age" if recipient else "archive.zst",
        recipient=recipient,
        secrets=sealed,
    )
    objects = gateway.store()
    objects.put(f"{made.folder}/manifest.json", made.to_json())
    objects.close()
