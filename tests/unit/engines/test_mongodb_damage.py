"""What mongod's last words mean: the lines are those of data folders that were damaged on purpose."""

import json
from pathlib import Path

import pytest

from moorage.engines.mongodb.damage import Ended, agreed, why_damaged
from moorage.engines.mongodb.folder import ASIDE, ENGINE_FILE, DataFolder
from moorage.engines.mongodb.staleness import is_too_far_behind

FATAL = '{"s":"F","c":"ASSERT","id":23091,"msg":"Fatal assertion","attr":{"msgid":50944}}'


def _error(message: str) -> str:
    return json.dumps(
        {"s": "E", "c": "WT", "id": 22435, "msg": "WiredTiger error message", "attr": {"message": {"msg": message}}}
    )


def test_a_damaged_file_is_named() -> None:
    ended = Ended(14, [_error("__desc_read:381:WiredTiger.wt is corrupted"), FATAL])
    assert why_damaged(ended) == "its data is damaged: WiredTiger.wt is corrupted"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["killed"],
        [FATAL],
        [_error("__posix_open_file:812:/data/db/WiredTiger.wt: handle-open: open")],
        [_error("__posix_file_write:579:/data/db/journal: handle-write: No space left on device"), FATAL],
        [_error("__posix_open_file:812:/data/db/WiredTiger.wt: handle-open: open: Permission denied"), FATAL],
    ],
)
def test_an_end_for_another_reason_is_no_damage(lines: list[str]) -> None:
    assert why_damaged(Ended(14, lines)) is None


def test_one_start_that_fails_is_not_believed() -> None:
    damaged = Ended(14, [_error("__desc_read:381:WiredTiger.wt is corrupted"), FATAL])
    assert agreed([damaged]) == ""
    assert agreed([damaged, Ended(-9, [])]) == ""
    assert agreed([Ended(-9, []), damaged, damaged]) == "its data is damaged: WiredTiger.wt is corrupted"


def _full(path: Path) -> DataFolder:
    (path / ENGINE_FILE).write_text("old")
    (path / "journal").mkdir()
    (path / ".moorage-speaks-tls").touch()
    found = DataFolder(path)
    found.is_damaged("damaged")
    return found


def test_data_is_put_aside_by_renaming_and_the_folder_is_empty(tmp_path: Path) -> None:
    folder = _full(tmp_path)
    folder.put_aside("order-1")
    assert (folder.has_data, folder.damage, folder.emptied_for) == (False, "", "order-1")
    assert (tmp_path / ASIDE / ENGINE_FILE).read_text() == "old"
    assert (tmp_path / ".moorage-speaks-tls").exists()


def test_an_agent_that_died_while_it_put_data_aside_finishes_before_the_engine_starts(tmp_path: Path) -> None:
    folder = _full(tmp_path)
    (tmp_path / ".moorage-emptying").write_text("order-1")
    (tmp_path / ASIDE).mkdir()
    (tmp_path / "journal").rename(tmp_path / ASIDE / "journal")
    folder.before_start()
    assert (folder.has_data, folder.emptied_for) == (False, "order-1")
    assert sorted(f.name for f in (tmp_path / ASIDE).iterdir()) == [ENGINE_FILE, "journal"]


def test_old_data_is_kept_for_a_day_or_for_as_long_as_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _full(tmp_path)
    folder.put_aside("order-1")
    done = (tmp_path / ".moorage-emptied").stat().st_mtime
    free = type("Usage", (), {"total": 100, "used": 50, "free": 50})
    monkeypatch.setattr("shutil.disk_usage", lambda _: free)
    assert not folder.tidy(done + 3600)
    assert folder.tidy(done + 25 * 3600)
    folder.put_aside("order-2")
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"total": 100, "used": 90, "free": 10}))
    assert folder.tidy(done)
    assert not folder.tidy(done)


def test_a_member_is_too_far_behind_only_when_every_peer_says_so() -> None:
    assert is_too_far_behind(5, {"a": 6, "b": 7})
    assert not is_too_far_behind(5, {"a": 6, "b": 5})
    assert not is_too_far_behind(5, {"a": 6, "b": None})
    assert not is_too_far_behind(5, {})
