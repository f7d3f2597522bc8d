"""When backups are due: in every zone, across changes of the clock, and after absences."""

import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorage.api.cron import NEVER, PATTERN
from moorage.api.dataservice import BackupPolicy
from moorage.core.schedule import (
    ScheduleError,
    Seen,
    due,
    jitter,
    next_start,
    period,
    run_name,
    runs,
    seen_from_json,
    seen_now,
    why_unusable,
)

BERLIN, SHANGHAI = "Europe/Berlin", "Asia/Shanghai"
DAILY = "30 2 * * *"
ZONES = st.sampled_from(["UTC", BERLIN, SHANGHAI, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
EXPRESSIONS = st.sampled_from([DAILY, "0 * * * *", "*/15 * * * *", "0 3 * * 0", "30 2 1 * *", "15 1,2,3 * * *"])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(tzinfo=UTC))  # noqa: DTZ001


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def seen(since: datetime, last: datetime | None = None, zone: str = "UTC", expression: str = DAILY) -> Seen:
    return Seen(expression, zone, since, last)


def first(expression: str, zone: str, after: datetime, count: int) -> list[datetime]:
    return list(islice(runs(expression, zone, after), count))


def test_a_moment_that_the_clock_leaves_out_runs_right_after() -> None:
    """In Berlin there is no 02:30 on 29 March 2026."""
    found = first(DAILY, BERLIN, utc(2026, 3, 28, 12), 2)
    assert [f.astimezone(ZoneInfo(BERLIN)).strftime("%d %H:%M") for f in found] == ["29 03:00", "30 02:30"]


def test_a_moment_that_comes_twice_runs_once() -> None:
    """In Berlin it is half past two twice on 25 October 2026."""
    found = first(DAILY, BERLIN, utc(2026, 10, 24, 12), 2)
    assert [f.astimezone(ZoneInfo(BERLIN)).strftime("%d %H:%M") for f in found] == ["25 02:30", "26 02:30"]


@pytest.mark.parametrize("minutes", range(0, 240, 5))
def test_it_runs_once_in_that_night_whenever_somebody_looks(minutes: int) -> None:
    """An operator that begins to look between the two half past twos does not run it a second time."""
    policy, midnight = BackupPolicy(), utc(2026, 10, 24, 22)
    state, begun = seen(utc(2026, 10, 1), utc(2026, 10, 24, 0, 30), BERLIN), []
    for minute in range(minutes, 480, 5):
        now = midnight + timedelta(minutes=minute)
        run = due(policy, state, timedelta(), now)
        if run is not None:
            begun.append(run)
            state = seen(state.since, run, BERLIN)
    assert len(begun) == 1


@settings(deadline=None)
@given(EXPRESSIONS, ZONES, MOMENTS)
def test_runs_only_go_forward(expression: str, zone: str, after: datetime) -> None:
    found = first(expression, zone, after, 5)
    assert all(earlier < later for earlier, later in zip([after, *found], found, strict=False))


@settings(deadline=None, max_examples=60)
@given(EXPRESSIONS, ZONES, MOMENTS, st.lists(st.integers(1, 300), min_size=5, max_size=40), st.integers(0, 239))
def test_each_run_begins_at_most_once_and_in_order_however_seldom_somebody_looks(
    expression: str, zone: str, start: datetime, pauses: list[int], spread: int
) -> None:
    policy = BackupPolicy(schedule=expression, spread_minutes=spread, start_within_minutes=60)
    offset = jitter("shop", "orders", spread)
    state, now, begun = seen(start, None, zone, expression), start, []
    for pause in pauses:
        now += timedelta(minutes=pause)
        run = due(policy, state, offset, now)
        if run is not None:
            assert run + offset <= now <= run + offset + timedelta(minutes=60)
            begun.append(run)
            state = seen(start, run, zone, expression)
    assert begun == sorted(set(begun))
    assert all(run > start for run in begun)


@settings(deadline=None, max_examples=40)
@given(ZONES, MOMENTS, st.integers(0, 240))
def test_who_looks_every_minute_misses_no_day(zone: str, start: datetime, spread: int) -> None:
    policy, offset = BackupPolicy(spread_minutes=spread), jitter("shop", "orders", spread)
    state, begun = seen(start, None, zone), []
    wanted = [run for run in first(DAILY, zone, start, 3) if run + offset <= start + timedelta(days=2)]
    for minute in range(0, 2 * 24 * 60 + 1, 10):
        run = due(policy, state, offset, start + timedelta(minutes=minute))
        if run is not None:
            begun.append(run)
            state = seen(start, run, zone)
    assert begun == wanted[: len(begun)]
    assert len(wanted) - len(begun) <= 1, "the last one may come with the next look"


def test_an_operator_that_was_down_runs_late_within_the_window_and_only_then() -> None:
    policy, state = BackupPolicy(), seen(utc(2026, 11, 1), utc(2026, 11, 24, 2, 30))
    assert due(policy, state, timedelta(), utc(2026, 11, 25, 2, 29)) is None
    assert due(policy, state, timedelta(), utc(2026, 11, 25, 6, 29)) == utc(2026, 11, 25, 2, 30)
    assert due(policy, state, timedelta(), utc(2026, 11, 25, 6, 31)) is None


def test_of_several_missed_runs_one_is_made_up_for() -> None:
    policy = BackupPolicy(schedule="0 * * * *")
    state = seen(utc(2026, 11, 25), None, "UTC", "0 * * * *")
    assert due(policy, state, timedelta(), utc(2026, 11, 25, 3, 30)) == utc(2026, 11, 25, 3)


def test_a_changed_schedule_does_not_run_for_the_past() -> None:
    before, now = seen(utc(2026, 11, 1)), utc(2026, 11, 25, 10)
    policy = BackupPolicy(schedule="0 9 * * *")
    changed = seen_now(before, policy, "UTC", now)
    assert due(policy, changed, timedelta(), now) is None
    assert next_start(policy, changed, timedelta(), now) == utc(2026, 11, 26, 9)


def test_another_zone_is_another_schedule() -> None:
    now = utc(2026, 11, 25, 10)
    assert seen_now(seen(utc(2026, 11, 1)), BackupPolicy(), SHANGHAI, now).since == now


def test_a_schedule_that_stays_keeps_what_was_seen() -> None:
    before = seen(utc(2026, 11, 1), utc(2026, 11, 24, 2, 30))
    assert seen_now(before, BackupPolicy(), "UTC", utc(2026, 11, 25)) is before
    assert seen_from_json(before.to_json()) == before


@pytest.mark.parametrize("said", [None, "", "{}", "[]", "no", '{"expression": 1}'])
def test_what_cannot_be_read_is_as_if_nothing_had_been_seen(said: str | None) -> None:
    assert seen_from_json(said) is None


@given(st.text("abc-", min_size=1, max_size=20), st.integers(0, 240))
def test_a_service_starts_always_at_the_same_point_of_the_spread(name: str, minutes: int) -> None:
    assert jitter("shop", name, minutes) == jitter("shop", name, minutes)
    assert timedelta() <= jitter("shop", name, minutes) <= timedelta(minutes=minutes)


def test_a_hundred_services_do_not_start_at_once() -> None:
    starts = sorted(jitter("shop", f"s{i}", 10) for i in range(100))
    assert len(set(starts)) > 80
    assert starts[-1] - starts[0] > timedelta(minutes=8)


def test_the_period_of_a_schedule() -> None:
    now = utc(2026, 11, 25)
    assert period(DAILY, "UTC", now) == timedelta(days=1)
    assert period("0 3 * * 0", "UTC", now) == timedelta(days=7)
    assert period("0 * * * *", "UTC", now) == timedelta(hours=1)


@pytest.mark.parametrize(("expression", "zone"), [("61 * * * *", "UTC"), (DAILY, "Mars/Base"), (DAILY, "../etc/passwd")])
def test_a_schedule_that_cannot_be_followed_says_what_is_allowed(expression: str, zone: str) -> None:
    with pytest.raises(ScheduleError, match="allowed: "):
        first(expression, zone, utc(2026, 11, 25), 1)


def test_the_name_of_a_run_is_the_same_for_everybody() -> None:
    run = datetime(2026, 11, 25, 2, 30, tzinfo=ZoneInfo(SHANGHAI))
    assert run_name("orders", run) == run_name("orders", run.astimezone(UTC)) == "orders-202611241830"


def _part(first: int, last: int) -> st.SearchStrategy[str]:
    number = st.integers(first, last)
    span = st.tuples(number, number).map(lambda two: f"{min(two)}-{max(two)}")
    one = st.one_of(number.map(str), number.map("{:02d}".format), span, st.just("*"))
    return st.tuples(one, st.sampled_from(["", "", "/2", "/7", "/31"])).map("".join)


def _field(first: int, last: int) -> st.SearchStrategy[str]:
    return st.lists(_part(first, last), min_size=1, max_size=3).map(",".join)


@given(st.tuples(_field(25, 31), _field(1, 12), st.sampled_from(["*", "*/2", "1", "0-7"])))
@settings(max_examples=500)
def test_what_the_api_server_refuses_as_never_coming_never_comes(fields: tuple[str, str, str]) -> None:
    expression = f"0 0 {' '.join(fields)}"
    assert re.match(PATTERN, expression)
    if re.match(NEVER, expression):
        assert "never comes" in str(why_unusable(expression))


@pytest.mark.parametrize(
    "days_and_months", ["31 2", "30 2", "30,31 2", "31 02", "31 4,6,9,11", "31 2,4", "30-31 2", "31-31 11", "30 2,2", "31 6"]
)
def test_a_day_that_none_of_its_months_has_is_refused_already_by_the_api_server(days_and_months: str) -> None:
    assert re.match(NEVER, f"0 0 {days_and_months} *")
    assert re.match(NEVER, f"0 0 {days_and_months} 1") is None, "a weekday alone is enough, when both are said"


@pytest.mark.parametrize("expression", ["0 0 31 2 *", "0 0 30/1 2 *", "0 0 31 2/9 *", "0 0 31 */2 */2", "0 0 31 4-4 *"])
def test_a_schedule_that_never_comes_is_no_typing_error(expression: str) -> None:
    never = "never comes: none of its months has that day" in str(why_unusable(expression))
    assert never == (expression != "0 0 31 */2 */2"), "January, the first of every second month, has 31 days"
    if never:
        with pytest.raises(ScheduleError, match="never comes"):
            next(runs(expression, "UTC", utc(2026, 1, 1)))


@pytest.mark.parametrize("expression", [DAILY, "0 0 29 2 *", "0 0 31 2 1", "0 0 31 2,3 *"])
def test_what_comes_is_usable(expression: str) -> None:
    assert why_unusable(expression) is None
    assert next(runs(expression, "UTC", utc(2026, 1, 1)))


@pytest.mark.parametrize("expression", ["", "daily", "60 2 31 2 *", "0 0 31 2", "0 0 32 2 *", "0 0 31 13 *", "0 0 1 0 *"])
def test_what_is_no_schedule_is_said_to_be_none(expression: str) -> None:
    assert "is no cron expression" in str(why_unusable(expression))
