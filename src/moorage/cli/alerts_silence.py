"""`moorage alerts silence [ID]`."""

from typing import Annotated, Any

import typer

from moorage.cli import console
from moorage.cli.errors import usage
from moorage.cli.options import Namespace, _complete_service, seconds
from moorage.cli.output import hint, line
from moorage.views.text import moment


def command(
    ctx: typer.Context,
    reason: Annotated[str, typer.Option(help="Why; everybody reads it.")],
    alert: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="An alert, as `moorage alerts` lists it; else --service.")
    ] = None,
    service: Annotated[str | None, typer.Option(help="All alerts of this service.", autocompletion=_complete_service)] = None,
    namespace: Namespace = None,
    long: Annotated[str, typer.Option("--for", metavar="DURATION", help="Such as 30m, 4h or 24h.")] = "1h",
) -> None:
    """Nobody is told until then. Needs the right to change the service. Asked of the console."""
    if (alert is None) == (service is None):
        raise usage("name one alert, or a service with --service", "moorage alerts")
    body: dict[str, Any] = {"seconds": int(seconds(long, "--for")), "reason": reason}
    of = alert
    if service is not None:
        space = namespace or ctx.obj.namespace or _kubeconfigs(ctx)
        body |= {"space": space, "service": service}
        of = f"everything about {space}/{service}"
    else:
        body["alert"] = alert
    made = console.ask("POST", "/silences", body=body)
    line(f"{of} is silenced until {moment(made['until'])} ({made['id']})")
    hint(f"moorage alerts end {made['id']}")


def _kubeconfigs(ctx: typer.Context) -> str:
    from moorage.cli.cluster import connect  # noqa: PLC0415 - only who names no namespace needs a cluster

    return connect(ctx.obj, None).namespace
