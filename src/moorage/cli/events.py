"""`moorage events NAME`."""

import time
from typing import Annotated

import typer

from moorage.cli.cluster import connect
from moorage.cli.options import Namespace, Output, ServiceName
from moorage.cli.output import Format, data, hint, plain, say, table
from moorage.views.event import EventView, of_service
from moorage.views.text import age

_LOOK_SECONDS = 1.0


def command(
    ctx: typer.Context,
    name: ServiceName,
    namespace: Namespace = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Show new events until Ctrl-C.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """Of the service, its members' Pods and their volumes; oldest first. Kubernetes forgets events after an hour.

    Also of a service that was deleted.
    """
    cluster = connect(ctx.obj, namespace)
    found = of_service(cluster.events(), name)
    if not found:
        cluster.service(name)
    _print(found, output, empty=f"no events of {name} within the last hour")
    try:
        while watch:
            time.sleep(_LOOK_SECONDS)
            newer = of_service(cluster.events(), name)
            fresh = [event for event in newer if event not in found]
            found = newer
            if fresh:
                _print(fresh, output, empty="")
    except KeyboardInterrupt:
        say("")
    hint(f"moorage why {name} -n {cluster.namespace}")


def _print(events: list[EventView], output: Format, *, empty: str) -> None:
    if output is not Format.TEXT:
        data([e.to_dict() for e in events], output)
        return
    rows = (
        [
            age(e.time),
            f"[yellow]{e.type}[/]" if e.type == "Warning" else plain(e.type),
            plain(e.reason),
            plain(e.object),
            plain(e.message) + (f" (×{e.count})" if e.count > 1 else ""),
        ]
        for e in events
    )
    table(("AGE", "TYPE", "REASON", "OBJECT", "MESSAGE"), rows, empty=empty)
