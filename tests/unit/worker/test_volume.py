"""The volume that a restore fills."""

from pathlib import Path

import pytest

from moorage.worker.volume import SEEDED, SEEDING, Volume
from moorage.worker.work import TaskError

FIRST, SECOND, OTHER = "0123456789ab1", "0123456789ab2", "ba98765432101"


def test_an_empty_volume_is_filled_and_the_next_try_finds_it_done(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    volume = Volume(tmp_path, FIRST)
    assert volume.done_before() is None
    volume.begin()
    assert (tmp_path / SEEDING).exists()
    (tmp_path / "data").write_text("1")
    volume.finish({"compared": 3})
    assert sorted(p.name for p in tmp_path.iterdir()) == [SEEDED, "data", "lost+found"]
    assert Volume(tmp_path, SECOND).done_before() == {"compared": 3}
    with pytest.raises(TaskError, match="filled by another restore"):
        Volume(tmp_path, OTHER).done_before()


def test_data_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "WiredTiger").write_text("somebody's")
    with pytest.raises(TaskError, match="not empty"):
        Volume(tmp_path, FIRST).begin()
    assert (tmp_path / "WiredTiger").exists()


def test_what_an_unfinished_try_left_goes(tmp_path: Path) -> None:
    Volume(tmp_path, OTHER).begin()
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal/half").write_text("1")
    Volume(tmp_path, FIRST).begin()
    assert [p.name for p in tmp_path.iterdir()] == [SEEDING]


def test_a_volume_that_is_too_small_says_how_large_it_must_be(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"at least \d+\.\d\dGi"):
        Volume(tmp_path, FIRST).require_room(2**60, "b")
    Volume(tmp_path, FIRST).require_room(0, "b")
