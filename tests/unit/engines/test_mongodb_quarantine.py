"""Old data is put aside, never lost, whatever happens in between."""

import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from moorage.core.volume import Level, Room, level
from moorage.engines.mongodb.folder import ENGINE_FILE, JOURNAL, DataFolder
from moorage.engines.quarantine import ASIDE, ASIDE_SECONDS_MAX, MIB, ORDER_MARK, Quarantine

Usage = namedtuple("Usage", "total used free")
ROOM = Usage(100 * 2**30, 0, 90 * 2**30)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: ROOM)
    return tmp_path


def filled(path: Path, says: str = "old") -> DataFolder:
    (path / ENGINE_FILE).write_text(says)
    (path / "journal").mkdir(exist_ok=True)
    (path / "journal" / "log").write_text(says)
    (path / ".moorage-speaks-tls").touch()
    (path / ".moorage-empty").unlink(missing_ok=True)
    folder = DataFolder(path)
    folder.is_damaged("damaged")
    return folder


def kept(path: Path) -> dict[str, str]:
    """Order → what its old engine file says."""
    return {found.name: (found / ENGINE_FILE).read_text() for found in (path / ASIDE).iterdir()}


def aged(path: Path, order: str, seconds: float) -> None:
    then = (path / ASIDE / order).stat().st_mtime - seconds
    os.utime(path / ASIDE / order, (then, then))


def test_data_is_put_aside_by_renaming_and_the_folder_is_empty(path: Path) -> None:
    folder = filled(path)
    folder.put_aside("order-1")
    assert (folder.has_data, folder.was_of_cluster, folder.damage, folder.quarantine.done) == (False, True, "", "order-1")
    assert kept(path) == {"order-1": "old"}
    assert (path / ASIDE / "order-1" / "journal" / "log").read_text() == "old"
    assert (path / ".moorage-speaks-tls").exists()


def test_a_second_rebuild_leaves_what_the_first_put_aside(path: Path) -> None:
    filled(path, "first").put_aside("order-1")
    filled(path, "second").put_aside("order-2")
    assert kept(path) == {"order-1": "first", "order-2": "second"}


def test_an_agent_that_died_while_it_put_data_aside_finishes_before_the_engine_starts(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, rename = filled(path), Path.rename

    def dies(self: Path, to: Path) -> Path:
        if self.name == "journal":
            raise KeyboardInterrupt
        return rename(self, to)

    with monkeypatch.context() as crash:
        crash.setattr(Path, "rename", dies)
        with pytest.raises(KeyboardInterrupt):
            folder.put_aside("order-1")
    assert DataFolder(path).quarantine.pending == "order-1"
    again = DataFolder(path)
    again.before_start()
    assert (again.has_data, again.quarantine.done, again.quarantine.pending) == (False, "order-1", "")
    assert sorted(f.name for f in (path / ASIDE / "order-1").iterdir()) == [ENGINE_FILE, "journal"]
    assert not (path / ORDER_MARK).exists()


def test_without_room_for_a_new_copy_that_is_said_in_a_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = filled(path)
    assert folder.quarantine.why_no_room() == ""
    (path / "collection-1.wt").write_bytes(b"x" * 20 * MIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**30, 2**30, 3 * MIB))
    said = folder.quarantine.why_no_room()
    assert said.startswith("its volume has 3 MiB left, and a new copy beside its old data needs 22 MiB")
    assert said.endswith("ask for larger volumes, or make room in it")


def test_what_is_aside_already_needs_no_second_room(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = filled(path)
    (path / "collection-1.wt").write_bytes(b"x" * 20 * MIB)
    folder.put_aside("order-1")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**30, 2**30, 3 * MIB))
    assert folder.quarantine.why_no_room() == ""


def test_a_refusal_outlives_the_agent_and_is_of_one_order(path: Path) -> None:
    Quarantine(path).refuse("order-1", "no room")
    assert (Quarantine(path).refusal("order-1"), Quarantine(path).refusal("order-2")) == ("no room", "")


def test_a_refusal_on_a_volume_that_takes_no_writes_is_kept_by_the_agent(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    quarantine = Quarantine(path)
    monkeypatch.setattr(Path, "write_text", read_only)
    quarantine.refuse("order-1", "no room")
    assert quarantine.refusal("order-1") == "no room"


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"order": "order-1"}'])
def test_a_refusal_that_cannot_be_read_is_none(path: Path, text: str) -> None:
    (path / ".moorage-refused").write_text(text)
    assert Quarantine(path).refusal("order-1") == ""


def test_old_data_is_kept_for_a_day(path: Path) -> None:
    folder = filled(path)
    folder.put_aside("order-1")
    filled(path).put_aside("order-2")
    aged(path, "order-1", 10.0)
    since = (path / ASIDE / "order-1").stat().st_mtime
    assert folder.quarantine.tidy(since + ASIDE_SECONDS_MAX - 1) == []
    assert folder.quarantine.tidy(since + ASIDE_SECONDS_MAX) == ["order-1"]
    assert kept(path) == {"order-2": "old"}
    assert folder.quarantine.tidy(since + 2 * ASIDE_SECONDS_MAX) == ["order-2"]


def test_old_data_that_makes_its_volume_nearly_full_goes_before_anybody_is_asked_for_room(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = filled(path)
    folder.put_aside("order-1")
    seen = Usage(2048 * MIB, 1700 * MIB, 348 * MIB)
    assert level(Room(seen.used + seen.free, seen.free), 0) is Level.NEARLY_FULL
    monkeypatch.setattr(shutil, "disk_usage", lambda _: seen)
    assert folder.quarantine.tidy() == ["order-1"]


def test_where_room_is_needed_the_oldest_goes_and_no_more_than_that(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = filled(path)
    for number in (1, 2):
        filled(path).put_aside(f"order-{number}")
    aged(path, "order-1", 10.0)
    short, enough = Usage(2048 * MIB, 1700 * MIB, 348 * MIB), Usage(2048 * MIB, 1200 * MIB, 848 * MIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: short if (path / ASIDE / "order-1").exists() else enough)
    assert folder.quarantine.tidy() == ["order-1"]
    assert folder.quarantine.tidy() == []
    assert kept(path) == {"order-2": "old"}


def test_the_files_that_failed_starts_left_in_the_journal_are_not_copied(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path / "journal").mkdir()
    for number in range(8):
        (path / "journal" / f"WiredTigerLog.{number:010}").write_bytes(b"x" * 100 * MIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**31, 0, 310 * MIB))
    assert Quarantine(path, JOURNAL).why_no_room() == ""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**31, 0, 290 * MIB))
    assert "needs 300 MiB" in Quarantine(path, JOURNAL).why_no_room()
