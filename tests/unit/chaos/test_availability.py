"""How long nobody could write."""

import pytest

from tests.chaos.checkers import gap_after_seconds, longest_gap_seconds
from tests.unit.chaos.stories import Story

SECOND = 1_000_000_000


def story() -> Story:
    """Writes are acknowledged at 1, 2, 2.5, then at 6 s; the fault is noted at 3 s. From 7 to 9 s one is tried in vain."""
    told = Story()
    for number, at in enumerate((1, 2, 2.5, 6)):
        if at == 6:
            told.at(3).note("start", "crash of the primary").at(3.1).call(9, "add", 90, "info", error="AutoReconnect: reset")
        told.at(at - 0.2).tell(0, "add", number, "invoke").at(at).tell(0, "add", number, "ok")
    return told.at(7).tell(1, "add", 91, "invoke").at(9).tell(1, "add", 91, "info", error="NetworkTimeout: x")


def test_the_longest_gap_is_the_longest_hole_between_two_acknowledged_writes() -> None:
    assert longest_gap_seconds(story().history()) == pytest.approx(3.5)


@pytest.mark.parametrize(
    ("since", "until", "gap"),
    [(0, 2.2, 1.0), (2.6, 3, 3.5), (6.1, None, 3.0), (0, 1.5, 1.0), (5, 5.5, 3.5), (None, 30, 24.0)],
)
def test_a_gap_counts_whole_when_it_reaches_into_the_time_asked_for(since: float | None, until: float | None, gap: float) -> None:
    bounds = [None if at is None else round(at * SECOND) for at in (since, until)]
    assert longest_gap_seconds(story().history(), *bounds) == pytest.approx(gap)


def test_writes_that_never_come_back_are_the_longest_gap() -> None:
    told = story().at(40).tell(2, "add", 92, "invoke")
    assert longest_gap_seconds(told.history()) == pytest.approx(34.0)


def test_without_any_acknowledged_write_the_gap_has_no_end() -> None:
    assert longest_gap_seconds(Story().call(0, "add", 1, "fail").history()) == float("inf")
    assert longest_gap_seconds(Story().history()) == float("inf")


def test_after_the_last_write_nothing_is_known() -> None:
    assert longest_gap_seconds(story().history(), since_ns=100 * SECOND) == float("inf")


def test_a_read_is_no_write() -> None:
    told = story().at(4).call(5, "read", [1, 2], answered=[1])
    assert longest_gap_seconds(told.history()) == pytest.approx(3.5)


def test_what_was_before_the_fault_was_over_does_not_count_where_nobody_could_serve_until_then() -> None:
    assert gap_after_seconds(story().history(), round(2.6 * SECOND)) == pytest.approx(3.4)
    assert gap_after_seconds(story().history(), round(5.8 * SECOND), 30 * SECOND) == pytest.approx(24.0)
    assert gap_after_seconds(story().history(), round(6.5 * SECOND)) == float("inf")
