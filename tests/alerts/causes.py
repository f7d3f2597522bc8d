"""Alerts besides red, and what really causes each of them: begun side by side, since most have to hold for minutes first."""

import base64
import contextlib
import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from moorage import certificates
from moorage.core.certificates import LIFE
from moorage.core.names import authority_secret, certificate_secret
from moorage.engines.mongodb.connections import system_login
from tests.chaos.faults.memory import limit_of, squeeze
from tests.chaos.mysqluri import TROUBLE, where
from tests.chaos.processes import freeze, thaw
from tests.e2e.backups import Backed, direct_uri
from tests.e2e.client import open_client
from tests.e2e.cluster import engine_pid, get, kill_engine, kubectl, pod_of, until

CAUSED = Backed("caused")
NARROW = "caused-narrow"
"""A namespace with a quota that allows no Pod."""
LATE, STILL, TURNS, BRIM, UNSAVED, OLD, CONNS, SQUEEZED = "late", "still", "turns", "brim", "unsaved", "old", "conns", "squeezed"
STUCK = "stuck"
CONNECTIONS_MAX = 40
ELECTIONS, APART_SECONDS = 4, 40.0
START_WITHIN_MINUTES = 10
"""The least that a schedule may have: a run that cannot begin has failed by then."""
UNKEPT: dict[str, Any] = {"enabled": False, "pointInTime": False}
SPECS: dict[str, dict[str, Any]] = {
    LATE: {"members": 3, "backup": UNKEPT},
    STILL: {"members": 3, "backup": UNKEPT},
    TURNS: {"members": 3, "backup": UNKEPT, "resources": {"cpu": "250m", "memory": "512Mi"}},
    BRIM: {"storage": {"size": "1Gi", "className": "limited"}, "backup": UNKEPT, "resources": {"cpu": "400m", "memory": "512Mi"}},
    UNSAVED: {
        "backup": {
            "store": "gone", "schedule": "* * * * *", "spreadMinutes": 0, "startWithinMinutes": START_WITHIN_MINUTES,
            "pointInTime": False,
        },
    },
    OLD: {},
    SQUEEZED: {"backup": UNKEPT},
    CONNS: {
        "engine": "mysql", "parameters": {"max_connections": str(CONNECTIONS_MAX)}, "storage": {"size": "2Gi"},
        "resources": {"cpu": "250m", "memory": "1Gi"}, "backup": UNKEPT,
    },
}  # fmt: skip
"""By name. What is not said is that of a small service of one MongoDB."""
SMALL_CPU = {"cpu": "150m", "memory": "512Mi"}


def apply(name: str, **more: Any) -> None:
    CAUSED.apply(name, **{"resources": SMALL_CPU, **SPECS[name], **more})


def secret(name: str) -> dict[str, str]:
    found = get("secret", name, CAUSED.namespace)["data"]
    return {key: base64.b64decode(text).decode() for key, text in found.items()}


class Standing:
    """What stands until somebody takes it back."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.undo: list[Callable[[], object]] = []

    def end(self) -> None:
        self.stop.set()
        for undo in reversed(self.undo):
            with contextlib.suppress(AssertionError, PyMongoError, *TROUBLE):  # the others are taken back all the same
                undo()
        self.undo.clear()


def deploy() -> None:
    """All services, none of which is waited for."""
    kubectl("create", "quota", "none", "--hard=pods=0", "-n", NARROW)
    until("the quota counts", lambda: get("resourcequota", "none", NARROW).get("status", {}).get("used"), seconds=30)
    spec = {"engine": "mongodb", "members": 1, "onDelete": "Delete", "storage": {"size": "1Gi"}, "resources": SMALL_CPU}
    manifest = {"apiVersion": "moorage.dev/v1", "kind": "DataService", "metadata": {"name": STUCK, "namespace": NARROW}}
    kubectl("apply", "-f", "-", stdin=json.dumps({**manifest, "spec": {**spec, "backup": UNKEPT}}))
    for name in SPECS:
        apply(name)


def no_store() -> None:
    """A store whose server is not there, before any service uses it."""
    spec = get("backupstore", "s3", CAUSED.namespace)["spec"]
    gone = {**spec, "default": False, "s3": {**spec["s3"], "endpoint": "https://10.89.0.1:9"}}
    meta = {"name": "gone", "namespace": CAUSED.namespace}
    kubectl(
        "apply",
        "-f",
        "-",
        stdin=json.dumps({"apiVersion": "moorage.dev/v1", "kind": "BackupStore", "metadata": meta, "spec": gone}),
    )


def secondary(service: str) -> str:
    """The Pod of one, of three members: the second, unless somebody had it elected."""
    return f"{service}-g1-{1 if CAUSED.status(service)['primary'] != 'datanode1' else 2}"


def lag(standing: Standing) -> None:
    """A secondary that may not write, while the primary is written to."""
    host = get("pod", secondary(LATE), CAUSED.namespace)["status"]["podIP"]
    login = system_login(secret(f"{LATE}-internal")["keyfile"].strip())
    client: MongoClient[dict[str, Any]] = MongoClient(host, directConnection=True, serverSelectionTimeoutMS=5000, **login)
    client.admin.command({"fsync": 1, "lock": True})
    standing.undo += [client.close, lambda: client.admin.command({"fsyncUnlock": 1})]

    def write() -> None:
        with open_client(direct_uri(LATE, CAUSED.namespace)) as writer:
            while not standing.stop.wait(1.0):
                with contextlib.suppress(PyMongoError):
                    writer.get_database("app").lag.insert_one({"at": datetime.now(UTC)})

    threading.Thread(target=write, daemon=True).start()


def elect(standing: Standing) -> None:
    """The primary's engine is killed, and that of whoever follows it, until there were four; as far apart as Prometheus looks."""

    def kill() -> None:
        for _ in range(ELECTIONS):
            primary = str(CAUSED.status(TURNS)["primary"])
            kill_engine(pod_of(TURNS, primary), CAUSED.namespace)
            until("another one leads", partial(_leads_another, primary))
            CAUSED.green(TURNS, 3)
            if standing.stop.wait(APART_SECONDS):
                return

    threading.Thread(target=kill, daemon=True).start()


