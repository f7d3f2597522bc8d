"""From mongod's last words to whether its data is damaged. Pure; the words are those of damaged folders that were tried."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

STORAGE_ERROR, FATAL_ASSERTIONS = 22435, (23089, 23091)
"""Ids of mongod's log: they stay when the words change."""
CRASHES_MIN = 2
"""One start may fail for what is over by the next: the second says the same, or nobody is believed."""
_NOT_THE_DATA = ("No space left", "Permission denied", "Operation not permitted", "Cannot allocate", "Too many open files",
    "Input/output error", "Read-only file system", "Disk quota exceeded")  # fmt: skip
"""A copy would meet the same."""


@dataclass(frozen=True)
class Ended:
    """One run of mongod that ended at its start."""

    code: int
    lines: Sequence[str]


def why_damaged(ended: Ended) -> str | None:
    """What its storage engine said of the data before it gave up, or None: it ended for another reason.

    Its first error decides: each start that fails leaves files behind, until there is no room for them either.
    """
    entries = [entry for line in ended.lines if (entry := _parsed(line)) is not None]
    first = next((line for line in ended.lines if _is_error(line) or _is_not_the_data(line)), "")
    if _is_not_the_data(first):
        return None
    is_given_up = any(e.get("id") in FATAL_ASSERTIONS for e in entries)
    errors = [_message(e) for e in entries if e.get("id") == STORAGE_ERROR]
    if not is_given_up or not errors:
        return None
    return f"its data is damaged: {_short(errors)}"


def agreed(runs: Iterable[Ended]) -> str:
    """What the last runs, which ended one after the other, agree on; empty when they do not."""
    found = [why_damaged(run) for run in runs][-CRASHES_MIN:]
    return found[-1] or "" if len(found) == CRASHES_MIN and all(found) else ""


def _is_error(line: str) -> bool:
    return (_parsed(line) or {}).get("id") == STORAGE_ERROR


def _is_not_the_data(line: str) -> bool:
    return any(word in line for word in _NOT_THE_DATA)


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _message(entry: dict[str, Any]) -> str:
    told = (entry.get("attr") or {}).get("message", "")
    return str(told.get("msg", "") if isinstance(told, dict) else told)


def _short(errors: Sequence[str]) -> str:
    """Without the place in the storage engine's source: `__desc_read:381:WiredTiger.wt is corrupted`."""
    said = errors[0].rpartition(":__")[2] if errors[0].startswith("[") else errors[0]
    where, _, rest = said.partition(":")
    line, _, words = rest.partition(":")
    return (words if where.startswith("__") and line.isdigit() else said)[:200].strip()
