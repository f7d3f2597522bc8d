"""`moorage alerts history [NAME]`."""

from typing import Annotated, Any

import typer

from moorage.cli import console
from moorage.cli.alerts import Of, Space, about, severity
from moorage.cli.options import Output
from moorage.cli.output import Format, data, hint, plain, say, table
from moorage.views.text import moment, span

_COLUMNS = ["SEVERITY", "ABOUT", "BEGAN", "TOOK", "ALERT"]


def command(
    ctx: typer.Context,
    name: Of = None,
    namespace: Space = None,
    days: Annotated[
        int, typer.Option(help="How far back; Prometheus keeps 15 days where the chart brings it.", min=1, max=90)
    ] = 7,
    output: Output = Format.TEXT,
) -> None:
    """What fired, newest first, and how long until it was over. Asked of the console."""
    query = {"space": namespace or ctx.obj.namespace, "service": name, "days": days}
    found = console.ask("GET", "/alerts/history", query=query)
    if output is Format.TEXT:
        table(_COLUMNS, (_row(one) for one in found["items"]), empty=f"nothing fired within {days} days")
        if found["meanSeconds"] is not None:
            say(f"mean time to recover: {span(found['meanSeconds'])}, right to {found['resolutionSeconds']} s")
    else:
        data(found, output)
    hint("moorage alerts")


def _row(one: dict[str, Any]) -> list[str]:
    took = span(one["tookSeconds"]) if one["ended"] else "fires still"
    return [severity(one["severity"]), plain(about(one)), moment(one["began"]), took, plain(one["summary"]["en"] or one["name"])]
