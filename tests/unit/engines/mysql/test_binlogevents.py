"""What of the binary log's bytes is one transaction, and when it was committed."""

import struct
import zlib
from uuid import UUID

import pytest

from moorage.engines.mysql import binlogevents as events

GROUP = "b26430b6-82b7-4633-a26c-a53004b0df2a"
MICROS = 1_795_820_771_378_416


def event(kind: int, body: bytes = b"", seconds: int = 1_795_820_771, flags: int = 0) -> bytes:
    size = events.HEAD_BYTES + len(body) + events.CRC_BYTES
    whole = struct.pack("<IBIIIH", seconds, kind, 1, size, 4, flags) + body
    return whole + zlib.crc32(whole).to_bytes(4, "little")


def begin(number: int, micros: int = MICROS, *, applied_at: int = 0) -> bytes:
    first = (
        (applied_at | 1 << 55).to_bytes(7, "little") + micros.to_bytes(7, "little")
        if applied_at
        else micros.to_bytes(7, "little")
    )
    return event(events.GTID, b"\x00" + UUID(GROUP).bytes + struct.pack("<q", number) + b"\x02" + bytes(16) + first)


def query(text: str) -> bytes:
    return event(events.QUERY, struct.pack("<IIBHH", 7, 0, 3, 0, 5) + b"12345" + b"app\0" + text.encode())


XID, ROWS = event(events.XID, bytes(8)), event(30, b"rows")


def test_a_transaction_says_who_it_is_and_when_it_was_committed_first() -> None:
    assert events.begin_of(begin(7)) == events.Begin(GROUP, 7, MICROS)
    assert events.begin_of(begin(7, applied_at=MICROS + 10)) == events.Begin(GROUP, 7, MICROS)
    assert events.begin_of(event(events.TAGGED_GTID)) == events.Begin("", 0, 1_795_820_771_000_000)


@pytest.mark.parametrize(
    "one",
    [
        [query("BEGIN"), ROWS, XID],
        [query("CREATE TABLE app.t (id INT)")],
        [query("BEGIN"), query("CREATE TABLE t (id INT) START TRANSACTION"), ROWS, XID],
        [query("XA START X'01',X'',1"), ROWS, query("XA END X'01',X'',1"), event(events.XA_PREPARE)],
        [query("XA COMMIT X'01',X'',1")],
        [query("BEGIN"), ROWS, query("COMMIT")],
        [event(events.PAYLOAD, b"compressed")],
    ],
    ids=["rows", "definition", "create-select", "xa-prepare", "xa-commit", "commit-by-word", "compressed"],
)
def test_every_kind_of_transaction_ends_where_it_ends(one: list[bytes]) -> None:
    log = [begin(1), *one, begin(2), query("BEGIN"), XID, begin(3), query("BEGIN")]
    found = list(events.transactions(log))
    assert [t.begin.number for t in found] == [1, 2], "one that is cut off is left out"
    assert found[0].events == log[: len(one) + 1]
    assert list(events.split(b"".join(log))) == log


def test_a_log_that_is_cut_off_inside_an_event_is_refused() -> None:
    for length in (5, len(XID) - 1):
        with pytest.raises(events.LogFormatError):
            list(events.split(XID[:length]))


def test_a_piece_says_up_to_when_it_tells_everything() -> None:
    head = event(events.FORMAT, struct.pack("<H50sI", 4, b"9.7.4", 99) + b"\x13rest\x01", flags=1)
    stream = events.head_of_stream(head, 1_795_820_800)
    assert events.is_intact(stream)
    assert events.seconds_of(stream) == 1_795_820_800
    assert stream[71:75] == bytes(4), "a reader does not take it for a start of the server"
    assert events.format_of(stream) == events.format_of(head)
    assert events.last_moment(stream) == 1_795_820_800_000_000
    assert events.last_moment(stream + begin(1, MICROS + 10**9) + XID) == MICROS + 10**9
