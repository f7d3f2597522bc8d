"""What counts as data before the engine can be asked."""

from pathlib import Path

from moorage.engines.mongodb.folder import ENGINE_FILE, DataFolder


def _run_engine(path: Path) -> None:
    """Start an engine there and stop it again."""
    DataFolder(path).before_start()
    (path / ENGINE_FILE).touch()


def test_a_new_volume_holds_no_data(tmp_path: Path) -> None:
    assert not DataFolder(tmp_path).has_data


def test_a_member_that_restarts_before_the_set_is_made_is_still_empty(tmp_path: Path) -> None:
    _run_engine(tmp_path)
    _run_engine(tmp_path)
    assert not DataFolder(tmp_path).has_data


def test_a_member_that_belonged_to_a_set_holds_data(tmp_path: Path) -> None:
    _run_engine(tmp_path)
    DataFolder(tmp_path).belongs_to_cluster()
    _run_engine(tmp_path)
    assert DataFolder(tmp_path).has_data


def test_files_of_an_engine_that_was_not_ours_are_data(tmp_path: Path) -> None:
    (tmp_path / ENGINE_FILE).touch()
    DataFolder(tmp_path).before_start()
    assert DataFolder(tmp_path).has_data
