"""The history itself."""

import threading
from pathlib import Path

import pytest

from tests.chaos.history import History


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    history = History()
    token = history.invoke(history.new_process(), "add", 7)
    history.note("start", "crash")
    history.complete(token, "ok", 7, node="datanode0", term=3)
    history.write(tmp_path / "history.jsonl")
    again = History.read(tmp_path / "history.jsonl")
    assert again.ops == history.ops
    assert again.acknowledged == 1
    (call,) = again.calls()
    assert (call.asked, call.answered, call.type, call.term) == (7, 7, "ok", 3)


def test_each_line_is_on_disk_as_soon_as_it_is_known(tmp_path: Path) -> None:
    history = History(tmp_path / "history.jsonl")
    history.invoke(history.new_process(), "add", 1)
    assert History.read(tmp_path / "history.jsonl").ops == history.ops
    history.close()


def test_a_process_that_does_not_know_how_its_operation_ended_never_speaks_again() -> None:
    history = History()
    process = history.new_process()
    history.complete(history.invoke(process, "add", 1), "info", 1)
    with pytest.raises(AssertionError, match="take a new one"):
        history.invoke(process, "add", 2)
    history.invoke(history.new_process(), "add", 2)


def test_a_process_does_one_thing_at_a_time_and_ends_it_once() -> None:
    history = History()
    process = history.new_process()
    token = history.invoke(process, "add", 1)
    with pytest.raises(AssertionError, match="has not ended"):
        history.invoke(process, "add", 2)
    history.complete(token, "ok", 1)
    with pytest.raises(AssertionError, match="was not going on"):
        history.complete(token, "ok", 1)


def test_an_operation_that_has_no_end_may_still_take_place() -> None:
    history = History()
    history.invoke(history.new_process(), "add", 1)
    (call,) = history.calls()
    assert (call.type, call.end_ns) == ("info", None)


def test_times_and_indices_rise_together_whoever_writes() -> None:
    history = History()

    def write() -> None:
        process = history.new_process()
        for number in range(200):
            history.complete(history.invoke(process, "add", number), "ok", number)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert history.wait_for_acknowledged(800, 30)
    for thread in threads:
        thread.join()
    ops = history.ops
    assert [op.index for op in ops] == list(range(1600))
    assert [op.time_ns for op in ops] == sorted(op.time_ns for op in ops)
    assert len(history.calls()) == 800


def test_a_wait_for_writes_that_do_not_come_ends() -> None:
    assert not History().wait_for_acknowledged(1, 0.01)
