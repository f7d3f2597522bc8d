"""`moorage stores`."""

import typer

from moorage.api.backupstore import KIND
from moorage.cli.cluster import connect
from moorage.cli.options import AllNamespaces, Namespace, Output
from moorage.cli.output import Format, data, hint, listing, plain
from moorage.views.store import StoreView, store_view
from moorage.views.text import age

_COLUMNS = ["NAME", "KIND", "WHERE", "DEFAULT", "ENCRYPTED", "PHASE", "CHECKED", "MESSAGE"]
_COLOURS = {"Ready": "green", "NotReady": "red"}


def command(
    ctx: typer.Context, namespace: Namespace = None, all_namespaces: AllNamespaces = False, output: Output = Format.TEXT
) -> None:
    """Services that name no store use the default one of their namespace."""
    cluster = connect(ctx.obj, namespace)
    views = [store_view(item) for item in cluster.all(KIND, everywhere=all_namespaces)]
    views.sort(key=lambda v: (v.namespace, v.name))
    if output is Format.TEXT:
        where = "any namespace" if all_namespaces else f"namespace {cluster.namespace}"
        listing(_COLUMNS, views, _row, empty=f"no backup stores in {where}", with_namespace=all_namespaces)
    else:
        data([v.to_json() for v in views], output)
    hint(f"moorage adopt {views[0].name} -n {views[0].namespace}" if views else "moorage store add s3 --help")


def _row(v: StoreView) -> list[str]:
    return [
        plain(v.name),
        plain(v.kind),
        plain(v.where),
        "yes" if v.is_default else "no",
        "yes" if v.is_encrypted else "no",
        f"[{_COLOURS[v.phase]}]{v.phase}[/]" if v.phase in _COLOURS else plain(v.phase),
        age(v.checked),
        plain(v.message) if v.message else "",
    ]
