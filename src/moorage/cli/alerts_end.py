"""`moorage alerts end ID`."""

from typing import Annotated

import typer

from moorage.cli import console
from moorage.cli.output import hint, line


def command(
    silence: Annotated[str, typer.Argument(metavar="ID", help="A silence, as `moorage alerts silenced` lists it.")],
) -> None:
    """People are told again of what fires still. Asked of the console."""
    console.ask("DELETE", f"/silences/{silence}")
    line(f"{silence} is over")
    hint("moorage alerts")
