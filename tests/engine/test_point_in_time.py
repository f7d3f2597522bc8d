"""The log is archived beside a service that is written to, and any moment of it comes back exactly."""

import contextlib
import re
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from moorage.backup import layout
from moorage.backup.layout import parse_slice
from moorage.core.task import TaskKind, TaskPhase, TaskReport
from moorage.worker import archive
from tests.engine.alone import alone
from tests.engine.replica import ReplicaSet, until
from tests.engine.tasks import Worker, named
from tests.engine.writers import writing


def small_slices(patch: pytest.MonkeyPatch) -> None:
    """Many of them, so that what spans slices is met; those that hold nothing but a sign of life are waited for, too."""
    patch.setattr(archive, "SLICE_SECONDS_MAX", 0.3)
    patch.setattr(archive, "IDLE_SECONDS_MAX", 0.3)


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    small_slices(monkeypatch)


@contextlib.contextmanager
def archiving(worker: Worker, replica_set: ReplicaSet, **body: Any) -> Iterator[list[TaskReport]]:
    """An ARCHIVE worker that runs; its last report is there when the block is left."""
    here = {"cluster": "here", "owners": ["here"]}
    work = worker.work(TaskKind.ARCHIVE, {"members": named(replica_set.hosts()), **here, **body})
    stop, ended = threading.Event(), list[TaskReport]()
    thread = threading.Thread(target=lambda: ended.append(worker.finish(work, stop)))
    thread.start()
    try:
        until("the archive runs", lambda: work.message or not thread.is_alive())
        yield ended
    finally:
        stop.set()
        thread.join()


def slices(worker: Worker) -> list[str]:
    folder = worker.stored("mongodb/shop/orders/log")
    return sorted(str(path.relative_to(worker.folder / "backups")) for path in folder.rglob("*.bson*"))


def until_archived(worker: Worker, replica_set: ReplicaSet, moment: datetime) -> None:
    """Until a slice ends a second after it. An idle replica set writes to its log every 10 s; here nobody waits for that."""

    def reached() -> bool:
        with replica_set.client() as client:
            client["admin"].command({"appendOplogNote": 1, "data": {"test": 1}})
        ends = [piece.end for key in slices(worker) if (piece := parse_slice(key))]
        return bool(ends) and int(max(ends).partition(".")[0]) > moment.timestamp() + 1

    until("the log in the store reaches the moment", reached, 30)


