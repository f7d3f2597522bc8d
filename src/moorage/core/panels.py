"""Charts as data: what a person looks at, as PromQL, for Grafana and for the console alike. Pure, standard library only.

In an expression stand `$namespace` and `$service` for what somebody looks at, and `$__rate_interval` for a time in which there
are some scrapes. Several targets may tell the same series (two replicas of the operator): what a service says is the largest of
them.
"""

from dataclasses import dataclass
from enum import StrEnum

OF_SERVICE = 'namespace="$namespace", service="$service"'
OF_FLEET = 'namespace=~"$namespace"'
"""Of all services of the namespaces that somebody chose."""
RANGE = "$__rate_interval"
BY_SERVICE, BY_POD = "{{namespace}}/{{service}}", "{{pod}}"
"""What a line is called, in Grafana's way."""


@dataclass(frozen=True)
class Words:
    """The same in both languages of the console."""

    en: str
    zh: str


class Unit(StrEnum):
    """What the numbers are; the words are Grafana's."""

    NUMBER = "short"
    SECONDS = "s"
    BYTES = "bytes"
    BYTES_PER_SECOND = "Bps"
    PER_SECOND = "ops"
    SHARE = "percentunit"
    """1 is all of it."""
    MOMENT = "dateTimeAsIso"
    """Milliseconds since 1970."""


class Draw(StrEnum):
    """How it is drawn; the words are Grafana's."""

    LINES = "timeseries"
    NUMBER = "stat"
    """The last value of each query."""
    STATES = "state-timeline"
    TABLE = "table"
    """Each query is a column, of the labels in `Panel.rows`."""


@dataclass(frozen=True)
class Query:
    """`legend`: what its line is called, with `{{label}}`; of a table: the head of its column."""

    expr: str
    legend: Words
    unit: Unit | None = None
    """Of a column; None: its panel's."""


@dataclass(frozen=True)
class Step:
    """From this value on it has this colour."""

    value: float
    colour: str


@dataclass(frozen=True)
class Panel:
    """`says`: what to look for."""

    title: Words
    queries: tuple[Query, ...]
    unit: Unit = Unit.NUMBER
    draw: Draw = Draw.LINES
    says: Words | None = None
    is_stacked: bool = False
    steps: tuple[Step, ...] = ()
    names: tuple[tuple[int, Words, str], ...] = ()
    """Value → what it is called, and its colour."""
    rows: tuple[str, ...] = ()
    """Of a table: labels that make a row."""
    width: int = 8
    """Of 24."""


@dataclass(frozen=True)
class Row:
    """Panels that belong together."""

    title: Words
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Mark:
    """Where in time something happened. `is_moment`: the value is that moment, in milliseconds since 1970; else it is when the
    expression has a value."""

    title: Words
    expr: str
    is_moment: bool
    colour: str


class About(StrEnum):
    """What somebody chooses before looking."""

    FLEET = "fleet"
    """Any number of namespaces."""
    SERVICE = "service"
    PLATFORM = "platform"
    """Nothing."""


@dataclass(frozen=True)
class Dashboard:
    """`uid` is forever: people keep links to it."""

    uid: str
    title: Words
    about: About
    rows: tuple[Row, ...]
    marks: tuple[Mark, ...] = ()
    engine: str = ""
    """With SERVICE: of which engine."""


def same(text: str) -> Words:
    """What needs no language: names of labels."""
    return Words(text, text)


def line(expr: str, legend: str | Words = BY_POD) -> Query:
    return Query(expr, legend if isinstance(legend, Words) else same(legend))


def gauge(metric: str, matchers: str = "", by: str = "pod", of: str = OF_SERVICE) -> str:
    """The largest of what several targets tell."""
    return f"max by ({by}) ({metric}{{{_joined(of, matchers)}}})"


def rate(metric: str, matchers: str = "", by: str = "pod", of: str = OF_SERVICE) -> str:
    """How much of a counter there is in a second."""
    return f"sum by ({by}) (rate({metric}{{{_joined(of, matchers)}}}[{RANGE}]))"


def mean_seconds(metric: str, by: str) -> str:
    """Of a histogram in seconds: how long one took, on average."""
    return f"{rate(f'{metric}_sum', by=by)} / ({rate(f'{metric}_count', by=by)} > 0)"


def quantile(share: float, metric: str, by: str = "") -> str:
    """Of a histogram: what this share of all is not above."""
    return f"histogram_quantile({share}, {rate(f'{metric}_bucket', by=', '.join(filter(None, ('le', by))))})"


def _joined(*matchers: str) -> str:
    return ", ".join(filter(None, matchers))
