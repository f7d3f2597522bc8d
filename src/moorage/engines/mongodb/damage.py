"""From mongod's last words to whether its data is damaged. Pure; the words are those of damaged folders that were tried."""

import json
from collections.abc import Sequence
from typing import Any

from moorage.engines.damage import NOT_THE_DATA, Ended

STORAGE_ERROR, FATAL_ASSERTIONS = 22435, (23089, 23091)
"""Ids of mongod's log: they stay when the words change."""


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


def _is_error(line: str) -> bool:
    return (_parsed(line) or {}).get("id") == STORAGE_ERROR


def _is_not_the_data(line: str) -> bool:
    return any(word in line for word in NOT_THE_DATA)


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
