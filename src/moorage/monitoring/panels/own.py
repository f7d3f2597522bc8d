"""What people's own queries of one service measure. Pure."""

from collections.abc import Iterable

from moorage.api.metricquery import MetricQuery
from moorage.api.query_bounds import PREFIX, Asked
from moorage.core.metrics import Kind
from moorage.core.panels import Panel, Row, Unit, Words, gauge, line, rate, same
from moorage.core.queries import kind_of


def row(queries: Iterable[MetricQuery]) -> Row:
    """One panel for each; none when there is none."""
    return Row(Words("Own metrics", "自定义指标"), tuple(map(_panel, queries)))


def _panel(query: MetricQuery) -> Panel:
    is_counter = kind_of(query.name) is Kind.COUNTER
    # of the primary alone: a fail-over makes another line of no one
    of_members = [] if query.members is Asked.PRIMARY else ["pod"]
    shown = [*("{{pod}}" for _ in of_members), *(f"{label}={{{{{label}}}}}" for label in query.labels)]
    expr = (rate if is_counter else gauge)(PREFIX + query.name, by=", ".join((*of_members, *query.labels)))
    return Panel(
        same(query.name),
        (line(expr, " ".join(shown) or query.name),),
        Unit.PER_SECOND if is_counter else Unit.NUMBER,
        says=same(query.help) if query.help else None,
    )
