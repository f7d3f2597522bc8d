"""`moorage rebuild NAME MEMBER`: writes the request; the operator carries it out when nothing is at risk, or says why not."""

import typer

from moorage.api.dataservice import DataService
from moorage.cli import follow
from moorage.cli.cluster import connect
from moorage.cli.options import MemberName, Namespace, Output, ServiceName, Timeout, Wait, seconds
from moorage.cli.output import Format, data, hint, line
from moorage.cli.promote import require_member
from moorage.core import names
from moorage.core.rebuild import EMPTIED
from moorage.views.service import parse, service_view
from moorage.wishes import requests


def command(
    ctx: typer.Context,
    name: ServiceName,
    member: MemberName,
    namespace: Namespace = None,
    wait: Wait = True,
    timeout: Timeout = "1h",
    output: Output = Format.TEXT,
) -> None:
    """The member leaves the cluster, its data is put aside inside its volume, and it copies everything from the others.

    Only while every other member is normal and a majority of those with data has everything without it, and where its volume
    has room for both copies. The primary is never rebuilt.
    """
    limit_seconds = seconds(timeout)
    cluster = connect(ctx.obj, namespace)
    require_member(parse(cluster.service(name)), member)
    before = follow.answers(cluster, name) if wait else []
    found = cluster.merge_service(name, requests.rebuild(member, cluster.request_time()))
    if wait:
        follow.carried_out(cluster, name, names.ANNOTATION_REBUILD, EMPTIED, before, limit_seconds)
        found = follow.until(cluster, name, _is_over, limit_seconds)
    if output is not Format.TEXT:
        data(service_view(found).to_json(), output)
    else:
        line(f"{member} of {name} was rebuilt" if wait else f"asked for {member} of {name} to be rebuilt")
    hint(f"moorage why {name} -n {cluster.namespace}")


def _is_over(service: DataService) -> bool:
    return follow.is_green(service) and all(r.outcome != "Running" for r in service.status.repairs)
