"""What the Tab key offers. Never says anything, never waits long, never fails."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from moorage.cli.options import Connection

if TYPE_CHECKING:
    from moorage.cli.cluster import Cluster

_TIMEOUT_SECONDS = 2.0


def _ask(ctx: typer.Context, question: Callable[["Cluster"], list[str]], incomplete: str) -> list[str]:
    from moorage.cli.cluster import connect  # noqa: PLC0415 - the client is slow to import
    from moorage.cli.errors import CliError  # noqa: PLC0415

    connection = ctx.obj if isinstance(ctx.obj, Connection) else _connection(ctx)
    try:
        found = question(connect(connection, ctx.params.get("namespace"), timeout_seconds=_TIMEOUT_SECONDS))
    except CliError:
        return []
    return sorted(name for name in found if name.startswith(incomplete))


def _connection(ctx: typer.Context) -> Connection:
    """While completing, no callback runs: the options before the command are read from the parent."""
    given = ctx.parent.params if ctx.parent is not None else {}
    return Connection(given.get("kubeconfig"), given.get("context"), given.get("namespace"))


def _of_kind(kind: str, ctx: typer.Context, incomplete: str) -> list[str]:
    return _ask(ctx, lambda cluster: [item["metadata"]["name"] for item in cluster.all(kind)], incomplete)


def service_names(ctx: typer.Context, incomplete: str) -> list[str]:
    return _of_kind("DataService", ctx, incomplete)


def backup_names(ctx: typer.Context, incomplete: str) -> list[str]:
    return _of_kind("DataBackup", ctx, incomplete)


def store_names(ctx: typer.Context, incomplete: str) -> list[str]:
    return _of_kind("BackupStore", ctx, incomplete)


def rule_names(ctx: typer.Context, incomplete: str) -> list[str]:
    return _of_kind("AlertRule", ctx, incomplete)


def member_names(ctx: typer.Context, incomplete: str) -> list[str]:
    service = ctx.params.get("name")
    if not service:
        return []
    return _ask(
        ctx, lambda cluster: list((cluster.service(service).get("status") or {}).get("healthInstances") or {}), incomplete
    )


def known_services(ctx: typer.Context, incomplete: str) -> list[str]:
    """Those that a store knows; the store was named before."""
    store = ctx.params.get("store")
    if not store:
        return []
    return _ask(
        ctx, lambda c: [s["name"] for s in (c.get("BackupStore", store).get("status") or {}).get("services") or []], incomplete
    )


def kubectl() -> None:
    """Entry point `kubectl_complete-moorage`: kubectl gives the words, the last one incomplete, and wants lines and `:4`."""
    from typer._completion_classes import BashComplete  # noqa: PLC0415 - typer has no public door to it

    from moorage.cli.main import root  # noqa: PLC0415

    words = sys.argv[1:] or [""]
    completer = BashComplete(root(), {}, "moorage", "_MOORAGE_COMPLETE")
    for item in completer.get_completions(words[:-1], words[-1]):
        print(f"{item.value}\t{item.help}" if item.help else item.value)  # noqa: T201 - the protocol is stdout
    print(":4")  # noqa: T201 - no file names
