"""What a reader of the log gives on: whole transactions, in order, each at a later position than the one before."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from moorage.engines.backup import LogPiece
from moorage.engines.mysql import binlogevents as events
from moorage.engines.mysql import positions
from moorage.engines.mysql.binlog import OVERLAP_MICROS, Gathered
from moorage.engines.mysql.positions import Position
from tests.unit.engines.mysql.test_binlogevents import GROUP, MICROS, XID, begin, event, query

FORMAT = event(events.FORMAT, struct.pack("<H50sI", 4, b"9.7.4", 99) + b"\x13rest\x01")
BEAT = event(events.HEARTBEAT_2)
SECOND = 1_000_000


def transaction(number: int, micros: int) -> list[bytes]:
    return [begin(number, micros), query("BEGIN"), XID]


def read(gathered: Gathered, *transactions: list[bytes]) -> list[LogPiece]:
    for each in [[FORMAT], *transactions]:
        for one in each:
            assert not gathered.take(one)
    assert gathered.take(BEAT), "a heartbeat says that nothing more stands there"
    return list(gathered.pieces(is_beat=True))


def numbers(piece: LogPiece) -> list[int]:
    return [t.begin.number for t in events.transactions(events.split(piece.data))]


def test_what_was_kept_is_read_again_only_as_far_as_it_overlaps() -> None:
    kept = Position(MICROS, 5)
    before, long_before = MICROS - SECOND, MICROS - OVERLAP_MICROS - 1
    log = [transaction(3, long_before), transaction(4, before), transaction(5, MICROS), transaction(6, MICROS + 1)]
    (piece,) = read(Gathered(GROUP, kept), *log)
    assert numbers(piece) == [4, 5, 6]
    assert (piece.start, piece.end) == (str(kept), str(Position(MICROS + 1, 6)))
    assert not piece.is_idle


def test_of_what_only_overlaps_no_piece_is_made() -> None:
    assert read(Gathered(GROUP, Position(MICROS, 5)), transaction(4, MICROS - SECOND), transaction(5, MICROS)) == []


def test_a_new_primary_whose_clock_is_behind_loses_nothing() -> None:
    kept = Position(MICROS, 5)
    (piece,) = read(Gathered(GROUP, kept), transaction(5, MICROS), transaction(1_000_006, MICROS - 3 * SECOND))
    assert numbers(piece) == [5, 1_000_006]
    assert positions.parse(piece.end) == Position(MICROS + 1, 1_000_006)


def test_while_nobody_writes_the_log_reaches_as_far_as_the_member_knows() -> None:
    gathered = Gathered(GROUP, Position(MICROS, 5))
    assert read(gathered, transaction(5, MICROS)) == []
    assert gathered.is_idle, "what only overlaps is nothing new"
    gathered.says_nothing_until(MICROS // SECOND + 100)
    (piece,) = gathered.pieces(is_beat=True)
    assert piece.is_idle
    assert positions.parse(piece.end) == Position((MICROS // SECOND + 100) * SECOND, 5)
    assert events.last_moment(piece.data) == (MICROS // SECOND + 100) * SECOND
    gathered.says_nothing_until(MICROS // SECOND + 50)
    assert list(gathered.pieces(is_beat=True)) == [], "what was said is not taken back"


@given(st.lists(st.integers(-90 * SECOND, 90 * SECOND), max_size=8))
def test_every_transaction_after_the_kept_one_is_given_on_whatever_the_clocks_say(clocks: list[int]) -> None:
    gathered = Gathered(GROUP, Position(MICROS, 5))
    log = [transaction(5, MICROS), *(transaction(6 + i, MICROS + off) for i, off in enumerate(clocks))]
    found = [number for piece in read(gathered, *log) for number in numbers(piece)]
    assert [n for n in found if n > 5] == [6 + i for i in range(len(clocks))]
