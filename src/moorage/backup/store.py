"""What a store of objects can do. Every call blocks: callers that must not wait run it in a thread.

Keys are relative to the store's prefix or folder. Every failure is a `StoreError`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self


@dataclass(frozen=True)
class StoredObject:
    """An object, as a listing shows it."""

    key: str
    size_bytes: int
    modified: datetime
    """In UTC."""


@dataclass(frozen=True)
class Unfinished:
    """An upload that was never completed. It is no object, but it takes room."""

    key: str
    upload_id: str
    last_write: datetime
    """In UTC: one that is at work is never taken for a leftover."""


class ObjectWriter(Protocol):
    """An object that is being written. It exists for others once `commit` returned; until then `abort` leaves nothing of it.

    As a context manager it aborts unless `commit` was reached.
    """

    def write(self, data: bytes) -> int:
        """Takes all of it; blocks while as much is on its way as memory allows."""

    def commit(self) -> int:
        """Makes the object; its size in bytes."""

    def abort(self) -> None:
        """Leaves nothing behind; never raises, and does nothing after `commit`."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class ObjectStore(Protocol):
    """A bucket below a prefix, or a folder."""

    @property
    def where(self) -> str:
        """For sentences: `bucket 'backups' at https://s3.example.com`."""

    def writer(self, key: str) -> ObjectWriter:
        """Starts an object of any size in constant memory. One of the same name is replaced when it is committed."""

    def put(self, key: str, body: bytes) -> None:
        """Writes a small object; one of the same name is replaced."""

    def put_new(self, key: str, body: bytes) -> bool:
        """Writes a small object, and raises `AlreadyExistsError` when there is one of that name.

        Of two that try at once one wins: True. False: the service knows no conditional put, so that it was looked for first
        and then written, which two at once can both do.
        """

    def chunks(self, key: str, offset: int = 0) -> Iterator[bytes]:
        """The object's bytes. A broken connection is taken up again where it broke, at the same version of the object.

        Raises `NotInStoreError`.
        """

    def read(self, key: str, limit_bytes: int = 16 * 1024 * 1024) -> bytes:
        """A small object whole. Raises `NotInStoreError`, and `StoreError` when it is larger than the limit."""

    def size_bytes(self, key: str) -> int:
        """Raises `NotInStoreError`."""

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """All objects whose key begins with the prefix, in order of their keys."""

    def delete(self, key: str) -> None:
        """What is gone already is fine."""

    def list_unfinished(self, prefix: str = "") -> Iterator[Unfinished]:
        """Uploads that nobody completed or aborted."""

    def abort_unfinished(self, upload: Unfinished) -> None:
        """What is gone already is fine."""

    def close(self) -> None:
        """Lets connections go."""
