"""CHECK: the store can be written, read, listed and deleted in; what it knows; what was left half-done goes."""

from datetime import UTC, datetime
from typing import Any

import pyrage

from moorage.backup import layout
from moorage.backup.errors import StoreError
from moorage.backup.manifest import ManifestError, parse
from moorage.backup.store import ObjectStore, StoredObject
from moorage.backup.sweep import sweep
from moorage.worker.work import Outcome, TaskError, Work

LISTED_MAX = 1000


def run(work: Work) -> Outcome:
    """Every failure says what to fix."""
    store = work.open_store(quick=True)
    can_encrypt = _encrypts(work.recipient)
    work.say(f"tries {store.where}")
    _probe(store, work.task.id)
    found = list(store.list())
    work.say("reads what the store holds")
    listing, unreadable = _manifests(work, store, found)
    swept = sweep(store, found, datetime.now(UTC))
    said = [f"{store.where} can be written, read and listed"]
    if unreadable:
        said.append(f"{len(unreadable)} of its backups cannot be restored: {unreadable[0]}")
    if swept:
        said.append(f"{len(swept)} leftovers of tasks that were killed were deleted")
    return Outcome("; ".join(said), {"canEncrypt": can_encrypt}, listing)


def _encrypts(recipient: str | None) -> bool:
    if recipient is None:
        return False
    try:
        pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as error:
        raise TaskError(
            f"the store's encryption.recipient is '{recipient[:80]}', which is no public key of age (age1…);"
            " `age-keygen` makes one",
            can_be_repeated=False,
        ) from error
    return True


def _probe(store: ObjectStore, task_id: str) -> None:
    key, body = layout.probe_key(task_id), f"Moorage tries this store ({task_id})".encode()
    store.put(key, body)
    try:
        if store.read(key) != body:
            raise TaskError(f"{store.where} gave back something else than was written to it")
        if key not in {found.key for found in store.list(layout.PROBES)}:
            raise TaskError(f"{store.where} does not list what was written to it")
    finally:
        store.delete(key)


def _manifests(work: Work, store: ObjectStore, found: list[StoredObject]) -> tuple[list[dict[str, Any]], list[str]]:
    """The newest first; a broken one does not hide the others."""
    newest = sorted((o for o in found if layout.is_manifest(o.key)), key=lambda o: o.modified, reverse=True)[:LISTED_MAX]
    listing, unreadable = [], []
    for held in newest:
        work.raise_if_stopped()
        folder = layout.folder_of_backup(held.key) or ""
        try:
            listing.append(parse(store.read(held.key), folder).listing())
        except (ManifestError, StoreError) as error:
            unreadable.append(str(error))
    return sorted(listing, key=lambda m: str(m["endTime"]), reverse=True), unreadable
