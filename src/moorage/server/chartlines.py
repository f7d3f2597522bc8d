"""What one chart shows: asked of Prometheus, and cut down to what a person can tell apart."""

import asyncio

from moorage.core.panels import Draw, Panel, Query, Words
from moorage.monitoring import charting
from moorage.monitoring.charting import Chosen, Span
from moorage.server.model import Given
from moorage.server.series import Questions, RefusedError, Series

LINES_MAX = 40


class Text(Given):
    en: str
    zh: str


class Line(Given):
    """One line of a chart; of a number or a table one value."""

    query: int
    """Which of the chart's queries."""
    name: Text
    labels: dict[str, str]
    values: list[float | None]
    """One for each point; null where there is none: a gap."""


class ChartLines(Given):
    id: str
    lines: list[Line]
    left_off: int = 0
    """So many more lines there are, all lower than those that are shown."""
    problem: str = ""
    """What Prometheus said against it."""


class ChartData(Given):
    start: int
    """Of the first point, in seconds since 1970."""
    step: int
    """Seconds from point to point."""
    count: int
    charts: list[ChartLines]


def text_of(words: Words) -> Text:
    return Text(en=words.en, zh=words.zh)


async def lines_of(questions: Questions, name: str, panel: Panel, chosen: Chosen, span: Span) -> ChartLines:
    try:
        found = await asyncio.gather(*(_ask(questions, panel.draw, query, chosen, span) for query in panel.queries))
    except RefusedError as error:
        return ChartLines(id=name, lines=[], problem=str(error))
    lines = [_line(index, query, one) for index, query in enumerate(panel.queries) for one in found[index]]
    shown = _highest(lines) if panel.draw in (Draw.LINES, Draw.STATES) else lines
    return ChartLines(id=name, lines=shown, left_off=len(lines) - len(shown))


async def _ask(questions: Questions, draw: Draw, query: Query, chosen: Chosen, span: Span) -> list[Series]:
    expr = charting.filled(query.expr, chosen, span.step)
    if draw in (Draw.LINES, Draw.STATES):
        return await questions.over(expr, span)
    return await questions.at(expr, span.end)


def _line(index: int, query: Query, series: Series) -> Line:
    return Line(
        query=index, name=text_of(charting.called(query.legend, series.labels)), labels=dict(series.labels), values=series.values
    )


def _highest(lines: list[Line]) -> list[Line]:
    """In their order; of a thousand services nobody could tell the lines apart."""
    if len(lines) <= LINES_MAX:
        return sorted(lines, key=lambda line: (line.query, line.name.en))
    tops = sorted(lines, key=lambda line: max((v for v in line.values if v is not None), default=float("-inf")), reverse=True)
    return sorted(tops[:LINES_MAX], key=lambda line: (line.query, line.name.en))
