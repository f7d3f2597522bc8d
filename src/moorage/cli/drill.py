"""`moorage drill NAME KIND`: writes the request and follows it; everything runs in the cluster, so Ctrl-C loses nothing."""

from typing import Annotated

import typer

from moorage.api.dataservice import DataService
from moorage.api.drill import Drill, DrillKind, DrillPhase
from moorage.cli import follow
from moorage.cli.cluster import Cluster, connect
from moorage.cli.confirm import confirm
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Namespace, Output, ServiceName, Timeout, Wait, Yes, seconds
from moorage.cli.output import Format, data, hint, line
from moorage.cli.progress import Progress
from moorage.core import names
from moorage.core.drill_words import report, what
from moorage.views.event import EventView
from moorage.views.service import parse

_STEPS = {
    DrillPhase.PREPARING: "a worker begins to write",
    DrillPhase.RUNNING: "{kind} has hit {member}: waiting until all is well again",
    DrillPhase.CHECKING: "well again; the worker reads back what was acknowledged",
}


def command(
    ctx: typer.Context,
    name: ServiceName,
    kind: Annotated[DrillKind, typer.Argument(metavar="KIND", help=f"One of: {', '.join(DrillKind)}.")],
    namespace: Namespace = None,
    yes: Yes = None,
    wait: Wait = True,
    timeout: Timeout = "15m",
    output: Output = Format.TEXT,
) -> None:
    """Only a service that says so is drilled (spec.drills.allowed: true), only while it is green and nothing else is under way.

    A worker writes through the address meanwhile, and reads back what was acknowledged. Exit code 1 when a write was lost, when
    it was not green again in time, or when it was broken off.
    """
    limit_seconds = seconds(timeout)
    cluster = connect(ctx.obj, namespace)
    service = parse(cluster.service(name))
    _require_allowed(service, cluster)
    _confirm(service, kind, yes, cluster)
    before = follow.answers(cluster, name) if wait else []
    requested = cluster.request_time()
    wish = {"metadata": {"annotations": {names.ANNOTATION_DRILL: f"{kind}@{requested}"}}}
    cluster.merge_service(name, wish)
    found = _finished(cluster, name, requested, before, limit_seconds) if wait else None
    if output is not Format.TEXT:
        asked = found or Drill(kind=kind, requested=requested)
        data(asked.model_dump(mode="json", by_alias=True), output)
    elif found is None:
        line(f"asked for the drill {kind} of {name}")
    if found is not None and found.phase is DrillPhase.FAILED:
        raise CliError(report(found, name), ExitCode.ERROR, f"moorage why {name} -n {cluster.namespace}")
    if output is Format.TEXT and found is not None:
        line(report(found, name))
    hint(f"moorage drills {name} -n {cluster.namespace}")


def _require_allowed(service: DataService, cluster: Cluster) -> None:
    """The operator would say the same a moment later."""
    meta = service.metadata
    if not service.spec.drills.allowed:
        patch = (
            f'kubectl patch mds {meta.name} -n {cluster.namespace} --type merge -p \'{{"spec":{{"drills":{{"allowed":true}}}}}}\''
        )
        raise CliError(f"{meta.name} does not say that it may be drilled (spec.drills.allowed)", ExitCode.CONFLICT, patch)
    running = next((d for d in service.status.drills if not d.is_over), None)
    if running is not None or names.ANNOTATION_DRILL in meta.annotations:
        said = f"{running.kind} is under way" if running is not None else "a drill was just asked for"
        raise CliError(f"{meta.name} is being drilled: {said}", ExitCode.CONFLICT, f"moorage drills {meta.name}")


def _confirm(service: DataService, kind: DrillKind, yes: str | None, cluster: Cluster) -> None:
    name = service.metadata.name
    whom = "a secondary" if kind in (DrillKind.SECONDARY_CRASH, DrillKind.MEMBER_DATA_LOSS) else service.status.primary or "it"
    confirm(
        name,
        yes,
        what=f"drilling {name}",
        warning=f"This breaks something of {service.key} on purpose, and its clients may notice: {what(kind, whom)}.",
        again=f"moorage drill {name} {kind} -n {cluster.namespace} --yes {name}",
    )


def _finished(cluster: Cluster, name: str, requested: str, before: list[EventView], limit_seconds: float) -> Drill:
    """The drill when it is over; shows the steps on the way."""
    look, last = f"moorage drills {name} -n {cluster.namespace}", "the operator has not begun it"
    with Progress() as progress:
        for item in follow.changes(lambda: cluster.service(name), limit_seconds):
            service = parse(item)
            drill = next((d for d in service.status.drills if d.requested == requested), None)
            if drill is not None and drill.is_over:
                return drill
            if drill is None and names.ANNOTATION_DRILL not in service.metadata.annotations:
                break
            last = _STEPS[drill.phase].format(kind=drill.kind, member=drill.member) if drill is not None else last
            progress.show(last, service.status.health_msg if drill is not None and drill.phase is DrillPhase.RUNNING else "")
        else:
            message = f"the drill is not over after {limit_seconds:.0f} s; last seen: {last}; it goes on by itself"
            raise CliError(message, ExitCode.TIMEOUT, look)
    why = follow.answer(cluster, name, before) or "the request was taken away, and what was said of it cannot be read"
    raise CliError(why, ExitCode.CONFLICT, f"moorage why {name} -n {cluster.namespace}")
