"""Takes the figures of what an engine holds."""

from collections.abc import Callable, Mapping
from typing import Any

from moorage.engines.mysql import figures
from moorage.engines.mysql.figures import Table

Ask = Callable[[str], list[Mapping[str, Any]]]


def tables_of(ask: Ask) -> dict[str, Table]:
    """Counted, not estimated. Raises what `ask` raises."""
    return {figures.name_of(row): _table(ask, row) for row in ask(figures.ASK_TABLES)}


def _table(ask: Ask, row: Mapping[str, Any]) -> Table:
    name, is_view = figures.quoted_name(row), figures.is_view(row)
    (made,) = ask(f"SHOW CREATE TABLE {name}")
    definition = str(made["Create View" if is_view else "Create Table"])
    if is_view:
        return Table("view", figures.digest(definition))
    (counted,) = ask(f"SELECT COUNT(*) AS n FROM {name}")  # noqa: S608 - a quoted name
    return Table("table", figures.digest(definition), int(counted["n"]))


def totals_of(ask: Ask) -> dict[str, int]:
    """Of what is only counted, and the room that it takes. Raises what `ask` raises."""
    (programs,) = ask(figures.ASK_PROGRAMS)
    (disk,) = ask(figures.ASK_DISK_BYTES)
    return {**{what: int(count) for what, count in programs.items()}, "diskBytes": int(disk["bytes"])}
