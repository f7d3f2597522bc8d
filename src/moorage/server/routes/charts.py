"""Charts: which there are, and what they show. Of a service, and of the fleet, backups and Moorage itself."""

import asyncio
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query

from moorage.api.dataservice import KIND
from moorage.core.panels import Dashboard, Draw, Panel, Unit
from moorage.door import Door
from moorage.monitoring import charting
from moorage.monitoring.charting import Chosen, Span
from moorage.monitoring.dashboards import dashboards
from moorage.monitoring.panels import own
from moorage.server import looks
from moorage.server.caller import Caller, PlatformOf, SignedIn
from moorage.server.chartlines import ChartData, Text, lines_of, text_of
from moorage.server.marks import Marks, marks_of
from moorage.server.model import Given, ServiceName, SpaceName
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError
from moorage.server.series import AwayError, asking
from moorage.views.service import parse

router = APIRouter(tags=["charts"])
PANELS_MAX = 30
COPIED_STEP_SECONDS = 15


class ChartPage(StrEnum):
    """Of what, besides one service."""

    FLEET = "fleet"
    BACKUPS = "backups"
    PLATFORM = "platform"


_DASHBOARDS = {d.uid: d for d in dashboards()}


class ColourStep(Given):
    value: float
    colour: str


class ValueName(Given):
    value: int
    name: Text
    colour: str


class ChartQuery(Given):
    promql: str
    """Whole, to be copied: with this service in it."""
    legend: Text
    """Of lines `{{label}}` is replaced already; of a table the head of its column."""
    unit: Unit


class Chart(Given):
    """What one chart is; its numbers are asked for by its `id`."""

    id: str
    title: Text
    says: Text | None
    """What to look for."""
    unit: Unit
    draw: Draw
    is_stacked: bool
    steps: list[ColourStep]
    """From which value on it has which colour."""
    names: list[ValueName]
    """What values are called."""
    rows: list[str]
    """Of a table: labels that make a row."""
    queries: list[ChartQuery]


class ChartRow(Given):
    """Charts that belong together. Without any: of a service that has no metrics of its own."""

    title: Text
    charts: list[Chart]


class Charts(Given):
    rows: list[ChartRow]


From = Annotated[datetime, Query(alias="from", description="With its zone.")]
To = Annotated[datetime, Query(description="With its zone.")]
Points = Annotated[int, Query(ge=2, le=charting.POINTS_MAX, description="At most so many for each line.")]
Ids = Annotated[list[str], Query(alias="chart", min_length=1, max_length=PANELS_MAX, description="Which ones, by `id`.")]
Narrowed = Annotated[SpaceName | None, Query(description="Only of this one.")]


@router.get("/services/{space}/{name}/charts")
async def list_service_charts(space: SpaceName, name: ServiceName, caller: SignedIn, platform: PlatformOf) -> Charts:
    """What the charts of this service's engine are, and those of its own metrics."""
    dashboard = await _of_service(platform, caller, space, name)
    return _charts(dashboard, charting.of_service(space, name))


@router.get("/services/{space}/{name}/charts/data")
async def get_service_charts(
    space: SpaceName,
    name: ServiceName,
    caller: SignedIn,
    platform: PlatformOf,
    ids: Ids,
    start: From,
    to: To,
    points: Points = 240,
) -> ChartData:
    """What they show. Needs the right to list services of the space."""
    dashboard = await _of_service(platform, caller, space, name)
    return await _data(platform, dashboard, charting.of_service(space, name), ids, _span(start, to, points))


@router.get("/services/{space}/{name}/charts/marks")
async def list_service_marks(
    space: SpaceName, name: ServiceName, caller: SignedIn, platform: PlatformOf, start: From, to: To
) -> Marks:
    """What happened to the service in this time: fail-overs as Prometheus tells, and what is remembered of it."""
    return await marks_of(platform, caller, space, name, start, to, _span(start, to, charting.POINTS_MAX))


@router.get("/charts/{about}")
async def list_charts(about: ChartPage, caller: SignedIn, platform: PlatformOf, space: Narrowed = None) -> Charts:
    """What the charts of the fleet, of backups and of Moorage itself are."""
    return _charts(_dashboard(about), await _chosen(platform, caller, about, space))


