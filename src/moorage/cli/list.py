"""`moorage list`."""

import typer

from moorage.api.dataservice import Health
from moorage.cli.cluster import connect
from moorage.cli.options import AllNamespaces, Namespace, Output
from moorage.cli.output import Format, data, health, hint, listing, plain
from moorage.engines.registry import load
from moorage.views.service import ServiceView, service_view, worst_first
from moorage.views.text import age

_COLUMNS = ["NAME", "ENGINE", "VERSION", "HEALTH", "MEMBERS", "PRIMARY", "ADDRESS", "LAST BACKUP", "AGE", "MESSAGE"]


def command(
    ctx: typer.Context,
    namespace: Namespace = None,
    all_namespaces: AllNamespaces = False,
    output: Output = Format.TEXT,
) -> None:
    """The worst comes first."""
    cluster = connect(ctx.obj, namespace)
    views = [service_view(item) for item in cluster.services(everywhere=all_namespaces)]
    views = worst_first(views)
    if output is Format.TEXT:
        where = "any namespace" if all_namespaces else f"namespace {cluster.namespace}"
        listing(_COLUMNS, views, _row, empty=f"no services in {where}", with_namespace=all_namespaces)
    else:
        data([v.to_json() for v in views], output)
    hint(_next(views))


def _next(views: list[ServiceView]) -> str:
    if not views:
        return f"moorage deploy {next(iter(load()), 'ENGINE')} NAME --wait    (moorage catalog shows what there is)"
    first = views[0]
    return f"moorage {'status' if first.health is Health.GREEN else 'why'} {first.name} -n {first.namespace}"


def _row(v: ServiceView) -> list[str]:
    return [
        plain(v.name),
        plain(v.engine),
        plain(v.version),
        health(v.health),
        plain(v.members_ready),
        plain(v.primary),
        plain(v.address),
        age(v.backup.last_success),
        age(v.created),
        _message(v),
    ]


def _message(view: ServiceView) -> str:
    """What a green service has to say is no news, but for a maintenance."""
    if view.is_deleting:
        return "being deleted"
    if view.health is not Health.GREEN:
        return plain(view.message)
    return plain(f"in maintenance until {view.maintenance.until}") if view.maintenance is not None else ""
