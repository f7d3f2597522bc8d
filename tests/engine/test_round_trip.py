"""A backup of a real replica set that is written to, and its restore."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from moorage.core.task import TaskKind, TaskPhase
from tests.engine.replica import ReplicaSet, running, until
from tests.engine.tasks import FOLDER, Worker, named
from tests.engine.writers import writing

DOCUMENTS = 20_000


@pytest.fixture(scope="module", autouse=True)
def _data(replica_set: ReplicaSet) -> None:
    with replica_set.client(w="majority") as client:
        shop = client["shop"]
        shop["orders"].insert_many([{"_id": i, "customer": i % 97, "text": "y" * 300} for i in range(DOCUMENTS)])
        shop["orders"].create_index([("customer", 1), ("_id", -1)], name="by_customer")
        shop["orders"].create_index("number", unique=True, partialFilterExpression={"number": {"$gt": 0}})
        shop["sessions"].insert_many([{"_id": i, "at": datetime(2020, 1, 1, tzinfo=UTC)} for i in range(500)])
        shop["sessions"].create_index("at", expireAfterSeconds=10**9)
        shop.command({"create": "few", "capped": True, "size": 100_000, "max": 50})
        shop["few"].insert_many([{"i": i} for i in range(120)])
        shop.command({"create": "words", "collation": {"locale": "fr", "strength": 1}})
        shop.command({"create": "of_seven", "viewOn": "orders", "pipeline": [{"$match": {"customer": 7}}]})
        shop.command({"create": "weather", "timeseries": {"timeField": "at", "metaField": "place"}})
        at = [datetime(2026, 1, 1, 0, i % 60, tzinfo=UTC) for i in range(1000)]
        shop["weather"].insert_many([{"at": moment, "place": i % 3, "degrees": i} for i, moment in enumerate(at)])
        shop.command({"createRole": "reader", "privileges": [], "roles": [{"role": "read", "db": "shop"}]})
        shop.command({"createUser": "ann", "pwd": "of-ann", "roles": ["reader"]})
        client["admin"].command({"createUser": "app", "pwd": "of-before", "roles": ["readWriteAnyDatabase"]})


def test_what_was_backed_up_under_writes_is_restored_and_a_replica_set_grows_from_it(
    replica_set: ReplicaSet, worker: Worker, tmp_path: Path
) -> None:
    with writing(replica_set, deletes_behind=50) as written:
        until("the writer also deletes", lambda: len(written.acknowledged) > 60)
        report = worker.backup(named(replica_set.hosts()))
        seen_at_end = len(written.acknowledged)
    assert report.phase is TaskPhase.SUCCEEDED, report.message
    assert report.result["source"] in {m.name for m in replica_set.secondaries()}
    manifest = json.loads(worker.stored(f"{FOLDER}/manifest.json").read_text())
    assert manifest["position"]["timeline"]
    assert manifest["rawBytes"] > DOCUMENTS * 300
    assert manifest["secrets"]
    assert manifest["figures"]["collections"]["shop.orders"]["documents"] == DOCUMENTS

    data = tmp_path / "data"
    restored = worker.seed(data)
    assert restored.phase is TaskPhase.SUCCEEDED, restored.message
    assert restored.result["compared"] == len(manifest["figures"]["collections"])
    with running(tmp_path / "new", places=replica_set.places, data=data) as new:
        for member in new.members:
            with new.client(member, readPreference="nearest") as client:
                _expect_everything(client, numbers_at_most=seen_at_end + 1)
        with new.client() as client:
            assert {u["_id"] for u in client["admin"]["system.users"].find()} == {"shop.ann", "admin.app", "admin.admin"}
        _expect_log_ins(new, worker)


def _expect_everything(client: MongoClient[dict[str, Any]], numbers_at_most: int) -> None:
    shop = client["shop"]
    assert shop["orders"].count_documents({}) == DOCUMENTS
    assert shop["sessions"].count_documents({}) == 500
    assert shop["weather"].count_documents({}) == 1000
    assert [d["i"] for d in shop["few"].find()] == list(range(70, 120))
    assert shop["of_seven"].count_documents({}) == len(range(7, DOCUMENTS, 97))
    assert shop["sessions"].index_information()["at_1"]["expireAfterSeconds"] == 10**9
    assert shop["orders"].index_information()["number_1"]["unique"]
    assert shop["words"].options()["collation"]["locale"] == "fr"
    numbers = [d["_id"] for d in shop["numbers"].find().sort("_id")]
    assert numbers == list(range(numbers[0], numbers[-1] + 1)), "a moment's state has no holes"
    assert len(numbers) in {50, 51}
    assert numbers[-1] <= numbers_at_most


def _expect_log_ins(replica_set: ReplicaSet, worker: Worker) -> None:
    """The service's users have today's passwords, and people's own are as they were."""
    for user, password, source in (
        ("app", (worker.places.internal / "app-password").read_text(), "admin"),
        ("admin", (worker.places.internal / "admin-password").read_text(), "admin"),
        ("ann", "of-ann", "shop"),
    ):
        how: dict[str, Any] = {"username": user, "password": password, "authSource": source}
        with replica_set.client(**how) as client:
            assert client["shop"]["orders"].find_one({"_id": 1}) is not None


def test_a_rehearsal_compares_and_sets_no_password(replica_set: ReplicaSet, worker: Worker, tmp_path: Path) -> None:
    assert worker.backup(named(replica_set.hosts())).phase is TaskPhase.SUCCEEDED
    report = worker.seed(tmp_path / "data", mode="rehearse")
    assert report.phase is TaskPhase.SUCCEEDED, report.message
    worker.do(TaskKind.CHECK, {})
    (listed,) = worker.pods.reports[-1].listing
    assert (listed["verified"], listed["restoreSeconds"]) == (True, report.result["restoreSeconds"])


def test_check_and_delete(replica_set: ReplicaSet, worker: Worker) -> None:
    assert worker.backup(named(replica_set.hosts())).phase is TaskPhase.SUCCEEDED
    report = worker.do(TaskKind.CHECK, {})
    assert report.phase is TaskPhase.SUCCEEDED, report.message
    assert report.result == {"canEncrypt": True}
    assert [m["backupName"] for m in worker.pods.reports[-1].listing] == [FOLDER.rpartition("/")[2]]
    assert worker.do(TaskKind.DELETE, {"path": FOLDER}).phase is TaskPhase.SUCCEEDED
    assert worker.do(TaskKind.DELETE, {"path": FOLDER}).phase is TaskPhase.SUCCEEDED, "what is gone already is fine"
    assert not [p for p in (worker.folder / "backups").rglob("*") if p.is_file()]
