"""Of what lies in a store only that is swept which nobody can be working on and no backup needs."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from moorage.backup.filesystem import FileSystemStore
from moorage.backup.store import StoredObject, Unfinished
from moorage.backup.sweep import OLD, left_objects, left_uploads, sweep

NOW = datetime(2026, 11, 6, 12, tzinfo=UTC)
FOLDER = "mongodb/shop/orders/mongodb-shop-orders-20261105023000"


def lies(key: str, age: timedelta = OLD) -> StoredObject:
    return StoredObject(key, 1, NOW - age)


def test_an_archive_without_a_manifest_goes_after_a_day() -> None:
    assert left_objects([lies(f"{FOLDER}/archive.zst.age")], NOW) == [f"{FOLDER}/archive.zst.age"]


def test_what_a_rehearsal_found_goes_a_day_after_its_backup() -> None:
    key = f"{FOLDER}/rehearsal.json"
    assert left_objects([lies(key)], NOW) == [key]
    assert left_objects([lies(key), lies(f"{FOLDER}/manifest.json")], NOW) == []


def test_an_archive_whose_manifest_can_still_come_stays() -> None:
    assert left_objects([lies(f"{FOLDER}/archive.zst", OLD - timedelta(seconds=1))], NOW) == []


def test_a_backup_stays_however_old_it_is() -> None:
    listing = [lies(f"{FOLDER}/archive.zst", OLD * 900), lies(f"{FOLDER}/manifest.json", OLD * 900)]
    assert left_objects(listing, NOW) == []


def test_probes_go_and_what_is_not_ours_stays() -> None:
    others = ["readme.txt", "a/b/c/d/e.txt", f"{FOLDER}/notes.txt", "mongodb/shop/orders/log/t/1-2.bson.zst", "x/archive.zst"]
    listing = [*map(lies, others), lies(".moorage/probe-1"), lies(".moorage/probe-2", timedelta(hours=1))]
    assert left_objects(listing, NOW) == [".moorage/probe-1"]


def test_uploads_of_ours_go_a_day_after_their_last_write() -> None:
    old, new = NOW - OLD, NOW - OLD + timedelta(seconds=1)
    uploads = [
        Unfinished(f"{FOLDER}/archive.zst", "1", old),
        Unfinished(f"{FOLDER}/archive.zst", "2", new),
        Unfinished("films/holiday.mp4", "3", old),
    ]
    assert [each.upload_id for each in left_uploads(uploads, NOW)] == ["1"]


def test_a_sweep_deletes_what_is_left_and_looks_again_before(tmp_path: Path) -> None:
    store = FileSystemStore(tmp_path)
    other = FOLDER.replace("0230", "0330")
    for key in (f"{FOLDER}/archive.zst", f"{other}/archive.zst", ".moorage/probe-1", "readme.txt"):
        store.put(key, b"x")
    store.writer(f"{FOLDER}/archive.zst").write(b"half")
    listing = list(store.list())
    store.put(f"{other}/manifest.json", b"{}")  # written since the listing
    later = datetime.now(UTC) + OLD + timedelta(minutes=1)
    assert sweep(store, listing, later) == [
        ".moorage/probe-1",
        f"{FOLDER}/archive.zst",
        f"{FOLDER}/archive.zst (unfinished)",
    ]
    assert [each.key for each in store.list()] == [f"{other}/archive.zst", f"{other}/manifest.json", "readme.txt"]
    assert list(store.list_unfinished()) == []
    assert not os.path.lexists(tmp_path / FOLDER)
    assert sweep(store, store.list(), later) == []
