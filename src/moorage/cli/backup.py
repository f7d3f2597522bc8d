"""`moorage backup NAME`: asks for a backup; the operator has it taken."""

from typing import Annotated

import typer

from moorage.api.databackup import KIND, BackupPhase
from moorage.cli import follow
from moorage.cli.cluster import Cluster, connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Namespace, Output, ServiceName, Timeout, Wait, _complete_store, seconds
from moorage.cli.output import Format, data, hint, line
from moorage.cli.progress import Progress
from moorage.views import zone
from moorage.views.backup import BackupView, backup_view
from moorage.views.service import parse
from moorage.wishes import asked


def command(  # noqa: PLR0913 - one parameter per option
    ctx: typer.Context,
    name: ServiceName,
    namespace: Namespace = None,
    store: Annotated[
        str | None, typer.Option(help="Store; the service's own when absent.", autocompletion=_complete_store)
    ] = None,
    keep_days: Annotated[int | None, typer.Option("--keep-days", help="How long it is kept; as the service says.")] = None,
    rehearse: Annotated[
        bool | None, typer.Option("--rehearse/--no-rehearse", help="Restore it into a throw-away member and compare; yes.")
    ] = None,
    wait: Wait = False,
    timeout: Timeout = "2h",
    output: Output = Format.TEXT,
) -> None:
    """Clients are not disturbed: a secondary is read. Also: backup show, backup download, backup delete."""
    limit_seconds = seconds(timeout)
    cluster = connect(ctx.obj, namespace)
    service = parse(cluster.service(name))
    when = asked.stamp(cluster.time(), zone.of(service))
    made = cluster.create(
        asked.backup(cluster.namespace, name, service.spec.engine, when, store=store, keep_days=keep_days, rehearse=rehearse)
    )
    view = backup_view(made)
    if wait:
        view = finished(cluster, view.name, limit_seconds)
    if output is not Format.TEXT:
        data(view.to_json(), output)
    else:
        line(view.sentence if wait else f"asked for {cluster.namespace}/{view.name}")
    where = f"{view.name} -n {cluster.namespace}"
    hint(f"moorage restore {where} --to NEW" if wait else f"moorage backup show {where} --wait")


def finished(cluster: Cluster, name: str, limit_seconds: float) -> BackupView:
    """The backup when it is over and good; shows the progress on the way."""
    view = None
    with Progress() as progress:
        for found in follow.changes(lambda: cluster.get(KIND, name), limit_seconds):
            view = backup_view(found)
            if view.phase in (BackupPhase.SUCCEEDED, BackupPhase.FAILED):
                return _judged(view)
            progress.show(view.step, view.figures)
    step = f"; last seen: {view.step}" if view is not None else ""
    message = f"{name} is not done after {limit_seconds:.0f} s{step}; it goes on by itself"
    raise CliError(message, ExitCode.TIMEOUT, f"moorage backup show {name} -n {cluster.namespace} --wait")


def _judged(view: BackupView) -> BackupView:
    again = f"moorage backup show {view.name} -n {view.namespace}"
    if view.phase is BackupPhase.FAILED:
        message = f"{view.service} was not backed up: {view.message or 'no reason was given'}"
        raise CliError(message, ExitCode.ERROR, again)
    if view.verified is False:
        message = f"{view.name} was taken, but its rehearsal failed: {view.verify_message or 'no reason was given'}"
        raise CliError(message, ExitCode.ERROR, again)
    return view
