"""`moorage delete NAME`: asks for the name, deletes, and says what stays."""

import time

import typer

from moorage.api.dataservice import DataService, OnDelete
from moorage.cli.cluster import Cluster, connect
from moorage.cli.confirm import confirm
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Namespace, Output, ServiceName, Timeout, Wait, Yes, seconds
from moorage.cli.output import Format, data, hint, line
from moorage.core import names
from moorage.views.retained import Volume, volumes
from moorage.views.service import parse

_LOOK_SECONDS = 0.5


def command(
    ctx: typer.Context,
    name: ServiceName,
    namespace: Namespace = None,
    yes: Yes = None,
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
    fate = "the volumes stay" if service.spec.on_delete is OnDelete.RETAIN else "ALL DATA is deleted with it"
    confirm(
        name,
        yes,
        what=f"deleting {name}",
        warning=f"This deletes {service.key} ({service.spec.engine}); {fate}.",
        again=f"moorage delete {name} -n {cluster.namespace} --yes {name}",
    )


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
