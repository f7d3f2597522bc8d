"""How fast a channel may be spoken to, when it is tried again, and when several messages become one. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from moorage.monitoring.telling.channel import Kind

WINDOW_SECONDS = 60.0
PER_MINUTE = {
    Kind.SLACK: 50,
    Kind.DINGTALK: 15,  # 20, then it is deaf for ten minutes
    Kind.WECOM: 15,  # 20
    Kind.FEISHU: 60,  # 100
    Kind.TELEGRAM: 15,  # 20 in one group
    Kind.MAIL: 30,
    Kind.WEBHOOK: 120,
}
"""Messages; below what the service allows (behind `#`), since other programs may speak through the same robot."""
KEPT_FREE = 3
"""Of these: when no more is left, what waits becomes one message."""
AGAIN_SECONDS, AGAIN_SECONDS_MAX = 2.0, 300.0
GIVEN_UP_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class Turn:
    """What is to be done now: so many of those that wait go, as one message when `are_merged`; or nothing for so long."""

    count: int = 0
    are_merged: bool = False
    wait_seconds: float = 0.0


def turn(kind: Kind, sent: Sequence[float], waiting: int, now: float) -> Turn:
    """`sent`: when messages went there, in seconds by the same clock as `now`."""
    recent = sorted(moment for moment in sent if now - moment < WINDOW_SECONDS)
    room = PER_MINUTE[kind] - len(recent)
    if room <= 0:
        return Turn(wait_seconds=recent[-room] + WINDOW_SECONDS - now)
    if waiting > 1 and room - waiting < KEPT_FREE:
        return Turn(waiting, are_merged=True)
    return Turn(min(1, waiting))


def again_seconds(attempts: int, asked_seconds: float = 0.0) -> float:
    """How long to wait after so many failures; never less than the receiver asks for."""
    return max(asked_seconds, min(AGAIN_SECONDS_MAX, AGAIN_SECONDS * math.exp2(min(attempts - 1, 20))))
