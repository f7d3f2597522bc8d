"""Whether a member's clock differs from those of the others. Pure: from what was measured to a sentence that seldom changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

LEVELS_SECONDS = (5, 30, 300)
"""Only which of these is exceeded is said: a clock that drifts is not news with every second."""
CALMS_AT = 0.6
"""A level that was said is taken back only below this share of it."""


@dataclass(frozen=True)
class Answer:
    """A peer's time and when it was asked: `sent` and `received` by the own clock, in seconds since 1970."""

    peer_seconds: float
    sent_seconds: float
    received_seconds: float

    @property
    def ahead_seconds(self) -> float:
        """How far the own clock is surely ahead of the peer's (behind: negative); 0 where the way may explain it all."""
        if self.peer_seconds > self.received_seconds:
            return self.received_seconds - self.peer_seconds
        return max(self.sent_seconds - self.peer_seconds, 0.0)


def seconds_of(local_time: datetime) -> float:
    """MongoDB's `localTime`: in UTC, and without saying so."""
    return (local_time if local_time.tzinfo is not None else local_time.replace(tzinfo=UTC)).timestamp()


def deviation_seconds(answers: Sequence[Answer], peers: int) -> float:
    """How far the own clock is off, as all who answered agree: ahead is positive.

    Of several peers one alone is not believed: its own clock may be the one that is off.
    """
    each = [answer.ahead_seconds for answer in answers]
    if len(each) < min(peers, 2) or not each:
        return 0.0
    if all(ahead > 0 for ahead in each):
        return min(each)
    return max(each) if all(ahead < 0 for ahead in each) else 0.0


def level_of(off_seconds: float, before: int) -> int:
    """The highest of the levels that is exceeded, with its sign; 0: none. `before`: what was said last."""
    sign = 1 if off_seconds > 0 else -1
    kept = max(0, before * sign)
    exceeded = [s for s in LEVELS_SECONDS if abs(off_seconds) > s * (CALMS_AT if s <= kept else 1.0)]
    return sign * max(exceeded, default=0)


def sentence(level: int) -> str:
    """Empty when the clock is right."""
    if not level:
        return ""
    return f"its clock is more than {abs(level)} s {'ahead of' if level > 0 else 'behind'} those of the others"
