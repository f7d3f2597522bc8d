"""Figures of a backup that can be compared truthfully after its restore: rows and definition of each table, at one moment. Pure.

They are taken where nothing changes any more: of a physical backup in the copy itself, of a logical one in the snapshot that is
dumped. The content is held by SHA-256 over the archive, and by InnoDB's checksum of every page.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

SYSTEM_SCHEMAS = ("mysql", "sys", "performance_schema", "information_schema")
PHYSICAL, LOGICAL = "physical", "logical"
_UNTOLD = re.compile(r" AUTO_INCREMENT=\d+| /\*!50100 TABLESPACE `innodb_file_per_table` \*/")
"""What `SHOW CREATE TABLE` says and what another way of copying may say otherwise."""

_SYSTEM = ", ".join(f"'{s}'" for s in SYSTEM_SCHEMAS)
ASK_TABLES = (
    "SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, TABLE_TYPE AS kind, ENGINE AS engine FROM information_schema.TABLES "  # noqa: S608 - constants
    f"WHERE TABLE_SCHEMA NOT IN ({_SYSTEM}) ORDER BY 1, 2"
)
ASK_PROGRAMS = (
    f"SELECT (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN ({_SYSTEM})) AS routines, "  # noqa: S608
    f"(SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA NOT IN ({_SYSTEM})) AS triggers, "
    f"(SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA NOT IN ({_SYSTEM})) AS events, "
    "(SELECT COUNT(*) FROM mysql.user) AS users"
)
ASK_DISK_BYTES = (
    "SELECT COALESCE(SUM(FILE_SIZE), 0) AS bytes FROM information_schema.INNODB_TABLESPACES WHERE ROW_FORMAT <> 'Undo'"
)


@dataclass(frozen=True)
class Table:
    """Of one table or view."""

    kind: str
    definition: str
    """Digest of what makes it anew."""
    rows: int | None = None
    """None: it is a view."""


def name_of(row: Mapping[str, Any]) -> str:
    return f"{row['db']}.{row['name']}"


def quoted_name(row: Mapping[str, Any]) -> str:
    return ".".join("`" + str(row[part]).replace("`", "``") + "`" for part in ("db", "name"))


def is_view(row: Mapping[str, Any]) -> bool:
    return bool(row["kind"] != "BASE TABLE")


def digest(definition: str) -> str:
    return hashlib.sha256(_UNTOLD.sub("", definition).encode()).hexdigest()[:16]


def to_json(kind: str, tables: Mapping[str, Table], totals: Mapping[str, int]) -> dict[str, Any]:
    """As they stand in the manifest. `kind`: how the archive was made."""
    return {
        "kind": kind,
        "totals": {**totals, "tables": len(tables), "rows": sum(t.rows or 0 for t in tables.values())},
        "tables": {name: {k: v for k, v in asdict(t).items() if v is not None} for name, t in sorted(tables.items())},
    }


def from_json(found: Mapping[str, Any]) -> dict[str, Table]:
    """Fields of a later version are ignored."""
    known = {f.name for f in fields(Table)}
    return {name: Table(**{k: v for k, v in entry.items() if k in known}) for name, entry in (found.get("tables") or {}).items()}


def differences(expected: Mapping[str, Table], found: Mapping[str, Table]) -> list[str]:
    """Sentences; empty when all is as it was."""
    said = []
    for name, was in sorted(expected.items()):
        now = found.get(name)
        if now is None:
            said.append(f"{name} is missing")
        elif now.rows != was.rows:
            said.append(f"{name} has {now.rows} rows instead of {was.rows}")
        elif now.definition != was.definition:
            said.append(f"{name} is defined otherwise")
    said += [f"{name} is there and was not backed up" for name in sorted(set(found) - set(expected))]
    return said


def fewer(expected: Mapping[str, Any], found: Mapping[str, int]) -> list[str]:
    """Of what is only counted. `expected`: the figures of the manifest."""
    totals = expected.get("totals") or {}
    return [
        f"only {found[what]} of {totals[what]} {what} came back"
        for what in ("routines", "triggers", "events", "users")
        if found.get(what, 0) < totals.get(what, 0)
    ]


def not_transactional(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Tables of which neither a copy nor a snapshot holds a moment's state."""
    return [name_of(row) for row in rows if not is_view(row) and str(row["engine"]) != "InnoDB"]
