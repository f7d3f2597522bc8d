"""From panels to what Prometheus is asked for the console's charts, and to what a line is called. Pure."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moorage.core.panels import Dashboard, Panel, Row, Words
from moorage.monitoring.scrapes import SCRAPE_SECONDS

POINTS_MAX = 500
SPAN_SECONDS_MIN, SPAN_SECONDS_MAX = 60, 366 * 86_400
_STEPS = (10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800)
"""What people can reckon with, in seconds; the least is how often there is anything new."""
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL = re.compile(r"\{\{(\w+)\}\}")
EVERYWHERE, NOWHERE = ".*", "-"
"""What is no name of a namespace. An empty expression would be about all series that have none."""


@dataclass(frozen=True)
class Chosen:
    """What somebody looks at, and may see. `namespace`: one name, or of several what matches them."""

    namespace: str
    service: str = ""


def of_service(namespace: str, service: str) -> Chosen:
    """Raises ValueError for what can be no name: it would stand in an expression."""
    return Chosen(_name(namespace), _name(service))


def of_namespaces(namespaces: Iterable[str] | None) -> Chosen:
    """None: all of them. Raises ValueError as `of_service`."""
    return Chosen(EVERYWHERE if namespaces is None else "|".join(map(_name, sorted(namespaces))) or NOWHERE)


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"'{text}' is no name of a namespace or service")
    return text


def filled(expr: str, chosen: Chosen, step_seconds: int) -> str:
    """The expression with what is looked at in place of its variables."""
    parts = {
        "$__rate_interval": f"{rate_seconds(step_seconds)}s",
        "$namespace": chosen.namespace,
        "$service": chosen.service,
    }
    for variable, value in parts.items():
        expr = expr.replace(variable, value)
    return expr


def rate_seconds(step_seconds: int) -> int:
    """A time in which there are four scrapes or more, and in which no point's neighbours miss one: as Grafana reckons it."""
    return max(4 * SCRAPE_SECONDS, step_seconds + SCRAPE_SECONDS)


@dataclass(frozen=True)
class Span:
    """Points of time that are asked for: `start`, and each `step` seconds another one. In seconds since 1970."""

    start: int
    step: int
    count: int

    @property
    def end(self) -> int:
        return self.start + self.step * (self.count - 1)


def span(start: float, end: float, points: int) -> Span:
    """At most so many points over this time, which stay at their places when it is asked for again a little later.

    Raises ValueError when it is too short, too long, or of too many points.
    """
    length = end - start
    if not SPAN_SECONDS_MIN <= length <= SPAN_SECONDS_MAX:
        raise ValueError(f"from and to are {length:.0f} s apart; allowed: one minute to 366 days")
    if not 2 <= points <= POINTS_MAX:
        raise ValueError(f"points is {points}; allowed: 2 to {POINTS_MAX}")
    least = length / (points - 1)
    step = next((step for step in _STEPS if least <= step), math.ceil(least))
    first, last = -(-int(start) // step), int(end) // step
    return Span(first * step, step, max(last - first + 1, 1))


def panels(dashboard: Dashboard) -> dict[str, tuple[Row, Panel]]:
    """By what the API calls them: `resources.volume-used`."""
    return {f"{_slug(row.title)}.{_slug(panel.title)}": (row, panel) for row in dashboard.rows for panel in row.panels}


def _slug(words: Words) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.en.lower()).strip("-")


def called(legend: Words, labels: Mapping[str, str]) -> Words:
    """With the line's own labels in their places."""
    return Words(_with(legend.en, labels), _with(legend.zh, labels))


def _with(text: str, labels: Mapping[str, str]) -> str:
    return _LABEL.sub(lambda found: labels.get(found[1], ""), text)
