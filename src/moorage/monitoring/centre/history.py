"""When alerts fired, and how long until they were over: from Prometheus's own series of them. Pure.

Prometheus keeps `ALERTS` for as long as it keeps everything (15 days where the chart brings it), of every severity, and whoever
was told. What the relay keeps is messages, of those alone that a channel was told of.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moorage.monitoring.centre.given import UnreadableError

STEPS_MAX = 10_000
"""Prometheus answers at most 11,000 for a series."""
STEP_SECONDS_MIN = 15
RESTART_SECONDS = 120
"""What is missing for less than this was Prometheus itself: it was restarted, and the alert fired on."""
HIDDEN = ("__name__", "alertstate")


@dataclass(frozen=True)
class Window:
    """What is asked: `query` from `start` to `end`, each `step_seconds`."""

    start: datetime
    end: datetime
    step_seconds: int

    @property
    def query(self) -> str:
        """What fired for less than a step is found, too."""
        return f'max_over_time(ALERTS{{alertstate="firing",severity!="none"}}[{self.step_seconds}s])'

    @property
    def form(self) -> dict[str, str]:
        """Of Prometheus's `query_range`."""
        start, end = (str(int(moment.timestamp())) for moment in (self.start, self.end))
        return {"query": self.query, "start": start, "end": end, "step": str(self.step_seconds)}


@dataclass(frozen=True)
class Episode:
    """From the first moment to the last; `ended` None: it fires still. Both are right to one step of the window."""

    labels: Mapping[str, str]
    began: datetime
    ended: datetime | None

    @property
    def took_seconds(self) -> float | None:
        """Until it was over."""
        return (self.ended - self.began).total_seconds() if self.ended is not None else None


def window(now: datetime, days: float) -> Window:
    """As fine as Prometheus answers for so many days. It begins and ends on a step, so that its end is one of its moments and two
    looks see the same; its end is not over yet, so that what began a second ago is seen."""
    step = max(STEP_SECONDS_MIN, -(-int(days * 86_400) // STEPS_MAX))
    end = -(-int(now.timestamp()) // step) * step
    start = end - int(days * 86_400) // step * step
    return Window(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC), step)


def episodes(answer: Any, asked: Window) -> list[Episode]:
    """What Prometheus answered to it; the newest first. Raises UnreadableError."""
    try:
        found = [episode for series in answer["data"]["result"] for episode in _of_series(series, asked)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"what Prometheus answered cannot be read: {error!r}; wanted: a range of series") from error
    return sorted(found, key=lambda one: one.began, reverse=True)


def mean_seconds(found: Iterable[Episode]) -> float | None:
    """Mean time to recover, of those that are over; None when none is."""
    took = [seconds for one in found if (seconds := one.took_seconds) is not None]
    return sum(took) / len(took) if took else None


def _of_series(series: Mapping[str, Any], asked: Window) -> Iterable[Episode]:
    labels = {str(name): str(value) for name, value in series["metric"].items() if name not in HIDDEN}
    for first, last in _runs([float(moment) for moment, _ in series["values"]], asked.step_seconds):
        # what stands at a moment is what was since the step before
        is_on = last >= asked.end.timestamp()
        began = datetime.fromtimestamp(first - asked.step_seconds, UTC)
        yield Episode(labels, began, None if is_on else datetime.fromtimestamp(last, UTC))


def _runs(moments: Sequence[float], step: int) -> Iterable[tuple[float, float]]:
    """First and last of those that lie together."""
    first = last = None
    for moment in moments:
        if first is None or last is None:
            first = moment
        elif moment - last > max(step, RESTART_SECONDS):
            yield first, last
            first = moment
        last = moment
    if first is not None and last is not None:
        yield first, last
