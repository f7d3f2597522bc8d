"""`moorage promote NAME MEMBER`: writes the request; the operator carries it out and removes it."""

import typer

from moorage.api.dataservice import DataService
from moorage.cli import follow
from moorage.cli.cluster import Cluster, Object, connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import MemberName, Namespace, Output, ServiceName, Timeout, Wait, seconds
from moorage.cli.output import Format, data, hint, line
from moorage.core import names
from moorage.views.event import EventView
from moorage.views.service import member_pods, parse, service_view
from moorage.wishes import requests

_STATUS_LAG_SECONDS = 5.0
"""The request may be removed a moment before the status names the new primary."""


def command(
    ctx: typer.Context,
    name: ServiceName,
    member: MemberName,
    namespace: Namespace = None,
    wait: Wait = True,
    timeout: Timeout = "60s",
    output: Output = Format.TEXT,
) -> None:
    """The old primary hands over first, so clients see a pause of well under a second.

    What cannot be done within 45 s is not done later either, and the reason is said.
    """
    limit_seconds = seconds(timeout)
    cluster = connect(ctx.obj, namespace)
    found = cluster.service(name)
    service = parse(found)
    require_member(service, member)
    if service.status.primary != member:
        before = follow.answers(cluster, name) if wait else []
        found = cluster.merge_service(name, requests.promote(member, cluster.request_time()))
        if wait:
            found = _wait(cluster, name, member, before, limit_seconds)
    if output is not Format.TEXT:
        data(service_view(found).to_json(), output)
    elif service.status.primary == member:
        line(f"{member} is the primary of {name} already")
    else:
        line(f"{member} is the primary of {name}" if wait else f"asked for {member} to be the primary of {name}")
    hint(f"moorage status {name} -n {cluster.namespace}")


def require_member(service: DataService, member: str) -> None:
    """Raises when the service has no such member."""
    members = member_pods(service)
    if members and member not in members:
        message = f"{service.metadata.name} has no member '{member}'; there are: {', '.join(members)}"
        raise CliError(message, ExitCode.NOT_FOUND)


def _wait(cluster: Cluster, name: str, member: str, before: list[EventView], limit_seconds: float) -> Object:
    follow.until(cluster, name, lambda s: names.ANNOTATION_PROMOTE not in s.metadata.annotations, limit_seconds)
    try:
        return follow.until(cluster, name, lambda s: s.status.primary == member, _STATUS_LAG_SECONDS)
    except CliError as error:
        if error.code is not ExitCode.TIMEOUT:
            raise
        why = follow.answer(cluster, name, before) or "the operator took the request away without a word"
        message = f"{member} was not made the primary: {why}"
        raise CliError(message, ExitCode.ERROR, f"moorage why {name} -n {cluster.namespace}") from error
