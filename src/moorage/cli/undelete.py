"""`moorage undelete [NAME]`: lists what was kept of deleted services, and brings one back."""

from typing import Annotated

import typer

from moorage.cli import follow
from moorage.cli.cluster import Cluster, connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import AllNamespaces, Namespace, Output, Timeout, Wait, seconds
from moorage.cli.output import Format, data, hint, line, plain, say, table
from moorage.views.retained import LABELS, Retained, retained
from moorage.views.service import service_view


def command(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The deleted service; the list when absent.")] = None,
    namespace: Namespace = None,
    all_namespaces: AllNamespaces = False,
    wait: Wait = False,
    timeout: Timeout = "10m",
    output: Output = Format.TEXT,
) -> None:
    """Data, users and passwords come back as they were."""
    limit_seconds = seconds(timeout)
    cluster = connect(ctx.obj, namespace)
    found = kept(cluster, everywhere=all_namespaces and name is None)
    if name is None:
        _list(found, output)
    else:
        _bring_back(cluster, name, found, output, limit_seconds if wait else None)


def kept(cluster: Cluster, *, everywhere: bool) -> list[Retained]:
    live = {(s["metadata"]["namespace"], s["metadata"]["name"]) for s in cluster.services(everywhere=everywhere)}
    return retained(cluster.claims(LABELS, everywhere=everywhere), live)


def _list(found: list[Retained], output: Format) -> None:
    if output is not Format.TEXT:
        data([r.to_dict() for r in found], output)
    else:
        rows = (
            [plain(r.namespace), plain(r.name), plain(r.engine), str(len(r.volumes)), plain(r.volumes[0].size)] for r in found
        )
        table(("NAMESPACE", "NAME", "ENGINE", "VOLUMES", "SIZE"), rows, empty="no deleted service has kept volumes here")
    hint(f"moorage undelete {found[0].name} -n {found[0].namespace} --wait" if found else "moorage list -A")


def _bring_back(cluster: Cluster, name: str, found: list[Retained], output: Format, limit_seconds: float | None) -> None:
    where = f"{name} -n {cluster.namespace}"
    one = next((r for r in found if r.name == name), None)
    if one is None:
        if cluster.find_service(name) is not None:
            raise CliError(f"{name} is not deleted", ExitCode.CONFLICT, f"moorage status {where}")
        others = ", ".join(r.name for r in found) or "none"
        message = f"nothing was kept of a service '{name}' in namespace {cluster.namespace}; kept: {others}"
        raise CliError(message, ExitCode.NOT_FOUND, "moorage undelete -A")
    made = cluster.create_service(one.manifest())
    if limit_seconds is not None:
        say(f"{name} is deployed again over its {len(one.volumes)} volumes; waiting until it is green")
        made = follow.until(cluster, name, follow.is_green, limit_seconds)
    if output is not Format.TEXT:
        data(service_view(made).to_json(), output)
    else:
        line(f"{cluster.namespace}/{name} is " + ("back" if limit_seconds is not None else "coming back"))
    hint(f"moorage connect {where}" if limit_seconds is not None else f"moorage status {where} -w")
