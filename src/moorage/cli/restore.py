"""`moorage restore BACKUP`, or `--service NAME --at MOMENT`: beside the service, or in its place."""

from typing import Annotated

import typer

from moorage.api import databackup
from moorage.cli import restoring
from moorage.cli.cluster import Cluster, connect
from moorage.cli.confirm import confirm
from moorage.cli.errors import CliError, ExitCode, usage
from moorage.cli.options import Namespace, Output, Timeout, Wait, Yes, _complete_backup, _complete_service, seconds
from moorage.cli.output import Format, hint
from moorage.views.backup import backup_view
from moorage.views.text import moment
from moorage.wishes.restore import RestoreWish, spec_of, why_refused


def command(  # noqa: PLR0913 - one parameter per option
    ctx: typer.Context,
    backup: Annotated[
        str | None,
        typer.Argument(metavar="[BACKUP]", help="A backup, as `moorage backups` lists it.", autocompletion=_complete_backup),
    ] = None,
    namespace: Namespace = None,
    to: Annotated[str | None, typer.Option("--to", metavar="NEW", help="As a new service of this name.")] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Replaces the data of the service; can be undone.")] = False,
    service: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="With --at: whose past. With --in-place: whose data is replaced; the backup's own service when absent.",
            autocompletion=_complete_service,
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="MOMENT", help="Any moment with its zone, such as 2026-11-06T12:34:56+08:00.")
    ] = None,
    yes: Yes = None,
    no_safety_backup: Annotated[
        bool, typer.Option("--no-safety-backup", help="In place: for a service that cannot be backed up any more.")
    ] = False,
    undo_days: Annotated[
        int | None, typer.Option("--undo-days", help="In place: how long the old volumes are kept for undo; 3.")
    ] = None,
    wait: Wait = False,
    timeout: Timeout = "2h",
    output: Output = Format.TEXT,
) -> None:
    """In place, the old data serves until the restored data has been compared; then the address moves in one step.

    What runs before is backed up first, and its volumes are kept: `moorage restore undo NAME`.
    """
    limit_seconds = seconds(timeout)
    wish = RestoreWish(
        backup=backup,
        to=to,
        in_place=in_place,
        service=service,
        at=at,
        safety_backup=False if no_safety_backup else None,
        undo_days=undo_days,
    )
    refused = why_refused(wish)
    if refused is not None:
        raise usage(refused, "moorage backups")
    cluster = connect(ctx.obj, namespace)
    owner, of = _source(cluster, wish)
    replaced = service or owner
    found = cluster.service(replaced) if in_place else cluster.find_service(owner)
    if in_place:
        _confirm(cluster, replaced, of, yes, wish)
    elif to is not None and cluster.find_service(to) is not None:
        message = f"there is a service '{to}' already in namespace {cluster.namespace}; take another name, or --in-place"
        raise CliError(message, ExitCode.CONFLICT, f"moorage status {to} -n {cluster.namespace}")
    view = restoring.ask(cluster, spec_of(wish, replaced), found)
    if wait:
        view = restoring.finished(cluster, view.name, limit_seconds)
    restoring.present(view, output, is_done=wait)
    hint(_next(view.service, cluster.namespace, in_place=in_place, is_done=wait))


def _source(cluster: Cluster, wish: RestoreWish) -> tuple[str, str]:
    """The service whose data it is, and what the data is, for people."""
    if wish.backup is None:
        return str(wish.service), f"that of {wish.at}"
    view = backup_view(cluster.get(databackup.KIND, wish.backup))
    return view.service, f"the backup {view.name} of {moment(view.consistent_time or view.start_time)}"


def _confirm(cluster: Cluster, name: str, of: str, yes: str | None, wish: RestoreWish) -> None:
    confirm(
        name,
        yes,
        what=f"replacing the data of {name}",
        warning=warning(f"{cluster.namespace}/{name}", of, wish),
        again=f"the same command with --yes {name}",
    )


def warning(key: str, of: str, wish: RestoreWish) -> str:
    """What a restore in place means; pure."""
    first = "It is NOT backed up first" if wish.safety_backup is False else "It is backed up first"
    days = 3 if wish.undo_days is None else wish.undo_days
    kept = f"its volumes are kept for {days} days for `moorage restore undo`" if days else "its volumes are NOT kept for an undo"
    return f"This replaces the data of {key} by {of}. {first}, and {kept}."


def _next(name: str, namespace: str, *, in_place: bool, is_done: bool) -> str:
    where = f"{name} -n {namespace}"
    if not is_done:
        return f"moorage restores {where}"
    return f"moorage restore undo {where}    (if it is not what you wanted)" if in_place else f"moorage connect {where}"
