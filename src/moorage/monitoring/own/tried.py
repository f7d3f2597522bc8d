"""What an alert would have done in the time before it was saved, from the answer to one question about a range. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

RANGE_SECONDS = 86_400
STEP_SECONDS = 30
"""As often as Prometheus will judge it."""
MOMENTS_MAX = 100


class UnreadableAnswerError(ValueError):
    """It is not what Prometheus answers about a range."""


@dataclass(frozen=True)
class Moment:
    """A time in which one series would have fired; seconds since 1970."""

    began: float
    ended: float | None
    """None: it would fire now."""
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Tried:
    """Of all series together; seconds."""

    fired: int
    """How many times somebody would have been told."""
    longest_seconds: float
    """Of a time in which it fired."""
    held: int
    """How many times it began to hold, long enough or not."""
    longest_held_seconds: float
    is_firing: bool
    """Whether it would fire now."""
    first: float | None = None
    """When it fired first: seconds since 1970."""
    last: float | None = None
    """When it fired last."""
    moments: tuple[Moment, ...] = ()
    """When it fired, newest first; the newest hundred."""


def tried(result: Sequence[Mapping[str, Any]], for_seconds: float, end: float, step_seconds: float = STEP_SECONDS) -> Tried:
    """`result`: a matrix, each series with the moments at which the expression had a value. `end`: the range's last moment.
    Raises UnreadableAnswerError."""
    fired: list[tuple[float, float]] = []
    held: list[tuple[float, float]] = []
    moments: list[Moment] = []
    for series in result:
        for run in _runs(_moments(series), step_seconds):
            gone = run[-1] + step_seconds
            held.append((run[0], gone))
            told = next((at for at in run if at - run[0] >= for_seconds), None)
            if told is not None:
                fired.append((told, gone))
                moments.append(Moment(told, None if gone > end else gone, dict(series.get("metric") or {})))
    return Tried(
        fired=len(fired),
        longest_seconds=_longest(fired),
        held=len(held),
        longest_held_seconds=_longest(held),
        is_firing=any(gone > end for _, gone in fired),
        first=min((told for told, _ in fired), default=None),
        last=max((told for told, _ in fired), default=None),
        moments=tuple(sorted(moments, key=attrgetter("began"), reverse=True)[:MOMENTS_MAX]),
    )


def in_words(found: Tried, range_seconds: float = RANGE_SECONDS) -> str:
    """For people."""
    within = f"in the last {span(range_seconds)}"
    if found.fired:
        now = ", and would fire now" if found.is_firing else ""
        times = "once" if found.fired == 1 else f"{found.fired} times"
        return f"it would have fired {times} {within}, longest {span(found.longest_seconds)}{now}"
    if found.held:
        times = "once" if found.held == 1 else f"{found.held} times"
        return f"it would not have fired {within}: it held {times}, longest {span(found.longest_held_seconds)}"
    return f"it would not have fired {within}: it never held"


def span(seconds: float) -> str:
    """Such as 30 s, 4 min, 1 h 30 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    hours, rest = divmod(minutes, 60)
    return f"{minutes} min" if not hours else f"{hours} h" + (f" {rest} min" if rest else "")


def _moments(series: Mapping[str, Any]) -> list[float]:
    try:
        return sorted(float(at) for at, _ in series["values"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableAnswerError(f"Prometheus's answer cannot be read: {error!r}; wanted: series with values") from error


def _runs(moments: Sequence[float], step_seconds: float) -> list[list[float]]:
    """Moments without one between them at which it did not hold."""
    runs: list[list[float]] = []
    for at in moments:
        if runs and at - runs[-1][-1] < 1.5 * step_seconds:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _longest(times: Sequence[tuple[float, float]]) -> float:
    return max((end - begin for begin, end in times), default=0.0)