def _leads_another(before: str) -> bool:
    return CAUSED.status(TURNS).get("primary") not in (None, "", before)


def stand_still(standing: Standing) -> None:
    """A secondary's engine."""
    pid = engine_pid(secondary(STILL), CAUSED.namespace)
    freeze(pid)
    standing.undo.append(lambda: thaw(pid))


def fill(standing: Standing) -> None:
    """An application writes until it is refused."""
    standing.undo.append(lambda: apply(BRIM, storage={"size": "2Gi", "className": "limited"}))
    with open_client(direct_uri(BRIM, CAUSED.namespace)) as client:
        try:
            while not standing.stop.is_set():
                client.get_database("shop").blobs.insert_many([{"blob": os.urandom(100_000)} for _ in range(20)])
        except OperationFailure as error:
            assert "User writes blocked" in str(error), error  # noqa: PT017 - by which it ends is what is asked


def connect(standing: Standing) -> None:
    """An application that opens connections and keeps them, until nobody else gets one."""
    place = where(secret(f"{CONNS}-app")["uri"])
    with contextlib.suppress(*TROUBLE):
        for _ in range(CONNECTIONS_MAX):
            standing.undo.append(place.connect().close)


def age(standing: Standing) -> None:
    """Somebody wrote something else over the authority, and the certificate ends in two days."""
    kept, now = secret(authority_secret(OLD)), secret(certificate_secret(OLD))
    read = certificates.read(now, kept)
    assert read is not None
    drawn = datetime.now(UTC) - LIFE + timedelta(days=2)
    old = certificates.draw_certificate(kept, OLD, CAUSED.namespace, read.hosts, drawn)
    patch(authority_secret(OLD), {"ca.key": "of no use"})
    patch(certificate_secret(OLD), old)
    standing.undo.append(lambda: patch(authority_secret(OLD), kept))


def patch(name: str, values: dict[str, str]) -> None:
    kubectl("patch", "secret", name, "-n", CAUSED.namespace, "-p", json.dumps({"stringData": values}))


def restore(standing: Standing) -> None:
    """From an archive that was damaged where it lies."""
    del standing
    backup = CAUSED.backup(OLD, "--no-rehearse")
    archive = CAUSED.archive(backup)
    with archive.open("r+b") as file:
        file.seek(archive.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    name = backup["metadata"]["name"]
    CAUSED.moorage("restore", name, "--in-place", "--yes", OLD, "--no-safety-backup", "--wait", check=False)


def run_out_of_memory(standing: Standing) -> None:
    """The container has less memory than its engine uses, until the kernel has ended that."""
    del standing
    pid = engine_pid(f"{SQUEEZED}-g1-0", CAUSED.namespace)
    limit = limit_of(pid)
    try:
        squeeze(pid, limit.group)
    finally:
        limit.restore()


def began(standing: Standing) -> None:
    """By what was wrong when the services were deployed, or by the cause of another alert of the same service."""


def put_right() -> None:
    """What was wrong from the start: the quota, and where the store is."""
    kubectl("delete", "quota", "none", "-n", NARROW)
    endpoint = get("backupstore", "s3", CAUSED.namespace)["spec"]["s3"]["endpoint"]
    kubectl(
        "patch", "backupstore", "gone", "-n", CAUSED.namespace, "--type=merge", "-p",
        json.dumps({"spec": {"s3": {"endpoint": endpoint}}}),
    )  # fmt: skip


def remove(name: str, namespace: str) -> None:
    kubectl("delete", "mds", name, "-n", namespace, "--ignore-not-found", "--wait=false")
