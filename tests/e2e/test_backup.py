"""Backups nobody has to think about: taken, verified, restored beside and in place, and taken back. On a real S3."""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from devcluster import faults, s3
from tests.e2e.backups import Backed, broken, direct_uri, numbers, put
from tests.e2e.cluster import exists, get, kill_engine, kubectl, operator_pods, until

NAMESPACE = "backups"
BACKED = Backed(NAMESPACE)

pytestmark = pytest.mark.usefixtures("namespace")


@pytest.fixture(scope="module")
def namespace() -> Iterator[None]:
    with BACKED.made():
        yield


@pytest.fixture(scope="module")
def books(namespace: None) -> Iterator[str]:
    """A service with documents, an index and a user of its own."""
    del namespace
    with BACKED.deployed("books", backup={"keepDays": 3}) as name:
        BACKED.green(name)
        with BACKED.connect(name) as client:
            put(client, range(2000))
            client["app"]["numbers"].create_index("text")
        yield name


def test_a_backup_by_hand_is_verified_and_brought_back_beside_the_service(books: str) -> None:
    backup = BACKED.backup(books)
    status = backup["status"]
    assert status["phase"] == "Succeeded"
    assert status["verified"] is True
    assert 0 < status["sizeBytes"] < status["rawBytes"]
    assert status["backupName"].startswith(f"mongodb-{NAMESPACE}-{books}-")
    said = until("the service says so, too", lambda: _ended(books), seconds=30)
    assert (said["phase"], said["name"], said["reservedDays"]) == ("Succeeded", status["backupName"], 3)
    try:
        BACKED.moorage("restore", backup["metadata"]["name"], "--to", "copy", "--wait")
        BACKED.green("copy")
        with BACKED.connect("copy") as client:
            assert numbers(client) == set(range(2000))
            assert "text_1" in client["app"]["numbers"].index_information()
        assert BACKED.status(books)["healthCluster"] == "green"
    finally:
        kubectl("delete", "mds", "copy", "-n", NAMESPACE, "--ignore-not-found", "--timeout=120s")


def _ended(name: str) -> dict[str, Any] | None:
    """What the service says of its backup, which its operator writes down after the backup itself."""
    said: dict[str, Any] = BACKED.status(name)["backup"]
    return said if said["phase"] != "Verifying" else None


def test_a_restore_in_place_changes_the_data_and_not_the_address_and_can_be_taken_back(books: str) -> None:
    backup = BACKED.backup(books, "--no-rehearse")
    host = BACKED.status(books)["endpoints"]["host"]
    with BACKED.connect(books) as client:
        before = numbers(client)
        put(client, range(50_000, 50_100))
    BACKED.moorage("restore", backup["metadata"]["name"], "--in-place", "--yes", books, "--wait")
    BACKED.green(books)
    assert BACKED.status(books)["endpoints"]["host"] == host
    with BACKED.connect(books) as client:
        assert numbers(client) == before
    safety = [b for b in BACKED.backups(books) if b["spec"].get("trigger") == "Safety"]
    assert [b["status"]["phase"] for b in safety] == ["Succeeded"]
    assert BACKED.status(books)["restore"]["undoUntil"] > datetime.now(UTC).isoformat()
    BACKED.moorage("restore", "undo", books, "--yes", books, "--wait")
    BACKED.green(books)
    with BACKED.connect(books) as client:
        assert numbers(client) == before | set(range(50_000, 50_100))


