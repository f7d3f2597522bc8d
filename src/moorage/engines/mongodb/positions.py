"""Positions of the oplog as text: `%010d.%010d` of seconds and increment, which sorts as MongoDB's own timestamps do. Pure."""

import re
from datetime import UTC, datetime, timedelta

from bson.timestamp import Timestamp

_SHAPE = re.compile(r"^(\d{10})\.(\d{10})$")


def to_position(timestamp: Timestamp) -> str:
    return f"{timestamp.time:010d}.{timestamp.inc:010d}"


def to_timestamp(position: str) -> Timestamp:
    """Raises ValueError."""
    found = _SHAPE.match(position)
    if found is None:
        raise ValueError(
            f"'{position}' is not a position of MongoDB's oplog; they look like 1764053096.0000000001, 10 digits each"
        )
    return Timestamp(int(found[1]), int(found[2]))


def to_rfc3339(moment: datetime) -> str:
    """In UTC; milliseconds only when there are any."""
    in_utc = moment.astimezone(UTC)
    text = in_utc.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{in_utc.microsecond // 1000:03d}Z" if in_utc.microsecond >= 1000 else f"{text}Z"


def whole_second_after(moment: datetime) -> datetime:
    """The same when it is one: for a moment at which everything up to this one had been written."""
    return moment if not moment.microsecond else moment.replace(microsecond=0) + timedelta(seconds=1)


def from_rfc3339(text: str) -> datetime:
    """Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"'{text}' has no time zone; write 2026-11-06T12:34:56+08:00 or …Z")
    return moment


def time_of(position: str) -> str:
    return to_rfc3339(datetime.fromtimestamp(to_timestamp(position).time, UTC))


def position_at(time: str) -> str:
    """The first of its second: nothing that was written at or after this moment stands before it."""
    return to_position(Timestamp(int(from_rfc3339(time).timestamp()), 0))
