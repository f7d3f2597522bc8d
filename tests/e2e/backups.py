"""Services, stores and backups of one namespace, as the tests of backups see them."""

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from devcluster import s3
from tests.e2e import objects
from tests.e2e.client import open_client
from tests.e2e.cluster import get, kubectl, moorage, until
from tests.e2e.small import Small

S3_FOLDER = s3.DATA
"""Where the S3 server of the development cluster keeps its buckets, as plain files."""
DONE_WITHIN_SECONDS = 240.0

Documents = MongoClient[dict[str, Any]]


class Backed(Small):
    """The services of one namespace, which has the development cluster's S3 as its store."""

    @contextmanager
    def made(self) -> Iterator[None]:
        with super().made():
            self._forget_earlier_runs()
            for secret in ("s3", "s3-ca", "s3-identity"):
                self.copy("secret", secret)
            self.copy("backupstore", "s3")
            self.store_says("s3", "Ready")
            yield

    def _forget_earlier_runs(self) -> None:
        """What a run that was killed left in the store would be brought back, as backups of the services of this one."""
        for folder in S3_FOLDER.glob(f"{s3.BUCKET}/*/{self.namespace}"):
            shutil.rmtree(folder)

    def copy(self, kind: str, name: str, **changed: Any) -> None:
        """What `make up` made in the namespace default, here."""
        found = get(kind, name)
        meta = {"name": changed.pop("name", name), "namespace": self.namespace}
        kept = {k: v for k, v in found.items() if k in ("apiVersion", "kind", "type", "data", "spec")}
        kubectl("apply", "-f", "-", stdin=json.dumps({**kept, **changed, "metadata": meta}))

    def store_says(self, name: str, phase: str, words: str = "", seconds: float = 30.0) -> str:
        def said() -> str | None:
            status = get("backupstore", name, self.namespace).get("status") or {}
            message = str(status.get("message") or "")
            return message or phase if status.get("phase") == phase and words in message else None

        try:
            return until(f"{name} is {phase} and says '{words}'", said, seconds=seconds, every_seconds=0.5)
        except AssertionError as error:
            raise AssertionError(f"{error}; it says: {get('backupstore', name, self.namespace).get('status')}") from None

    def moorage(self, *arguments: str, check: bool = True) -> Any:
        return moorage(*arguments, "-n", self.namespace, check=check)

    def backup(self, service: str, *arguments: str) -> dict[str, Any]:
        """By hand, waited for; the DataBackup."""
        self.moorage("backup", service, "--wait", *arguments)
        return self.backups(service)[0]

    def backups(self, service: str) -> list[dict[str, Any]]:
        """Newest first."""
        found = objects.all_of("mdb", self.namespace)
        mine = [item for item in found if item["spec"]["service"] == service]
        return sorted(mine, key=_begun, reverse=True)

    def restores(self) -> list[dict[str, Any]]:
        return objects.all_of("mdr", self.namespace)

    def asked(self, kind: str, name: str, spec: dict[str, Any]) -> str:
        """A DataBackup or DataRestore as `kubectl` or GitOps makes it."""
        meta = {"name": name, "namespace": self.namespace}
        kubectl(
            "create", "-f", "-", stdin=json.dumps({"apiVersion": "moorage.dev/v1", "kind": kind, "metadata": meta, "spec": spec})
        )
        return name

    def phase(self, kind: str, name: str, *phases: str, seconds: float = DONE_WITHIN_SECONDS) -> dict[str, Any]:
        """The status, once it is in one of these phases."""

        def there() -> dict[str, Any] | None:
            status: dict[str, Any] = get(kind, name, self.namespace).get("status") or {}
            return status if status.get("phase") in phases else None

        try:
            return until(f"{kind} {name} is {' or '.join(phases)}", there, seconds=seconds, every_seconds=0.5)
        except AssertionError as error:
            raise AssertionError(f"{error}; its status: {get(kind, name, self.namespace).get('status')}") from None

    def connect(self, service: str) -> Documents:
        """As the application does, through the address."""
        return open_client(direct_uri(service, self.namespace))

    def archive(self, backup: dict[str, Any]) -> Path:
        """The archive's file in the S3 server's own folder."""
        (found,) = S3_FOLDER.rglob(f"{backup['status']['backupName']}/archive.zst*")
        return found

    def is_whole(self, backup_name: str) -> bool:
        return self._stored(backup_name) == {"archive", "manifest"}

    def is_gone(self, backup_name: str) -> bool:
        return not self._stored(backup_name)

    def _stored(self, backup_name: str) -> set[str]:
        """What stands of it in the S3 server's own folder."""
        found = [path for path in S3_FOLDER.rglob(f"{backup_name}/*") if path.is_file()]
        return {path.name.partition(".")[0] for path in found}

    def message(self, kind: str, name: str, words: str, *, seconds: float) -> str:
        """What a resource says, once these words are in it."""

        def said() -> str | None:
            found = str((get(kind, name, self.namespace).get("status") or {}).get("message") or "")
            return found if words in found else None

        return until(f"{kind} {name} says '{words}'", said, seconds=seconds, every_seconds=0.5)

    def workers(self, kind: str) -> list[str]:
        """Of a kind, those whose program runs."""
        where = ("-l", "app.kubernetes.io/component=worker", "-n", self.namespace)
        found = json.loads(kubectl("get", "pods", *where, "-o", "json"))["items"]
        running = (pod["metadata"]["name"] for pod in found if pod["status"].get("phase") == "Running")
        return [name for name in running if f"-{kind}-" in name]


def _begun(backup: dict[str, Any]) -> str:
    """One that was found in the store was made long before its resource."""
    return str(backup.get("status", {}).get("startTime") or backup["metadata"]["creationTimestamp"])


def direct_uri(service: str, namespace: str) -> str:
    return base64.b64decode(get("secret", f"{service}-app", namespace)["data"]["direct-uri"]).decode()


def numbers(client: Documents, collection: str = "numbers") -> set[int]:
    return {d["_id"] for d in client["app"][collection].find({}, {"_id": 1})}


def put(client: Documents, documents: range, collection: str = "numbers") -> None:
    client["app"][collection].insert_many([{"_id": n, "text": f"document {n} " * 20} for n in documents])


@contextmanager
def broken(stop: Callable[[], None], start: Callable[[], None]) -> Iterator[None]:
    stop()
    try:
        yield
    finally:
        start()
