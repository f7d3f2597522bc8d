"""One slice of the log into the store and back. It is small: it is held in memory on its way."""

import os
import tempfile
from typing import IO

import pyrage
from backports import zstd

from moorage.backup import layout
from moorage.backup.errors import ArchiveError
from moorage.backup.layout import Slice
from moorage.backup.manifest import Manifest
from moorage.backup.store import ObjectStore
from moorage.backup.stream import Counts, pack
from moorage.worker.work import Work

STORED_BYTES_MAX = 128 * 2**20


def write_slice(work: Work, store: ObjectStore, piece: Slice, file: IO[bytes]) -> int:
    """The size in the store. Raises StoreError."""
    task, counts = work.task, Counts()
    file.flush()
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    key = layout.slice_key(task.engine, task.namespace, task.service, piece)
    packed = pack(file.fileno(), store, key, recipient=work.recipient, counts=counts)
    return packed.size_bytes


def read_slice(work: Work, store: ObjectStore, made: Manifest, piece: Slice) -> bytes:
    """Raises ArchiveError, StoreError."""
    key = layout.slice_key(made.engine, made.namespace, made.service, piece)
    data = store.read(key, STORED_BYTES_MAX)
    try:
        if piece.encrypted:
            data = _decrypted(work, key, data)
        entries: bytes = zstd.decompress(data)
    except zstd.ZstdError as error:
        raise ArchiveError(f"'{key}' in the store is broken ({error}); the moment cannot be reached over it") from error
    return entries


def _decrypted(work: Work, key: str, data: bytes) -> bytes:
    text = work.identity()
    if text is None:
        raise ArchiveError(f"'{key}' is encrypted: name the Secret that holds the identity in the store")
    keys = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        opened: bytes = pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(key) for key in keys])
    except (pyrage.DecryptError, pyrage.IdentityError) as error:
        raise ArchiveError(f"'{key}' cannot be decrypted with the mounted identity ({error})") from error
    return opened


def scratch_file() -> IO[bytes]:
    """In the Pod's /tmp: it is gone with it."""
    return tempfile.TemporaryFile()
