"""Reads mongodump's archive as it passes by: what it holds, counted from its own bytes. Pure.

    magic · header · one document per collection (its options and indexes) · terminator
    then blocks: {db, collection, EOF, CRC} · documents · terminator; the last namespace is the oplog (db "", collection "oplog")

Ordinary documents are only stepped over by their length, so that this costs little beside the dump itself.
"""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import bson

MAGIC = bytes.fromhex("6de29981")
TERMINATOR = -1
DOCUMENT_BYTES_MAX = 17 * 2**20
OPLOG = ".oplog"
_int32 = struct.Struct("<i").unpack_from


class ArchiveFormatError(ValueError):
    """The bytes are no archive of mongodump, or end too early."""


class _State(Enum):
    MAGIC = auto()
    PRELUDE = auto()
    HEADER = auto()
    BODY = auto()


@dataclass
class Namespace:
    """One namespace of the archive."""

    documents: int = 0
    is_complete: bool = False
    crc: int = 0
    """Of all its documents, by mongodump itself; mongorestore checks it."""


class ArchiveReader:
    """Takes the archive in pieces of any size by `feed`, and says at `finish` whether it was whole."""

    def __init__(self, on_oplog_entry: Callable[[bytes], None]) -> None:
        self._on_oplog_entry = on_oplog_entry
        self._state, self._rest, self._skip_bytes = _State.MAGIC, b"", 0
        self._need_bytes = len(MAGIC)
        self._pieces: list[bytes] = []
        self._pieces_bytes = 0
        self._current = Namespace()
        self._is_oplog = False
        self.header: dict[str, Any] = {}
        self.metadata: dict[str, dict[str, Any]] = {}
        """By namespace: `options`, `indexes`, `type`, as mongodump wrote them (parsed JSON)."""
        self.namespaces: dict[str, Namespace] = {}

    def feed(self, data: bytes | memoryview) -> None:
        """Keeps nothing of `data` but a copy of what is not whole. Raises ArchiveFormatError."""
        if self._pieces_bytes + len(data) < self._need_bytes:
            self._keep(data)
            return
        found = b"".join([*self._pieces, data]) if self._pieces else data
        at = self._walk(found)
        self._pieces, self._pieces_bytes = [], 0
        self._keep(found[at:])

    def _keep(self, rest: bytes | memoryview) -> None:
        if rest:
            self._pieces.append(bytes(rest))
            self._pieces_bytes += len(rest)

    def finish(self) -> None:
        """Raises ArchiveFormatError when the archive did not end where one ends."""
        open_ones = sorted(name for name, n in self.namespaces.items() if not n.is_complete)
        is_cut = self._state is not _State.HEADER or self._pieces_bytes or self._skip_bytes
        if is_cut or open_ones or (self.metadata and not self.namespaces):  # it tells of collections and holds none
            raise ArchiveFormatError(f"the archive ends too early{f', inside {open_ones[0]}' if open_ones else ''}")

    def _walk(self, data: bytes | memoryview) -> int:
        """As far as whole things reach; sets how much is needed for the next one."""
        at, end = 0, len(data)
        self._need_bytes = 4
        while True:
            if self._skip_bytes:
                step = min(self._skip_bytes, end - at)
                at, self._skip_bytes = at + step, self._skip_bytes - step
            if end - at < 4:
                return at
            if self._state is _State.MAGIC:
                if data[at : at + 4] != MAGIC:
                    raise ArchiveFormatError("the bytes do not begin as an archive of mongodump does")
                at, self._state = at + 4, _State.PRELUDE
                continue
            if self._state is _State.BODY and not self._is_oplog:
                at = self._step_over(data, at)
                continue
            size = _size(data, at)
            if size == TERMINATOR:
                at, self._state = at + 4, self._after_terminator()
                continue
            if end - at < size:
                self._need_bytes = size
                return at
            self._take(bytes(data[at : at + size]))
            at += size

    def _step_over(self, data: bytes | memoryview, at: int) -> int:
        """Over the documents of an ordinary collection: the only part that runs once for each of millions."""
        end, count, int32 = len(data), 0, _int32
        last = end - 4
        while at <= last:
            size = int32(data, at)[0]
            if size < 5:
                break
            count += 1
            at += size
        self._current.documents += count
        if at > end:
            self._skip_bytes, at = at - end, end
        elif at <= last:
            if _size(data, at) == TERMINATOR:
                self._state = _State.HEADER
            at += 4
        return at

    def _after_terminator(self) -> _State:
        if self._state is _State.HEADER:
            raise ArchiveFormatError("the archive has a block without a name")
        return _State.HEADER

    def _take(self, document: bytes) -> None:
        """A document that is looked into."""
        if self._state is _State.BODY:
            self._current.documents += 1
            self._on_oplog_entry(document)
            return
        try:
            found = bson.decode(document)
        except bson.errors.BSONError as error:
            raise ArchiveFormatError(f"the archive holds what is no BSON: {error}") from error
        if self._state is _State.PRELUDE:
            self._describe(found)
        else:
            self._begin_block(found)

    def _describe(self, found: dict[str, Any]) -> None:
        if "concurrent_collections" in found:
            self.header = found
        else:
            described = json.loads(found["metadata"]) if found.get("metadata") else {}
            self.metadata[f"{found['db']}.{found['collection']}"] = {**described, "type": found.get("type", "")}

    def _begin_block(self, found: dict[str, Any]) -> None:
        name = f"{found['db']}.{found['collection']}"
        self._current = self.namespaces.setdefault(name, Namespace())
        self._is_oplog = name == OPLOG
        self._state = _State.BODY
        if found["EOF"]:
            self._current.is_complete, self._current.crc = True, found["CRC"]


def _size(data: bytes | memoryview, at: int) -> int:
    size: int = _int32(data, at)[0]
    if size != TERMINATOR and not 5 <= size <= DOCUMENT_BYTES_MAX:
        raise ArchiveFormatError(f"the archive holds a document of {size} bytes")
    return size
