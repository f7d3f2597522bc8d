"""Places in a group's binary log, written so that they sort as text. Pure.

`1764053096123456.0000000000001000123`: the microsecond of the newest transaction up to there (by the clock of the member that it
was committed on first) and its number in the group. Numbers alone do not sort: a new primary takes them from another block. The
microsecond never falls from one position to the next, also when the clock of a new primary is behind.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_SHAPE = re.compile(r"^(\d{16})\.(\d{19})$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, order=True)
class Position:
    """`number` is 0 where no transaction of the group itself stands: a moment, or one that came from elsewhere."""

    micros: int
    number: int = 0

    def __str__(self) -> str:
        return f"{self.micros:016d}.{self.number:019d}"

    @property
    def moment(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.micros)


def parse(text: str) -> Position:
    """Raises ValueError."""
    found = _SHAPE.match(text)
    if found is None:
        raise ValueError(f"'{text}' is no position of MySQL's log; they have 16 digits, a dot and 19 digits")
    return Position(int(found[1]), int(found[2]))


def micros_of(moment: datetime) -> int:
    return (moment - _EPOCH) // MICROSECOND


def to_rfc3339(moment: datetime) -> str:
    """In UTC; microseconds only when there are any."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{moment.microsecond:06d}Z" if moment.microsecond else f"{text}Z"


def from_rfc3339(text: str) -> datetime:
    """Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"'{text}' has no time zone; write 2026-11-06T12:34:56+08:00 or …Z")
    return moment


def whole_second_after(moment: datetime) -> datetime:
    """The same when it is one."""
    return moment if not moment.microsecond else moment.replace(microsecond=0) + timedelta(seconds=1)


def time_of(position: str) -> str:
    """To the second."""
    return to_rfc3339(parse(position).moment.replace(microsecond=0))


def position_at(time: str) -> str:
    """Nothing that was written at or after this moment stands before it."""
    return str(Position(micros_of(from_rfc3339(time))))
