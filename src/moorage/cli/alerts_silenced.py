"""`moorage alerts silenced`."""

from typing import Any

from moorage.cli import console
from moorage.cli.options import Output
from moorage.cli.output import Format, data, hint, plain, table
from moorage.views.text import age, moment

_COLUMNS = ["ID", "OF", "BY", "SINCE", "UNTIL", "KEEPS QUIET", "REASON"]


def command(output: Output = Format.TEXT) -> None:
    """What nobody is told of now: by whom, until when and why. Asked of the console."""
    items: list[dict[str, Any]] = console.ask("GET", "/silences")["items"]
    if output is Format.TEXT:
        table(_COLUMNS, (_row(one) for one in items), empty="nothing is silenced")
    else:
        data(items, output)
    hint(f"moorage alerts end {items[0]['id']}" if items else "moorage alerts")


def _row(one: dict[str, Any]) -> list[str]:
    service = "/".join(filter(None, (one["space"], one["service"])))
    of = " ".join(filter(None, (service, one["alert"]))) or ", ".join(one["matchers"])
    until = "it is over" if one["isAcknowledgement"] else moment(one["until"])
    quiet = ", ".join(dict.fromkeys(one["silenced"]))
    return [one["id"], plain(of), plain(one["who"]), age(one["began"]), until, plain(quiet), plain(one["reason"])]
