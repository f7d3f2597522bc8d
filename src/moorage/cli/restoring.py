"""Asking for a restore and waiting for it; shared by restore, undo and adopt."""

from moorage.api.datarestore import KIND, RestorePhase
from moorage.cli import follow
from moorage.cli.cluster import Cluster, Object
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.output import Format, data, line
from moorage.cli.progress import Progress
from moorage.views import zone
from moorage.views.restore import RestoreView, restore_view
from moorage.views.service import parse
from moorage.wishes import asked


def ask(cluster: Cluster, spec: Object, service: Object | None) -> RestoreView:
    """`service`: whose time zone the restore is named by."""
    when = asked.stamp(cluster.time(), zone.of(parse(service) if service is not None else None))
    return restore_view(cluster.create(asked.restore(cluster.namespace, when, spec)))


def finished(cluster: Cluster, name: str, limit_seconds: float) -> RestoreView:
    """The restore when it succeeded; shows the progress on the way."""
    view = None
    look = f"kubectl get mdr {name} -n {cluster.namespace} -o yaml"
    with Progress() as progress:
        for found in follow.changes(lambda: cluster.get(KIND, name), limit_seconds):
            view = restore_view(found)
            if view.phase is RestorePhase.SUCCEEDED:
                return view
            if view.phase is RestorePhase.FAILED:
                message = f"{view.service} was not restored: {view.message or 'no reason was given'}"
                raise CliError(message, ExitCode.ERROR, look)
            progress.show(view.step, ", ".join(filter(None, (view.figures, view.left))))
    step = f"; last seen: {view.step}" if view is not None else ""
    message = f"{name} is not done after {limit_seconds:.0f} s{step}; it goes on by itself"
    raise CliError(message, ExitCode.TIMEOUT, look)


def present(view: RestoreView, output: Format, *, is_done: bool) -> None:
    if output is not Format.TEXT:
        data(view.to_json(), output)
    else:
        line(view.sentence if is_done else f"asked for {view.namespace}/{view.name}")
