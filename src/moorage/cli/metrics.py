"""`moorage metrics NAME`: what the queries of `spec.metrics` say."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from moorage.api.conditions import ConditionType
from moorage.api.query_bounds import PREFIX
from moorage.cli.cluster import Cluster, connect
from moorage.cli.errors import CliError
from moorage.cli.options import Namespace, Output, ServiceName
from moorage.cli.output import Format, data, hint, plain, say, table
from moorage.core import names
from moorage.core.exposition import METRICS_PATH
from moorage.core.queries import Outcome
from moorage.views.queries import QueryView, query_views
from moorage.views.service import member_pods, parse
from moorage.views.text import span

_COLUMNS = ["METRIC", "MEMBER", "LABELS", "VALUE", "AGE", "TOOK", "OUTCOME"]


def command(
    ctx: typer.Context,
    name: ServiceName,
    namespace: Namespace = None,
    output: Output = Format.TEXT,
    query: Annotated[str | None, typer.Option(help="Only this one.")] = None,
) -> None:
    """As the members say it now. It needs the right to get pods/proxy, and no Prometheus."""
    cluster = connect(ctx.obj, namespace)
    service = parse(cluster.service(name))
    asked = [q for q in service.spec.metrics.queries if query in (None, q.name)]
    views = query_views(asked, _pages(cluster, member_pods(service)) if asked else {})
    if output is Format.TEXT:
        now = datetime.now(UTC).timestamp()
        rows = [row for view in views for row in _rows(view, now)]
        empty = f"{name} has no query in spec.metrics" if not asked else "no member was asked yet"
        table(_COLUMNS, rows, empty=empty)
        healthy = next((c for c in service.status.conditions if c.type is ConditionType.METRICS_HEALTHY), None)
        if healthy is not None and healthy.status != "True":
            say(healthy.message)
    else:
        data([view.model_dump(mode="json", by_alias=True) for view in views], output)
    hint(f"moorage why {name} -n {cluster.namespace}")


def _pages(cluster: Cluster, pods: dict[str, str]) -> dict[str, str]:
    """A member that does not answer is said, and does not stop the others."""
    pages = {}
    for member, pod in pods.items():
        try:
            pages[member] = cluster.page(pod, names.AGENT_PORT, METRICS_PATH)
        except CliError as error:
            say(f"{member}: {error}")
    return pages


def _rows(view: QueryView, now: float) -> list[list[str]]:
    age = span(max(0.0, now - view.answered_at)) if view.answered_at is not None else "-"
    outcome = view.outcome if view.outcome == Outcome.ANSWERED else f"[red]{plain(view.outcome)}[/]"
    if view.rows_left_out:
        outcome += f", {view.rows_left_out} rows left out"
    ends = [age, span(view.seconds), outcome]
    metric = plain(PREFIX + view.name)
    if not view.series:
        return [[metric, plain(view.member), "-", "-", *ends]]
    return [
        [metric, plain(view.member), plain(", ".join(f"{k}={v!r}" for k, v in one.labels.items())), f"{one.value:g}", *ends]
        for one in view.series
    ]
