"""`moorage delete NAME`: asks for the name, deletes, and says what stays."""

import sys
import time
from typing import Annotated

import typer

from moorage.api.dataservice import DataService, OnDelete
from moorage.cli.cluster import Cluster, connect
from moorage.cli.errors import CliError, ExitCode, usage
from moorage.cli.options import Namespace, Output, ServiceName, Timeout, Wait, seconds
from moorage.cli.output import Format, data, hint, line, say
from moorage.cli.retained import Volume, volumes
from moorage.cli.view import parse
from moorage.core import names

_LOOK_SECONDS = 0.5


def command(
    ctx: typer.Context,
    name: ServiceName,
    namespace: Namespace = None,
    yes: Annotated[str | None, typer.Option("--yes", metavar="NAME", help="The name again, instead of the question.")] = None,
    wait: Wait = True,
    timeout: Timeout = "3m",
    output: Output = Format.TEXT,
) -> None:
    """With onDelete Retain (the default) the volumes and passwords stay and `moorage undelete` brings everything back.

    A protected service is refused by the API server.
    """
    limit_seconds = seconds(timeout)
    cluster = connect(ctx.obj, namespace)
    service = parse(cluster.service(name))
    _confirm(cluster, service, yes)
    labels = {names.LABEL_INSTANCE: name, names.LABEL_PART_OF: names.PART_OF}
    _delete(cluster, name)
    if wait:
        _wait_until_gone(cluster, name, service.metadata.uid, limit_seconds)
    keeps = service.spec.on_delete is OnDelete.RETAIN
    kept = volumes(cluster.claims(labels)) if keeps else []
    if output is not Format.TEXT:
        stays = [v.to_dict() for v in kept]
        data({"name": name, "namespace": cluster.namespace, "deleted": wait, "volumesKept": stays}, output)
    else:
        line(f"{cluster.namespace}/{name} " + ("is deleted" if wait else "is being deleted"))
        line(_what_stays(name, kept) if keeps else "nothing stays: volumes and passwords are deleted with it")
    hint(f"moorage undelete {name} -n {cluster.namespace}" if kept else f"moorage list -n {cluster.namespace}")


def _delete(cluster: Cluster, name: str) -> None:
    try:
        cluster.delete_service(name)
    except CliError as error:
        if error.code is ExitCode.FORBIDDEN and "protected" in str(error):
            unprotect = f'kubectl patch mds {name} -n {cluster.namespace} --type merge -p \'{{"spec":{{"protected":false}}}}\''
            raise CliError(str(error), error.code, unprotect) from error
        raise


def _confirm(cluster: Cluster, service: DataService, yes: str | None) -> None:
    """Raises unless the person said the service's name."""
    name = service.metadata.name
    if yes is not None:
        if yes != name:
            raise usage(f"--yes '{yes}' is not the name of the service; allowed: --yes {name}")
        return
    again = f"moorage delete {name} -n {cluster.namespace} --yes {name}"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise usage(f"deleting {name} must be confirmed and there is no terminal to ask on; say it with --yes {name}", again)
    fate = "the volumes stay" if service.spec.on_delete is OnDelete.RETAIN else "ALL DATA is deleted with it"
    say(f"This deletes {service.key} ({service.spec.engine}); {fate}.")
    if typer.prompt(f"Type {name} to go on", err=True, default="", show_default=False) != name:
        raise CliError("that is not the name; nothing was deleted", ExitCode.USAGE, again)


def _wait_until_gone(cluster: Cluster, name: str, uid: str, limit_seconds: float) -> None:
    deadline = time.monotonic() + limit_seconds
    while time.monotonic() < deadline:
        found = cluster.find_service(name)
        if found is None or found["metadata"].get("uid") != uid:
            return
        time.sleep(_LOOK_SECONDS)
    message = f"{name} is not gone after {limit_seconds:.0f} s; the deletion goes on by itself"
    raise CliError(message, ExitCode.TIMEOUT, f"moorage events {name} -n {cluster.namespace}")


def _what_stays(name: str, kept: list[Volume]) -> str:
    if not kept:
        return "no volumes stay: there were none"
    sizes = ", ".join(f"{v.name} ({v.size})" for v in kept)
    secrets = f"Secrets {names.internal_secret(name)} with the passwords and {names.authority_secret(name)} with the authority"
    return f"stays: {len(kept)} volumes with the data: {sizes}; {secrets}"
