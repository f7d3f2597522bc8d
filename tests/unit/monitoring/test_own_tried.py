"""What an alert would have done, before it is saved."""

import pytest

from moorage.monitoring.own.tried import MOMENTS_MAX, UnreadableAnswerError, in_words, span, tried

END = 100_000.0


def series(*moments: float) -> dict[str, object]:
    return {"metric": {}, "values": [[at, "1"] for at in moments]}


def every(first: float, last: float) -> list[float]:
    return [first + 30 * index for index in range(round((last - first) / 30) + 1)]


def test_what_never_held_would_not_have_fired() -> None:
    assert in_words(tried([], 0, END)) == "it would not have fired in the last 24 h: it never held"


def test_each_time_is_counted_and_the_longest_is_told() -> None:
    found = tried([series(*every(0, 60), *every(600, 810), *every(2000, 2030))], 0, END)
    assert (found.fired, found.longest_seconds, found.is_firing) == (3, 240, False)
    assert in_words(found) == "it would have fired 3 times in the last 24 h, longest 4 min"


def test_what_did_not_hold_for_long_enough_told_nobody_and_is_said() -> None:
    found = tried([series(*every(0, 60))], 300, END)
    assert (found.fired, found.held) == (0, 1)
    assert in_words(found) == "it would not have fired in the last 24 h: it held once, longest 2 min"


def test_a_wait_is_no_part_of_the_time_in_which_it_fires() -> None:
    found = tried([series(*every(0, 600))], 300, END)
    assert (found.fired, found.first, found.longest_seconds) == (1, 300, 330)


def test_what_still_holds_at_the_end_would_fire_now() -> None:
    found = tried([series(*every(END - 60, END))], 0, END)
    assert in_words(found) == "it would have fired once in the last 24 h, longest 2 min, and would fire now"


def test_series_fire_each_for_itself() -> None:
    assert tried([series(*every(0, 60)), series(*every(30, 90))], 0, END).fired == 2


def test_the_newest_moments_come_first_each_with_its_series_and_one_that_lasts_has_no_end() -> None:
    found = tried(
        [{**series(*every(0, 60)), "metric": {"pod": "a"}}, {**series(*every(END - 60, END)), "metric": {"pod": "b"}}], 0, END
    )
    assert [(one.began, one.ended, one.labels["pod"]) for one in found.moments] == [(END - 60, None, "b"), (0, 90, "a")]


def test_of_one_that_comes_and_goes_the_newest_moments_are_told_and_all_are_counted() -> None:
    found = tried([series(*(600.0 * number for number in range(150)))], 0, END)
    assert (found.fired, len(found.moments), found.moments[0].began) == (150, MOMENTS_MAX, 149 * 600)


def test_an_answer_that_is_none_is_refused() -> None:
    with pytest.raises(UnreadableAnswerError, match="wanted: series with values"):
        tried([{"metric": {}}], 0, END)


def test_times_are_told_in_few_words() -> None:
    assert [span(s) for s in (30, 90, 240, 3600, 5400, 86_400)] == ["30 s", "2 min", "4 min", "1 h", "1 h 30 min", "24 h"]
