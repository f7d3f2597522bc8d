"""`moorage restore undo NAME`: the data as it was before the last restore in place."""

import typer

from moorage.cli import restoring
from moorage.cli.cluster import connect
from moorage.cli.confirm import confirm
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Namespace, Output, ServiceName, Timeout, Wait, Yes, seconds
from moorage.cli.output import Format, hint
from moorage.views.service import parse
from moorage.views.text import moment


def command(
    ctx: typer.Context,
    name: ServiceName,
    namespace: Namespace = None,
    yes: Yes = None,
    wait: Wait = False,
    timeout: Timeout = "30m",
    output: Output = Format.TEXT,
) -> None:
    """The old volumes serve again. `moorage status NAME` says until when that is possible."""
    limit_seconds = seconds(timeout)
    cluster = connect(ctx.obj, namespace)
    found = cluster.service(name)
    until = parse(found).status.restore.undo_until
    where = f"{name} -n {cluster.namespace}"
    if until is None:
        message = f"there is nothing to undo: no volumes are kept of {name} as it was before a restore in place"
        raise CliError(message, ExitCode.CONFLICT, f"moorage restores {where}")
    confirm(
        name,
        yes,
        what=f"undoing the last restore of {name}",
        warning=f"{name} gets back the data that it had before its last restore in place (kept until {moment(until)}). "
        "What was written since does not serve any more.",
        again=f"moorage restore undo {where} --yes {name}",
    )
    view = restoring.ask(cluster, {"undo": name}, found)
    if wait:
        view = restoring.finished(cluster, view.name, limit_seconds)
    restoring.present(view, output, is_done=wait)
    hint(f"moorage status {where}" if wait else f"moorage restores {where}")
