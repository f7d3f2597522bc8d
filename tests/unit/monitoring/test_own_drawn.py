"""What a threshold is held against, as lines."""

import pytest

from moorage.monitoring.own.drawn import GATHERED, LINES_MAX, drawn
from moorage.monitoring.own.tried import UnreadableAnswerError

STEP = 30
COUNT = 4 * GATHERED


def series(values: dict[int, float], pod: str = "a") -> dict[str, object]:
    """By the moment's number."""
    return {"metric": {"pod": pod}, "values": [[1_000 + number * STEP, str(value)] for number, value in values.items()]}


def values(found: dict[int, float], comparison: str = ">") -> list[float | None]:
    (line,), _ = drawn([series(found)], comparison, 1_000, STEP, COUNT)
    return line.values


def test_no_peak_is_lost() -> None:
    assert values({0: 1, 1: 9, 2: 1, GATHERED: 2})[:2] == [9, 2]


def test_where_little_is_bad_no_dip_is_lost() -> None:
    assert values({0: 5, 1: 0.5, 2: 5}, "<")[0] == 0.5


def test_what_nothing_was_heard_of_stays_a_gap_and_the_last_moment_is_of_the_last_point() -> None:
    assert values({0: 1, COUNT: 7}) == [1, None, None, 7]


def test_what_is_no_number_is_a_gap() -> None:
    assert values({0: float("nan"), GATHERED: 1, 2 * GATHERED: float("inf")}) == [None, 1, None, None]


def test_of_many_those_nearest_to_firing_are_shown_and_the_others_counted() -> None:
    many = [series({0: float(number)}, str(number)) for number in range(20)]
    most, left_off = drawn(many, ">", 1_000, STEP, COUNT)
    assert ([line.labels["pod"] for line in most], left_off) == ([str(n) for n in range(19, 19 - LINES_MAX, -1)], 20 - LINES_MAX)
    least, _ = drawn(many, "<", 1_000, STEP, COUNT)
    assert [line.labels["pod"] for line in least] == [str(number) for number in range(LINES_MAX)]


def test_one_that_never_had_a_value_is_no_line() -> None:
    assert drawn([series({})], ">", 1_000, STEP, COUNT) == ([], 0)


def test_an_answer_that_is_none_is_refused() -> None:
    with pytest.raises(UnreadableAnswerError, match="wanted: series with values"):
        drawn([{"metric": {}}], ">", 0, STEP, COUNT)
