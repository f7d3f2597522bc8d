"""`moorage store add s3 NAME`: a bucket; its key pair comes from the environment or the terminal, never from arguments."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from moorage.cli import store_made
from moorage.cli.cluster import Object, connect
from moorage.cli.errors import usage
from moorage.cli.options import Namespace, Output, Timeout, Wait, seconds
from moorage.cli.output import Format
from moorage.cli.store_made import Default, Identity, NewName, Recipient
from moorage.wishes import asked

_ACCESS, _SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"


def command(  # noqa: PLR0913 - one parameter per option
    ctx: typer.Context,
    name: NewName,
    endpoint: Annotated[str, typer.Option(metavar="URL", help="Such as https://s3.example.com or https://10.0.0.5:9000.")],
    bucket: Annotated[str, typer.Option(help="The bucket; it must exist.")],
    namespace: Namespace = None,
    prefix: Annotated[str | None, typer.Option(help="Everything is kept below it, such as production/.")] = None,
    region: Annotated[str | None, typer.Option(help="The region; us-east-1 when absent.")] = None,
    ca_file: Annotated[
        Path | None, typer.Option("--ca-file", help="Certificate of the authority, when the service has one of its own.")
    ] = None,
    path_style: Annotated[
        bool | None, typer.Option("--path-style/--no-path-style", help="No: the bucket is a part of the host name (Amazon).")
    ] = None,
    credentials_secret: Annotated[
        str | None, typer.Option("--credentials-secret", metavar="SECRET", help="Has accessKeyId and secretAccessKey already.")
    ] = None,
    age_recipient: Recipient = None,
    identity_secret: Identity = None,
    default: Default = False,
    wait: Wait = True,
    timeout: Timeout = "60s",
    output: Output = Format.TEXT,
) -> None:
    """Without --credentials-secret the key pair is read from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, else asked for."""
    limit_seconds = seconds(timeout)
    keys = key_pair() if credentials_secret is None else None
    authority = _authority(ca_file)
    cluster = connect(ctx.obj, namespace)
    secret, ca_secret = credentials_secret or f"moorage-store-{name}", f"moorage-store-{name}-ca"
    spec = {
        "s3": asked.said(
            {
                "endpoint": endpoint,
                "bucket": bucket,
                "prefix": prefix,
                "region": region,
                "credentialsSecret": secret,
                "caSecret": ca_secret if authority else None,
                "pathStyle": path_style,
            }
        ),
        "encryption": store_made.encryption(age_recipient, identity_secret),
        "default": default or None,
    }
    secrets: list[Object] = []
    if keys is not None:
        secrets.append(asked.secret(cluster.namespace, secret, keys))
    if authority:
        secrets.append(asked.secret(cluster.namespace, ca_secret, {"ca.crt": authority}))
    manifest = asked.store(cluster.namespace, name, spec)
    store_made.add(cluster, manifest, secrets, wait_seconds=limit_seconds if wait else None, output=output)


def key_pair() -> dict[str, str]:
    """The entries of the credentials Secret."""
    access, secret = os.environ.get(_ACCESS, ""), os.environ.get(_SECRET, "")
    if bool(access) != bool(secret):
        raise usage(f"of {_ACCESS} and {_SECRET} only one is set; set both, or none to be asked")
    if not access:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise usage(
                f"the key pair is missing and there is no terminal to ask on; set {_ACCESS} and {_SECRET}, or name a "
                "Secret that has it with --credentials-secret"
            )
        access = typer.prompt("Access key ID", err=True)
        secret = typer.prompt("Secret access key (not shown)", err=True, hide_input=True)
    return {"accessKeyId": access.strip(), "secretAccessKey": secret.strip()}


def _authority(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise usage(f"--ca-file '{path}' cannot be read: {error}") from error
    if "BEGIN CERTIFICATE" not in text or "PRIVATE KEY" in text:
        raise usage(
            f"--ca-file '{path}' is no certificate; wanted is a PEM file with BEGIN CERTIFICATE and without a private key"
        )
    return text
