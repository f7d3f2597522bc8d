"""Whether a store takes, gives back and lists what is written: an object of a MiB, written and deleted again."""

import contextlib
import hashlib
from collections.abc import Callable

from moorage.backup import layout
from moorage.backup.errors import Reason, StoreError
from moorage.backup.store import ObjectStore
from moorage.worker.work import TaskError

SMALL_BYTES = 64
PROBE_BYTES = 1024 * 1024
"""A store with less room than this takes no backup, though it takes a few bytes: the probe must not find them."""


def probe(store: ObjectStore, task_id: str) -> None:
    """Raises StoreError, or TaskError for a store that takes what it does not give back."""
    key, body = layout.probe_key(task_id), _body(task_id)
    # Some services refuse at the first bytes and hang up: of a small object the refusal arrives in any case.
    store.put(key, body[:SMALL_BYTES])
    try:
        store.put(key, body)
        if store.read(key) != body:
            raise TaskError(f"{store.where} gave back something else than was written to it")
        if key not in {found.key for found in store.list(layout.PROBES)}:
            raise TaskError(f"{store.where} does not list what was written to it")
    finally:
        store.delete(key)


def why_not_written(error: StoreError, task_id: str, open_store: Callable[[], ObjectStore]) -> StoreError:
    """What to say of a write that failed. `open_store`: with a client that does not wait for long.

    Some services answer "internal error" to the beginning of a large upload when they are full, and say so only of a small one.
    """
    if error.reason is not Reason.UNAVAILABLE:
        return error
    with contextlib.suppress(TaskError):
        try:
            probe(open_store(), task_id)
        except StoreError as found:
            return found if found.reason is Reason.FULL else error
    return error


def _body(task_id: str) -> bytes:
    """Nothing that a store could compress or have already."""
    return hashlib.shake_256(task_id.encode()).digest(PROBE_BYTES)
