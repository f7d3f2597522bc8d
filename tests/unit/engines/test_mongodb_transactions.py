"""Transactions whose entries are spread over the log."""

from pathlib import Path
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument

from moorage.engines.mongodb.oplogentries import OplogWindow
from moorage.engines.mongodb.transactions import Transactions


def entry(session: int, number: int, command: dict[str, Any], ts: int = 1) -> tuple[bytes, RawBSONDocument]:
    raw = bson.encode(
        {"op": "c", "ns": "admin.$cmd", "o": command, "ts": bson.Timestamp(ts, 1), "lsid": {"id": session}, "txnNumber": number}
    )
    return raw, RawBSONDocument(raw)


def insert(i: int) -> dict[str, Any]:
    return {"op": "i", "ns": "shop.a", "o": {"_id": i}}


def ids(operations: Any) -> list[int]:
    return [operation["o"]["_id"] for operation in operations]


def test_parts_wait_for_the_entry_that_commits_them_and_keep_their_order(tmp_path: Path) -> None:
    open_ones = Transactions(tmp_path)
    assert open_ones.take(*entry(1, 1, {"applyOps": [insert(1), insert(2)], "partialTxn": True})) is None
    assert open_ones.take(*entry(2, 1, {"applyOps": [insert(9)], "partialTxn": True})) is None
    assert ids(open_ones.take(*entry(1, 1, {"applyOps": [insert(3)]}))) == [1, 2, 3]
    assert len(open_ones) == 1


def test_a_prepared_one_is_committed_or_aborted_by_an_entry_of_its_own(tmp_path: Path) -> None:
    open_ones = Transactions(tmp_path)
    assert open_ones.take(*entry(1, 1, {"applyOps": [insert(1)], "prepare": True})) is None
    assert open_ones.take(*entry(1, 2, {"applyOps": [insert(2)], "prepare": True})) is None
    assert ids(open_ones.take(*entry(1, 1, {"commitTransaction": 1}))) == [1]
    assert open_ones.take(*entry(1, 2, {"abortTransaction": 1})) is None
    assert len(open_ones) == 0


def test_one_that_was_committed_before_the_log_begins_does_nothing(tmp_path: Path) -> None:
    assert ids(Transactions(tmp_path).take(*entry(1, 1, {"commitTransaction": 1}))) == []


def test_retryable_writes_are_no_transactions() -> None:
    raw = bson.encode({"op": "i", "ns": "a.b", "o": {}, "ts": bson.Timestamp(1, 1), "lsid": {"id": 1}, "txnNumber": 1})
    assert not Transactions.is_part(RawBSONDocument(raw))


def test_a_window_counts_what_transactions_write_too() -> None:
    window = OplogWindow()
    window.take(entry(1, 1, {"applyOps": [insert(1), insert(2)]}, ts=5)[0])
    window.take(bson.encode({"op": "d", "ns": "shop.a", "o": {"_id": 1}, "ts": bson.Timestamp(6, 1)}))
    window.take(bson.encode({"op": "c", "ns": "shop.$cmd", "o": {"dropIndexes": "a", "index": "x"}, "ts": bson.Timestamp(7, 1)}))
    window.take(bson.encode({"op": "c", "ns": "old.$cmd", "o": {"dropDatabase": 1}, "ts": bson.Timestamp(8, 1)}))
    writes = window.writes_to("shop.a")
    assert writes is not None
    assert (writes.inserted, writes.deleted, writes.changed, writes.indexes_changed) == (2, 1, False, True)
    dropped = window.writes_to("old.x")
    assert dropped is not None
    assert dropped.changed
    assert (window.first, window.last) == (bson.Timestamp(5, 1), bson.Timestamp(8, 1))
