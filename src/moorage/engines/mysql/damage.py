"""From mysqld's last words to whether its data is damaged. Pure; the words are those of damaged folders that were tried."""

import re
from collections.abc import Sequence

from moorage.engines.damage import NOT_THE_DATA, Ended

_ERROR = re.compile(r"\[ERROR\] \[(MY-[0-9]{6})\] \[(\w+)\] (.*)")
_LESS_THAN_ERROR = re.compile(r"\[(System|Warning|Note)\] \[MY-[0-9]{6}\]")
OF_THE_DATA = {
    "MY-010020": "Data Dictionary initialization failed",
    "MY-010334": "Failed to initialize DD Storage Engine",
    "MY-011006": "Got error from SE while migrating tablespaces",
    "MY-012224": "Header page consists of zero bytes in datafile",
    "MY-012226": "Cannot read first page of a datafile",
    "MY-012237": "Database page corruption on disk or a failed file read",
    "MY-013183": "Assertion failure",
}
"""Ids of mysqld's log, which stay when the words change, and what each says."""
CORRUPT = re.compile(
    r"corrupt|checksum|is not an? (InnoDB|undo)|doublewrite|Assertion failure|Missing MLOG|cannot find", re.IGNORECASE
)


def why_damaged(ended: Ended) -> str | None:
    """What its storage engine said of the data before it gave up, or None: it ended for another reason.

    Its first error decides: each start that fails leaves others behind.
    """
    first = next((line for line in ended.lines if _ERROR.search(line) or _is_not_the_data(line)), "")
    if _is_not_the_data(first):
        return None
    errors = [found for line in ended.lines if (found := _ERROR.search(line)) is not None]
    told = [e for e in errors if e[1] in OF_THE_DATA or (e[2] == "InnoDB" and CORRUPT.search(e[3]))]
    return f"its data is damaged: {_short([e[3] for e in told])}" if told else None


def _is_not_the_data(line: str) -> bool:
    """A warning is no reason to end, nor is that the kernel does not let a container place its memory: every start says so."""
    if _LESS_THAN_ERROR.search(line) or "mempolicy" in line:
        return False
    return any(word in line for word in NOT_THE_DATA)


def _short(errors: Sequence[str]) -> str:
    return errors[0].removeprefix("Plugin InnoDB reported: ")[:200].strip().rstrip(".")
