"""CHECK: the store can be written, read, listed and deleted in; what it knows; what was left half-done goes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pyrage

from moorage.backup import layout, verdict
from moorage.backup.errors import NotInStoreError, StoreError
from moorage.backup.manifest import ManifestError, parse
from moorage.backup.store import ObjectStore, StoredObject
from moorage.backup.sweep import sweep
from moorage.worker.probe import probe
from moorage.worker.work import Outcome, TaskError, Work

LISTED_MAX = 1000
READERS = 6
"""Manifests that are read at once: as many as the connections that the client keeps open."""


def run(work: Work) -> Outcome:
    """Every failure says what to fix."""
    store = work.open_store(quick=True)
    can_encrypt = _encrypts(work.recipient)
    work.say(f"tries {store.where}")
    probe(store, work.task.id)
    found = list(store.list())
    work.say("reads what the store holds")
    listing, unreadable = read_manifests(work, store, found)
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


def read_manifests(work: Work, store: ObjectStore, found: list[StoredObject]) -> tuple[list[dict[str, Any]], list[str]]:
    """A broken one does not hide the others. Side by side: one after the other a thousand take too long."""
    rehearsed = {layout.folder_of_backup(o.key) for o in found if layout.is_verdict(o.key)}
    newest = sorted((o for o in found if layout.is_manifest(o.key)), key=lambda o: o.modified, reverse=True)[:LISTED_MAX]
    with ThreadPoolExecutor(READERS, thread_name_prefix="manifests") as pool:
        answers = list(pool.map(lambda held: _read(work, store, held.key, rehearsed), newest))
    listing = [found for found in answers if isinstance(found, dict)]
    unreadable = [found for found in answers if isinstance(found, str)]
    return in_order(listing), unreadable


def in_order(listing: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """First the newest of each service, then the others by age: what does not fit is cut at the end, and that is no service."""
    newest, others = list[dict[str, Any]](), list[dict[str, Any]]()
    seen = set[tuple[str, str, str]]()
    for one in sorted(listing, key=lambda m: str(m["endTime"]), reverse=True):
        of = (one["engine"], one["namespace"], one["service"])
        (others if of in seen else newest).append(one)
        seen.add(of)
    return [*newest, *others]


def _read(work: Work, store: ObjectStore, key: str, rehearsed: set[str | None]) -> dict[str, Any] | str:
    """What the manifest tells, and a rehearsal; or why it cannot be read."""
    work.raise_if_stopped()
    folder = layout.folder_of_backup(key) or ""
    try:
        told = parse(store.read(key), folder).listing()
        return told | (_verdict(store, folder) if folder in rehearsed else {})
    except (ManifestError, StoreError) as error:
        return str(error)


def _verdict(store: ObjectStore, folder: str) -> dict[str, Any]:
    try:
        found = verdict.parse(store.read(layout.verdict_key(folder)))
    except NotInStoreError:
        return {}  # its backup is being deleted
    return found.listing() if found is not None else {}
