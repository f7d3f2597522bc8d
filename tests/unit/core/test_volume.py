"""How full a volume is, in words that change seldom, and when it will be full."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.core.volume import (
    GIB,
    HOURS,
    MIB,
    Gauge,
    Level,
    Room,
    Sample,
    full_below_bytes,
    hours_until_full,
    is_full,
    level,
    said_hours,
    said_percent,
)

sizes = st.integers(1 * GIB, 64 * 1024 * GIB)
shares = st.floats(0, 1)


def room(size_gib: float, used_percent: float) -> Room:
    size = int(size_gib * GIB)
    return Room(size, int(size * (100 - used_percent) / 100))


@pytest.mark.parametrize(
    ("size_gib", "used_percent", "hours", "expected"),
    [
        (100, 50, 0, Level.OK),
        (100, 50, 1, Level.OK),
        (100, 69, 5, Level.OK),
        (100, 70, 5, Level.NEARLY_FULL),
        (100, 70, 36, Level.OK),
        (100, 85, 0, Level.NEARLY_FULL),
        (100, 97, 0, Level.FULL),
        (1, 76, 0, Level.FULL),
        (1, 64, 0, Level.NEARLY_FULL),
        (1000, 99, 0, Level.NEARLY_FULL),
    ],
    ids=str,
)
def test_the_level_is_a_table(size_gib: float, used_percent: float, hours: int, expected: Level) -> None:
    assert level(room(size_gib, used_percent), hours) is expected


@given(sizes, shares, shares, st.sampled_from((0, *HOURS)), st.sampled_from(Level))
def test_less_room_never_makes_it_better(size: int, one: float, other: float, hours: int, before: Level) -> None:
    order = list(Level)
    less, more = sorted((one, other))
    fuller = level(Room(size, int(size * less)), hours, before)
    emptier = level(Room(size, int(size * more)), hours, before)
    assert order.index(fuller) >= order.index(emptier)


@given(sizes, st.floats(0, 0.99), st.floats(0, 1), st.lists(st.booleans(), min_size=10, max_size=40))
def test_a_volume_that_breathes_flaps_at_no_level(size: int, breath: float, at: float, ups: list[bool]) -> None:
    """Within half of what is free when it is full, or 2 %, there is a way into a level and none back."""
    most = min(full_below_bytes(size) * 0.5, size * 0.02)
    seen, known, changes = Level.OK, {Level.OK}, 0
    for up in ups:
        fresh = level(Room(size, min(int(size * at + (breath * most if up else 0)), size)), 0, seen)
        changes += fresh is not seen
        seen = fresh
        known.add(fresh)
    assert changes <= len(known) - 1


@given(sizes)
def test_nearly_full_comes_before_full(size: int) -> None:
    least = full_below_bytes(size)
    assert level(Room(size, least), 0) is Level.NEARLY_FULL
    assert level(Room(size, least - 1), 0) is Level.FULL
    assert not is_full(Room(size, size))


def filling(hours: float, bytes_an_hour: float, start: float = 0) -> list[Sample]:
    return [Sample(start + minute * 60, int(bytes_an_hour * minute / 60)) for minute in range(int(hours * 60) + 1)]


def test_the_forecast_is_in_hours_at_the_rate_of_late() -> None:
    found = hours_until_full(filling(2, GIB), room(100, 90))
    assert found == pytest.approx(6, abs=0.1), "10 GiB are free, of which 4 GiB are not to be used"


def test_what_was_not_watched_for_ten_minutes_has_no_forecast() -> None:
    assert hours_until_full(filling(0.1, 100 * GIB), room(100, 90)) is None
    assert hours_until_full([], room(100, 90)) is None


def test_a_burst_that_is_over_and_an_idle_volume_have_no_forecast() -> None:
    burst = filling(0.5, 100 * GIB)
    calm = [Sample(burst[-1].seconds + minute * 60, burst[-1].used_bytes) for minute in range(90)]
    assert hours_until_full([*burst, *calm], room(100, 90)) is None
    assert hours_until_full(filling(3, 0), room(100, 99)) is None


@given(st.floats(0.01, 100), st.sampled_from((0, *HOURS)))
def test_hours_are_said_in_steps_and_never_much_later_than_they_are(hours: float, before: int) -> None:
    said = said_hours(hours, before)
    assert said in (0, *HOURS)
    assert said <= max(hours * 1.25, 1)
    assert said_hours(hours, said) == said, "the same hours are said the same way"


@given(st.floats(0, 100), st.one_of(st.none(), st.integers(0, 100)))
def test_percents_are_said_in_steps_that_hold(used: float, before: int | None) -> None:
    said = said_percent(used, before)
    assert said_percent(used, said) == said
    assert abs(said - used) <= 5


def test_an_idle_or_slowly_filling_volume_changes_what_is_said_seldom() -> None:
    gauge, said = Gauge(), []
    for minute in range(24 * 60):
        used = 40 + minute / (24 * 60)  # one percent a day
        said.append(gauge.look(minute * 60, room(100, used)))
    assert len(set(said)) == 1


def test_a_file_system_that_others_use_too_is_not_written_of_all_the_time() -> None:
    gauge, said = Gauge(), []
    for second in range(0, 3600, 10):
        size = 92 * GIB + (second % 7) * 100 * MIB
        said.append(gauge.look(second, Room(size, size // 2)))
    assert len({s.size_mib for s in said}) == 1


def test_what_is_urgent_is_said_at_once_and_the_rest_once_a_minute() -> None:
    gauge = Gauge()
    assert gauge.look(0, room(100, 90)).used_percent == 90
    assert gauge.look(1, room(100, 91)).used_percent == 90
    assert gauge.look(2, room(100, 97)).level is Level.FULL
    assert gauge.look(63, room(100, 98)).used_percent == 98


def test_our_own_file_is_no_growth() -> None:
    gauge = Gauge()
    gauge.look(0, room(1, 10), kept_bytes=0)
    seen = gauge.look(900, room(1, 40), kept_bytes=int(0.3 * GIB))
    assert seen.full_in_hours == 0
