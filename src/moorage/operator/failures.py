"""Steps that the API server does not take: when to try again, and when and how to say so. Pure.

A first refusal is tried once more before it is said: an API server that has just started refuses what it allows a second later.
What is nobody's fault (a conflict, too many requests, an error inside) is said only when it lasts, and never as somebody's fault.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from moorage.core.step import (
    Apply,
    ClearRequest,
    DropClaim,
    GrowClaim,
    Order,
    RenewVolume,
    ReplacePod,
    StartAnew,
    Step,
    TakeOver,
    TellQueries,
    TellSettings,
)
from moorage.operator.told import Finding
from moorage.operator.wording import in_words

AGAIN_SECONDS_MIN, AGAIN_SECONDS_MAX = 1.0, 30.0
DOUBLINGS_MAX = 20
"""What fails for days must not count beyond what a number holds."""
REFUSALS_UNTIL_SAID = 2
LASTS_SECONDS = 30.0


@dataclass(frozen=True)
class Failure:
    """A step that was tried in vain."""

    what: str
    """What was tried; another step, or the same with another content, is not the same."""
    says: str
    refused: bool
    since: datetime
    tries: int

    @property
    def again_seconds(self) -> float:
        """Time from one try to the next."""
        return backoff_seconds(self.tries, AGAIN_SECONDS_MIN, AGAIN_SECONDS_MAX)

    def finding(self, now: datetime, said_before: str) -> Finding | None:
        """What is to be said of it. `said_before`: what the status says, so that a restart of the operator changes nothing."""
        lasts = self.tries >= REFUSALS_UNTIL_SAID if self.refused else (now - self.since).total_seconds() >= LASTS_SECONDS
        return Finding(self.says, needs_somebody=self.refused) if lasts or self.says in said_before else None


@dataclass(frozen=True)
class Tried:
    """A failure and when it may be tried again."""

    failure: Failure
    again_at: datetime


def backoff_seconds(tries: int, least: float, most: float) -> float:
    """Twice as long after each try."""
    return min(least * 2.0 ** min(tries - 1, DOUBLINGS_MAX), most)


def failed(before: Tried | None, step: Step, message: str, *, refused: bool, now: datetime) -> Tried:
    """This failure counted. The count begins anew when a refusal becomes something else."""
    words = in_words(message)
    says = f"{_cannot(step)}: {words}" if refused else f"{_cannot(step)} yet: the API server says: {words}; it is tried again"
    old = before.failure if before is not None and before.failure.refused == refused else None
    failure = Failure(identity(step), says, refused, old.since if old else now, old.tries + 1 if old else 1)
    return Tried(failure, now + timedelta(seconds=failure.again_seconds))


def of_step(tried: Iterable[Tried], step: Step) -> Tried | None:
    """The failure of the same step, when it failed before."""
    return next((one for one in tried if one.failure.what == identity(step)), None)


def identity(step: Step) -> str:
    """What a step does and with what content. What is drawn anew in every pass is known by why it is."""
    match step:
        case Apply(desired):
            return f"{_cannot(step)} {desired.why or desired.digest}"
        case Order(member, order_id):
            return f"{_cannot(step)} {member.pod_name} {order_id}"
    return _cannot(step)


def _cannot(step: Step) -> str:
    match step:
        case Apply(desired):
            return f"{desired.key} cannot be made or changed"
        case Order(member, _, action):
            return f"{member.name} cannot be given the order {action}"
        case TellSettings(member):
            return f"{member.name} cannot be told its settings"
        case TellQueries(member):
            return f"{member.name} cannot be told which queries become metrics"
        case ReplacePod(member):
            return f"Pod {member.pod_name} cannot be deleted"
        case TakeOver(member):
            return f"Pod {member.pod_name} cannot be given to its StatefulSet"
        case GrowClaim(claim, size):
            return f"claim {claim} cannot be changed to {size}"
        case DropClaim(claim):
            return f"claim {claim} cannot be deleted"
        case RenewVolume(member, claim):
            return f"claim {claim} and its Pod cannot be deleted" if claim else f"Pod {member.pod_name} cannot be deleted"
        case StartAnew(claims):
            return f"the members and {', '.join(claims)} cannot be removed to be made anew"
        case ClearRequest(annotation):
            return f"the request {annotation} cannot be removed"
    return step.why
