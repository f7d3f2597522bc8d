"""Metrics as data: what each is called, what it means, and where in a document its series come from. Pure, standard library only.

A document is what an engine, an agent or the API server said, as mappings. Names and units follow Prometheus's conventions.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

PREFIX = "moorage_"
UNITS = ("seconds", "bytes", "ratio")
TEXT_LENGTH_MAX = 200
"""Of a label's value: Prometheus keeps every value that it ever saw."""
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class Kind(StrEnum):
    """How Prometheus understands it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class As(StrEnum):
    """How what stands in the document is read."""

    NUMBER = "number"
    """Or a truth value: 1 or 0."""
    TIME = "time"
    """RFC 3339, or a datetime: seconds since 1970."""
    STATE = "state"
    """A word: it becomes the last label, and the value is 1."""
    EACH_STATE = "each state"
    """One series for each of the words that there can be: 1 for the one that holds, 0 for the others."""
    TEXTS = "texts"
    """A mapping of texts: they become the labels, and the value is 1."""
    COUNT = "count"
    """How many entries a list has."""
    HISTOGRAM = "histogram"
    """A `Histogram`."""


@dataclass(frozen=True)
class Histogram:
    """`buckets`: upper bound → how many were at most as large; without the last one, which is `count`."""

    buckets: tuple[tuple[float, int], ...]
    count: int
    sum: float


@dataclass(frozen=True)
class Source:
    """Where one series of a metric comes from, or one for each key of a mapping."""

    path: str
    """Keys, joined by dots. `*` stands for each key of a mapping, which becomes the next label. Of several, joined by `|`, the
    first that is there counts."""
    labels: tuple[str, ...] = ()
    """Values of the metric's first labels."""
    how: As = As.NUMBER
    scale: float = 1.0
    states: tuple[str, ...] = ()
    """With EACH_STATE: all words that there can be."""
    texts: tuple[str, ...] = ()
    """With TEXTS: the paths, below `path`, of what becomes the metric's last labels."""
    each: int = 0
    """Of a path with `*`: how many keys there are at most; 0: one for each member."""


@dataclass(frozen=True)
class Metric:
    """`help`: a sentence for people."""

    name: str
    kind: Kind
    help: str
    sources: tuple[Source, ...]
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Of a histogram: the upper bounds, without the last one."""

    @property
    def unit(self) -> str:
        base = self.name.removesuffix("_total")
        return next((unit for unit in UNITS if base.endswith(f"_{unit}")), "")

    def series_max(self, members: int) -> int:
        """Most series that it has, of one service with so many members, or of one of them."""
        return sum(self._series_of(source, members) for source in self.sources)

    def _series_of(self, source: Source, members: int) -> int:
        each = (source.each or members) if "*" in source.path else 1
        return each * max(1, len(source.states)) * (len(self.buckets) + 3 if self.kind is Kind.HISTOGRAM else 1)

    def why_not_conventional(self) -> str | None:
        """What of Prometheus's conventions for names it breaks; None when nothing."""
        rest = self.name.removesuffix("_total").removesuffix("_info")
        if not self.name.startswith(PREFIX) or _NAME.fullmatch(self.name) is None:
            return f"{self.name} is not {PREFIX}… in snake case"
        if (self.kind is Kind.COUNTER) != self.name.endswith("_total"):
            return f"{self.name}: counters, and no others, end in _total"
        if any(part in UNITS for part in rest.split("_")[:-1]):
            return f"{self.name}: the unit comes last"
        if re.search(r"_(milli|micro|kilo|mega|kb|mb|mib|ms|minutes|hours|days|percent)", self.name):
            return f"{self.name}: base units only: {', '.join(UNITS)}"
        return None if self.help.endswith(".") else f"{self.name}: its help is no sentence"


@dataclass(frozen=True)
class Sample:
    """One series' value, or all of those that a histogram has."""

    labels: tuple[str, ...]
    value: float | Histogram


@dataclass(frozen=True)
class Family:
    """A metric and its series."""

    metric: Metric
    samples: tuple[Sample, ...]


def read(metrics: Sequence[Metric], document: Mapping[str, Any]) -> list[Family]:
    """What a document says. What is not in it, or is not of the kind that is known, has no series: an absent value is not 0."""
    return [Family(metric, tuple(s for source in metric.sources for s in _samples(source, document))) for metric in metrics]


def _samples(source: Source, document: Mapping[str, Any]) -> Iterator[Sample]:
    for path in source.path.split("|"):
        found = list(_found(document, path.split(".")))
        for keys, value in found:
            with contextlib.suppress(TypeError, ValueError, OverflowError):
                yield from _read(source, (*source.labels, *keys), value)
        if found:
            return


def _found(at: Any, path: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each key that a `*` stands for, and what stands there."""
    if not path:
        if at is not None:
            yield (), at
        return
    if not isinstance(at, Mapping):
        return
    first, *rest = path
    if first != "*":
        yield from _found(at.get(first), rest)
        return
    for key, below in at.items():
        for keys, value in _found(below, rest):
            yield (str(key), *keys), value


def _read(source: Source, labels: tuple[str, ...], value: Any) -> Iterator[Sample]:
    match source.how:
        case As.NUMBER:
            yield Sample(labels, float(value) * source.scale)
        case As.TIME:
            yield Sample(labels, seconds_since_1970(value))
        case As.COUNT:
            yield Sample(labels, float(len(value)))
        case As.STATE:
            yield Sample((*labels, str(value)[:TEXT_LENGTH_MAX]), 1.0)
        case As.EACH_STATE:
            yield from (Sample((*labels, state), float(state == value)) for state in source.states)
        case As.TEXTS:
            texts = tuple(_text(value, path) for path in source.texts)
            if any(texts):
                yield Sample((*labels, *texts), 1.0)
        case As.HISTOGRAM:
            yield Sample(labels, value)


def _text(value: Any, path: str) -> str:
    found = next((below for _, below in _found(value, path.split("."))), "")
    return str(found)[:TEXT_LENGTH_MAX]


def seconds_since_1970(value: str | datetime) -> float:
    """A time without a zone, as an engine's driver gives it, is in UTC."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
