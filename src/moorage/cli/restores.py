"""`moorage restores [NAME]`."""

from typing import Annotated

import typer

from moorage.api.datarestore import KIND, RestorePhase
from moorage.cli.cluster import connect
from moorage.cli.options import AllNamespaces, Namespace, Output, _complete_service
from moorage.cli.output import Format, data, hint, listing, plain
from moorage.views.restore import RestoreView, restore_view
from moorage.views.text import moment, span

_COLUMNS = ["NAME", "SERVICE", "WAY", "FROM", "STARTED", "TOOK", "PHASE", "UNDO UNTIL", "MESSAGE"]


def command(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Only this service's.", autocompletion=_complete_service)
    ] = None,
    namespace: Namespace = None,
    all_namespaces: AllNamespaces = False,
    output: Output = Format.TEXT,
) -> None:
    """Newest first."""
    cluster = connect(ctx.obj, namespace)
    views = [restore_view(item) for item in cluster.all(KIND, everywhere=all_namespaces)]
    views = [v for v in views if name in (None, v.service)]
    views.sort(key=lambda v: (v.start_time or v.created or "", v.name), reverse=True)
    where = "any namespace" if all_namespaces else f"namespace {cluster.namespace}"
    if output is Format.TEXT:
        of = f" of {name}" if name else ""
        listing(_COLUMNS, views, _row, empty=f"no restores{of} in {where}", with_namespace=all_namespaces)
    else:
        data([v.to_json() for v in views], output)
    first = views[0] if views else None
    hint(f"moorage status {first.service} -n {first.namespace}" if first else f"moorage backups {name or ''}".rstrip())


def _row(v: RestoreView) -> list[str]:
    return [
        plain(v.name),
        plain(v.service),
        v.way,
        plain(v.source),
        moment(v.start_time),
        span(v.took_seconds),
        f"[red]{v.phase}[/]" if v.phase is RestorePhase.FAILED else str(v.phase),
        moment(v.undo_until),
        plain(", ".join(filter(None, (v.figures, v.left))) or v.message) if v.figures or v.message else "",
    ]
