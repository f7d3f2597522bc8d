"""`moorage credentials NAME`: reads the Secret in Service Binding layout."""

from typing import Annotated

import typer

from moorage.cli.cluster import connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Namespace, Output, ServiceName
from moorage.cli.output import Format, data, hint, line, plain, table
from moorage.core import names
from moorage.engines.registry import load
from moorage.views import binding


def command(
    ctx: typer.Context,
    name: ServiceName,
    namespace: Namespace = None,
    uri: Annotated[bool, typer.Option("--uri", help="Print only the URI that goes through the address.")] = False,
    inside: Annotated[bool, typer.Option("--inside", help="With --uri: the URI for clients inside the cluster.")] = False,
    entry: Annotated[str | None, typer.Option(help="Print only this entry, such as ca.crt or tls-uri.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="The administrator instead of the application's user.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """The password goes to stdout: mind who reads your terminal.

    Inside the cluster, mount the Secret instead (Service Binding layout). To encrypt: save the entry ca.crt to a file, and
    name that at the end of an entry that begins with tls-.
    """
    cluster = connect(ctx.obj, namespace)
    secret = names.admin_secret(name) if admin else names.app_secret(name)
    where = f"{name} -n {cluster.namespace}"
    try:
        found = binding.decode(cluster.secret(secret).get("data") or {})
    except CliError as error:
        if error.code is not ExitCode.NOT_FOUND:
            raise
        cluster.service(name)
        message = f"{name} has no Secret '{secret}' yet: it is still being set up"
        raise CliError(message, ExitCode.NOT_FOUND, f"moorage status {where} -w") from error
    if entry is not None:
        line(binding.entry(found, entry))
    elif uri:
        line(binding.choose_uri(found, inside=inside))
    elif output is Format.TEXT:
        rows = ([plain(k), plain(_in_one_line(k, v))] for k, v in found.items())
        table(("KEY", "VALUE"), rows, empty=f"Secret '{secret}' is empty")
    else:
        data(found, output)
    hint(_to_encrypt(found, entry) or f"moorage connect {where}")


def _to_encrypt(found: dict[str, str], entry: str | None) -> str:
    engine = load().get(found.get("type", ""))
    if engine is None or not (entry or "").startswith(binding.TLS_PREFIX):
        return ""
    return f"add {engine.card.authority_option} to it, where FILE holds the entry ca.crt"


def _in_one_line(key: str, value: str) -> str:
    """A certificate would fill the screen."""
    return f"(a certificate: --entry {key} prints it)" if "\n" in value else value
