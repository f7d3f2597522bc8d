"""Bytes on their way from an engine into a store and back: zstd, age, SHA-256, in constant memory.

    file descriptor → zstd → age, when there is a recipient → SHA-256 → store
    store → SHA-256 → age → zstd → file descriptor

Both calls block; run them in a thread (`asyncio.to_thread`). The heavy work is native code that lets other threads run.
What flows through is bounded by the pipe: whoever writes into it waits while the store is slow.
"""

import contextlib
import fcntl
import hashlib
import os
import select
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from backports import zstd

from moorage.backup import age
from moorage.backup.errors import ArchiveError, NotInStoreError, StoppedError
from moorage.backup.store import ObjectStore, ObjectWriter

CHUNK_BYTES = 1024 * 1024
READ_BYTES = 128 * 1024
"""Of the source at once: a block of zstd's.

What is packed of it, and the pieces that are unpacked at once, stay below the 128 KiB from which on a worker's malloc maps and
clears memory anew for each: that took a third of the time here.
"""
PIECE_BYTES = 120 * 1024
LEVEL = 2
"""Of zstd. On documents in JSON, by processor time: level 1: 245 MB/s to 46 %, 2: 190 MB/s to 38 %, 3: 120 MB/s to 37 %.

On those of `benchmarks/backup.py`: 1: 357 MiB/s to 32.5 %, 2: 303 MiB/s to 33.0 %, 3: 239 MiB/s to 31.0 %. Its
threads win nothing where every core has work.
"""


@dataclass
class Counts:
    """What has passed so far; read it from any thread."""

    raw_bytes: int = 0
    """As the engine gives or takes it."""
    stored_bytes: int = 0
    """As it lies in the store."""


@dataclass(frozen=True)
class Packed:
    """What was put into the store."""

    raw_bytes: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Expected:
    """What an archive must be, by its manifest."""

    name: str
    """For sentences: the backup's name."""
    size_bytes: int
    sha256: str
    raw_bytes: int
    recipient: str | None = None
    """Whom it was encrypted for."""


def pack(
    source: int,
    store: ObjectStore,
    key: str,
    *,
    recipient: str | None = None,
    counts: Counts | None = None,
    tap: Callable[[memoryview], None] | None = None,
    confirm: Callable[[], None] | None = None,
    stop: threading.Event | None = None,
) -> Packed:
    """Reads the file descriptor to its end into an object; the descriptor stays open.

    `tap` is given all that is read, once and in order, in pieces that are overwritten when it returned.
    `confirm` is called at the end of the source, before the object is made: an exception from it (the dump ended badly: its pipe
    just ends, like a good one's) leaves no object. When `stop` is set the next chunk is not taken and `StoppedError` is raised.
    Raises `StoreError` and whatever `confirm` raises; in each case nothing of the object is left.
    """
    counts = counts if counts is not None else Counts()
    with store.writer(key) as writer:
        outlet = _Outlet(writer, counts)
        inlet = _Inlet(source, counts, tap, stop)
        if recipient is None:
            for piece in iter(lambda: inlet.read(CHUNK_BYTES), b""):
                outlet.write(piece)
        else:
            age.encrypt(inlet, outlet, recipient)
        if confirm is not None:
            confirm()
        size_bytes = writer.commit()
    return Packed(counts.raw_bytes, size_bytes, outlet.digest.hexdigest())