@router.get("/charts/{about}/data")
async def get_charts(
    about: ChartPage,
    caller: SignedIn,
    platform: PlatformOf,
    ids: Ids,
    start: From,
    to: To,
    points: Points = 240,
    space: Narrowed = None,
) -> ChartData:
    """What they show of the services that the person may see; of Moorage itself for who may see all of them."""
    chosen = await _chosen(platform, caller, about, space)
    return await _data(platform, _dashboard(about), chosen, ids, _span(start, to, points))


def _dashboard(about: str) -> Dashboard:
    return _DASHBOARDS[f"moorage-{about}"]


async def _of_service(platform: Platform, caller: Caller, space: str, name: str) -> Dashboard:
    spec = parse(await looks.find(platform, caller, KIND, space, name)).spec
    dashboard = _dashboard(spec.engine)
    return replace(dashboard, rows=(*dashboard.rows, own.row(spec.metrics.queries)))


async def _chosen(platform: Platform, caller: Caller, about: ChartPage, space: str | None) -> Chosen:
    seen = await looks.sight(platform, caller, KIND)
    if about is ChartPage.PLATFORM and not seen.everywhere:
        raise ProblemError(403, Code.FORBIDDEN, "charts of Moorage itself name every service; you may not list all of them")
    if space is not None:
        return charting.of_namespaces([space] if seen.sees(space) else [])
    return charting.of_namespaces(None if seen.everywhere else seen.namespaces)


def _span(start: datetime, to: datetime, points: int) -> Span:
    if start.tzinfo is None or to.tzinfo is None:
        raise ProblemError(422, Code.INVALID, "from and to need a time zone; write them as 2026-11-06T12:34:56Z")
    try:
        return charting.span(start.timestamp(), to.timestamp(), points)
    except ValueError as error:
        raise ProblemError(422, Code.INVALID, str(error)) from error


def _charts(dashboard: Dashboard, chosen: Chosen) -> Charts:
    ids = {id(panel): name for name, (_, panel) in charting.panels(dashboard).items()}
    return Charts(
        rows=[
            ChartRow(title=text_of(row.title), charts=[_chart(ids[id(panel)], panel, chosen) for panel in row.panels])
            for row in dashboard.rows
        ]
    )


def _chart(name: str, panel: Panel, chosen: Chosen) -> Chart:
    return Chart(
        id=name,
        title=text_of(panel.title),
        says=text_of(panel.says) if panel.says else None,
        unit=panel.unit,
        draw=panel.draw,
        is_stacked=panel.is_stacked,
        steps=[ColourStep(value=step.value, colour=step.colour) for step in panel.steps],
        names=[ValueName(value=value, name=text_of(words), colour=colour) for value, words, colour in panel.names],
        rows=list(panel.rows),
        queries=[
            ChartQuery(
                promql=charting.filled(query.expr, chosen, COPIED_STEP_SECONDS),
                legend=text_of(query.legend),
                unit=query.unit or panel.unit,
            )
            for query in panel.queries
        ],
    )


async def _data(platform: Platform, dashboard: Dashboard, chosen: Chosen, ids: list[str], span: Span) -> ChartData:
    known = charting.panels(dashboard)
    unknown = [name for name in ids if name not in known]
    if unknown:
        raise ProblemError(404, Code.NOT_FOUND, f"there is no chart {', '.join(unknown)}", {"what": "chart", "name": unknown[0]})
    try:
        async with asking(_monitoring(platform)) as questions:
            found = await asyncio.gather(
                *(lines_of(questions, name, known[name][1], chosen, span) for name in dict.fromkeys(ids))
            )
    except AwayError as error:
        raise _away(error) from error
    return ChartData(start=span.start, step=span.step, count=span.count, charts=found)


def _monitoring(platform: Platform) -> Door:
    found = platform.settings.prometheus
    if found is None:
        detail = "no Prometheus is known: set monitoring.bring or console.monitoring.prometheus in the chart"
        raise ProblemError(503, Code.NO_MONITORING, detail)
    return found


def _away(error: AwayError) -> ProblemError:
    detail = f"Prometheus cannot be asked ({error}); services go on, and the charts come back by themselves"
    return ProblemError(503, Code.MONITORING_AWAY, detail)
