"""Metrics of people's own: a query that a member's agent asks its engine now and then. Pure, standard library only."""

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from moorage.api.query_bounds import (
    COLUMN_LENGTH_MAX,
    COLUMN_PATTERN,
    EVERY_SECONDS_MAX,
    EVERY_SECONDS_MIN,
    LABELS_MAX,
    LABELS_TAKEN,
    NAME_LENGTH_MAX,
    NAME_PATTERN,
    PREFIX,
    QUERIES_MAX,
    TEXT_MAX,
    TIMEOUT_SECONDS_MAX,
    TIMEOUT_SECONDS_MIN,
    Asked,
)
from moorage.core.metrics import TEXT_LENGTH_MAX, Kind, Metric, Sample
from moorage.core.report import Role

SERIES_MAX = 50
"""Of one query at one member."""
SAID_LENGTH_MAX = 300
Row = Sequence[object]
"""The value, then one text for each label."""


def kind_of(name: str) -> Kind:
    """A name that ends in _total is a counter's, as everywhere."""
    return Kind.COUNTER if name.endswith("_total") else Kind.GAUGE


class Outcome(StrEnum):
    """How a query ended. Never more words than these: they are a label."""

    ANSWERED = "answered"
    REFUSED = "refused"
    """By Moorage's rule: nobody was asked."""
    DENIED = "denied"
    """Its user may not read that."""
    TIMED_OUT = "timed-out"
    FAILED = "failed"
    """The engine says that it cannot be answered."""
    UNREACHABLE = "unreachable"


class QueryError(Exception):
    """A query has no answer; says why, which may quote data."""

    def __init__(self, outcome: Outcome, says: str) -> None:
        super().__init__(says[:SAID_LENGTH_MAX])
        self.outcome = outcome


@dataclass(frozen=True)
class Query:
    """`value` and `labels` are columns or fields of the answer."""

    name: str
    help: str
    database: str
    query: str
    value: str
    labels: tuple[str, ...]
    every_seconds: int
    timeout_seconds: int
    members: Asked

    @property
    def metric(self) -> Metric:
        return Metric(PREFIX + self.name, kind_of(self.name), self.help or "A query of this service.", (), self.labels)

    def is_for(self, role: Role) -> bool:
        """A member that serves nobody is not asked."""
        asked = {Asked.PRIMARY: {Role.PRIMARY}, Asked.SECONDARY: {Role.SECONDARY}, Asked.EACH: {Role.PRIMARY, Role.SECONDARY}}
        return role in asked[self.members]

    def why_unusable(self) -> str | None:
        """What the API server holds for whoever asks it; None when nothing."""
        if not re.fullmatch(NAME_PATTERN, self.name) or len(self.name) > NAME_LENGTH_MAX:
            return f"'{self.name}' is no name of a metric"
        for column in (self.value, *self.labels):
            if not re.fullmatch(COLUMN_PATTERN, column) or len(column) > COLUMN_LENGTH_MAX:
                return f"'{column}' is no name of a label"
        if set(self.labels) & set(LABELS_TAKEN) or len(set(self.labels)) < len(self.labels) or len(self.labels) > LABELS_MAX:
            return f"its labels cannot be: {', '.join(self.labels)}"
        is_paced = EVERY_SECONDS_MIN <= self.every_seconds <= EVERY_SECONDS_MAX
        if not is_paced or not TIMEOUT_SECONDS_MIN <= self.timeout_seconds <= TIMEOUT_SECONDS_MAX:
            return f"its times cannot be: {self.every_seconds} s and {self.timeout_seconds} s"
        return None if len(self.query) <= TEXT_MAX else f"its text is longer than {TEXT_MAX} characters"


def to_json(queries: Iterable[Query]) -> str:
    """Empty when there are none."""
    found = [asdict(query) for query in queries]
    return json.dumps(found, sort_keys=True, ensure_ascii=False) if found else ""


def from_json(text: str) -> tuple[Query, ...]:
    """Raises ValueError when it cannot be read, or holds what the API server would have refused."""
    try:
        found = [_query(item) for item in json.loads(text or "[]")]
        whys = [why for query in found if (why := query.why_unusable()) is not None]
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        msg = f"'{text[:100]}' are no queries"
        raise ValueError(msg) from error
    if whys or len(found) > QUERIES_MAX or len({query.name for query in found}) < len(found):
        raise ValueError(whys[0] if whys else f"{len(found)} queries, {QUERIES_MAX} at most, of different names")
    return tuple(found)


def _query(item: dict[str, Any]) -> Query:
    return Query(**{**item, "labels": tuple(item["labels"]), "members": Asked(item["members"])})


@dataclass(frozen=True)
class Answer:
    """The series of one run, and how many rows became none: those that were too many, double, or no number."""

    samples: tuple[Sample, ...] = ()
    left_out: int = 0


def answer(rows: Iterable[Row]) -> Answer:
    """The first rows count. Two series with the same labels would cost Prometheus the whole page."""
    found, left_out = dict[tuple[str, ...], float](), 0
    for value, *texts in rows:
        labels, number = tuple("" if text is None else str(text)[:TEXT_LENGTH_MAX] for text in texts), _number(value)
        if number is None or labels in found or len(found) == SERIES_MAX:
            left_out += 1
        else:
            found[labels] = number
    return Answer(tuple(Sample(labels, number) for labels, number in found.items()), left_out)


def _number(value: object) -> float | None:
    try:
        found = float(value if isinstance(value, int | float) else str(value))
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
