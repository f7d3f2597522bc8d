"""How full a member's volume is, and when it will be full. Pure, and standard library only: the agent, too, judges by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MIB, GIB = 2**20, 2**30

FULL_SHARE, FULL_BYTES_MIN, FULL_BYTES_MAX = 0.04, 256 * MIB, 4 * GIB
"""With less room than this nothing is written any more: what an engine still has to write must find room (MongoDB: the dirty part
of its cache, and its journal in pieces of 100 MiB)."""
ROOM_AGAIN = 1.5
"""So many times as much must be free before there counts as room again."""
NEARLY_FULL_PERCENT, ROOMY_PERCENT = 85, 82
FORECAST_HOURS, CALM_HOURS = 24, 36
FORECAST_PERCENT_MIN = 70
"""Below it a forecast is said and alarms nobody: copies and restores fill a volume fast, and end."""

_SPANS_SECONDS = (3_600.0, 6 * 3_600.0)
SPAN_SECONDS_MIN = 600.0
HOURS = (1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72)
"""The hours that are said. What lies further ahead is no forecast."""
_COARSE_PERCENT, _FINE_FROM_PERCENT = 5, 80
SAMPLE_SECONDS, SAID_SECONDS_MIN = 60.0, 60.0


class Level(StrEnum):
    """What the room that is left calls for."""

    OK = "ok"
    NEARLY_FULL = "nearly-full"
    FULL = "full"
    """Nothing but what makes room may be written."""


@dataclass(frozen=True)
class Room:
    """A volume as its file system tells. `size_bytes`: what may be used in all, without what the system keeps for itself."""

    size_bytes: int
    free_bytes: int

    @property
    def used_percent(self) -> float:
        return 100 * (1 - self.free_bytes / self.size_bytes) if self.size_bytes else 0.0


@dataclass(frozen=True)
class VolumeState:
    """What is said of a volume: rounded, so that it changes seldom. `size_mib` 0: nobody measured it."""

    size_mib: int = 0
    used_percent: int = 0
    level: Level = Level.OK
    full_in_hours: int = 0
    """0: not within three days, or nobody can tell yet."""


@dataclass(frozen=True)
class Sample:
    """What was used at a time."""

    seconds: float
    used_bytes: int


def full_below_bytes(size_bytes: int) -> int:
    """With less free than this a volume is full; of a small one never more than a quarter."""
    wanted = min(max(int(size_bytes * FULL_SHARE), FULL_BYTES_MIN), FULL_BYTES_MAX)
    return min(wanted, size_bytes // 4)


def is_full(room: Room, *, was_full: bool = False) -> bool:
    least = full_below_bytes(room.size_bytes)
    return room.free_bytes < (least * ROOM_AGAIN if was_full else least)


def level(room: Room, hours: int, before: Level = Level.OK) -> Level:
    """`hours`: until it is full, 0 when nobody can tell. Each level is left later than it is entered."""
    if is_full(room, was_full=before is Level.FULL):
        return Level.FULL
    is_alarmed, used = before is not Level.OK, room.used_percent
    is_short = is_full(Room(room.size_bytes, int(room.free_bytes / ROOM_AGAIN)), was_full=is_alarmed)
    is_high = used >= (ROOMY_PERCENT if is_alarmed else NEARLY_FULL_PERCENT)
    is_soon = 0 < hours <= (CALM_HOURS if is_alarmed else FORECAST_HOURS)
    is_filling = is_soon and used >= FORECAST_PERCENT_MIN - (3 if is_alarmed else 0)
    return Level.NEARLY_FULL if is_short or is_high or is_filling else Level.OK


def hours_until_full(samples: Sequence[Sample], room: Room) -> float | None:
    """At the rate of the last hour or of the last six, whichever is lower, so that a burst that is over is forgotten.

    None: it does not fill, or was not watched for long enough. `samples`: oldest first.
    """
    if not samples or samples[-1].seconds - samples[0].seconds < SPAN_SECONDS_MIN:
        return None
    newest = samples[-1]
    rates = []
    for span_seconds in _SPANS_SECONDS:
        first = next(s for s in samples if newest.seconds - s.seconds <= span_seconds)
        if newest.seconds - first.seconds < SPAN_SECONDS_MIN:
            return None
        rates.append((newest.used_bytes - first.used_bytes) / (newest.seconds - first.seconds))
    left = max(room.free_bytes - full_below_bytes(room.size_bytes), 0)
    return left / min(rates) / 3_600 if min(rates) > 0 else None


def said_hours(hours: float | None, before: int = 0) -> int:
    """One of `HOURS`, rounded down, or 0. What was said before is kept while it is about right."""
    if hours is None or hours >= HOURS[-1] * 1.25:
        return 0
    if before and 0.8 * before <= hours < 1.25 * _next_hours(before):
        return before
    return max((h for h in HOURS if h <= hours), default=HOURS[0])


def _next_hours(hours: int) -> int:
    return next((h for h in HOURS if h > hours), HOURS[-1])


def said_percent(used_percent: float, before: int | None = None) -> int:
    """Whole percents, below 80 steps of five; what was said before is kept until it is off by such a step."""
    step = 1 if used_percent >= _FINE_FROM_PERCENT else _COARSE_PERCENT
    if before is not None and abs(used_percent - before) < step:
        return before
    return int(used_percent) if step == 1 else int(used_percent // step) * step


def said_mib(size_mib: int, before: int) -> int:
    """A file system that others use too, or that has a quota, seems to breathe: what was said before is kept within 2 %."""
    return before if abs(size_mib - before) <= before * 0.02 else size_mib


class Gauge:
    """Turns measurements of one volume into what is said of it: at once when the level changes, else once a minute at most."""

    def __init__(self) -> None:
        self.state = VolumeState()
        self._samples: list[Sample] = []
        self._changed_seconds = float("-inf")

    def look(self, now_seconds: float, room: Room, kept_bytes: int = 0) -> VolumeState:
        """`kept_bytes`: of our own in the volume, which come and go and are no growth."""
        self._remember(Sample(now_seconds, room.size_bytes - room.free_bytes - kept_bytes))
        before = self.state
        hours = said_hours(hours_until_full(self._samples, room), before.full_in_hours)
        fresh = VolumeState(
            size_mib=said_mib(room.size_bytes // MIB, before.size_mib),
            used_percent=said_percent(room.used_percent, before.used_percent if before.size_mib else None),
            level=level(room, hours, before.level),
            full_in_hours=hours,
        )
        is_due = fresh.level is not before.level or now_seconds - self._changed_seconds >= SAID_SECONDS_MIN
        if fresh != before and is_due:
            self.state, self._changed_seconds = fresh, now_seconds
        return self.state

    def _remember(self, sample: Sample) -> None:
        """One a minute, for six hours."""
        if len(self._samples) > 1 and sample.seconds - self._samples[-2].seconds < SAMPLE_SECONDS:
            self._samples[-1] = sample
        else:
            self._samples.append(sample)
        self._samples = [s for s in self._samples if sample.seconds - s.seconds <= _SPANS_SECONDS[-1]]
