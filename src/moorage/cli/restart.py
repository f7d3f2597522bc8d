"""`moorage restart NAME [MEMBER]`: writes the request; the operator restarts one member at a time, the primary last."""

from typing import Annotated

import typer

from moorage.cli import follow
from moorage.cli.cluster import connect
from moorage.cli.options import Namespace, Output, ServiceName, Timeout, Wait, complete_member, seconds
from moorage.cli.output import Format, data, hint, line
from moorage.cli.promote import require_member
from moorage.core import names
from moorage.views.service import parse, service_view
from moorage.wishes import requests


def command(
    ctx: typer.Context,
    name: ServiceName,
    member: Annotated[
        str | None, typer.Argument(metavar="[MEMBER]", help="Only this one.", autocompletion=complete_member)
    ] = None,
    namespace: Namespace = None,
    wait: Wait = True,
    timeout: Timeout = "10m",
    output: Output = Format.TEXT,
) -> None:
    """Only while the service is green, and the primary hands over before it stops."""
    limit_seconds = seconds(timeout)
    cluster = connect(ctx.obj, namespace)
    found = cluster.service(name)
    if member is not None:
        require_member(parse(found), member)
    found = cluster.merge_service(name, requests.restart(member, cluster.time()))
    if wait:
        found = follow.until(
            cluster,
            name,
            lambda s: names.ANNOTATION_RESTART not in s.metadata.annotations and follow.is_green(s),
            limit_seconds,
        )
    if output is not Format.TEXT:
        data(service_view(found).to_json(), output)
    else:
        what = member or "every member"
        line(f"{what} of {name} was restarted" if wait else f"asked for a restart of {what} of {name}")
    hint(f"moorage status {name} -n {cluster.namespace}")