def test_any_moment_can_be_had_back_and_one_that_cannot_is_refused_with_the_nearest(books: str) -> None:
    BACKED.backup(books, "--no-rehearse")
    with BACKED.connect(books) as client:
        put(client, range(100), "moments")
        time.sleep(1.1)  # the moment is given in whole seconds: what is before and what is after must not share one
        moment = datetime.now(UTC)
        time.sleep(1.1)
        client["app"]["moments"].delete_many({})
    text = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    until("the moment is in the archive", lambda: _window_end(books) >= text, seconds=90, every_seconds=1)
    try:
        BACKED.moorage("restore", "--service", books, "--at", text, "--to", "past", "--wait")
        with BACKED.connect("past") as client:
            assert numbers(client, "moments") == set(range(100))
    finally:
        kubectl("delete", "mds", "past", "-n", NAMESPACE, "--ignore-not-found", "--timeout=120s")
    refused = BACKED.moorage(
        "restore", "--service", books, "--at", "2020-01-01T00:00:00Z", "--to", "never", "--wait", check=False
    )
    assert refused.returncode != 0
    assert "the earliest moment of books that can is" in refused.stderr
    assert not exists("mds", "never", NAMESPACE)


def _window_end(service: str) -> str:
    return str((BACKED.status(service).get("window") or {}).get("end") or "")


def test_a_schedule_takes_a_backup_at_its_time(books: str) -> None:
    taken = len(BACKED.backups(books))
    patch = {"spec": {"backup": {"schedule": "* * * * *", "spreadMinutes": 0, "rehearsal": "Never"}}}
    kubectl("patch", "mds", books, "-n", NAMESPACE, "--type=merge", "-p", json.dumps(patch))
    try:
        until("a backup by schedule is made", lambda: len(BACKED.backups(books)) > taken, seconds=90, every_seconds=1)
    finally:
        patch = {"spec": {"backup": {"schedule": "30 2 * * *", "spreadMinutes": 10, "rehearsal": "FirstOfWeek"}}}
        kubectl("patch", "mds", books, "-n", NAMESPACE, "--type=merge", "-p", json.dumps(patch))
    backup = BACKED.backups(books)[0]
    assert backup["spec"]["trigger"] == "Schedule"
    BACKED.phase("mdb", backup["metadata"]["name"], "Succeeded")


def test_a_backup_is_restored_without_moorage_by_stock_tools(books: str, tmp_path: Path) -> None:
    backup = BACKED.backup(books, "--no-rehearse")
    BACKED.moorage("backup", "download", backup["metadata"]["name"], str(tmp_path / "archive.zst.age"))
    identity = tmp_path / "identity.txt"
    identity.write_text(_secret("s3-identity", "identity"))
    with BACKED.deployed("empty"):
        BACKED.green("empty")
        config = tmp_path / "config.yaml"
        config.write_text(f'uri: "{direct_uri("empty", NAMESPACE).replace("/app?", "/?")}"\n')
        restore = [tool("mongorestore"), f"--config={config}", "--archive", "--nsInclude=app.*", "--quiet"]
        with (tmp_path / "archive.zst.age").open("rb") as archive:
            age = subprocess.Popen(["age", "-d", "-i", identity], stdin=archive, stdout=subprocess.PIPE)
            zstd = subprocess.Popen(["zstd", "-d"], stdin=age.stdout, stdout=subprocess.PIPE)
            subprocess.run(restore, stdin=zstd.stdout, check=True, timeout=120)
        assert (age.wait(), zstd.wait()) == (0, 0)
        with BACKED.connect("empty") as client, BACKED.connect(books) as original:
            assert numbers(client) == numbers(original)


def tool(name: str) -> str:
    found = shutil.which(name) or next(Path("~/.cache/moorage/bin").expanduser().glob(f"{name}-*/{name}"), None)
    assert found is not None, f"{name} is not there: `make up` builds it"
    return str(found)


def _secret(name: str, key: str, namespace: str = NAMESPACE) -> str:
    return base64.b64decode(get("secret", name, namespace)["data"][key]).decode()


