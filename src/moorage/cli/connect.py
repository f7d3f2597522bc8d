"""`moorage connect NAME`: the engine's own client inside the primary's container; no password is ever an argument."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from moorage.cli.catalog import card
from moorage.cli.cluster import Cluster, connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Namespace, ServiceName, complete_member
from moorage.cli.output import hint, say
from moorage.core import names
from moorage.views.service import member_pods, parse

_NOT_STARTED = {126, 127}
"""kubectl's exit codes when the container has no such program."""
_OWN_KUBECTL = Path("~/.cache/moorage/bin/kubectl")


def command(
    ctx: typer.Context,
    name: ServiceName,
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[-- ARGUMENT]...", help="Handed to the client.")] = None,
    namespace: Namespace = None,
    member: Annotated[
        str | None, typer.Option(help="This member instead of the primary.", autocompletion=complete_member)
    ] = None,
    admin: Annotated[bool, typer.Option("--admin", help="As the administrator instead of the application's user.")] = False,
) -> None:
    """Runs in the member's container with kubectl, so it also works without an address. What is piped in reaches the client."""
    cluster = connect(ctx.obj, namespace)
    engine, pod = _target(cluster, name, member)
    program = card(engine).client("admin" if admin else "app", arguments or ())
    terminal = ["-it"] if sys.stdin.isatty() and sys.stdout.isatty() else ["-i"]
    where = ["-n", cluster.namespace, pod, "-c", names.CONTAINER_MEMBER]
    line = [kubectl(), *cluster.kubectl_options, "exec", *terminal, *where, "--", *program]
    code = _run(line)
    if code in _NOT_STARTED:
        message = f"the image that {name} runs has no program '{card(engine).client_program}'"
        raise CliError(message, ExitCode.ERROR, f"moorage credentials {name} -n {cluster.namespace} --uri")
    hint(f"moorage status {name} -n {cluster.namespace}")
    raise typer.Exit(code)


def kubectl() -> str:
    """Path of kubectl: the one on PATH, else the development cluster's."""
    found = shutil.which("kubectl")
    own = _OWN_KUBECTL.expanduser()
    if found is None and not own.exists():
        raise CliError("kubectl is not on PATH; it carries the terminal into the member's container", ExitCode.ERROR)
    return found or str(own)


def _target(cluster: Cluster, name: str, member: str | None) -> tuple[str, str]:
    """The engine and the Pod to enter."""
    service = parse(cluster.service(name))
    pods, wanted = member_pods(service), member or service.status.primary
    if wanted is None:
        message = f"{name} has no primary now: {service.status.health_msg or 'the operator has not looked at it yet'}"
        raise CliError(message, ExitCode.ERROR, f"moorage why {name} -n {cluster.namespace}    (or --member MEMBER)")
    if wanted not in pods:
        raise CliError(f"{name} has no member '{wanted}'; there are: {', '.join(pods) or 'none yet'}", ExitCode.NOT_FOUND)
    say(f"entering {wanted} of {name}")
    return service.spec.engine, pods[wanted]


def _run(line: list[str]) -> int:
    """The client's own exit code. Ctrl-C is the client's, not ours."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run(line, check=False, preexec_fn=_default_interrupt).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def _default_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
