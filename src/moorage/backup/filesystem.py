"""A folder as a store: a claim that many Pods can mount (CephFS, NFS).

An object is written beside its place and renamed into it, so that it is there whole or not at all, also after a power cut.
"""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from moorage.backup.errors import AlreadyExistsError, NotInStoreError, Reason, StoreError
from moorage.backup.store import StoredObject, Unfinished

CHUNK_BYTES = 1024 * 1024
PART = ".part"
"""Ends the name of what is not whole yet."""
SYNC_BYTES = 32 * 1024 * 1024
NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS}
"""Answers of file systems that know no hard links."""


class FileSystemStore:
    """`ObjectStore` in a folder."""

    def __init__(self, mount: Path, path: str = "", claim: str = "") -> None:
        self.mount = mount
        """It must be there: a claim that was not mounted is told, and nothing is written beside it."""
        self.folder = mount / path if path else mount
        """Made when it is written to first."""
        self.where = f"claim '{claim}'" if claim else f"folder {mount}"
        if path:
            self.where = f"folder '{path}' of {self.where}"

    def writer(self, key: str) -> "FileWriter":
        path = self._path(key)
        with self._said("write"):
            self._make_folder(path.parent)
            try:
                return FileWriter(self, path)
            except FileNotFoundError:  # a delete beside us just removed the folder, which was empty
                self._make_folder(path.parent)
                return FileWriter(self, path)

    def put(self, key: str, body: bytes) -> None:
        with self.writer(key) as writer:
            writer.write(body)
            writer.commit()

    def put_new(self, key: str, body: bytes) -> bool:
        path = self._path(key)
        with self.writer(key) as writer:
            writer.write(body)
            with self._said("write"):
                try:
                    writer.link()
                except FileExistsError:
                    if path.read_bytes() != body:  # NFS: the answer to our own link can get lost, and the second try finds it
                        raise AlreadyExistsError(key) from None
        return True

    def chunks(self, key: str, offset: int = 0) -> Iterator[bytes]:
        with self._said("read", key), self._path(key).open("rb", buffering=0) as file:
            file.seek(offset)
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def read(self, key: str, limit_bytes: int = 16 * 1024 * 1024) -> bytes:
        found = self.size_bytes(key)
        if found > limit_bytes:
            raise StoreError(f"'{key}' in {self.where} has {found} bytes; at most {limit_bytes} are read", can_be_repeated=False)
        return b"".join(self.chunks(key))

    def size_bytes(self, key: str) -> int:
        with self._said("read", key):
            return self._path(key).stat().st_size

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        for key, _, status in self._files(prefix, unfinished=False):
            yield StoredObject(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def delete(self, key: str) -> None:
        path = self._path(key)
        with self._said("delete in"):
            path.unlink(missing_ok=True)
            self._prune(path.parent)

    def list_unfinished(self, prefix: str = "") -> Iterator[Unfinished]:
        for key, path, status in self._files(prefix, unfinished=True):
            name = key.rpartition("/")[2].removeprefix(".").removesuffix(PART).rpartition(".")[0]
            folder = key.rpartition("/")[0]
            whole = f"{folder}/{name}" if folder else name
            # the time of the last write: one that is still at work is never taken for a leftover
            yield Unfinished(whole, str(path.relative_to(self.folder)), datetime.fromtimestamp(status.st_mtime, UTC))

    def abort_unfinished(self, upload: Unfinished) -> None:
        path = self.folder / upload.upload_id
        if not _is_part(path.name) or ".." in path.parts:
            raise StoreError(f"'{upload.upload_id}' is no unfinished file of this store", Reason.SETTINGS)
        with self._said("delete in"):
            path.unlink(missing_ok=True)
            self._prune(path.parent)

    def close(self) -> None:
        """There is nothing to let go."""

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if not all(parts) or {".", ".."}.intersection(parts) or "\0" in key or any(part.endswith(PART) for part in parts):
            raise StoreError(f"'{key}' is no name of an object: it has an empty, '.', '..' or '*{PART}' part", Reason.SETTINGS)
        path = self.folder / key
        if not path.parent.resolve().is_relative_to(self.folder.resolve()):
            raise StoreError(f"'{key}' leads out of {self.where} through a symbolic link; it is left alone", Reason.SETTINGS)
        return path

    def _files(self, prefix: str, *, unfinished: bool) -> Iterator[tuple[str, Path, os.stat_result]]:
        top = self.folder / prefix.rpartition("/")[0]
        if ".." in top.parts:
            raise StoreError(f"'{prefix}' is no beginning of an object's name", Reason.SETTINGS)
        with self._said("list"):
            self.mount.stat()
            paths = [Path(folder) / name for folder, _, names in os.walk(top, onerror=_raise) for name in names]
            found = sorted((str(path.relative_to(self.folder)), path) for path in paths if _is_part(path.name) == unfinished)
            for key, path in found:
                if key.startswith(prefix):
                    with contextlib.suppress(FileNotFoundError):  # deleted since
                        yield key, path, path.stat()

    def _make_folder(self, folder: Path) -> None:
        """So that it outlives a power cut."""
        self.mount.stat()
        missing = [folder, *folder.parents][: len(folder.relative_to(self.mount).parts)]
        for each in reversed(missing):
            if not each.is_dir():
                each.mkdir(exist_ok=True)
                _sync_folder(each.parent)

    def _prune(self, folder: Path) -> None:
        """Folders that hold nothing any more go with their last object."""
        with contextlib.suppress(OSError):
            while folder != self.folder:
                folder.rmdir()
                folder = folder.parent

    @contextlib.contextmanager
    def _said(self, doing: str, key: str | None = None) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if key is not None and isinstance(error, FileNotFoundError):
                raise NotInStoreError(key) from error
            raise said_of(error, self.where, doing) from error


class FileWriter:
    """`ObjectWriter` of a file."""

    def __init__(self, store: FileSystemStore, path: Path) -> None:
        self.store, self.path = store, path
        self.part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
        self.descriptor = os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        self.size_bytes = 0
        self.unsynced_bytes = 0
        self.syncer = ThreadPoolExecutor(1, thread_name_prefix="sync")
        self.syncing: Future[None] | None = None

    def write(self, data: bytes) -> int:
        with self.store._said("write"):  # noqa: SLF001 (of this module)
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self.descriptor, rest) :]
            self.unsynced_bytes += len(data)
            if self.unsynced_bytes >= SYNC_BYTES:
                self._sync_beside()
        self.size_bytes += len(data)
        return len(data)

    def _sync_beside(self) -> None:
        """What was written goes to the disk while more is written, and then out of memory: the page cache counts as the Pod's."""
        self._synced()
        self.unsynced_bytes = 0
        self.syncing = self.syncer.submit(_sync_and_forget, self.descriptor, self.size_bytes)

    def _synced(self) -> None:
        """A file system behind a network tells that it is full here."""
        syncing, self.syncing = self.syncing, None
        if syncing is not None:
            syncing.result()

    def commit(self) -> int:
        with self.store._said("write"):  # noqa: SLF001
            self._durable()
            self.part.rename(self.path)
            _sync_folder(self.path.parent)
        return self.size_bytes

    def link(self) -> None:
        """`commit` that replaces nothing. Raises FileExistsError and other errors of the system."""
        self._durable()
        try:
            os.link(self.part, self.path)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            with self.path.open("xb") as file:  # one wins all the same; only a power cut can leave half of it
                file.write(self.part.read_bytes())
                file.flush()
                os.fsync(file.fileno())
        _sync_folder(self.path.parent)

    def abort(self) -> None:
        with contextlib.suppress(OSError):
            self._synced()
        with contextlib.suppress(OSError):
            self._close()
        with contextlib.suppress(OSError):
            self.part.unlink(missing_ok=True)
            self.store._prune(self.path.parent)  # noqa: SLF001

    def _durable(self) -> None:
        self._synced()
        os.fsync(self.descriptor)
        self._close()

    def _close(self) -> None:
        self.syncer.shutdown()
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.abort()


