"""How the CLI fails: one sentence, one exit code, one hint. Exit codes are API (docs/cli.md): never renumbered."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process returns."""

    OK = 0
    ERROR = 1
    USAGE = 2
    """The command line, or a value that the API server refuses."""
    NOT_FOUND = 3
    FORBIDDEN = 4
    """Not allowed, or not logged in."""
    CONFLICT = 5
    """It exists already, or somebody else changed it in between."""
    TIMEOUT = 6
    """`--wait` gave up; what was asked for goes on."""
    YELLOW = 10
    """Only with `status --exit-code`."""
    RED = 11
    """Only with `status --exit-code`; a service that is not heard from counts as red."""


class CliError(Exception):
    """Ends the command with `message` on stderr. `next_step` is the command that helps, when there is one."""

    def __init__(self, message: str, code: ExitCode = ExitCode.ERROR, next_step: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.next_step = next_step


def usage(message: str, next_step: str = "") -> CliError:
    """The command line asks for something that cannot be."""
    return CliError(message, ExitCode.USAGE, next_step)
