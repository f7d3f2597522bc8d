"""An acknowledgement lasts as long as what it is about: Alertmanager's silences end at a time, so theirs is moved. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from moorage.monitoring.centre.given import Fired, Silence

LASTS = timedelta(hours=1)
"""Of an acknowledgement while nobody moves its end: when no console runs, people are told again after it."""
MOVED = LASTS / 2
"""When less than this is left, the end is moved."""
YOUNG = timedelta(minutes=2)
"""So long after it was made nothing is concluded from an alert that is not there."""


@dataclass(frozen=True)
class Due:
    """What is to be done with acknowledgements now."""

    over: tuple[Silence, ...]
    """What they were about fires no more: whoever it happens to next is told again."""
    longer: tuple[Silence, ...]


def due(silences: Iterable[Silence], alerts: Iterable[Fired], now: datetime) -> Due:
    """Of those that hold. What somebody else silenced is theirs."""
    fired = list(alerts)
    over, longer = [], []
    for one in silences:
        if not one.is_acknowledgement or one.is_over or one.began > now:
            continue
        if any(one.is_about(alert.labels) for alert in fired):
            if one.until - now < MOVED:
                longer.append(one)
        elif now - one.began >= YOUNG:
            over.append(one)
    return Due(tuple(over), tuple(longer))