def test_a_broken_archive_is_not_restored_and_what_runs_is_untouched(books: str) -> None:
    backup = BACKED.backup(books, "--no-rehearse")
    name, archive = backup["metadata"]["name"], BACKED.archive(backup)
    with archive.open("r+b") as file:
        file.seek(archive.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    generation = BACKED.status(books)["generation"]
    refused = BACKED.moorage("restore", name, "--in-place", "--yes", books, "--no-safety-backup", "--wait", check=False)
    assert refused.returncode != 0
    assert "not what its manifest says" in refused.stderr
    status = BACKED.status(books)
    assert (status["generation"], status["healthCluster"]) == (generation, "green")
    (restore,) = [r for r in BACKED.restores() if _is_broken(r)]
    half_filled = f"data-{books}-g{restore['status']['generation']}-0"
    until("nothing half-done is left", lambda: not exists("pvc", half_filled, NAMESPACE), seconds=60, every_seconds=1)
    kubectl("patch", "mds", books, "-n", NAMESPACE, "--type=merge", "-p", '{"spec": {"protected": true}}')
    try:  # a copy of it is protected, too, once it serves
        assert BACKED.moorage("restore", name, "--to", "never", "--wait", check=False).returncode != 0
        left = [("mds", "never"), ("pvc", "data-never-g1-0"), ("secret", "never-internal"), ("secret", "never-ca")]
        until("the new service is gone", lambda: not any(exists(*of, NAMESPACE) for of in left), seconds=60, every_seconds=1)
        of_this = [r for r in BACKED.restores() if r["spec"].get("source", {}).get("backup") == name]
        (beside,) = [r for r in of_this if r["spec"].get("toNew") == "never"]
        assert beside["status"]["message"].endswith("; service never, which had no data yet, was removed")
    finally:
        kubectl("patch", "mds", books, "-n", NAMESPACE, "--type=merge", "-p", '{"spec": {"protected": false}}')


def _is_broken(restore: dict[str, Any]) -> bool:
    return bool(restore["status"]["phase"] == "Failed" and "not what its manifest says" in restore["status"]["message"])


def test_a_name_that_is_taken_is_refused_before_anything_is_made(books: str) -> None:
    backup = BACKED.backups(books)[-1]["metadata"]["name"]
    name = BACKED.asked("DataRestore", "onto-itself", {"source": {"backup": backup}, "toNew": books})
    status = BACKED.phase("mdr", name, "Failed", seconds=30)
    assert "exists" in status["message"]


@pytest.mark.alone
def test_a_source_that_is_killed_and_an_operator_that_is_killed_cost_no_backup(books: str) -> None:
    with BACKED.connect(books) as client:
        client["app"]["large"].insert_many([{"text": os.urandom(5000).hex()} for _ in range(3000)])
    name = BACKED.asked("DataBackup", "by-hand-1", {"service": books, "rehearse": False})
    BACKED.phase("mdb", name, "Running", seconds=60)
    kill_engine(f"{books}-g{BACKED.status(books)['generation']}-0", NAMESPACE)
    for pod in operator_pods():
        kubectl("-n", "moorage-system", "delete", pod, "--grace-period=0", "--force")
    assert get("mdb", name, NAMESPACE)["status"]["phase"] == "Running", "they were killed too late to matter"
    BACKED.phase("mdb", name, "Succeeded")
    BACKED.green(books)


def test_a_store_that_is_away_is_named_and_the_next_backup_succeeds(books: str) -> None:
    with broken(lambda: faults.stop_process("s3"), lambda: faults.start_process("s3")):
        name = BACKED.asked("DataBackup", "by-hand-2", {"service": books, "rehearse": False})
        print(BACKED.message("mdb", name, "https://10.89.0.1:9443", seconds=120))
        assert BACKED.status(books)["healthCluster"] == "green"
    BACKED.store_says("s3", "Ready", seconds=90)
    BACKED.phase("mdb", name, "Succeeded", "Failed")
    assert BACKED.backup(books, "--no-rehearse")["status"]["phase"] == "Succeeded"


def test_a_store_that_stands_still_and_dies_half_way_costs_no_backup(books: str) -> None:
    s3.freeze()
    try:
        name = BACKED.asked("DataBackup", "half-way", {"service": books, "rehearse": False})
        until("its worker runs", lambda: BACKED.workers("backup"), seconds=60)
        faults.stop_process("s3")
    finally:
        faults.start_process("s3")
    status = BACKED.phase("mdb", name, "Succeeded")
    assert BACKED.is_whole(status["backupName"])


def test_a_service_deleted_during_its_backup_leaves_nothing_half_done() -> None:
    with BACKED.deployed("leaves"):
        BACKED.green("leaves")
        name = BACKED.asked("DataBackup", "of-leaves", {"service": "leaves", "rehearse": False})
        BACKED.phase("mdb", name, "Running", "Succeeded", seconds=60)
    status = BACKED.phase("mdb", name, "Succeeded", "Failed")
    print(status["phase"], status["message"])
    if status["phase"] == "Failed":
        assert "leaves" in status["message"]
    until(
        "all of it stands in the store, or nothing",
        lambda: BACKED.is_whole(status["backupName"]) != BACKED.is_gone(status["backupName"]),
    )
    assert BACKED.is_whole(status["backupName"]) == (status["phase"] == "Succeeded")
    kubectl("delete", "mdb", name, "-n", NAMESPACE, "--timeout=60s")


def test_a_backup_that_is_deleted_is_gone_from_the_store(books: str) -> None:
    backup = BACKED.backup(books, "--no-rehearse")
    archive = BACKED.archive(backup)
    BACKED.moorage("backup", "delete", backup["metadata"]["name"], "--yes", backup["metadata"]["name"])
    until("its archive is gone", lambda: not archive.exists(), seconds=60)
    assert BACKED.is_gone(backup["status"]["backupName"])
    until("its resource is gone", lambda: not exists("mdb", backup["metadata"]["name"], NAMESPACE), seconds=30)


def test_what_another_cluster_took_is_known_with_what_its_rehearsal_found_and_is_not_deleted(books: str) -> None:
    """Its manifest says so."""
    backup = BACKED.backup(books)
    folder, name = BACKED.archive(backup).parent, f"mongodb-{NAMESPACE}-{books}-20200101000000"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["cluster"] == get("namespace", "kube-system")["metadata"]["uid"]
    assert json.loads((folder / "rehearsal.json").read_text())["verified"] is True
    theirs = folder.with_name(name)
    shutil.rmtree(theirs, ignore_errors=True)  # of a run that was broken off
    shutil.copytree(folder, theirs)
    (theirs / "manifest.json").write_text(json.dumps({**manifest, "backupName": name, "cluster": "another", "taskId": "x"}))
    again = {"apiVersion": "moorage.dev/v1", "kind": "BackupStore", "metadata": {"name": "again", "namespace": NAMESPACE}}
    spec = {**get("backupstore", "s3")["spec"], "default": False}
    kubectl("apply", "-f", "-", stdin=json.dumps({**again, "spec": spec}))  # it is checked at once
    try:
        until("it is found", lambda: exists("mdb", name, NAMESPACE), every_seconds=0.5)
        status = BACKED.phase("mdb", name, "Succeeded", seconds=60)
        assert (status["owned"], status["verified"]) == (False, True)
        assert BACKED.moorage("backup", "delete", name, "--yes", name, check=False).returncode != 0
        kubectl("delete", "mdb", name, "-n", NAMESPACE, "--timeout=60s")
        assert (theirs / "manifest.json").exists()
    finally:
        kubectl("delete", "backupstore", "again", "-n", NAMESPACE)
        shutil.rmtree(theirs)


def test_everything_lost_is_adopted_from_the_store(books: str, tmp_path: Path) -> None:
    (tmp_path / "identity.txt").write_text(_secret("s3-identity", "identity"))
    backup = BACKED.backup(books, "--no-rehearse")
    elsewhere = Backed("adopted")
    with elsewhere.made():
        until(
            "the store tells its services",
            lambda: books in [s["name"] for s in get("backupstore", "s3", "adopted")["status"].get("services", [])],
            seconds=30,
        )
        listed = elsewhere.moorage("adopt", "s3").stdout
        assert books in listed
        assert backup["status"]["backupName"] in listed
        # the store may know the books of other namespaces: backups outlive services, and a run that was killed
        elsewhere.moorage("adopt", "s3", f"{NAMESPACE}/{books}", "--identity", str(tmp_path / "identity.txt"), "--wait")
        elsewhere.green(books)
        with elsewhere.connect(books) as client, BACKED.connect(books) as original:
            assert numbers(client) == numbers(original)
        assert get("mds", books, "adopted")["spec"]["backup"]["keepDays"] == 3
        for entry in ("app", "admin"):
            assert _secret(f"{books}-{entry}", "password", "adopted") == _secret(f"{books}-{entry}", "password")
        kubectl("delete", "mds", books, "-n", "adopted", "--timeout=120s")


def test_a_shared_file_system_is_a_store_too(books: str) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "shared", "namespace": NAMESPACE},
        "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    kubectl("apply", "-f", "-", stdin=json.dumps(claim))
    store = {
        "apiVersion": "moorage.dev/v1",
        "kind": "BackupStore",
        "metadata": {"name": "shared", "namespace": NAMESPACE},
        "spec": {"fileSystem": {"claim": "shared"}},
    }
    kubectl("apply", "-f", "-", stdin=json.dumps(store))
    BACKED.store_says("shared", "Ready", seconds=60)
    backup = BACKED.backup(books, "--store", "shared")
    assert backup["status"]["verified"] is True


