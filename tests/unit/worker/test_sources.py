"""From which member a backup is read when one refuses."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest

from moorage.backup.filesystem import FileSystemStore
from moorage.backup.store import ObjectStore
from moorage.core.task import Task, TaskKind
from moorage.engines.backup import Dumped, MemberHost, Position, Source, SourceLostError
from moorage.engines.mongodb.backup import MongoBackup
from moorage.worker import backup
from moorage.worker.work import TaskError, Work

YOUNG = "mongodump from datanode1 failed: (KeyNotFound) No keys found for HMAC that is valid for time: {…} with id: 0"


@dataclass
class FakeEngine:
    """Its members fail as often as a test says, and then give three bytes."""

    failures: list[str]
    read: list[str] = field(default_factory=list)

    def choose_source(self, members: Sequence[MemberHost], without: Sequence[str] = ()) -> Source:
        member = next(m for m in members if m.name not in without)
        return Source(member, f"{member.name}, which is fresh")

    def may_pass(self, error: SourceLostError) -> bool:
        return "HMAC" in str(error)

    def dump(self, source: Source) -> "FakeDump":
        self.read.append(source.member.name)
        return FakeDump(self.failures.pop(0) if self.failures else "")


class FakeDump:
    def __init__(self, failure: str) -> None:
        self._failure = failure
        self.output, inlet = os.pipe()
        os.write(inlet, b"abc")
        os.close(inlet)

    def look_at(self, piece: memoryview) -> None:
        assert piece

    def confirm(self) -> Dumped:
        if self._failure:
            raise SourceLostError(self._failure)
        return Dumped("6.0.5", "6.0", "2026-11-25T02:30:09Z", Position("", "", ""), {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.output)


class FakeWork(Work):
    made: Any
    folder: Path

    def engine(self) -> Any:
        return self.made

    def open_store(self, *, quick: bool = False) -> ObjectStore:
        del quick
        return FileSystemStore(self.folder)


def taken(tmp_path: Path, members: int, *failures: str) -> tuple[list[str], Mapping[str, Any]]:
    body = {
        "backupName": "mongodb-shop-orders-20261125023000",
        "members": [{"name": f"datanode{i + 1}", "host": f"m{i}:27017"} for i in range(members)],
    }
    work = FakeWork(Task("0123456789ab-1", TaskKind.BACKUP, {}, "shop", "orders", "mongodb", body))
    work.made, work.folder = FakeEngine(list(failures)), tmp_path
    return work.made.read, backup.run(work).result


def test_a_refusal_that_passes_by_itself_is_tried_once_more_on_the_same_member(tmp_path: Path) -> None:
    read, result = taken(tmp_path, 1, YOUNG)
    assert read == ["datanode1", "datanode1"]
    assert result["source"] == "datanode1"


def test_when_it_does_not_pass_the_next_member_is_read(tmp_path: Path) -> None:
    read, result = taken(tmp_path, 2, YOUNG, YOUNG)
    assert read == ["datanode1", "datanode1", "datanode2"]
    assert result["source"] == "datanode2"


def test_any_other_refusal_leads_to_the_next_member_at_once(tmp_path: Path) -> None:
    read, _ = taken(tmp_path, 2, "datanode1 was silent for 30 seconds")
    assert read == ["datanode1", "datanode2"]


def test_a_single_member_that_goes_on_refusing_ends_the_backup_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="No keys found for HMAC"):
        taken(tmp_path, 1, YOUNG, YOUNG)


def test_of_mongodb_it_is_the_missing_key_of_a_young_replica_set() -> None:
    assert MongoBackup.may_pass(SourceLostError(YOUNG))
    assert not MongoBackup.may_pass(SourceLostError("mongodump from datanode1 failed: EOF"))
