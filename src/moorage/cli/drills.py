"""`moorage drills NAME`."""

import typer

from moorage.api.drill import Drill, DrillPhase
from moorage.cli.cluster import connect
from moorage.cli.options import Namespace, Output, ServiceName
from moorage.cli.output import Format, data, hint, plain, table
from moorage.views.service import parse
from moorage.views.text import moment, span

_COLUMNS = ["STARTED", "KIND", "MEMBER", "RESULT", "GAP", "LOST", "GREEN AFTER", "MESSAGE"]


def command(ctx: typer.Context, name: ServiceName, namespace: Namespace = None, output: Output = Format.TEXT) -> None:
    """Newest first; the last 20 are kept. GAP is the longest time in which no write was acknowledged."""
    cluster = connect(ctx.obj, namespace)
    service = parse(cluster.service(name))
    found = list(reversed(service.status.drills))
    if output is Format.TEXT:
        table(_COLUMNS, [_row(d) for d in found], empty=f"{name} was not drilled yet")
    else:
        data([d.model_dump(mode="json", by_alias=True) for d in found], output)
    allowed = service.spec.drills.allowed
    hint(f"moorage drill {name} primary-crash" if allowed else "spec.drills.allowed: true lets the service be drilled")


def _row(d: Drill) -> list[str]:
    lost = f"{d.lost:,} of {d.acknowledged:,}" if d.lost is not None and d.acknowledged is not None else "-"
    return [
        moment(d.start_time or d.requested),
        str(d.kind),
        plain(d.member),
        f"[red]{d.phase}[/]" if d.phase is DrillPhase.FAILED else str(d.phase),
        span(d.gap_seconds),
        f"[bold red]{lost}[/]" if d.lost else lost,
        span(d.seconds_to_green),
        plain(d.message) if d.message else "",
    ]
