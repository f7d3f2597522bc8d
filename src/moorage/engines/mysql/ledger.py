"""What the group itself remembers, in tables of its own: who is counted, under which mark, and the term. Pure but for the words.

The term rises with every new primary, by a write that only a primary with a majority can have confirmed: so no two members ever
claim the address under the same one, and a stale claim loses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moorage.engines.mysql.constants import SCHEMA

_CLUSTER = (
    "id TINYINT NOT NULL PRIMARY KEY, group_name CHAR(36) NOT NULL, term BIGINT NOT NULL, holder VARCHAR(253) NOT NULL, "
    "version BIGINT NOT NULL, writes_stopped BOOLEAN NOT NULL DEFAULT FALSE"
)
MAKE = (
    f"CREATE DATABASE IF NOT EXISTS {SCHEMA}",
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.cluster ({_CLUSTER})",
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.members (pod VARCHAR(253) NOT NULL PRIMARY KEY, host VARCHAR(253) NOT NULL)",
)

ASK = f"""
SELECT c.group_name, c.term, c.holder, c.version, c.writes_stopped, m.pod
FROM {SCHEMA}.cluster c LEFT JOIN {SCHEMA}.members m ON TRUE WHERE c.id = 1
""".strip()  # noqa: S608 - the schema is a constant

_BEGIN = (
    f"INSERT INTO {SCHEMA}.cluster (id, group_name, term, holder, version) VALUES (1, %s, 0, '', 1) "  # noqa: S608
    "ON DUPLICATE KEY UPDATE group_name = %s, holder = '', version = version + 1"
)

Statement = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Ledger:
    """One copy of it: that of a member that is behind is behind, too."""

    group_name: str
    term: int
    holder: str
    """Pod name of the primary of that term."""
    version: int
    counted: tuple[str, ...]
    """Pod names."""
    are_writes_stopped: bool = False

    @property
    def mark(self) -> str:
        """Names one configuration: every change, and every new primary, makes another one."""
        return f"{self.term}:{self.version}"


def ledger_of(rows: Iterable[Mapping[str, Any]]) -> Ledger | None:
    """From the rows of ASK; None when there is none yet, as in data that was restored: it counts nobody."""
    found = list(rows)
    pods = sorted(row["pod"] for row in found if row["pod"])
    if not pods:
        return None
    first = found[0]
    return Ledger(
        first["group_name"],
        int(first["term"]),
        first["holder"],
        int(first["version"]),
        tuple(pods),
        bool(first["writes_stopped"]),
    )


def first_entry(group_name: str, members: Iterable[Mapping[str, str]]) -> list[Statement]:
    """The beginning of a cluster. What a restored one says of members is over; its term is not, so that it only rises."""
    return [
        (
            _BEGIN,
            (group_name, group_name),
        ),
        (f"DELETE FROM {SCHEMA}.members", ()),  # noqa: S608
        *((f"INSERT INTO {SCHEMA}.members (pod, host) VALUES (%s, %s)", (m["pod"], m["host"])) for m in members),  # noqa: S608
    ]


FORGET: list[Statement] = [(f"DELETE FROM {SCHEMA}.members", ())]  # noqa: S608
"""In data that was restored: its members are another cluster's. The term stays, so that it only rises."""


def new_term(ledger: Ledger, pod: str) -> list[Statement]:
    """Only from the term that was read: of two that try one wins."""
    return [(f"UPDATE {SCHEMA}.cluster SET term = term + 1, holder = %s WHERE id = 1 AND term = %s", (pod, ledger.term))]  # noqa: S608


def _change(mark: str) -> Statement:
    term, _, version = mark.partition(":")
    return (
        f"UPDATE {SCHEMA}.cluster SET version = version + 1 WHERE id = 1 AND term = %s AND version = %s",  # noqa: S608
        (int(term), int(version)),
    )


def formed_again(mark: str) -> list[Statement]:
    """The same members, after an outage of all: another configuration, unless somebody made one meanwhile."""
    return [_change(mark)]


def add(entry: Mapping[str, str], mark: str) -> list[Statement]:
    """Counts a member. The first statement changes no row when the configuration is another one by now."""
    return [_change(mark), (f"INSERT IGNORE INTO {SCHEMA}.members (pod, host) VALUES (%s, %s)", (entry["pod"], entry["host"]))]  # noqa: S608


def remove(pod: str, mark: str) -> list[Statement]:
    """Counts a member no more; as above."""
    return [_change(mark), (f"DELETE FROM {SCHEMA}.members WHERE pod = %s", (pod,))]  # noqa: S608
