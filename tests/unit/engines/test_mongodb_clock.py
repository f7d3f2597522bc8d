"""A clock that differs is said of the member whose clock it is, and not with every second that it drifts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.engines.mongodb.clock import LEVELS_SECONDS, Answer, deviation_seconds, level_of, seconds_of, sentence

NOW = 1_000_000.0


def _asked(off: float, there: float = 0.001, back: float = 0.001) -> Answer:
    """By a member whose clock is ahead by `off`; the question took `there` and the answer `back` seconds."""
    return Answer(peer_seconds=NOW + there, sent_seconds=NOW + off, received_seconds=NOW + off + there + back)


@given(st.floats(0, 30), st.floats(0, 30))
def test_a_slow_network_is_never_taken_for_a_wrong_clock(there: float, back: float) -> None:
    assert deviation_seconds([_asked(0.0, there, back)] * 2, 2) == 0.0


@given(st.floats(-1000, 1000), st.floats(0, 2), st.floats(0, 2))
def test_what_is_said_to_differ_differs_at_least_that_much(off: float, there: float, back: float) -> None:
    found = deviation_seconds([_asked(off, there, back)] * 2, 2)
    assert abs(found) <= abs(off) + 1e-6
    assert found * off >= 0
    assert abs(found) >= abs(off) - there - back - 1e-6


def test_of_three_only_the_one_whose_clock_is_off_says_so() -> None:
    assert deviation_seconds([_asked(7.0), _asked(7.0)], 2) == pytest.approx(7.0, abs=0.1)
    assert deviation_seconds([_asked(-7.0), _asked(0.0)], 2) == 0.0
    assert deviation_seconds([_asked(7.0), _asked(-7.0)], 2) == 0.0


def test_one_answer_of_several_peers_is_not_believed_and_that_of_an_only_peer_is() -> None:
    assert deviation_seconds([_asked(7.0)], 2) == 0.0
    assert deviation_seconds([_asked(7.0)], 1) > 6.0
    assert deviation_seconds([], 0) == 0.0


def test_a_clock_around_a_limit_does_not_flap() -> None:
    said, level = [], 0
    for off in (4.9, 5.1, 4.9, 5.1, 3.1, 4.0, 2.9, 4.9):
        level = level_of(off, level)
        said.append(level)
    assert said == [0, 5, 5, 5, 5, 5, 0, 0]


@given(st.floats(-1e5, 1e5), st.sampled_from([0, *LEVELS_SECONDS, *(-s for s in LEVELS_SECONDS)]))
def test_what_was_said_is_said_again_of_the_same_clock(off: float, before: int) -> None:
    level = level_of(off, before)
    assert level_of(off, level) == level
    assert abs(off) >= 0.59 * abs(level)


def test_it_is_said_in_words_and_nothing_when_the_clock_is_right() -> None:
    assert sentence(level_of(-40, 0)) == "its clock is more than 30 s behind those of the others"
    assert sentence(level_of(6, 0)) == "its clock is more than 5 s ahead of those of the others"
    assert sentence(0) == ""


def test_the_engines_time_is_in_utc_whether_it_says_so_or_not() -> None:
    at = datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert seconds_of(at) == seconds_of(at.replace(tzinfo=None)) == at.timestamp()
