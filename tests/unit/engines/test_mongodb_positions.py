"""Positions of the oplog and moments."""

from datetime import UTC, datetime, timedelta

import pytest
from bson.timestamp import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from moorage.engines.mongodb.positions import (
    from_rfc3339,
    position_at,
    to_position,
    to_rfc3339,
    to_timestamp,
    whole_second_after,
)

timestamps = st.builds(Timestamp, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds it


@given(timestamps, timestamps)
def test_positions_sort_as_text_as_timestamps_do(one: Timestamp, other: Timestamp) -> None:
    assert (to_position(one) < to_position(other)) == (one < other)
    assert to_timestamp(to_position(one)) == one


@given(moments)
def test_a_moment_s_position_is_before_all_that_was_written_from_then_on(moment: datetime) -> None:
    written = Timestamp(int(moment.timestamp()), 1)
    assert position_at(moment.isoformat()) < to_position(written)


@given(moments)
def test_a_whole_second_is_never_before_the_moment_and_less_than_a_second_after(moment: datetime) -> None:
    found = whole_second_after(moment)
    assert found.microsecond == 0
    assert timedelta(0) <= found - moment < timedelta(seconds=1)


@given(moments.map(lambda m: m.replace(microsecond=m.microsecond // 1000 * 1000)))
def test_a_moment_survives_its_text(moment: datetime) -> None:
    assert from_rfc3339(to_rfc3339(moment)) == moment


def test_what_is_no_position_or_has_no_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a position"):
        to_timestamp("12.3")
    with pytest.raises(ValueError, match="has no time zone"):
        from_rfc3339("2026-11-06T12:34:56")
