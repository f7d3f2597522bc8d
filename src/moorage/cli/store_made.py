"""Making a store known and waiting until the operator has checked it; shared by both kinds."""

from typing import Annotated

import typer

from moorage.api.backupstore import KIND
from moorage.cli import follow
from moorage.cli.cluster import Cluster, Object
from moorage.cli.errors import CliError, ExitCode, usage
from moorage.cli.output import Format, data, hint, line, say
from moorage.views.store import StoreView, store_view

NewName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the store.")]
Default = Annotated[bool, typer.Option("--default", help="Services of this namespace that name no store use this one.")]
Recipient = Annotated[
    str | None, typer.Option("--age-recipient", metavar="age1…", help="Public key: backups are encrypted for it.")
]
Identity = Annotated[
    str | None,
    typer.Option("--identity-secret", metavar="SECRET", help="Secret with the private key under `identity`; restores read it."),
]


def encryption(recipient: str | None, identity_secret: str | None) -> Object | None:
    """Both or none: what cannot be decrypted again cannot be rehearsed either."""
    if recipient is None and identity_secret is None:
        return None
    if recipient is None or identity_secret is None:
        raise usage(
            "--age-recipient and --identity-secret go together: without the private key no backup could be restored",
            "age-keygen -o identity.txt && kubectl create secret generic NAME --from-file=identity=identity.txt",
        )
    return {"recipient": recipient, "identitySecret": identity_secret}


def add(cluster: Cluster, manifest: Object, secrets: list[Object], *, wait_seconds: float | None, output: Format) -> None:
    """The API server judges the store first, so that no Secret is left of one that it refuses."""
    name = manifest["metadata"]["name"]
    cluster.create(manifest, dry_run=True)
    for secret in secrets:
        cluster.apply_secret(secret)
    view = store_view(cluster.create(manifest))
    if wait_seconds is not None:
        if output is Format.TEXT:
            say(f"{name} is added; waiting until it has been checked")
        view = checked(cluster, name, wait_seconds)
    if output is not Format.TEXT:
        data(view.to_json(), output)
    else:
        line(f"{cluster.namespace}/{name} " + ("is ready" if wait_seconds is not None else "is added"))
    if view.phase == "NotReady":
        return
    hint(f"moorage adopt {name} -n {cluster.namespace}" if view.services else f"moorage stores -n {cluster.namespace}")


def checked(cluster: Cluster, name: str, limit_seconds: float) -> StoreView:
    """The store once it has been found ready. Raises with the reason when it has not."""
    view = None
    look = f"moorage stores -n {cluster.namespace}"
    for found in follow.changes(lambda: cluster.get(KIND, name), limit_seconds):
        view = store_view(found)
        if view.is_current and view.phase == "Ready":
            return view
        if view.is_current and view.phase == "NotReady":
            break
    if view is not None and view.is_current and view.message:
        raise CliError(f"{name} was added, but cannot be used: {view.message}", ExitCode.ERROR, look)
    raise CliError(f"{name} has not been checked after {limit_seconds:.0f} s; it is tried on", ExitCode.TIMEOUT, look)
