"""`moorage alerts ack ID`."""

from typing import Annotated

import typer

from moorage.cli import console
from moorage.cli.output import hint, line

AlertId = Annotated[str, typer.Argument(metavar="ID", help="An alert, as `moorage alerts` lists it.")]


def command(
    alert: AlertId,
    note: Annotated[str, typer.Option(help="What you do about it; everybody reads it.")] = "",
) -> None:
    """Nobody is told of it again until it is over; then this ends by itself. Asked of the console."""
    made = console.ask("POST", f"/alerts/{alert}/acknowledgement", body={"note": note})
    line(f"{alert} is acknowledged until it is over ({made['id']})")
    hint(f"moorage alerts end {made['id']}")
