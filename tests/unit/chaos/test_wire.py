"""What is seen below the driver's own retries."""

import threading
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.monitoring import CommandFailedEvent, CommandStartedEvent, CommandSucceededEvent

from tests.chaos.workloads.wire import Wire

A_MOMENT = timedelta(milliseconds=1)
WHERE = ("127.0.0.1", 27017)
SEVENTH = ObjectId("7fffffff0000000000000007")


def send(wire: Wire, answer: dict[str, Any], *, succeeds: bool) -> None:
    wire.started(CommandStartedEvent({"insert": "numbers"}, "chaos", 1, WHERE, 1))
    if succeeds:
        wire.succeeded(CommandSucceededEvent(A_MOMENT, answer, "insert", 1, WHERE, 1))
    else:
        wire.failed(CommandFailedEvent(A_MOMENT, answer, "insert", 1, WHERE, 1))


def test_every_try_is_seen_in_its_order_and_the_term_of_who_answered_last() -> None:
    wire = Wire()
    wire.forget()
    send(wire, {"errmsg": "connection reset", "errtype": "AutoReconnect"}, succeeds=False)
    send(wire, {"ok": 1.0, "n": 1, "electionId": SEVENTH}, succeeds=True)
    assert [one.answer for one in wire.tries] == [
        {"errmsg": "connection reset", "errtype": "AutoReconnect"},
        {"ok": 1.0, "n": 1, "electionId": SEVENTH},
    ]
    assert wire.tries[0].node == "127.0.0.1:27017"
    assert wire.term == 7
    wire.forget()
    assert wire.tries == []
    assert wire.term is None


def test_a_command_that_nobody_answered_is_a_try_without_an_answer() -> None:
    wire = Wire()
    wire.forget()
    wire.started(CommandStartedEvent({"insert": "numbers"}, "chaos", 1, WHERE, 1))
    (one,) = wire.tries
    assert one.answer is None


def test_what_other_threads_send_is_not_this_ones() -> None:
    wire = Wire()
    wire.forget()
    other = threading.Thread(target=send, args=(wire, {"ok": 1.0}), kwargs={"succeeds": True})
    other.start()
    other.join()
    assert wire.tries == []


def test_a_transaction_that_another_primary_committed_is_of_no_known_term() -> None:
    wire = Wire()
    wire.forget()
    send(wire, {"ok": 1.0, "n": 1, "electionId": SEVENTH}, succeeds=True)
    elsewhere = ("127.0.0.2", 27017)
    wire.started(CommandStartedEvent({"commitTransaction": 1}, "admin", 2, elsewhere, 2))
    wire.succeeded(CommandSucceededEvent(A_MOMENT, {"ok": 1.0}, "commitTransaction", 2, elsewhere, 2))
    assert wire.term is None
