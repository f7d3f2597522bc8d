"""What the Tab key offers. Never says anything, never waits long, never fails."""

import sys

import typer

from moorage.cli.options import Connection

_TIMEOUT_SECONDS = 2.0


def _names(ctx: typer.Context, service: str | None) -> list[str]:
    from moorage.cli.cluster import connect  # noqa: PLC0415 - the client is slow to import
    from moorage.cli.errors import CliError  # noqa: PLC0415

    connection = ctx.obj if isinstance(ctx.obj, Connection) else _connection(ctx)
    try:
        cluster = connect(connection, ctx.params.get("namespace"), timeout_seconds=_TIMEOUT_SECONDS)
        if service is None:
            return sorted(item["metadata"]["name"] for item in cluster.services())
        return sorted((cluster.service(service).get("status") or {}).get("healthInstances") or {})
    except CliError:
        return []


def _connection(ctx: typer.Context) -> Connection:
    """While completing, no callback runs: the options before the command are read from the parent."""
    given = ctx.parent.params if ctx.parent is not None else {}
    return Connection(given.get("kubeconfig"), given.get("context"), given.get("namespace"))


def service_names(ctx: typer.Context, incomplete: str) -> list[str]:
    return [name for name in _names(ctx, None) if name.startswith(incomplete)]


def member_names(ctx: typer.Context, incomplete: str) -> list[str]:
    service = ctx.params.get("name")
    return [name for name in _names(ctx, service) if name.startswith(incomplete)] if service else []


def kubectl() -> None:
    """Entry point `kubectl_complete-moorage`: kubectl gives the words, the last one incomplete, and wants lines and `:4`."""
    from typer._completion_classes import BashComplete  # noqa: PLC0415 - typer has no public door to it

    from moorage.cli.main import root  # noqa: PLC0415

    words = sys.argv[1:] or [""]
    completer = BashComplete(root(), {}, "moorage", "_MOORAGE_COMPLETE")
    for item in completer.get_completions(words[:-1], words[-1]):
        print(f"{item.value}\t{item.help}" if item.help else item.value)  # noqa: T201 - the protocol is stdout
    print(":4")  # noqa: T201 - no file names
