"""Two clusters that archive into one store: each deletes of the log what it wrote itself, or took over."""

from pathlib import Path
from typing import Any

import pytest

from moorage.backup import layout
from moorage.backup.filesystem import FileSystemStore
from moorage.backup.layout import Slice
from moorage.core.task import Task, TaskKind
from moorage.engines.backup import LogPiece, MemberHost
from moorage.worker.archive import Archiver
from moorage.worker.work import Work

SERVICE = ("mongodb", "shop", "orders")
OLD = ("0000000001.0000000000", "0000000002.0000000000")
NEW = ("0000000008.0000000000", "0000000009.0000000000")
KEEP_FROM = "0000000005.0000000000"


class Idle:
    """An engine with one piece of log."""

    log_form = "bson"

    def log(self, members: list[MemberHost], after: dict[str, str]) -> Any:
        yield LogPiece("ours", NEW[0], NEW[1], b"x", "2026-11-25T02:30:09Z")

    def time_of(self, position: str) -> str:
        return position


def slices_left(folder: Path, cluster: str, *owners: str) -> set[str]:
    """Timelines whose old slice is left after a worker of this cluster began."""
    store = FileSystemStore(folder)
    body = {"cluster": cluster, "owners": list(owners), "keepFrom": KEEP_FROM}
    archiver = Archiver(Work(Task("0123456789ab-a1", TaskKind.ARCHIVE, {}, "shop", "orders", "mongodb", body)), store, Idle())  # type: ignore[arg-type]
    archiver.begin()
    found = {layout.parse_slice(held.key) for held in store.list(layout.log_prefix(*SERVICE))}
    return {s.timeline for s in found if s is not None and (s.start, s.end) == OLD}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = FileSystemStore(tmp_path)
    for timeline, owner in (("ours", "here"), ("theirs", "elsewhere"), ("nobodys", "")):
        for start, end in (OLD, NEW):
            store.put(layout.slice_key(*SERVICE, Slice(timeline, start, end, "bson")), b"x")
        if owner:
            store.put(layout.owner_key(*SERVICE, timeline), owner.encode())
    return tmp_path


def test_what_another_cluster_archives_is_not_deleted(folder: Path) -> None:
    assert slices_left(folder, "here", "here") == {"theirs", "nobodys"}


def test_what_was_taken_over_is(folder: Path) -> None:
    assert slices_left(folder, "here", "here", "elsewhere", "unknown") == set()


def test_who_does_not_know_which_cluster_it_is_deletes_nothing(folder: Path) -> None:
    assert slices_left(folder, "") == {"ours", "theirs", "nobodys"}


def test_what_is_archived_says_from_its_first_slice_on_whose_it_is(tmp_path: Path) -> None:
    store = FileSystemStore(tmp_path)
    body = {"cluster": "here", "owners": ["here"]}
    archiver = Archiver(Work(Task("0123456789ab-a1", TaskKind.ARCHIVE, {}, "shop", "orders", "mongodb", body)), store, Idle())  # type: ignore[arg-type]
    archiver.begin()
    archiver.follow()
    archiver.flush()
    assert store.read(layout.owner_key(*SERVICE, "ours")) == b"here"
