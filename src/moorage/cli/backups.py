"""`moorage backups [NAME]`."""

from typing import Annotated

import typer

from moorage.api.databackup import KIND, BackupPhase
from moorage.cli.cluster import connect
from moorage.cli.options import AllNamespaces, Namespace, Output, _complete_service
from moorage.cli.output import Format, data, hint, listing, plain
from moorage.views.backup import BackupView, backup_view, newest_first
from moorage.views.text import moment, size, span

_COLUMNS = ["NAME", "SERVICE", "STARTED", "TOOK", "SIZE", "RAW", "TAKEN", "VERIFIED", "PHASE"]


def command(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Only this service's.", autocompletion=_complete_service)
    ] = None,
    namespace: Namespace = None,
    all_namespaces: AllNamespaces = False,
    output: Output = Format.TEXT,
) -> None:
    """Newest first, also of services that are gone. SIZE is that in the store, RAW that of the data."""
    cluster = connect(ctx.obj, namespace)
    views = newest_first([backup_view(item) for item in cluster.all(KIND, everywhere=all_namespaces)])
    views = [v for v in views if name in (None, v.service)]
    where = "any namespace" if all_namespaces else f"namespace {cluster.namespace}"
    if output is Format.TEXT:
        of = f" of {name}" if name else ""
        listing(_COLUMNS, views, row, empty=f"no backups{of} in {where}", with_namespace=all_namespaces)
    else:
        data([v.to_json() for v in views], output)
    hint(_next(views, name))


def _next(views: list[BackupView], name: str | None) -> str:
    good = next((v for v in views if v.is_good), None)
    if good is not None:
        return f"moorage restore {good.name} -n {good.namespace} --to NEW"
    return f"moorage backup show {views[0].name} -n {views[0].namespace}" if views else f"moorage backup {name or 'NAME'} --wait"


def row(v: BackupView) -> list[str]:
    """A line of the list."""
    failed = v.phase is BackupPhase.FAILED
    phase = f"[red]{v.phase}[/]: {plain(v.message)}" if failed and v.message else f"[red]{v.phase}[/]" if failed else str(v.phase)
    verified = plain(v.verdict) if v.verified is not False else f"[red]{plain(v.verdict)}[/]"
    return [
        plain(v.name),
        plain(v.service),
        moment(v.start_time),
        span(v.took_seconds),
        size(v.size_bytes),
        size(v.raw_bytes),
        v.taken,
        verified,
        phase,
    ]
