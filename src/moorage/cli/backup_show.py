"""`moorage backup show NAME`."""

import typer

from moorage.api.databackup import KIND, BackupPhase
from moorage.cli.backup import finished
from moorage.cli.cluster import connect
from moorage.cli.options import BackupName, Namespace, Output, Timeout, Wait, seconds
from moorage.cli.output import Format, data, facts, hint, plain, show
from moorage.views.backup import BackupView, backup_view
from moorage.views.text import moment, size, span


def command(
    ctx: typer.Context,
    name: BackupName,
    namespace: Namespace = None,
    wait: Wait = False,
    timeout: Timeout = "2h",
    output: Output = Format.TEXT,
) -> None:
    """Text, JSON and YAML show the same object."""
    limit_seconds = seconds(timeout)
    cluster = connect(ctx.obj, namespace)
    view = finished(cluster, name, limit_seconds) if wait else backup_view(cluster.get(KIND, name))
    if output is Format.TEXT:
        _text(view)
    else:
        data(view.to_json(), output)
    where = f"{name} -n {cluster.namespace}"
    hint(f"moorage restore {where} --to NEW" if view.is_good else f"moorage why {view.service} -n {cluster.namespace}")


def _text(view: BackupView) -> None:
    engine = f"{plain(view.engine)} {plain(view.version)}"
    show(f"[bold]{plain(view.namespace)}/{plain(view.name)}[/]  of {plain(view.service)}, {engine}")
    is_over = view.phase in (BackupPhase.SUCCEEDED, BackupPhase.FAILED)
    show("  ".join(filter(None, (view.phase, plain(view.message) if view.message else "" if is_over else view.step))) + "\n")
    rate = f" at {size(view.bytes_per_second)}/s" if view.bytes_per_second else ""
    secret = {None: "-", True: "yes, with age", False: "no"}[view.encrypted]
    facts(
        [
            ("started", f"{moment(view.start_time)}, {view.taken}"),
            ("took", span(view.took_seconds) + rate),
            ("holds data of", moment(view.consistent_time)),
            ("size", f"{size(view.size_bytes)} in the store, {size(view.raw_bytes)} of data"),
            ("verified", plain(view.verdict) + (f", {moment(view.verified_time)}" if view.verified_time else "")),
            ("source", plain(view.source)),
            ("store", plain(view.store)),
            ("name in it", plain(view.stored_name)),
            ("encrypted", secret),
            ("SHA-256", plain(view.sha256)),
            ("kept until", moment(view.expires)),
            ("task", plain(view.task_id)),
        ]
    )
