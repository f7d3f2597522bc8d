"""`moorage store remove NAME`: Moorage forgets the store; what it holds stays."""

import typer

from moorage.api.backupstore import KIND
from moorage.api.dataservice import DataService
from moorage.cli.cluster import connect
from moorage.cli.confirm import confirm
from moorage.cli.options import Namespace, Output, StoreName, Yes
from moorage.cli.output import Format, data, hint, line, say
from moorage.views.service import parse
from moorage.views.store import StoreView, read, store_view


def command(
    ctx: typer.Context, store: StoreName, namespace: Namespace = None, yes: Yes = None, output: Output = Format.TEXT
) -> None:
    """The backups in it stay, and `store add` with the same place knows them again. Its Secrets stay too."""
    cluster = connect(ctx.obj, namespace)
    found = cluster.get(KIND, store)
    view = store_view(found)
    users = used_by(view, [parse(item) for item in cluster.services()])
    confirm(
        store,
        yes,
        what=f"removing {store}",
        warning=warning(view, users),
        again=f"moorage store remove {store} -n {cluster.namespace} --yes {store}",
    )
    cluster.delete(KIND, store)
    if output is not Format.TEXT:
        data({"name": store, "namespace": cluster.namespace, "removed": True, "where": view.where}, output)
    else:
        line(f"{cluster.namespace}/{store} is removed; the backups stay in {view.where}")
    s3 = read(found).spec.s3
    if s3 is not None:
        say(f"Secret '{s3.credentials_secret}' with the key pair stays")
    hint(f"moorage stores -n {cluster.namespace}")


def used_by(store: StoreView, services: list[DataService]) -> list[str]:
    """Services whose schedule writes there; pure."""
    wanted = (store.name, None) if store.is_default else (store.name,)
    return sorted(s.metadata.name for s in services if s.spec.backup.enabled and s.spec.backup.store in wanted)


def warning(store: StoreView, users: list[str]) -> str:
    """What the removal means; pure."""
    text = f"Moorage forgets the store {store.name}; the backups stay in {store.where}."
    return text + (f" NO LONGER backed up: {', '.join(users)}." if users else "")
