"""Which queries of people's own MySQL is asked: one SELECT that reads and holds nothing. Pure.

A plain word for the person who wrote it; that nothing is written is held by the engine (`querying.py`).
"""

import re

from moorage.engines.mysql.constants import SCHEMA

SYSTEM = ("mysql", "sys", "performance_schema", "information_schema", SCHEMA)
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`""", re.DOTALL)
"""Texts and names, as they end with the `sql_mode` of our session: a backslash escapes, and " begins a text."""
_REFUSED = {
    "delete|update|into|load_file": "it may only read",
    r"for\s+share|lock|get_lock|release_lock|release_all_locks": "it may hold nobody up",
    r"wait_for_executed_gtid_set|source_pos_wait|master_pos_wait|sleep|benchmark": "it may not wait",
}
_WORDS = [(re.compile(rf"\b(?:{words})\b"), why) for words, why in _REFUSED.items()]


def why_refused(database: str, query: str) -> str | None:
    """The reason, naming what was found and what is allowed; None: it is asked."""
    if database.lower() in SYSTEM:
        return f"database '{database}' is the engine's own; allowed: a database of applications"
    bare = _QUOTED.sub("''", query)
    found = next((mark for mark in (";", "/*", "*/", "--", "#", "\0") if mark in bare), None)
    if found is not None:
        return f"it holds {found!r} outside of quotes; allowed: one SELECT, without ; and without comments"
    if re.search(r"['\"`]", bare.replace("''", "")):
        return "a quote is not closed"
    words = bare.lower().split()
    if not words or words[0].partition("(")[0] not in ("select", "with"):
        return f"it begins with '{words[0] if words else ''}'; allowed: one SELECT, or WITH … SELECT"
    if not _is_balanced(bare):
        return "its brackets do not match"
    for pattern, why in _WORDS:
        if hit := pattern.search(bare.lower()):
            return f"it holds '{hit.group()}' outside of quotes: {why}"
    return None


def _is_balanced(bare: str) -> bool:
    """Nothing of it reaches out of the brackets that it is asked in."""
    depth = 0
    for character in bare:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0
