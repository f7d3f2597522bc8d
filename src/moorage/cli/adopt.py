"""`moorage adopt STORE [NAME]`: what services a store knows, and bringing them back, also on an empty Kubernetes."""

from pathlib import Path
from typing import Annotated

import typer

from moorage.api.backupstore import KIND
from moorage.cli import restoring
from moorage.cli.adoptable import Adoptable, adoptables, choose
from moorage.cli.cluster import Cluster, connect
from moorage.cli.errors import usage
from moorage.cli.options import Namespace, Output, StoreName, Timeout, Wait, _complete_known, seconds
from moorage.cli.output import Format, data, hint, line, plain, say, table
from moorage.views.restore import RestoreView
from moorage.views.store import StoreView, read, store_view
from moorage.views.text import moment


def command(  # noqa: PLR0913 - one parameter per option
    ctx: typer.Context,
    store: StoreName,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="The service, or NAMESPACE/NAME; the list when absent.", autocompletion=_complete_known
        ),
    ] = None,
    namespace: Namespace = None,
    as_name: Annotated[str | None, typer.Option("--as", metavar="NEW", help="Under another name.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of this namespace whose names are free.")] = False,
    identity: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The private key (age): app and admin have the passwords again that they had."),
    ] = None,
    wait: Wait = False,
    timeout: Timeout = "2h",
    output: Output = Format.TEXT,
) -> None:
    """From the newest good backup, with users, parameters and schedule, into this namespace.

    Its backups are this cluster's from then on, which deletes them when their time is over; under another name (--as) it is a
    copy, and they stay the other cluster's. Without --identity the users app and admin get new passwords, in its Secrets.
    """
    limit_seconds = seconds(timeout)
    if everything and name is not None:
        raise usage("NAME and --all do not go together: one service, or all of this namespace")
    cluster = connect(ctx.obj, namespace)
    view = store_view(cluster.get(KIND, store))
    if view.phase != "Ready":
        say(f"{store} is {view.phase}: {view.message or 'it has not been checked yet'}; what follows may be old")
    taken = {item["metadata"]["name"] for item in cluster.services()}
    found = adoptables(view.services, cluster.namespace, taken)
    if name is None and not everything:
        _list(view, found, output)
        return
    chosen = choose(found, name, as_name, here=cluster.namespace, store=store)
    asked_for = [_ask(cluster, store, one, identity) for one in chosen]
    if wait:
        asked_for = [restoring.finished(cluster, restore.name, limit_seconds) for restore in asked_for]
    if output is not Format.TEXT:
        data([restore.to_json() for restore in asked_for], output)
    else:
        for restore in asked_for:
            line(restore.sentence if wait else f"{restore.namespace}/{restore.service} is coming back from {restore.source}")
    hint(f"moorage {'list' if wait else 'restores'} -n {cluster.namespace}")


def _ask(cluster: Cluster, store: str, one: Adoptable, identity: Path | None) -> RestoreView:
    if identity is not None:
        from moorage.cli.old_passwords import bring  # noqa: PLC0415 - botocore is slow to import

        bring(cluster, read(cluster.get(KIND, store)), one, identity)
    else:
        name = one.becomes
        say(f"app and admin of {name} get new passwords; applications take them from the Secret {name}-app")
    source = {"store": store, "storedBackup": one.newest}
    return restoring.ask(cluster, {"source": source, "toNew": one.becomes}, None)


def _list(store: StoreView, found: list[Adoptable], output: Format) -> None:
    if output is not Format.TEXT:
        data([a.to_dict() for a in found], output)
    else:
        rows = (
            [
                plain(a.namespace),
                plain(a.name),
                plain(a.engine),
                str(a.backups),
                moment(a.newest_time),
                plain(a.newest),
                _verified(a),
                a.here,
            ]
            for a in found
        )
        columns = ("NAMESPACE", "NAME", "ENGINE", "BACKUPS", "NEWEST", "BACKUP", "VERIFIED", "NAME HERE")
        table(columns, rows, empty=f"{store.name} holds no backups")
    free = next((a for a in found if a.can_be_adopted), None)
    where = f"-n {store.namespace}"
    hint(f"moorage adopt {store.name} {free.namespace}/{free.name} {where} --wait" if free else f"moorage stores {where}")


def _verified(one: Adoptable) -> str:
    """Whether the newest one was rehearsed; else the moment of the newest that was."""
    return "yes" if one.verified is not None and one.verified == one.newest else moment(one.verified_time)
