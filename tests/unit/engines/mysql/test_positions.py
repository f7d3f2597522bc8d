"""Places in MySQL's log sort as text, and lie where their moments do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.engines.mysql import positions
from moorage.engines.mysql.binlog import following
from moorage.engines.mysql.binlogevents import Begin
from moorage.engines.mysql.positions import Position

GROUP = "b26430b6-82b7-4633-a26c-a53004b0df2a"
places = st.builds(Position, st.integers(0, 10**16 - 1), st.integers(0, 10**19 - 1))
begins = st.builds(
    Begin, st.sampled_from([GROUP, "", "00000000-0000-0000-0000-000000000001"]), st.integers(1, 2**62), st.integers(0, 2**52)
)


@given(places, places)
def test_they_sort_as_text(one: Position, other: Position) -> None:
    assert (str(one) < str(other)) == (one < other)
    assert positions.parse(str(one)) == one


@given(places.filter(lambda p: p.micros < 2**52), begins)
def test_what_follows_stands_later_whatever_the_clock_of_a_new_primary_says(before: Position, begin: Begin) -> None:
    after = following(before, begin, GROUP)
    assert after > before
    assert after.micros >= begin.micros
    assert after.number == (begin.number if begin.source == GROUP else 0)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)), begins)  # noqa: DTZ001 - the zone is added below
def test_nothing_written_at_a_moment_or_later_stands_before_its_position(naive: datetime, begin: Begin) -> None:
    moment = naive.replace(tzinfo=UTC)
    written = Begin(begin.source, begin.number, positions.micros_of(moment))
    assert str(following(Position(0), written, GROUP)) >= positions.position_at(positions.to_rfc3339(moment))


def test_moments_are_said_as_people_write_them() -> None:
    moment = datetime(2026, 11, 6, 4, 34, 56, 250_000, tzinfo=UTC)
    assert positions.to_rfc3339(moment) == "2026-11-06T04:34:56.250000Z"
    assert positions.time_of(str(Position(positions.micros_of(moment), 7))) == "2026-11-06T04:34:56Z"
    assert positions.whole_second_after(moment) == moment.replace(microsecond=0) + timedelta(seconds=1)
    with pytest.raises(ValueError, match="has no time zone"):
        positions.from_rfc3339("2026-11-06T04:34:56")


@pytest.mark.parametrize("text", ["", "1764053096.0000000001", "x" * 36])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no position"):
        positions.parse(text)