SENTENCES = {
    errno.ENOSPC: (Reason.FULL, "is full: make room or let it grow"),
    errno.EDQUOT: (Reason.FULL, "is full (its quota is used up): make room or raise the quota"),
    errno.EROFS: (Reason.READ_ONLY, "is mounted read-only: mount it so that it can be written"),
    errno.EACCES: (Reason.ACCESS_DENIED, "does not let user {uid} {doing} it: change its owner, its mode or the claim's fsGroup"),
    errno.EPERM: (Reason.ACCESS_DENIED, "does not let user {uid} {doing} it: change its owner, its mode or the claim's fsGroup"),
    errno.ENOENT: (Reason.NO_BUCKET, "is not there: look at the store's fileSystem.claim and how it is mounted"),
    errno.ENOTDIR: (Reason.NO_BUCKET, "has a file where a folder should be: look at the store's fileSystem.path"),
    errno.ESTALE: (Reason.UNAVAILABLE, "went away while it was used (stale file handle)"),
    errno.EIO: (Reason.UNAVAILABLE, "answers with input/output errors: look at the file system behind the claim"),
    errno.ETIMEDOUT: (Reason.TIME_OUT, "does not answer in time"),
}


def said_of(error: OSError, where: str, doing: str) -> StoreError:
    """The sentence for an error of the operating system."""
    reason, text = SENTENCES.get(error.errno or 0, (Reason.OTHER, f"could not be used to {{doing}}: {error.strerror or error}"))
    return StoreError(f"{where} {text.format(doing=doing, uid=os.getuid())}", reason)


def _is_part(name: str) -> bool:
    return name.startswith(".") and name.endswith(PART)


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _sync_and_forget(descriptor: int, size_bytes: int) -> None:
    os.fdatasync(descriptor)
    os.posix_fadvise(descriptor, 0, size_bytes, os.POSIX_FADV_DONTNEED)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
