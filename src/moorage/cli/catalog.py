"""`moorage catalog [ENGINE]`: the catalogue is part of the CLI and needs no cluster."""

from typing import Annotated, Any

import typer

from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Output, _complete_engine
from moorage.cli.output import Format, data, hint, plain, show, table
from moorage.engines.contract import EngineCard
from moorage.engines.registry import load
from moorage.views.catalog import entry


def card(engine: str) -> EngineCard:
    """The engine's card; an unknown engine is said with what there is."""
    engines = load()
    if engine not in engines:
        message = f"engine '{engine}' is not in the catalogue; allowed: {', '.join(engines)}"
        raise CliError(message, ExitCode.USAGE, "moorage catalog")
    return engines[engine].card


def command(
    engine: Annotated[
        str | None, typer.Argument(metavar="[ENGINE]", help="Show this engine's settings.", autocompletion=_complete_engine)
    ] = None,
    output: Output = Format.TEXT,
) -> None:
    """Without ENGINE: every engine. With ENGINE: its versions, limits and settings. Needs no cluster."""
    entries = [entry(card(engine))] if engine else [entry(e.card) for e in load().values()]
    if output is not Format.TEXT:
        data(entries[0] if engine else entries, output)
    elif engine:
        _detail(entries[0])
    else:
        _overview(entries)
    name = engine or (entries[0]["name"] if entries else "ENGINE")
    hint(f"moorage deploy {name} NAME --wait" if engine else f"moorage catalog {name}")


def _overview(entries: list[dict[str, Any]]) -> None:
    rows = (
        [
            e["name"],
            ", ".join(v["version"] + ("*" if v["version"] == e["defaultVersion"] else "") for v in e["versions"]),
            f"{e['members']['default']}",
            e["storageMin"],
            e["memoryMin"],
            plain(e["summary"]),
        ]
        for e in entries
    )
    columns = ("ENGINE", "VERSIONS (* default)", "MEMBERS", "STORAGE ≥", "MEMORY ≥", "SUMMARY")
    table(columns, rows, empty="the catalogue is empty: no engine is installed")


def _detail(e: dict[str, Any]) -> None:
    allowed = ", ".join(str(n) for n in e["members"]["allowed"])
    show(f"[bold]{plain(e['title'])}[/]  {plain(e['summary'])}\n")
    facts = [
        ("versions", ", ".join(v["version"] for v in e["versions"]) + f" (default {e['defaultVersion']})"),
        ("members", f"{allowed} (default {e['members']['default']})" + ("; or 2 and --arbiter" if e["arbiter"] else "")),
        ("storage", f"{e['storageMin']} or more"),
        ("memory", f"{e['memoryMin']} or more"),
        ("port", str(e["port"])),
    ]
    table(("", ""), facts, empty="")
    show("")
    rows = ([plain(p["name"]), plain(p["allowed"]), plain(p["description"])] for p in e["parameters"])
    table(("PARAMETER (--param k=v)", "ALLOWED", "MEANING"), rows, empty="this engine has no settings")
