"""`moorage why NAME`: the sentences behind the colour."""

import typer
from pydantic import Field

from moorage.api.conditions import Resource
from moorage.api.dataservice import KIND, Health, Rejected, Repair
from moorage.cli.cluster import Cluster, connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Namespace, Output, ServiceName
from moorage.cli.output import Format, data, health, hint, plain, show
from moorage.cli.status import look
from moorage.views.event import EventView, of_service
from moorage.views.service import ServiceView
from moorage.views.text import age, span, took

EVENTS_MAX = 5


class Why(Resource):
    """The explanation, every part a sentence."""

    name: str
    namespace: str
    health: Health
    because: str
    doing: str = ""
    """What Moorage does or waits for; empty when there is nothing to do."""
    needs: str = ""
    """What somebody must put right; empty when Moorage gets there alone."""
    rejected: list[Rejected] = Field(default=[])
    """What else could be done, and why it is not."""
    repairs: list[Repair] = Field(default=[])
    """The last ones, newest last."""
    members: dict[str, str] = Field(default={})
    """Member → what is abnormal about it, in Kubernetes' words."""
    recent: list[EventView] = Field(default=[])


def command(ctx: typer.Context, name: ServiceName, namespace: Namespace = None, output: Output = Format.TEXT) -> None:
    """What is abnormal, what Moorage does about it, and what only a person can put right."""
    cluster = connect(ctx.obj, namespace)
    service = cluster.service(name)
    view = look(cluster, service)
    found = explain(view, _recent(cluster, name, service["metadata"]["uid"]))
    if output is Format.TEXT:
        _text(found)
    else:
        data(found.model_dump(mode="json", by_alias=True), output)
    where = f"{name} -n {cluster.namespace}"
    hint(f"moorage status {where}" if found.health is Health.GREEN else f"moorage events {where}")


def _recent(cluster: Cluster, name: str, uid: str) -> list[EventView]:
    """Of the service itself; `moorage events` shows those of its Pods and volumes too."""
    try:
        told = [e for e in of_service(cluster.events(), name, uid) if e.object == f"{KIND}/{name}"]
        return told[-EVENTS_MAX:]
    except CliError as error:
        if error.code is not ExitCode.FORBIDDEN:
            raise
        return []


def explain(view: ServiceView, recent: list[EventView]) -> Why:
    """Pure: the explanation of a view."""
    stalled = next((c for c in view.conditions if c.type == "Stalled" and c.status == "True"), None)
    return Why(
        name=view.name,
        namespace=view.namespace,
        health=view.health,
        because=view.message,
        doing=view.doing.reason if view.doing is not None else "",
        needs=stalled.message if stalled is not None else "",
        rejected=view.doing.rejected if view.doing is not None else [],
        repairs=view.repairs,
        members={m.name: m.message for m in view.members if m.message},
        recent=recent,
    )


def _repair(repair: Repair) -> str:
    """How long it took and whether it worked."""
    words = {"Running": "goes on", "Succeeded": "worked", "Failed": "failed", "GivenUp": "was given up"}
    lasted = took(repair.start_time, repair.end_time)
    after = f" after {span(lasted)}" if lasted is not None else ""
    return f"{repair.kind} of {repair.member} {words[repair.outcome]}{after}: {repair.why}"


def _text(found: Why) -> None:
    show(f"{found.namespace}/{found.name} is {health(found.health)}: {plain(found.because)}")
    if found.doing and found.doing != found.because:
        show(f"Moorage: {plain(found.doing)}")
    if found.needs and found.needs not in found.because:
        show(f"[bold]somebody must act[/]: {plain(found.needs)}")
    for member, message in found.members.items():
        show(f"{plain(member)}: {plain(message)}")
    for other in found.rejected:
        if other.why not in found.doing:
            show(f"not done: {plain(other.why)}")
    if found.repairs:
        show("\nlast repairs:")
    for repair in found.repairs[-EVENTS_MAX:]:
        show(f"  {age(repair.start_time):>4}  {plain(_repair(repair))}")
    width = max((len(event.reason) for event in found.recent), default=0)
    if found.recent:
        show("\nlast events:")
    for event in found.recent:
        show(f"  {age(event.time):>4}  {plain(event.reason):<{width}}  {plain(event.message)}")
