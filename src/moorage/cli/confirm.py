"""The question before something that cannot simply be taken back. Nothing asks where there is no terminal."""

import sys

import typer

from moorage.cli.errors import CliError, ExitCode, usage
from moorage.cli.output import say


def confirm(name: str, yes: str | None, *, what: str, warning: str, again: str) -> None:
    """Raises unless the person said the name.

    `what` is about to be done, such as "deleting orders"; `warning` says what it means; `again` is the command with its answer.
    """
    if yes is not None:
        if yes != name:
            raise usage(f"--yes '{yes}' is not the name that is asked for; allowed: --yes {name}")
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise usage(f"{what} must be confirmed and there is no terminal to ask on; say it with --yes {name}", again)
    say(warning)
    if typer.prompt(f"Type {name} to go on", err=True, default="", show_default=False) != name:
        raise CliError("that is not the name; nothing was changed", ExitCode.USAGE, again)
