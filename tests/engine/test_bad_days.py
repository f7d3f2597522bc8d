"""What goes wrong: a sentence in each case, and nothing half-done left behind."""

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest

from moorage.core.task import TaskKind, TaskPhase, TaskReport
from moorage.engines.mongodb import dumping
from moorage.operator.manifests.worker import GRACE_SECONDS
from moorage.worker.work import Work
from tests.engine.replica import ReplicaSet, mounts, running, until
from tests.engine.tasks import BACKUP_NAME, FOLDER, Worker, named

DOCUMENTS, FAT = 40_000, 2_000


@pytest.fixture(scope="module", autouse=True)
def _data(replica_set: ReplicaSet) -> None:
    fill(replica_set)


def fill(replica_set: ReplicaSet) -> None:
    with replica_set.client(w="majority") as client:
        client["shop"]["fat"].insert_many([{"_id": i, "text": f"{i}" * (FAT // len(f"{i}"))} for i in range(DOCUMENTS)])


@pytest.fixture(scope="module")
def kept(replica_set: ReplicaSet, tmp_path_factory: pytest.TempPathFactory) -> Worker:
    """A good backup, for copies to be broken."""
    worker = Worker(tmp_path_factory.mktemp("kept") / "worker", replica_set.places)
    report = worker.backup(named(replica_set.hosts()))
    assert report.phase is TaskPhase.SUCCEEDED, report.message
    return worker


@pytest.fixture
def copy(kept: Worker, worker: Worker) -> Worker:
    shutil.copytree(kept.folder / "backups", worker.folder / "backups", dirs_exist_ok=True)
    shutil.copytree(kept.folder / "identity", worker.folder / "identity", dirs_exist_ok=True)
    return worker


def objects(worker: Worker) -> list[str]:
    return [str(p.relative_to(worker.folder / "backups")) for p in (worker.folder / "backups").rglob("*") if p.is_file()]


def break_archive(worker: Worker, change: Callable[[bytearray], None]) -> None:
    path = worker.stored(f"{FOLDER}/archive.zst.age")
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)


def change_manifest(worker: Worker, **changes: Any) -> None:
    path = worker.stored(f"{FOLDER}/manifest.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def refused(worker: Worker, data: Path, **more: Any) -> TaskReport:
    report = worker.seed(data, **more)
    assert report.phase is TaskPhase.FAILED
    assert not report.can_be_repeated, report.message
    return report


def flip(data: bytearray) -> None:
    data[len(data) // 2] ^= 1


def cut(data: bytearray) -> None:
    del data[len(data) * 2 // 3 :]


@pytest.mark.parametrize("change", [flip, cut])
def test_a_broken_archive_is_no_restore(copy: Worker, tmp_path: Path, change: Callable[[bytearray], None]) -> None:
    break_archive(copy, change)
    report = refused(copy, tmp_path / "data")
    assert "is not what its manifest says" in report.message
    assert [p.name for p in (tmp_path / "data").iterdir()] == [".moorage-seeding"], "nothing half-restored is left"


def test_an_identity_of_another_store_is_named_as_such(copy: Worker, tmp_path: Path) -> None:
    other = pyrage.x25519.Identity.generate()
    (copy.folder / "identity/identity").write_text(str(other))
    assert str(other.to_public()) in refused(copy, tmp_path / "data", mode="rehearse").message
    assert not copy.stored(f"{FOLDER}/rehearsal.json").exists(), "that says nothing of the backup"


def test_figures_that_do_not_match_are_found(copy: Worker, tmp_path: Path) -> None:
    found = json.loads(copy.stored(f"{FOLDER}/manifest.json").read_text())["figures"]
    found["collections"]["shop.fat"]["documents"] += 1
    found["collections"]["shop.fat"]["indexes"]["by_text"] = "0"
    change_manifest(copy, figures=found)
    message = refused(copy, tmp_path / "data").message
    assert f"shop.fat has {DOCUMENTS} documents instead of {DOCUMENTS + 1}" in message
    assert "shop.fat lacks the index by_text" in message
    assert not copy.stored(f"{FOLDER}/rehearsal.json").exists(), "a restore is no rehearsal"
    refused(copy, tmp_path / "other", mode="rehearse")
    verdict = json.loads(copy.stored(f"{FOLDER}/rehearsal.json").read_text())
    assert (verdict["verified"], "shop.fat lacks the index by_text" in verdict["message"]) == (False, True)


def test_what_cannot_be_restored_here_is_refused_before_anything_is_written(copy: Worker, tmp_path: Path) -> None:
    data = tmp_path / "data"
    change_manifest(copy, version="99.1.0")
    assert "taken from MongoDB 99.1.0" in refused(copy, data).message
    totals = json.loads(copy.stored(f"{FOLDER}/manifest.json").read_text())["figures"]["totals"]
    change_manifest(copy, version="6.0.5", figures={"totals": {**totals, "diskBytes": 2**60}})
    message = refused(copy, data).message
    assert "restore it with a storage.size of at least" in message
    assert "was deleted, or never completed" in refused(copy, data, path=f"mongodb/shop/orders/{BACKUP_NAME}x").message
    assert [p.name for p in data.iterdir()] in ([], [".moorage-seeding"])


def test_a_volume_that_holds_something_is_not_touched(copy: Worker, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "WiredTiger").write_text("somebody's")
    assert "the volume is not empty (it holds WiredTiger)" in refused(copy, data).message
    assert (data / "WiredTiger").read_text() == "somebody's"


def test_an_unfinished_fill_is_begun_anew_and_a_finished_one_is_not(copy: Worker, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / ".moorage-seeding").write_text("an earlier try")
    (data / "half.wt").write_text("?")
    first = copy.seed(data)
    assert first.phase is TaskPhase.SUCCEEDED, first.message
    assert not (data / "half.wt").exists()
    assert not (data / ".moorage-seeding").exists()
    again = copy.seed(data, task_id="0123456789ab2")
    assert (again.phase, again.result) == (TaskPhase.SUCCEEDED, first.result), "the next try of the same restore"
    assert "filled by another restore" in refused(copy, data, task_id="ba98765432101").message


def stopped(worker: Worker, work: Work, when: Callable[[], bool]) -> TaskReport:
    stop = threading.Event()

    def watch() -> None:
        until("the moment to stop", when)
        stop.set()

    watching = threading.Thread(target=watch)
    watching.start()
    report = worker.finish(work, stop)
    watching.join()
    return report


def test_a_backup_that_is_stopped_leaves_nothing(worker: Worker, replica_set: ReplicaSet) -> None:
    body = {"backupName": BACKUP_NAME, "members": named(replica_set.hosts()), "dataService": {}}
    work = worker.work(TaskKind.BACKUP, body)
    report = stopped(worker, work, lambda: work.counts.raw_bytes > 0)
    assert report.phase is TaskPhase.FAILED
    assert "stopped" in report.message
    assert report.can_be_repeated
    assert objects(worker) == []


def test_a_restore_that_is_stopped_leaves_an_empty_volume(copy: Worker, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    work = copy.work(TaskKind.SEED, {"path": FOLDER, "mode": "fill", "passwords": "set"}, data=tmp_path / "data")
    report = stopped(copy, work, lambda: work.counts.raw_bytes > 0)
    assert report.phase is TaskPhase.FAILED
    assert report.can_be_repeated
    assert [p.name for p in (tmp_path / "data").iterdir()] == [".moorage-seeding"]


@pytest.mark.long
@pytest.mark.parametrize("program", ["mongod", "mongorestore"])
def test_a_restore_whose_engine_answers_no_more_still_ends_when_it_is_stopped(copy: Worker, tmp_path: Path, program: str) -> None:
    """Within the time that a Pod is given."""
    (tmp_path / "data").mkdir()
    work = copy.work(TaskKind.SEED, {"path": FOLDER, "mode": "fill", "passwords": "set"}, data=tmp_path / "data")
    suspended = list[float]()

    def is_suspended() -> bool:
        if work.counts.raw_bytes > 0 and not suspended:
            os.kill(child_of(os.getpid(), program, str(tmp_path) if program == "mongod" else "--archive"), signal.SIGSTOP)
            suspended.append(time.monotonic())
        return bool(suspended) and time.monotonic() - suspended[0] > 3

    report = stopped(copy, work, is_suspended)
    assert time.monotonic() - suspended[0] < GRACE_SECONDS
    assert report.phase is TaskPhase.FAILED
    assert "stopped" in report.message
    assert report.can_be_repeated
    assert [p.name for p in (tmp_path / "data").iterdir()] == [".moorage-seeding"]


def child_of(parent: int, name: str, word: str) -> int:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat, words = (folder / "stat").read_text(), (folder / "cmdline").read_text()
        except OSError:
            continue
        if int(stat.rpartition(")")[2].split()[1]) == parent and f"({name})" in stat and word in words:
            return int(folder.name)
    raise AssertionError(f"there is no {name}")


@pytest.mark.long
def test_a_source_that_dies_half_way_is_replaced_by_the_next(tmp_path: Path) -> None:
    with running(tmp_path / "set") as own:
        fill(own)
        worker = Worker(tmp_path / "worker", own.places)
        body = {"backupName": BACKUP_NAME, "members": named(own.hosts()), "dataService": {}}
        work, killed = worker.work(TaskKind.BACKUP, body), list[str]()

        def kill() -> None:
            until("bytes flow", lambda: work.counts.raw_bytes > 0)
            source = next(m for m in own.members if m.name in work.message)
            own.stop(source, how="kill")
            killed.append(source.name)

        killing = threading.Thread(target=kill)
        killing.start()
        report = worker.finish(work)
        killing.join()
        assert report.phase is TaskPhase.SUCCEEDED, report.message
        assert report.result["source"] != killed[0]
        assert worker.seed(tmp_path / "data").phase is TaskPhase.SUCCEEDED


def test_the_primary_is_read_from_when_no_other_member_is_well_and_that_is_said(tmp_path: Path) -> None:
    with running(tmp_path / "set", count=1) as own:
        worker = Worker(tmp_path / "worker", own.places)
        report = worker.backup(named(own.hosts()))
        assert report.phase is TaskPhase.SUCCEEDED, report.message
        assert "datanode0, the primary, is read from" in report.message
        own.stop_all()
        report = worker.backup(named(own.hosts()), name=f"{BACKUP_NAME}9")
        assert report.phase is TaskPhase.FAILED
        assert "no member can be read from: datanode0 does not answer" in report.message


def test_another_service_s_keyfile_is_refused(replica_set: ReplicaSet, worker: Worker, tmp_path: Path) -> None:
    other = mounts(tmp_path / "other")
    (other.tls / "ca.crt").write_text((replica_set.places.tls / "ca.crt").read_text())
    worker.places = other
    report = worker.backup(named(replica_set.hosts()))
    assert "does not accept the keyfile of this service" in report.message
    assert objects(worker) == []


def test_renames_under_a_dump_are_tried_again(replica_set: ReplicaSet, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """mongodump refuses them, and an application renames at any moment ($out does, too)."""
    from moorage.worker import backup  # noqa: PLC0415

    monkeypatch.setattr(backup, "OTHER_MOMENT_SECONDS", 0.1)
    look_at = dumping.MongoDump.look_at

    def with_rename(self: dumping.MongoDump, piece: memoryview) -> None:
        look_at(self, piece)
        if self not in dumps and self._archive.namespaces:  # it runs, and waits for its reader
            dumps.append(self)
            if len(dumps) > 1:
                return
            with replica_set.client(w="majority") as client:
                client["shop"]["a"].insert_one({})
                client["shop"]["a"].rename("b", dropTarget=True)
                client["shop"]["b"].insert_one({})  # or the next dump begins with the rename as well

    dumps: list[dumping.MongoDump] = []
    monkeypatch.setattr(dumping.MongoDump, "look_at", with_rename)
    report = worker.backup(named(replica_set.hosts()))
    assert report.phase is TaskPhase.SUCCEEDED, report.message
    assert len(dumps) > 1, "the first one was given up"


def test_the_same_backup_is_not_taken_twice(copy: Worker, replica_set: ReplicaSet) -> None:
    """A worker that was lost after its last step has its work found; another task's backup is never overwritten."""
    before = copy.stored(f"{FOLDER}/manifest.json").read_text()
    again = copy.backup(named(replica_set.hosts()))
    assert again.phase is TaskPhase.SUCCEEDED
    other = copy.backup(named(replica_set.hosts()), task_id="ba98765432101")
    assert "nothing was overwritten" in other.message
    assert copy.stored(f"{FOLDER}/manifest.json").read_text() == before
