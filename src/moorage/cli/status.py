"""`moorage status NAME`: reads the DataService and its Pods, never a member."""

from typing import Annotated

import typer

from moorage.api.dataservice import Health, MaintenanceState
from moorage.cli import follow
from moorage.cli.backup_facts import backup_facts
from moorage.cli.cluster import Cluster, Object, connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Namespace, Output, ServiceName
from moorage.cli.output import Format, console, data, facts, health, hint, line, plain, say, show, table
from moorage.core import names
from moorage.views.service import ServiceView, service_view
from moorage.views.text import age

_EXIT_CODES = {Health.GREEN: ExitCode.OK, Health.YELLOW: ExitCode.YELLOW}


def command(
    ctx: typer.Context,
    name: ServiceName,
    namespace: Namespace = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Show each change until Ctrl-C.")] = False,
    output: Output = Format.TEXT,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit code 10 when yellow, 11 when red or unknown.")] = False,
) -> None:
    """Text, JSON and YAML show the same object."""
    cluster = connect(ctx.obj, namespace)
    view = _watch(cluster, name, output) if watch else present(cluster, cluster.service(name), output)
    hint(_next(view))
    if exit_code:
        raise typer.Exit(int(_EXIT_CODES.get(view.health, ExitCode.RED)))


def look(cluster: Cluster, service: Object) -> ServiceView:
    """The view with what the Pods add, as far as the person may see Pods."""
    labels = {names.LABEL_INSTANCE: service["metadata"]["name"], names.LABEL_PART_OF: names.PART_OF}
    try:
        pods = cluster.pods(labels)
    except CliError as error:
        if error.code is not ExitCode.FORBIDDEN:
            raise
        say(f"roles and nodes are not shown: {error}")
        pods = []
    return service_view(service, pods)


def present(cluster: Cluster, service: Object, output: Format) -> ServiceView:
    """Prints a service and returns what was printed."""
    view = look(cluster, service)
    if output is Format.TEXT:
        _text(view)
    else:
        data(view.to_json(), output)
    return view


def _watch(cluster: Cluster, name: str, output: Format) -> ServiceView:
    """Until Ctrl-C or until the service is gone. On a terminal the picture is replaced, in a pipe each change follows."""
    view: ServiceView | None = None
    try:
        for service in follow.changes(lambda: cluster.service(name), None):
            if output is Format.TEXT and console().is_terminal:
                console().clear()
            elif output is Format.YAML:
                line("---")
            elif output is Format.TEXT and view is not None:
                line("")
            view = present(cluster, service, output)
    except KeyboardInterrupt:
        say("")
    except CliError as error:
        if error.code is not ExitCode.NOT_FOUND or view is None:
            raise
        raise CliError(f"{name} is gone", ExitCode.NOT_FOUND, "moorage undelete") from error
    assert view is not None, "changes() yields at once or raises"
    return view


def _next(view: ServiceView) -> str:
    where = f"{view.name} -n {view.namespace}"
    if view.is_deleting:
        return f"moorage events {where}"
    return f"moorage connect {where}" if view.health is Health.GREEN else f"moorage why {where}"


def _text(view: ServiceView) -> None:
    show(f"[bold]{plain(view.namespace)}/{plain(view.name)}[/]  {plain(view.engine)} {plain(view.version)}")
    show(f"{health(view.health)}  {plain(view.message)}")
    known = [
        ("address", f"{plain(view.address)} ({view.expose})"),
        ("read-only", plain(view.replicas)),
        ("secret", plain(view.secret)),
        ("each member", f"{plain(view.cpu)} CPU, {plain(view.memory)} memory, {_volume(view)}"),
        ("at deletion", f"{view.on_delete} volumes" + ("; protected: deletion is refused" if view.protected else "")),
        ("age", age(view.created)),
    ]
    known += [("volumes", plain(_how_full(view)))] if view.volumes else []
    known += [("settings", plain(", ".join(f"{k}={v}" for k, v in sorted(view.parameters.items()))))] if view.parameters else []
    known += [("doing", plain(view.doing.reason))] if view.doing and view.doing.reason != view.message else []
    known += [("asked for", f"{plain(view.requests.promote.partition('@')[0])} as the primary")] if view.requests.promote else []
    known += [("asked for", _restart(view.requests.restart))] if view.requests.restart else []
    known += [("asked for", _rebuild(view.requests.rebuild))] if view.requests.rebuild else []
    known += [("asked for", _recover(view.requests.recover))] if view.requests.recover else []
    known += [("maintenance", _maintenance(view.maintenance))] if view.maintenance else []
    known += [("deleting", "yes")] if view.is_deleting else []
    known += [(key, plain(value)) for key, value in backup_facts(view)]
    show("")
    facts(known)
    show("")
    rows = (
        [
            plain(m.name),
            plain(m.role),
            health(m.health),
            plain(m.pod),
            plain(m.node),
            age(m.started),
            plain(_remark(m.restarts, m.message)),
        ]
        for m in view.members
    )
    columns = ("MEMBER", "ROLE", "HEALTH", "POD", "NODE", "AGE", "REMARK")
    table(columns, rows, empty="no members yet")


def _restart(request: str) -> str:
    who, _, when = request.partition("@")
    return plain(f"restart of {'all members' if who == 'all' else who}, {age(when)} ago")


def _rebuild(request: str) -> str:
    who, _, when = request.partition("@")
    return plain(f"rebuild of {who}, {age(when)} ago" if when else f"rebuild of {who}")


def _recover(request: str) -> str:
    who, when = request.partition("@")[0], request.rpartition("@")[2]
    return plain(f"{who} to be kept alone, {age(when)} ago")


def _maintenance(state: MaintenanceState) -> str:
    because = f" ({state.reason})" if state.reason else ""
    return plain(f"until {state.until}{because}: nothing is repaired and nothing is rolled out")


def _volume(view: ServiceView) -> str:
    of_class = f" of class {view.storage.class_name}" if view.storage.class_name else ""
    grown = f", grown to {view.storage.largest}" if view.storage.largest else ""
    grows = f"; grows {view.storage.auto_grow}" if view.storage.auto_grow else ""
    return plain(
        f"{view.storage.size} volume{of_class}" + (f" ({view.storage.type})" if view.storage.type else "") + grown + grows
    )


def _how_full(view: ServiceView) -> str:
    each = ", ".join(f"{name} {volume.used_percent} %" for name, volume in view.volumes.items())
    soonest = min((v.full_in_hours for v in view.volumes.values() if v.full_in_hours), default=None)
    return f"used: {each}" + (f"; full in about {soonest} h" if soonest is not None else "")


def _remark(restarts: int, message: str) -> str:
    return "; ".join(filter(None, (message, f"{restarts} restarts" if restarts else "")))
