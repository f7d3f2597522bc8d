"""What a run of the chaos tests needs to know of the engine that it tries: one in a process, `choose` and then `chosen`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote


@dataclass(frozen=True)
class Kit:
    """`budgets`: V3 of a fault and target (`crash:primary`) where it differs from what the fault says, in seconds."""

    engine: str
    memory: str
    """Of each member."""
    member_uri: str
    """Of one member, with `{user}`, `{password}` and `{host}`."""
    term_is_a_reign: bool = True
    """An acknowledgement's term names one election. False: it is a number of its own (`mysqlasker.py`)."""
    tells_configuration: bool = True
    """A configuration that was forced shows in its version."""
    budgets: Mapping[str, float] = field(default_factory=dict)
    named_later: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    """V5 of a fault and target where it takes longer, in seconds, and why that is not ours to change."""
    without: Mapping[str, str] = field(default_factory=dict)
    """Faults that are not tried, and why."""


_DETECTED = 10.0
"""A silent member counts as dead after 5 s, a constant in MySQL; then it is expelled, and the new primary applies its backlog.
A raw group takes 7.0 s (docs/engines/mysql.md)."""
_CUT_OFF = 12.0
"""Clients of the old primary hang until it leaves its group, 5 s after it lost the majority; then they connect anew."""
_FORMED_AGAIN = 60.0

KITS = {
    "mongodb": Kit(
        engine="mongodb",
        memory="512Mi",
        member_uri="mongodb://{user}:{password}@{host}:27017/?directConnection=true&authSource=admin&connectTimeoutMS=1000",
    ),
    "mysql": Kit(
        engine="mysql",
        memory="1Gi",
        member_uri="mysql://{user}:{password}@{host}/",
        term_is_a_reign=False,
        tells_configuration=False,
        budgets={
            **dict.fromkeys(
                (
                    "crash:primary", "crash-agent:primary", "data-emptied:primary", "pod-force-delete:primary",
                    "out-of-memory:primary", "node-loss:node-of-primary", "claim-deleted:primary", "disk-full:primary",
                    "api-down:primary", "dns-down:primary", "operator-absent:primary", "hang-agent:primary",
                    "data-corrupted:primary", "operator-killed:operator",
                ),
                _DETECTED,
            ),
            **dict.fromkeys(
                (
                    "freeze:primary", "isolate:primary", "isolate-from-peers:primary", "one-way-out:primary",
                    "one-way-in:primary", "flapping:primary", "lossy:node-of-primary",
                ),
                _CUT_OFF,
            ),
            "slow-disk:primary": 20.0,  # a commit is several writes in turn: two logs, and what they make due
            **dict.fromkeys(("crash:majority", "crash:all", "pod-delete:all", "staggered:all", "disks-full:all"), _FORMED_AGAIN),
        },
        named_later={"flapping:primary": (25.0, "a cut of less than 5 s is none for MySQL's members, and most of these are")},
        without={
            "stale": "no person may remove binary logs; `tests/mysql/test_mysql_care.py` has one that falls too far behind",
            "diverged": "a minority of a group takes no write alone; `tests/mysql/test_mysql_care.py` makes one that does",
        },
    ),
}  # fmt: skip
_chosen = ["mongodb"]


def choose(engine: str) -> None:
    _chosen[:] = [engine]


@contextmanager
def trying(engine: str) -> Iterator[None]:
    before = chosen().engine
    choose(engine)
    try:
        yield
    finally:
        choose(before)


def chosen() -> Kit:
    return KITS[_chosen[0]]


def member_uri(hosts: str, words: Mapping[str, str]) -> str:
    """`words`: of a Secret of the service."""
    return chosen().member_uri.format(user=quote(words["username"]), password=quote(words["password"], safe=""), host=hosts)