@pytest.mark.parametrize(
    ("spec", "secret", "words"),
    [
        ({"bucket": "no-such-bucket"}, {}, "has no bucket 'no-such-bucket': create it"),
        ({}, {"secretAccessKey": "wrong"}, "secretAccessKey"),
        ({}, {"accessKeyId": "nobody"}, "accessKeyId"),
        ({"caSecret": None}, {}, "certificate"),
        ({"endpoint": "https://10.89.0.1:1"}, {}, "refused"),
        ({"credentialsSecret": "no-such-secret"}, {}, "no-such-secret (spec.s3.credentialsSecret) does not exist: create it"),
    ],
    ids=["bucket", "secret key", "access key", "certificate", "nobody listens", "no Secret"],
)
def test_a_store_says_within_half_a_minute_what_is_to_be_put_right(
    spec: dict[str, object], secret: dict[str, str], words: str
) -> None:
    name = "wrong"
    right = get("backupstore", "s3")["spec"]
    if secret:
        data = {key: _secret("s3", key) for key in ("accessKeyId", "secretAccessKey")} | secret
        manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": NAMESPACE}, "stringData": data}
        kubectl("apply", "-f", "-", stdin=json.dumps(manifest))
        spec = {**spec, "credentialsSecret": name}
    s3 = {k: v for k, v in {**right["s3"], **spec}.items() if v is not None}
    meta = {"name": name, "namespace": NAMESPACE}
    store = {"apiVersion": "moorage.dev/v1", "kind": "BackupStore", "metadata": meta, "spec": {"s3": s3}}
    try:
        kubectl("apply", "-f", "-", stdin=json.dumps(store))
        said = BACKED.store_says(name, "NotReady", words)
        assert words in said
        print(said)
    finally:
        kubectl("delete", "backupstore", name, "-n", NAMESPACE, "--timeout=30s")


