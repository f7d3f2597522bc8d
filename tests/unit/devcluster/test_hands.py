"""The volumes of the development cluster: one that takes long keeps no other waiting."""

import threading

import pytest

from devcluster.controller import hands
from devcluster.controller.hands import Hands

WAIT_SECONDS = 10.0


def _set(event: threading.Event) -> bool:
    event.set()
    return True


def test_a_step_that_hangs_stops_no_other_thing() -> None:
    answers, done = threading.Event(), threading.Event()
    these = Hands(lambda: None)
    assert these.take("a frozen file system", lambda: answers.wait(WAIT_SECONDS))
    assert these.take("another", lambda: _set(done))
    assert done.wait(WAIT_SECONDS)
    answers.set()


def test_a_thing_has_one_step_at_a_time_and_is_planned_again_when_it_was_asked_for_too_early() -> None:
    answers, again = threading.Event(), threading.Event()
    these = Hands(again.set)
    assert these.take("one", lambda: answers.wait(WAIT_SECONDS))
    assert not these.take("one", lambda: True)
    assert not again.is_set()
    answers.set()
    assert again.wait(WAIT_SECONDS)
    assert these.take("one", lambda: True)


def test_a_step_that_fails_is_planned_again_and_not_at_once() -> None:
    again = threading.Event()
    these = Hands(again.set)
    these.take("one", lambda: False)
    assert not these.take("one", lambda: True), "it rests before it is tried again"
    assert again.wait(hands.RETRY_SECONDS + WAIT_SECONDS)
    assert these.take("one", lambda: True)


def test_a_step_that_raises_is_said_and_planned_again(capfd: pytest.CaptureFixture[str]) -> None:
    def broken() -> bool:
        raise KeyError("a claim without a size")

    again = threading.Event()
    Hands(again.set).take("one", broken)
    assert again.wait(hands.RETRY_SECONDS + WAIT_SECONDS)
    assert "a claim without a size" in capfd.readouterr().err


def test_a_step_that_went_well_asks_for_no_plan() -> None:
    again, done = threading.Event(), threading.Event()
    these = Hands(again.set)
    these.take("one", lambda: _set(done))
    assert done.wait(WAIT_SECONDS)
    assert not again.wait(0.2)
