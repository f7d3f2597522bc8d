"""`moorage maintenance on|off NAME`: writes or removes the request; the operator keeps to it, and it ends by itself."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer

from moorage.cli.cluster import connect
from moorage.cli.errors import usage
from moorage.cli.options import Namespace, Output, ServiceName, seconds
from moorage.cli.output import Format, data, hint, line
from moorage.core.maintenance import DAYS_MAX
from moorage.views.service import service_view
from moorage.wishes import requests

DAY_SECONDS = 24 * 3600.0


class Switch(StrEnum):
    """What to do."""

    ON = "on"
    OFF = "off"


def command(
    ctx: typer.Context,
    switch: Annotated[Switch, typer.Argument(metavar="on|off", help="Begin or end it.")],
    name: ServiceName,
    namespace: Namespace = None,
    duration: Annotated[str, typer.Option("--for", metavar="DURATION", help="How long, such as 30m or 2h.")] = "1h",
    reason: Annotated[str, typer.Option("--reason", help="Why; everybody who looks at the service sees it.")] = "",
    output: Output = Format.TEXT,
) -> None:
    """Meanwhile members still elect a primary among themselves, and the address follows it."""
    length_seconds = seconds(duration, "--for")
    if not 0 < length_seconds <= DAYS_MAX * DAY_SECONDS:
        raise usage(f"--for '{duration}' cannot be had; allowed: more than 0s and at most {DAYS_MAX * 24}h")
    cluster = connect(ctx.obj, namespace)
    cluster.service(name)
    until = cluster.time() + timedelta(seconds=length_seconds)
    found = cluster.merge_service(name, requests.maintenance(until if switch is Switch.ON else None, reason))
    if output is not Format.TEXT:
        data(service_view(found).to_json(), output)
    elif switch is Switch.ON:
        line(f"{name} is left alone until {requests.instant(until)}: nothing is repaired and nothing is rolled out")
    else:
        line(f"the maintenance of {name} is over: repairs and roll-outs go on")
    hint(
        f"moorage maintenance off {name} -n {cluster.namespace}"
        if switch is Switch.ON
        else f"moorage why {name} -n {cluster.namespace}"
    )