def test_a_worker_that_is_killed_is_followed_by_another(books: str) -> None:
    name = BACKED.asked("DataBackup", "by-hand-3", {"service": books, "rehearse": False})
    BACKED.phase("mdb", name, "Running", seconds=60)
    first = get("mdb", name, NAMESPACE)["status"]["taskId"]
    kubectl("delete", "pod", f"moorage-backup-{first}", "-n", NAMESPACE, "--grace-period=0", "--force")
    status = BACKED.phase("mdb", name, "Succeeded")
    assert (first.rpartition("-")[2], status["taskId"].rpartition("-")[2]) == ("1", "2")


@pytest.mark.long
def test_a_full_store_is_said_and_nothing_half_done_is_left_in_it(books: str) -> None:
    s3.fill()
    try:
        name = BACKED.asked("DataBackup", "by-hand-4", {"service": books, "rehearse": False})
        # after its last try, or waiting for its store, when a check of the store came between two tries
        BACKED.message("mdb", name, "is full: make room or raise its quota", seconds=90)
        status = BACKED.phase("mdb", name, "Failed", "Pending", seconds=200)
        assert "full" in status["message"]
        assert BACKED.is_gone(status["backupName"])
        BACKED.store_says("s3", "NotReady", "full", seconds=60)
        assert BACKED.status(books)["healthCluster"] == "green"
    finally:
        faults.start_process("s3")
    BACKED.store_says("s3", "Ready", seconds=90)
    kubectl("delete", "mdb", name, "-n", NAMESPACE, "--timeout=60s")
    assert BACKED.backup(books, "--no-rehearse")["status"]["phase"] == "Succeeded"


