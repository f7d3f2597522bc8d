"""When a schedule's runs are due, across changes of the clock and absences of the operator. Pure.

A moment that the clock leaves out runs right after, one that comes twice runs once (as Debian's cron does it, by cronsim).
What was seen of a schedule stands on its service (`Seen`), so that a schedule that is changed does not run for the past.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from moorage.api.dataservice import BackupPolicy

PERIOD_DAYS_MAX = 366
_FIELDS = 5
_SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)


class ScheduleError(ValueError):
    """Why a schedule cannot be followed, and what is allowed."""


@dataclass(frozen=True)
class Seen:
    """What was seen of a service's schedule."""

    expression: str
    zone: str
    since: datetime
    """Since when it is as it is: runs before are not its own."""
    last: datetime | None = None
    """Its last run that was begun, or given up."""

    def to_json(self) -> str:
        last = self.last.isoformat() if self.last is not None else None
        found = {"expression": self.expression, "zone": self.zone, "since": self.since.isoformat(), "last": last}
        return json.dumps(found, sort_keys=True)


def seen_from_json(said: str | None) -> Seen | None:
    """None when nothing readable is said: the schedule is then as if it began now."""
    try:
        found = json.loads(said or "")
        last = datetime.fromisoformat(found["last"]) if found.get("last") else None
        return Seen(str(found["expression"]), str(found["zone"]), datetime.fromisoformat(found["since"]), last)
    except (AttributeError, TypeError, KeyError, ValueError):
        return None


def seen_now(before: Seen | None, policy: BackupPolicy, zone: str, now: datetime) -> Seen:
    """What was seen before, or a new beginning when the schedule or its zone became another one."""
    if before is not None and (before.expression, before.zone) == (policy.schedule, zone):
        return before
    return Seen(policy.schedule, zone, now)


def zone_of(name: str) -> ZoneInfo:
    """Raises ScheduleError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"'{name}' is no time zone; allowed: a name of the IANA database, such as Europe/Berlin or Asia/Shanghai"
        raise ScheduleError(msg) from error


def why_unusable(expression: str) -> str | None:
    """What is wrong with a schedule, and what is allowed; None: it comes again and again."""
    try:
        CronSim(expression, _SOME_TIME)
    except CronSimError:
        pass
    else:
        return None
    if _is_read(expression):
        return f"schedule '{expression}' never comes: none of its months has that day; allowed: a date that there is"
    return f"schedule '{expression}' is no cron expression; allowed: five fields, such as 30 2 * * * (every day at 02:30)"


def _is_read(expression: str) -> bool:
    """Whether each field is one: what is refused for a day that no month has is taken in a month that has all."""
    fields = expression.split()
    if len(fields) != _FIELDS:
        return False
    minute, hour, day, month, weekday = fields
    try:
        CronSim(f"{minute} {hour} {day} * {weekday}", _SOME_TIME)
        CronSim(f"{minute} {hour} * {month} {weekday}", _SOME_TIME)
    except CronSimError:
        return False
    return True


def runs(expression: str, zone: str, after: datetime) -> Iterator[datetime]:
    """The moments of a schedule after a moment, in UTC and in order. Raises ScheduleError."""
    try:
        for found in CronSim(expression, after.astimezone(zone_of(zone))):
            if found > after:  # begun within an hour that comes twice, it may name the first of both
                yield found.astimezone(UTC)
    except CronSimError as error:
        raise ScheduleError(why_unusable(expression)) from error


def jitter(namespace: str, name: str, spread_minutes: int) -> timedelta:
    """Where in the spread a service always starts."""
    digest = hashlib.sha256(f"{namespace}/{name}".encode()).digest()
    return timedelta(seconds=int.from_bytes(digest[:8], "big") % (spread_minutes * 60) if spread_minutes else 0)


def due(policy: BackupPolicy, seen: Seen, offset: timedelta, now: datetime) -> datetime | None:
    """The run that should begin now: the newest whose start has come and whose window is not over. Raises ScheduleError.

    Of several that were missed only the newest is made up for.
    """
    within = timedelta(minutes=policy.start_within_minutes)
    after = max(seen.since, seen.last or seen.since, now - offset - within)
    newest = None
    for run in runs(policy.schedule, seen.zone, after):
        if run + offset > now:
            break
        newest = run
    return newest


def next_start(policy: BackupPolicy, seen: Seen, offset: timedelta, now: datetime) -> datetime | None:
    """When the next run begins; None: never again. Raises ScheduleError."""
    after = max(now - offset, seen.since, seen.last or seen.since)
    return next((run + offset for run in runs(policy.schedule, seen.zone, after)), None)


def period(expression: str, zone: str, now: datetime) -> timedelta:
    """The longest time between two runs of those that come next. Raises ScheduleError."""
    return _period(expression, zone, now.replace(minute=0, second=0, microsecond=0))


@lru_cache(maxsize=1024)
def _period(expression: str, zone: str, hour: datetime) -> timedelta:
    coming: list[datetime] = []
    for run in runs(expression, zone, hour):
        coming.append(run)
        if len(coming) > 8 or run - hour > timedelta(days=PERIOD_DAYS_MAX):
            break
    return max((later - earlier for earlier, later in pairwise(coming)), default=timedelta(days=PERIOD_DAYS_MAX))


def run_name(service: str, run: datetime) -> str:
    """Of the DataBackup of a run: two operators that both see it due make the same one."""
    return f"{service}-{run.astimezone(UTC):%Y%m%d%H%M}"


def week_of(moment: datetime, zone: str) -> tuple[int, int]:
    """Year and week (from Monday) in the service's zone. Raises ScheduleError."""
    year, week, _ = moment.astimezone(zone_of(zone)).isocalendar()
    return year, week