def at(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def test_exactly_what_was_acknowledged_before_the_moment_comes_back(
    replica_set: ReplicaSet, worker: Worker, tmp_path: Path
) -> None:
    with archiving(worker, replica_set) as ended, writing(replica_set) as written:
        until("some writes", lambda: len(written.acknowledged) > 50)
        backup = worker.backup(named(replica_set.hosts()), task_id="fedcba9876541")
        assert backup.phase is TaskPhase.SUCCEEDED, backup.message
        held = len(slices(worker))
        until("slices of writes that only the log holds", lambda: len(slices(worker)) > held + 2)
        moment = datetime.now(UTC)
        until("writes after the moment", lambda: written.acknowledged[-1][1] > moment + timedelta(seconds=1))
        until_archived(worker, replica_set, moment)
    assert ended[0].phase is TaskPhase.SUCCEEDED
    assert ended[0].result["gaps"] == []
    before = max(number for number, acknowledged in written.acknowledged if acknowledged <= moment)
    report = worker.seed(tmp_path / "data", until={"time": at(moment)})
    assert report.phase is TaskPhase.SUCCEEDED, report.message
    assert report.result["time"] <= at(moment).replace("+00:00", "Z")
    with alone(tmp_path / "data") as client:
        found = sorted(d["_id"] for d in client["shop"]["numbers"].find())
    assert found[:before] == list(range(1, before + 1))
    assert len(found) - before in {0, 1}, "at most the one write that was under way at the moment"


def test_everything_that_people_do_to_collections_is_replayed(replica_set: ReplicaSet, worker: Worker, tmp_path: Path) -> None:
    with replica_set.client(w="majority") as client:
        _before_the_backup(client["play"])
        client["gone"]["things"].insert_one({"_id": 1})
    with archiving(worker, replica_set):
        assert worker.backup(named(replica_set.hosts()), task_id="fedcba9876541").phase is TaskPhase.SUCCEEDED
        with replica_set.client(w="majority") as client:
            _after_the_backup(client)
            expected = _all_of(client["play"])
            moment = datetime.now(UTC)
            time.sleep(0.1)
            client["play"]["kept"].insert_one({"_id": "after the moment", "n": 1})
        until_archived(worker, replica_set, moment)
    report = worker.seed(tmp_path / "data", until={"time": at(moment)})
    assert report.phase is TaskPhase.SUCCEEDED, report.message
    with alone(tmp_path / "data") as client:
        assert _all_of(client["play"]) == expected
        assert "gone" not in client.list_database_names()
        assert client["admin"]["system.users"].count_documents({"user": "late"}) == 1


def _before_the_backup(play: Any) -> None:
    play["kept"].insert_many([{"_id": i, "n": i, "text": "z" * 50} for i in range(1000)])
    play["kept"].create_index("n", name="dropped later")
    play["renamed"].insert_many([{"_id": i} for i in range(10)])
    play["renamed"].create_index("a", name="goes along")
    play["target"].insert_one({"_id": "overwritten"})
    play["dropped"].insert_one({})
    play["expiring"].create_index("at", expireAfterSeconds=10**6)
    play.command({"create": "ring", "capped": True, "size": 10_000, "max": 10})
    play["ring"].insert_many([{"i": i} for i in range(10)])
    play.command({"create": "series", "timeseries": {"timeField": "at", "metaField": "place"}})
    play["series"].insert_many([{"at": datetime(2026, 1, 1, 0, i, tzinfo=UTC), "place": 1, "v": i} for i in range(50)])


def _after_the_backup(client: Any) -> None:
    play = client["play"]
    play["kept"].drop_index("dropped later")
    play["kept"].create_index([("text", 1), ("n", -1)], unique=True, name="made later")
    play["kept"].update_many({"n": {"$lt": 500}}, {"$inc": {"n": 10_000}, "$set": {"deep": {"er": [1, 2]}}})
    play["kept"].update_one({"_id": 1}, {"$push": {"deep.er": 3}, "$unset": {"text": ""}})
    play["kept"].delete_many({"_id": {"$gte": 900}})
    play["renamed"].rename("target", dropTarget=True)
    play["target"].insert_one({"_id": "written after"})
    play["dropped"].drop()
    play.command({"collMod": "expiring", "index": {"name": "at_1", "expireAfterSeconds": 77}})
    play.command({"collMod": "kept", "validator": {"n": {"$exists": True}}, "validationLevel": "moderate"})
    play["ring"].insert_many([{"i": i} for i in range(10, 25)])
    play["series"].insert_many([{"at": datetime(2026, 1, 1, 1, i, tzinfo=UTC), "place": 1, "v": i} for i in range(50)])
    play.command({"create": "late_series", "timeseries": {"timeField": "at"}})
    play["late_series"].insert_one({"at": datetime(2026, 1, 1, tzinfo=UTC), "v": 1})
    play.command({"create": "view", "viewOn": "kept", "pipeline": [{"$match": {"n": {"$gt": 5}}}]})
    play["kept"].aggregate([{"$project": {"n": 1}}, {"$out": "out"}])
    client["gone"].command("dropDatabase")
    client["admin"].command({"createUser": "late", "pwd": "x", "roles": []})
    with client.start_session() as session, session.start_transaction():
        play["in_transaction"].insert_many([{"_id": i, "fat": "f" * 10**6} for i in range(40)], session=session)
    with client.start_session() as session, session.start_transaction():
        play["in_transaction"].delete_many({"_id": {"$gte": 39}}, session=session)
        session.abort_transaction()


def _all_of(database: Any) -> dict[str, Any]:
    """Documents, indexes and options of every collection; but no ids of collections, which are others after a restore."""
    found = {}
    for entry in database.list_collections():
        name = entry["name"]
        if name.startswith("system."):
            continue
        documents = list(database[name].find({}, {"fat": 0}).sort("_id" if "series" not in name else "at"))
        indexes = {} if entry["type"] == "view" else database[name].index_information()
        found[name] = (entry["type"], entry["options"], documents, indexes)
    return found


@pytest.fixture(scope="module")
def one_log(replica_set: ReplicaSet, tmp_path_factory: pytest.TempPathFactory) -> tuple[Worker, list[datetime]]:
    """A backup and a log with a moment between any two of three stretches of it."""
    moments, worker = [], Worker(tmp_path_factory.mktemp("log") / "worker", replica_set.places)
    with pytest.MonkeyPatch.context() as patch:
        small_slices(patch)
        with archiving(worker, replica_set):
            assert worker.backup(named(replica_set.hosts()), task_id="fedcba9876541").phase is TaskPhase.SUCCEEDED
            for _ in range(3):
                time.sleep(1.1)
                moments.append(datetime.now(UTC))
                until_archived(worker, replica_set, moments[-1])
    return worker, moments


@pytest.fixture
def archived(one_log: tuple[Worker, list[datetime]], worker: Worker) -> tuple[Worker, list[datetime]]:
    """A copy, to be broken."""
    original, moments = one_log
    for name in ("backups", "identity"):
        shutil.copytree(original.folder / name, worker.folder / name, dirs_exist_ok=True)
    worker.recipient = original.recipient
    return worker, moments


def test_a_moment_behind_the_end_of_the_log_is_refused_and_the_end_is_named(
    archived: tuple[Worker, list[datetime]], tmp_path: Path
) -> None:
    worker, moments = archived
    report = worker.seed(tmp_path / "data", until={"time": at(moments[-1] + timedelta(hours=1))})
    assert report.phase is TaskPhase.FAILED
    ends = re.search(r"the log in the store ends at (\S+);", report.message)
    assert ends is not None
    assert worker.seed(tmp_path / "data", until={"time": ends[1]}).phase is TaskPhase.SUCCEEDED, "what is named can be reached"


def test_a_moment_before_the_backup_is_refused(archived: tuple[Worker, list[datetime]], tmp_path: Path) -> None:
    worker, moments = archived
    report = worker.seed(tmp_path / "data", until={"time": at(moments[0] - timedelta(hours=1))})
    assert "is before that; choose an earlier backup" in report.message
    assert not report.can_be_repeated
    assert list((tmp_path / "data").iterdir()) == [], "refused before anything was written"


def test_a_moment_behind_a_gap_is_refused_and_the_nearest_are_named(
    archived: tuple[Worker, list[datetime]], tmp_path: Path
) -> None:
    worker, moments = archived
    inside = [key for key in slices(worker) if (p := parse_slice(key)) and int(p.end[:10]) > moments[0].timestamp() + 1]
    missing = parse_slice(inside[1])
    assert missing is not None
    worker.stored(inside[1]).unlink()
    report = worker.seed(tmp_path / "data", until={"time": at(moments[-1])})
    assert "the log has a gap from" in report.message
    nearest = re.search(r"the nearest moments are (\S+),", report.message)
    assert nearest is not None
    assert worker.seed(tmp_path / "data", until={"time": nearest[1]}).phase is TaskPhase.SUCCEEDED, "what is named can be reached"


def test_an_archive_goes_on_where_it_stopped_and_says_what_it_missed(
    archived: tuple[Worker, list[datetime]], replica_set: ReplicaSet
) -> None:
    worker, _ = archived
    before = slices(worker)
    with archiving(worker, replica_set) as ended:
        until_archived(worker, replica_set, datetime.now(UTC))
    assert ended[0].result["gaps"] == []
    assert slices(worker)[: len(before)] == before
    last = parse_slice(before[-1])
    assert last is not None
    # as if the engine's log had rolled over this position long ago
    for key in slices(worker):
        worker.stored(key).unlink()
    lost = layout.slice_key(
        "mongodb", "shop", "orders", replace(last, start="0000000001.0000000001", end="0000000001.0000000002")
    )
    worker.stored(lost).write_bytes(b"")
    with archiving(worker, replica_set) as ended:
        until("the gap is seen", lambda: len(slices(worker)) > 1, 30)
    assert [gap["start"] for gap in ended[0].result["gaps"]] == ["0000000001.0000000002"]
    assert "it has 1 gaps, the last from" in ended[0].message


def test_slices_that_no_backup_needs_any_more_are_deleted(
    archived: tuple[Worker, list[datetime]], replica_set: ReplicaSet
) -> None:
    worker, _ = archived
    before = slices(worker)
    middle = parse_slice(before[len(before) // 2])
    assert middle is not None
    with archiving(worker, replica_set, keepFrom=middle.end):
        pass
    left = slices(worker)
    assert left[: len(before) // 2 - 1] == before[len(before) // 2 + 1 :][: len(before) // 2 - 1]
    assert before[len(before) // 2] not in left