def test_a_restore_that_is_taken_back_half_way_leaves_what_runs_untouched(books: str) -> None:
    backup = BACKED.backup(books, "--no-rehearse")["metadata"]["name"]
    name = BACKED.asked("DataRestore", "abort", {"source": {"backup": backup}, "inPlace": books, "safetyBackup": False})
    status = BACKED.phase("mdr", name, "Seeding", "Starting", seconds=60)
    with BACKED.connect(books) as client:
        before = numbers(client)
    kubectl("delete", "mdr", name, "-n", NAMESPACE, "--timeout=90s")
    claim = f"data-{books}-g{status['generation']}-0"
    until("nothing half-done is left", lambda: not exists("pvc", claim, NAMESPACE), seconds=60, every_seconds=1)
    BACKED.green(books)
    with BACKED.connect(books) as client:
        assert numbers(client) == before


@pytest.mark.long
def test_of_two_restores_of_one_service_the_second_waits_for_the_first(books: str) -> None:
    backup = BACKED.backup(books, "--no-rehearse")["metadata"]["name"]
    spec = {"source": {"backup": backup}, "inPlace": books, "safetyBackup": False}
    first, second = BACKED.asked("DataRestore", "first", spec), BACKED.asked("DataRestore", "second", spec)
    over = {name: BACKED.phase("mdr", name, "Succeeded", "Failed") for name in (first, second)}
    assert [over[name]["phase"] for name in (first, second)] == ["Succeeded", "Succeeded"]
    assert over[first]["endTime"] <= over[second]["startTime"]
    BACKED.green(books)


@pytest.mark.alone
def test_a_restore_works_while_a_member_is_down() -> None:
    with BACKED.deployed("three", members=3):
        BACKED.green("three", members=3)
        with BACKED.connect("three") as client:
            put(client, range(100))
        backup = BACKED.backup("three", "--no-rehearse")
        node = get("pod", "three-g1-2", NAMESPACE)["spec"]["nodeName"]
        kubectl("cordon", node)
        try:
            kubectl("delete", "pod", "three-g1-2", "-n", NAMESPACE, "--grace-period=0", "--force")
            spec = {"source": {"backup": backup["metadata"]["name"]}, "inPlace": "three"}
            name = BACKED.asked("DataRestore", "one-down", spec)
            BACKED.phase("mdr", name, "Succeeded")
        finally:
            kubectl("uncordon", node)
        BACKED.green("three", members=3)
        with BACKED.connect("three") as client:
            assert numbers(client) == set(range(100))
