"""`moorage backup delete NAME`: asks for the name; the operator deletes it from the store as well."""

import time

import typer

from moorage.api.databackup import KIND
from moorage.cli.cluster import Cluster, connect
from moorage.cli.confirm import confirm
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import BackupName, Namespace, Output, Timeout, Wait, Yes, seconds
from moorage.cli.output import Format, data, hint, line
from moorage.views.backup import BackupView, backup_view
from moorage.views.text import size

_LOOK_SECONDS = 0.5


def command(
    ctx: typer.Context,
    name: BackupName,
    namespace: Namespace = None,
    yes: Yes = None,
    wait: Wait = True,
    timeout: Timeout = "2m",
    output: Output = Format.TEXT,
) -> None:
    """What is deleted cannot be brought back."""
    limit_seconds = seconds(timeout)
    cluster = connect(ctx.obj, namespace)
    view = backup_view(cluster.get(KIND, name))
    if view.is_foreign:
        message = (
            f"{name} was taken by another cluster, which keeps it; delete it there, or bring {view.service} back here first, "
            "which takes over its backups"
        )
        raise CliError(message, ExitCode.CONFLICT, f"moorage adopt {view.store or 'STORE'} -n {cluster.namespace}")
    others = [b for b in (backup_view(item) for item in cluster.all(KIND)) if b.service == view.service and b.name != name]
    confirm(
        name,
        yes,
        what=f"deleting {name}",
        warning=warning(view, others),
        again=f"moorage backup delete {name} -n {cluster.namespace} --yes {name}",
    )
    cluster.delete(KIND, name)
    if wait:
        _wait_until_gone(cluster, name, limit_seconds)
    if output is not Format.TEXT:
        data({"name": name, "namespace": cluster.namespace, "deleted": wait}, output)
    else:
        line(f"{cluster.namespace}/{name} " + ("is deleted" if wait else "is being deleted"))
    hint(f"moorage backups {view.service} -n {cluster.namespace}")


def warning(view: BackupView, others: list[BackupView]) -> str:
    """What the deletion means; pure."""
    text = f"This deletes the backup {view.name} of {view.service} ({size(view.size_bytes)}), also from the store."
    if view.is_good and not any(other.is_good for other in others):
        text += f" It is the ONLY good backup of {view.service}."
    return text


def _wait_until_gone(cluster: Cluster, name: str, limit_seconds: float) -> None:
    deadline = time.monotonic() + limit_seconds
    found = cluster.find(KIND, name)
    while found is not None and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        found = cluster.find(KIND, name)
    if found is not None:
        said = backup_view(found).message
        message = f"{name} is not gone after {limit_seconds:.0f} s" + (f": {said}" if said else "") + "; it goes on by itself"
        raise CliError(message, ExitCode.TIMEOUT, f"moorage backup show {name} -n {cluster.namespace}")
