"""The options that several commands share, each described once."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

from moorage.cli.output import Format


@dataclass(frozen=True)
class Connection:
    """What the options before the command say about the cluster."""

    kubeconfig: str | None = None
    context: str | None = None
    namespace: str | None = None


def _complete_service(ctx: typer.Context, incomplete: str) -> list[str]:
    from moorage.cli.completion import service_names  # noqa: PLC0415 - only the shell's Tab key needs it

    return service_names(ctx, incomplete)


def complete_member(ctx: typer.Context, incomplete: str) -> list[str]:
    from moorage.cli.completion import member_names  # noqa: PLC0415

    return member_names(ctx, incomplete)


def _complete_backup(ctx: typer.Context, incomplete: str) -> list[str]:
    from moorage.cli.completion import backup_names  # noqa: PLC0415

    return backup_names(ctx, incomplete)


def _complete_store(ctx: typer.Context, incomplete: str) -> list[str]:
    from moorage.cli.completion import store_names  # noqa: PLC0415

    return store_names(ctx, incomplete)


def _complete_known(ctx: typer.Context, incomplete: str) -> list[str]:
    from moorage.cli.completion import known_services  # noqa: PLC0415

    return known_services(ctx, incomplete)


def _complete_engine(incomplete: str) -> list[str]:
    from moorage.engines.registry import load  # noqa: PLC0415

    return [name for name in load() if name.startswith(incomplete)]


class DataFormat(StrEnum):
    """Formats of what has no text form."""

    YAML = "yaml"
    JSON = "json"


Namespace = Annotated[str | None, typer.Option("--namespace", "-n", help="Namespace; the kubeconfig's when absent.")]
AllNamespaces = Annotated[bool, typer.Option("--all-namespaces", "-A", help="Every namespace.")]
Output = Annotated[Format, typer.Option("--output", "-o", help="How to print; every format shows the same object.")]
ServiceName = Annotated[str, typer.Argument(metavar="NAME", help="The service.", autocompletion=_complete_service)]
BackupName = Annotated[
    str, typer.Argument(metavar="BACKUP", help="A backup, as `moorage backups` lists it.", autocompletion=_complete_backup)
]
StoreName = Annotated[str, typer.Argument(metavar="STORE", help="The backup store.", autocompletion=_complete_store)]
MemberName = Annotated[str, typer.Argument(metavar="MEMBER", help="A member, such as datanode1.", autocompletion=complete_member)]
EngineName = Annotated[
    str, typer.Argument(metavar="ENGINE", help="An engine of `moorage catalog`.", autocompletion=_complete_engine)
]
Yes = Annotated[str | None, typer.Option("--yes", metavar="NAME", help="The name again, instead of the question.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is done.")]
Timeout = Annotated[
    str, typer.Option("--timeout", metavar="DURATION", help="Longest wait, such as 90s, 5m or 1h; then exit code 6.")
]


def seconds(duration: str, option: str = "--timeout") -> float:
    """`90`, `90s`, `5m`, `1h` or `1m30s` as seconds. `option`: where it was given."""
    import re  # noqa: PLC0415

    from moorage.cli.errors import usage  # noqa: PLC0415

    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?", duration)
    if match is None or not any(match.groups()):
        raise usage(f"{option} '{duration}' is not a duration; allowed is such as 90s, 5m or 1h")
    hours, minutes, rest = (int(group or 0) for group in match.groups())
    return hours * 3600.0 + minutes * 60.0 + rest
