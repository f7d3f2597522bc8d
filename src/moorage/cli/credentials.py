"""`moorage credentials NAME`: reads the Secret in Service Binding layout."""

import base64
import binascii
from typing import Annotated

import typer

from moorage.cli.cluster import connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Namespace, Output, ServiceName
from moorage.cli.output import Format, data, hint, line, plain, table
from moorage.core import names

_ORDER = ("type", "provider", "host", "port", "username", "password", "database", "authSource", "uri", "direct-uri")


def command(
    ctx: typer.Context,
    name: ServiceName,
    namespace: Namespace = None,
    uri: Annotated[bool, typer.Option("--uri", help="Print only the URI that goes through the address.")] = False,
    inside: Annotated[bool, typer.Option("--inside", help="With --uri: the URI for clients inside the cluster.")] = False,
    admin: Annotated[bool, typer.Option("--admin", help="The administrator instead of the application's user.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """The password goes to stdout: mind who reads your terminal.

    Inside the cluster, mount the Secret instead (Service Binding layout).
    """
    cluster = connect(ctx.obj, namespace)
    secret = names.admin_secret(name) if admin else names.app_secret(name)
    where = f"{name} -n {cluster.namespace}"
    try:
        found = decode(cluster.secret(secret).get("data") or {})
    except CliError as error:
        if error.code is not ExitCode.NOT_FOUND:
            raise
        cluster.service(name)
        message = f"{name} has no Secret '{secret}' yet: it is still being set up"
        raise CliError(message, ExitCode.NOT_FOUND, f"moorage status {where} -w") from error
    if uri:
        line(choose_uri(found, inside=inside))
    elif output is Format.TEXT:
        table(("KEY", "VALUE"), ([plain(k), plain(v)] for k, v in found.items()), empty=f"Secret '{secret}' is empty")
    else:
        data(found, output)
    hint(f"moorage connect {where}")


def decode(encoded: dict[str, str]) -> dict[str, str]:
    """The Secret's entries as text, in the order in which people look for them."""
    try:
        found = {key: base64.b64decode(value).decode() for key, value in encoded.items()}
    except (binascii.Error, UnicodeDecodeError) as error:
        raise CliError(f"the Secret holds an entry that is no text: {error}") from error
    rank = {key: number for number, key in enumerate(_ORDER)}
    return dict(sorted(found.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0])))


def choose_uri(found: dict[str, str], *, inside: bool) -> str:
    """`direct-uri` goes through the address and works from everywhere; `uri` needs the cluster's DNS."""
    preferred = ("uri", "direct-uri") if inside else ("direct-uri", "uri")
    chosen = next((found[key] for key in preferred if key in found), None)
    if chosen is None:
        raise CliError("the Secret holds no URI")
    return chosen
