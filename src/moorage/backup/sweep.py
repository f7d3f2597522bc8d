"""What tasks that were killed left in a store, and getting rid of it. The decision is pure: it needs a listing and the time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from moorage.backup import layout
from moorage.backup.store import ObjectStore, StoredObject, Unfinished

OLD = timedelta(days=1)
"""Longer than any task is at work between two writes that a listing shows."""


def left_objects(listing: Iterable[StoredObject], now: datetime) -> list[str]:
    """Keys of archives whose manifest was never written, and of probes, that have lain there for a day."""
    found = list(listing)
    whole = {layout.folder_of_backup(each.key) for each in found if layout.is_manifest(each.key)}
    return [each.key for each in found if now - each.modified >= OLD and _is_left(each.key, whole)]


def _is_left(key: str, whole: set[str | None]) -> bool:
    if key.startswith(layout.PROBES):
        return True
    folder = layout.folder_of_backup(key)
    # only what Moorage names so: whatever else people keep there is theirs
    return folder is not None and folder not in whole and (layout.is_archive(key) or layout.is_verdict(key))


def left_uploads(unfinished: Iterable[Unfinished], now: datetime) -> list[Unfinished]:
    """Uploads of objects of ours to which nothing was added for a day."""
    return [each for each in unfinished if now - each.last_write >= OLD and layout.is_ours(each.key)]


def sweep(store: ObjectStore, listing: Iterable[StoredObject], now: datetime) -> list[str]:
    """Deletes what is left; what it deleted. Raises `StoreError`."""
    swept = []
    for key in left_objects(listing, now):
        folder = layout.folder_of_backup(key)
        if folder is not None and layout.manifest_key(folder) in {each.key for each in store.list(f"{folder}/")}:
            continue  # written since the listing
        store.delete(key)
        swept.append(key)
    for upload in left_uploads(store.list_unfinished(), now):
        store.abort_unfinished(upload)
        swept.append(f"{upload.key} (unfinished)")
    return swept