def unpack(
    store: ObjectStore,
    key: str,
    target: int,
    expected: Expected,
    *,
    identity: str | None = None,
    counts: Counts | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Writes the object's original bytes into the file descriptor, which stays open.

    The last piece is held back until everything was found to be as expected, so that an engine that reads a broken archive sees
    it end too early. Raises `ArchiveError`, `StoreError`, and `BrokenPipeError` when the reader went away.
    """
    counts = counts if counts is not None else Counts()
    unlocked = None if expected.recipient is None else age.identity_for(identity, expected.name, expected.recipient)
    was_blocking = os.get_blocking(target)
    os.set_blocking(target, False)
    try:
        source = _Source(store.chunks(key), expected, counts, stop)
        drain = _Drain(target, expected, counts, stop)
        if unlocked is None:
            for piece in iter(lambda: source.read(CHUNK_BYTES), b""):
                drain.write(piece)
        else:
            _decrypt(source, drain, unlocked, expected.name)
        source.check()
        drain.finish()
    except NotInStoreError as error:
        raise broken(expected.name, "the store holds no archive of it") from error
    finally:
        os.set_blocking(target, was_blocking)


def _decrypt(source: "_Source", drain: "_Drain", identity: Any, name: str) -> None:
    try:
        age.decrypt(source, drain, identity)
    except ArchiveError as error:
        if error.__cause__ is None:
            raise  # our own, said already
        source.check()  # when it is shorter or another one, that says more
        raise broken(name, f"it cannot be decrypted ({error})") from error


def broken(name: str, what: str) -> ArchiveError:
    """The one sentence for every archive that is not as it should be."""
    return ArchiveError(f"archive '{name}' is not what its manifest says: {what}; it cannot be restored")


def wide_pipe() -> tuple[int, int]:
    """A pipe (read end, write end) that holds a megabyte, where the system allows it: fewer switches between the two sides."""
    read_end, write_end = os.pipe()
    with contextlib.suppress(OSError):
        fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, CHUNK_BYTES)
    return read_end, write_end


def _wait(descriptor: int, event: int, stop: threading.Event | None) -> None:
    """Until the descriptor is ready. Looks up twice a second whether it is to stop: no signal reaches a thread."""
    poll = select.poll()
    poll.register(descriptor, event)
    while True:
        if stop is not None and stop.is_set():
            raise StoppedError
        if poll.poll(500):
            return


class _Inlet:
    """What is read from the source, compressed. A file object for age, which reads 8 KiB at a time.

    The source is read into one buffer again and again: a new one for each piece costs more than to fill it.
    """

    def __init__(
        self, source: int, counts: Counts, tap: Callable[[memoryview], None] | None, stop: threading.Event | None
    ) -> None:
        self.source, self.counts, self.tap, self.stop = source, counts, tap, stop
        options: dict[int, int] = {zstd.CompressionParameter.compression_level: LEVEL, zstd.CompressionParameter.checksum_flag: 1}
        self.compressor: zstd.ZstdCompressor | None = zstd.ZstdCompressor(options=options)
        self.buffer = memoryview(bytearray(READ_BYTES))
        self.ready = memoryview(b"")

    def read(self, size: int) -> bytes:
        while not self.ready and self.compressor is not None:
            self.ready = memoryview(self._next(self.compressor))
        piece, self.ready = bytes(self.ready[:size]), self.ready[size:]
        return piece

    def _next(self, compressor: zstd.ZstdCompressor) -> bytes:
        _wait(self.source, select.POLLIN, self.stop)
        raw = self.buffer[: os.readv(self.source, [self.buffer])]
        self.counts.raw_bytes += len(raw)
        if raw:
            if self.tap is not None:
                self.tap(raw)
            return compressor.compress(raw)
        self.compressor = None
        return compressor.flush()


class _Outlet:
    """What goes to the store."""

    def __init__(self, writer: ObjectWriter, counts: Counts) -> None:
        self.writer, self.counts = writer, counts
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.writer.write(data)
        self.counts.stored_bytes += len(data)
        return len(data)


class _Source:
    """What comes from the store, counted and summed up. A file object for age."""

    def __init__(self, chunks: Iterator[bytes], expected: Expected, counts: Counts, stop: threading.Event | None) -> None:
        self.chunks, self.expected, self.counts, self.stop = chunks, expected, counts, stop
        self.digest = hashlib.sha256()
        self.ready = memoryview(b"")

    def read(self, size: int) -> bytes:
        while not self.ready:
            if self.stop is not None and self.stop.is_set():
                raise StoppedError
            chunk = next(self.chunks, None)
            if chunk is None:
                break
            self.digest.update(chunk)
            self.counts.stored_bytes += len(chunk)
            self.ready = memoryview(chunk)
        piece, self.ready = bytes(self.ready[:size]), self.ready[size:]
        return piece

    def check(self) -> None:
        """After all was read."""
        while self.read(CHUNK_BYTES):
            pass
        found, wanted = self.counts.stored_bytes, self.expected.size_bytes
        if found != wanted:
            raise broken(self.expected.name, f"it has {found} bytes instead of {wanted}")
        if self.digest.hexdigest() != self.expected.sha256:
            raise broken(self.expected.name, "its bytes were changed (the SHA-256 differs)")


class _Drain:
    """Decompresses into the target, one piece late."""

    def __init__(self, target: int, expected: Expected, counts: Counts, stop: threading.Event | None) -> None:
        self.target, self.expected, self.counts, self.stop = target, expected, counts, stop
        self.decompressor = zstd.ZstdDecompressor()
        self.held = b""

    def write(self, data: bytes) -> int:
        rest = data
        while rest or not self.decompressor.needs_input:
            if self.decompressor.eof:
                raise broken(self.expected.name, "something follows its end")
            try:
                piece = self.decompressor.decompress(rest, PIECE_BYTES)
            except zstd.ZstdError as error:
                raise broken(self.expected.name, f"its bytes were changed ({error})") from error
            rest = b""
            if piece:
                self._pass_on(self.held)
                self.held = piece
            if self.decompressor.eof:
                rest = self.decompressor.unused_data
                if not rest:
                    break
        return len(data)

    def finish(self) -> None:
        """After the source was checked."""
        found, wanted = self.counts.raw_bytes + len(self.held), self.expected.raw_bytes
        if not self.decompressor.eof or found != wanted:
            raise broken(self.expected.name, f"it unpacks to {found} bytes instead of {wanted}")
        self._pass_on(self.held)

    def _pass_on(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while rest:
            _wait(self.target, select.POLLOUT, self.stop)
            with contextlib.suppress(BlockingIOError):
                written = os.write(self.target, rest)
                rest = rest[written:]
                self.counts.raw_bytes += written
