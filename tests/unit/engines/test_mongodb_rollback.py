"""Writes that were taken back are kept by mongod, and said by us."""

from pathlib import Path

from moorage.engines.mongodb.rollback import sizes_of, what_was_taken_back


def test_nothing_is_said_where_nothing_was_taken_back(tmp_path: Path) -> None:
    assert what_was_taken_back(tmp_path) == ""
    (tmp_path / "rollback").mkdir()
    assert what_was_taken_back(tmp_path) == ""


def test_files_are_counted_over_all_collections_and_it_is_said_where_they_are(tmp_path: Path) -> None:
    for collection in ("5a0c", "77fe"):
        file = tmp_path / "rollback" / collection / "removed.2026-01-01T00-00-00.0.bson"
        file.parent.mkdir(parents=True)
        file.write_bytes(bytes(700))
    assert sizes_of(tmp_path) == [700, 700]
    assert what_was_taken_back(tmp_path) == (
        "took back writes that no majority had, and keeps them in 2 files (2 KiB) in rollback/ of its volume: "
        "look at them, then remove that folder"
    )
