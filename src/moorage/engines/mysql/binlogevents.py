"""MySQL's binary log as bytes: its events, and which of them are one transaction. Pure.

    19 bytes of head (time, kind, server, length, place, flags) · the kind's own · 4 bytes of CRC-32

Nothing is understood of what a transaction does; only where one begins and ends, who it is, and when it was committed.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

MAGIC = b"\xfebin"
QUERY, ROTATE, FORMAT, XID, HEARTBEAT, GTID, ANONYMOUS_GTID = 2, 4, 15, 16, 27, 33, 34
PREVIOUS_GTIDS, XA_PREPARE, PAYLOAD, HEARTBEAT_2, TAGGED_GTID = 35, 38, 40, 41, 42
BEGINS = frozenset({GTID, TAGGED_GTID, ANONYMOUS_GTID})
_ENDS = frozenset({XID, XA_PREPARE, PAYLOAD})
_TO_BE_CONTINUED = (b"BEGIN", b"XA START")
_LAST = (b"COMMIT", b"ROLLBACK")
HEAD_BYTES, CRC_BYTES = 19, 4
_head = struct.Struct("<IBIIIH")
_MADE_AT = HEAD_BYTES + 2 + 50
"""In a format event: when the server started that wrote the file. A reader of a stream must not take it for a restart."""
_IN_USE = 1
MILLION = 1_000_000


class LogFormatError(ValueError):
    """The bytes are no binary log."""


def kind_of(event: bytes) -> int:
    return event[4]


def seconds_of(event: bytes) -> int:
    """When it was written, by its head."""
    return int.from_bytes(event[:4], "little")


def split(data: bytes) -> Iterator[bytes]:
    """Events in a row, without the file's first four bytes. Raises LogFormatError."""
    at = 0
    while at < len(data):
        if len(data) - at < HEAD_BYTES:
            raise LogFormatError("the log ends inside an event")
        size = int.from_bytes(data[at + 9 : at + 13], "little")
        if size < HEAD_BYTES or at + size > len(data):
            raise LogFormatError(f"the log holds an event of {size} bytes where {len(data) - at} are left")
        yield data[at : at + size]
        at += size


def head_of_stream(event: bytes, seconds: int) -> bytes:
    """A format event that says nothing of a start, and that says in its head up to when the log was read."""
    changed = bytearray(event[:-CRC_BYTES])
    changed[:4] = seconds.to_bytes(4, "little")
    changed[13:17] = bytes(4)
    changed[17] &= ~_IN_USE & 0xFF
    changed[_MADE_AT : _MADE_AT + 4] = bytes(4)
    return bytes(changed) + zlib.crc32(changed).to_bytes(CRC_BYTES, "little")


def nothing_before(seconds: int) -> bytes:
    """What mysqld wants to read of transactions in earlier files, when there are none."""
    none = bytes(8)
    head = _head.pack(seconds, PREVIOUS_GTIDS, 0, HEAD_BYTES + len(none) + CRC_BYTES, 0, 0)
    return head + none + zlib.crc32(head + none).to_bytes(CRC_BYTES, "little")


def format_of(event: bytes) -> bytes:
    """What of a format event says how the log is to be read."""
    return event[HEAD_BYTES : HEAD_BYTES + 2 + 50] + event[_MADE_AT + 4 : -CRC_BYTES]


def is_intact(event: bytes) -> bool:
    return zlib.crc32(event[:-CRC_BYTES]) == int.from_bytes(event[-CRC_BYTES:], "little")


@dataclass(frozen=True)
class Begin:
    """What the first event of a transaction says."""

    source: str
    """UUID of who committed it; empty when the event is of a kind that is not looked into."""
    number: int
    micros: int


def begin_of(event: bytes) -> Begin:
    """Of a GTID event. One with a tag, or without any, tells no more than the second of its head."""
    if kind_of(event) != GTID:
        return Begin("", 0, seconds_of(event) * MILLION)
    body = event[HEAD_BYTES:-CRC_BYTES]
    number = int.from_bytes(body[17:25], "little", signed=True)
    first = int.from_bytes(body[42:49], "little")
    is_copied = first >> 55 & 1  # it says both when it was committed here, and when there
    micros = int.from_bytes(body[49:56], "little") if is_copied else first & ~(1 << 55)
    return Begin(str(UUID(bytes=body[1:17])), number, micros)


def _text(event: bytes) -> bytes:
    """Of a query event: its statement."""
    body = event[HEAD_BYTES:-CRC_BYTES]
    database_bytes, status_bytes = body[8], int.from_bytes(body[11:13], "little")
    return body[13 + status_bytes + database_bytes + 1 :]


@dataclass
class Transaction:
    """Its events, in order."""

    begin: Begin
    events: list[bytes] = field(default_factory=list)
    is_open: bool = False
    """It has begun, and only its own last event ends it."""

    def ends_with(self, event: bytes) -> bool:
        """Takes the event; whether it was the last one."""
        self.events.append(event)
        kind = kind_of(event)
        if kind in _ENDS:
            return True
        if kind != QUERY:
            return False
        text = _text(event)
        if self.is_open:
            return text.upper().startswith(_LAST)
        self.is_open = text.upper().startswith(_TO_BE_CONTINUED)
        return not self.is_open  # a statement that is a transaction by itself


def transactions(events: Iterable[bytes]) -> Iterator[Transaction]:
    """Whole ones; one that is cut off at the end is left out."""
    current: Transaction | None = None
    for event in events:
        if kind_of(event) in BEGINS:
            current = Transaction(begin_of(event), [event])
        elif current is not None and current.ends_with(event):
            yield current
            current = None


def last_moment(data: bytes) -> int:
    """In microseconds: up to when a piece of the log tells everything. Raises LogFormatError."""
    found = 0
    for event in split(data):
        kind = kind_of(event)
        if kind in BEGINS:
            found = max(found, begin_of(event).micros)
        elif kind == FORMAT:
            found = max(found, seconds_of(event) * MILLION)
    return found
