"""What became of the queries that a person made metrics of, read from the pages of the members' agents. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from moorage.api.conditions import Resource
from moorage.api.metricquery import MetricQuery
from moorage.api.query_bounds import PREFIX

_LINE = re.compile(r"(moorage_\w+)\{(.*)\} (\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_OURS = ("namespace", "service", "pod")


class SeriesView(Resource):
    """One value."""

    labels: dict[str, str] = Field(default={})
    value: float


class QueryView(Resource):
    """One query at one member."""

    name: str
    member: str
    outcome: str = ""
    """Empty: it was not asked there."""
    answered_at: float | None = None
    """Seconds since 1970."""
    seconds: float | None = None
    """How long its last run took."""
    rows_left_out: int = 0
    series: list[SeriesView] = Field(default=[])


def query_views(queries: Sequence[MetricQuery], pages: Mapping[str, str]) -> list[QueryView]:
    """`pages`: member → the page of its agent. A query that a member is not asked has no view for it."""
    told = {member: list(_read(page)) for member, page in pages.items()}
    views = (_view(query.name, member, found) for query in queries for member, found in told.items())
    return [view for view in views if view.outcome]


_Line = tuple[str, dict[str, str], float]


def _read(page: str) -> Iterator[_Line]:
    for line in page.split("\n"):
        if (hit := _LINE.fullmatch(line)) is not None:
            name, labels, value = hit.groups()
            yield name, {key: _ESCAPED.sub(_unescaped, text) for key, text in _LABEL.findall(labels)}, float(value)


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]


def _view(name: str, member: str, found: Sequence[_Line]) -> QueryView:
    own = {line: (labels, value) for line, labels, value in found if labels.get("query") == name}
    outcome, _ = own.get("moorage_query_outcome", ({}, 0))
    _, answered_at = own.get("moorage_query_answered_timestamp_seconds", ({}, None))
    _, seconds = own.get("moorage_query_duration_seconds", ({}, None))
    _, left_out = own.get("moorage_query_rows_left_out", ({}, 0))
    series = [
        SeriesView(labels={key: text for key, text in labels.items() if key not in _OURS}, value=value)
        for line, labels, value in found
        if line == PREFIX + name
    ]
    return QueryView(
        name=name, member=member, outcome=outcome.get("outcome", ""), answered_at=answered_at, seconds=seconds,
        rows_left_out=int(left_out), series=series,
    )  # fmt: skip
