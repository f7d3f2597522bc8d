"""`moorage store add file-system NAME`: a volume claim that many Pods can mount (CephFS, NFS)."""

from typing import Annotated

import typer

from moorage.cli import store_made
from moorage.cli.cluster import connect
from moorage.cli.options import Namespace, Output, Timeout, Wait, seconds
from moorage.cli.output import Format
from moorage.cli.store_made import Default, Identity, NewName, Recipient
from moorage.wishes import asked


def command(  # noqa: PLR0913 - one parameter per option
    ctx: typer.Context,
    name: NewName,
    claim: Annotated[str, typer.Option(help="PersistentVolumeClaim of the namespace with the access mode ReadWriteMany.")],
    namespace: Namespace = None,
    path: Annotated[str | None, typer.Option(help="Folder in it; the root when absent.")] = None,
    age_recipient: Recipient = None,
    identity_secret: Identity = None,
    default: Default = False,
    wait: Wait = True,
    timeout: Timeout = "60s",
    output: Output = Format.TEXT,
) -> None:
    """The volume should live elsewhere than the services' own: what fails together is no backup."""
    limit_seconds = seconds(timeout)
    cluster = connect(ctx.obj, namespace)
    spec = {
        "fileSystem": asked.said({"claim": claim, "path": path}),
        "encryption": store_made.encryption(age_recipient, identity_secret),
        "default": default or None,
    }
    manifest = asked.store(cluster.namespace, name, spec)
    store_made.add(cluster, manifest, [], wait_seconds=limit_seconds if wait else None, output=output)
