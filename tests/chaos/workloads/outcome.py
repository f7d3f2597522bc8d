"""What became of a write that ended in an error: `fail` is surely not done, `info` is unknown. Pure.

An error alone does not tell. The driver tries again by itself, and what it raises may be of the second try while the first is
unknown; and it turns a write concern's "not primary", which comes after the write was made, into the same class as a refusal
before it. So each try is judged by the engine's answer to it: a write has failed when all tries were refused, or none was sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

REFUSALS = {
    13: "Unauthorized",
    18: "AuthenticationFailed",
    211: "KeyNotFound",  # by one that has just started, to a cluster time that it cannot verify yet
    10058: "LegacyNotPrimary",
    10107: "NotWritablePrimary",
    13435: "NotPrimaryNoSecondaryOk",
    13436: "NotPrimaryOrSecondary",
}
"""What the engine says before it does anything. What it says when it is interrupted (11600, 11602, 189, 91) is none of them."""
ABORTED = {112: "WriteConflict", 251: "NoSuchTransaction"}
"""What it says to the commit of a transaction that it has given up. After an unknown first try it tells nothing of that one."""


@dataclass
class Try:
    """One command that was sent, and the engine's answer; None while there is none."""

    command: str
    answer: Mapping[str, Any] | None = None
    node: str = ""


def outcome(tries: Iterable[Try], decisive: str | None) -> Literal["fail", "info"]:
    """Of an operation that ended in an error. `decisive`: the command that makes it so, if it takes effect; a read has none."""
    refused = all(_was_refused(one) for one in tries if one.command == decisive)
    return "fail" if refused else "info"


def _was_refused(one: Try) -> bool:
    answer = one.answer or {}
    codes = REFUSALS | (ABORTED if one.command == "commitTransaction" else {})
    return answer.get("ok") == 0 and "writeConcernError" not in answer and answer.get("code") in codes
