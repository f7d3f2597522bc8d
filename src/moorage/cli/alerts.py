"""`moorage alerts [NAME]`."""

from typing import Annotated, Any

import typer

from moorage.cli import console
from moorage.cli.options import Output, _complete_service
from moorage.cli.output import Format, data, hint, plain, table
from moorage.views.text import age

Object = dict[str, Any]
Of = Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only of this service.", autocompletion=_complete_service)]
Space = Annotated[str | None, typer.Option("--namespace", "-n", help="Only of this namespace; every one when absent.")]
_COLUMNS = ["ID", "SEVERITY", "ABOUT", "SINCE", "STATE", "ALERT"]
_STYLES = {"critical": "bold red", "warning": "yellow"}


def command(ctx: typer.Context, name: Of = None, namespace: Space = None, output: Output = Format.TEXT) -> None:
    """What fires now, the worst first: of the namespaces that the token's owner may see. Asked of the console."""
    found = console.ask("GET", "/alerts", query={"space": namespace or ctx.obj.namespace, "service": name})
    items: list[Object] = found["items"]
    if output is Format.TEXT:
        table(_COLUMNS, (_row(one) for one in items), empty="nothing fires")
    else:
        data(items, output)
    first = next((one for one in items if _state(one) == "open"), None)
    hint(f"moorage alerts ack {first['fingerprint']} --note TEXT" if first else "moorage alerts history")


def severity(text: str) -> str:
    """The word, and its colour."""
    style = _STYLES.get(text)
    return f"[{style}]{text}[/]" if style else plain(text)


def about(one: Object) -> str:
    """Whom it is about."""
    parts = (one["space"], one["service"] or one["store"], one["member"])
    return "/".join(filter(None, parts)) or "Moorage itself"


def _state(one: Object) -> str:
    if one["silences"]:
        return "silenced"
    return f"muted by {', '.join(one['mutedBy'])}" if one["mutedBy"] else "open"


def _row(one: Object) -> list[str]:
    said = one["texts"]["en"]["summary"] or one["name"]
    return [one["fingerprint"], severity(one["severity"]), plain(about(one)), age(one["began"]), plain(_state(one)), plain(said)]
