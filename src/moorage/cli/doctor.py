"""`moorage doctor`: whether this Kubernetes is fit for Moorage, and Moorage well."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import typer

from moorage.cli.cluster import Cluster, connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.fitness import Finding, Grade, Seen, findings
from moorage.cli.options import Output
from moorage.cli.output import Format, data, hint, plain, table

_STYLES = {Grade.OK: "green", Grade.WARNING: "yellow", Grade.BAD: "bold red"}


def command(ctx: typer.Context, output: Output = Format.TEXT) -> None:
    """Of all namespaces that you may look at. Exit code 1 when something does not work; a warning is none."""
    found = findings(look(connect(ctx.obj)))
    if output is Format.TEXT:
        rows = [[f"[{_STYLES[f.grade]}]{f.grade}[/]", plain(f.what), plain(f.says)] for f in found]
        table(("GRADE", "WHAT", "FINDING"), rows, empty="")
    else:
        data([f.model_dump(mode="json", by_alias=True) for f in found], output)
    if any(f.grade is Grade.BAD for f in found):
        raise CliError(_summary(found), ExitCode.ERROR, "moorage list -A")
    hint("moorage list -A")


def _summary(found: list[Finding]) -> str:
    bad = [f.what for f in found if f.grade is Grade.BAD]
    return f"{len(bad)} of {len(found)} things do not work: {', '.join(bad)}"


def look(cluster: Cluster) -> Seen:
    """Reads what may be read."""
    unread: dict[str, str] = {}

    def tried(what: str, read: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]] | None:
        try:
            return read()
        except CliError as error:
            unread[what] = str(error)
            return None

    return Seen(
        server_time=cluster.time(),
        own_time=datetime.now(UTC),
        nodes=tried("nodes", lambda: cluster.all("Node", everywhere=True)),
        classes=tried("storage", lambda: cluster.all("StorageClass", everywhere=True)),
        operators=tried("operator", cluster.operators),
        services=tried("services", lambda: cluster.services(everywhere=True)),
        stores=tried("stores", lambda: cluster.all("BackupStore", everywhere=True)),
        unread=unread,
    )
