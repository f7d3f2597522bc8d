"""When an elected primary need not go on waiting for others before it takes writes. Pure.

An elected member first asks all others for what it may lack, and waits for each answer as long as a heartbeat may take: with a
primary that vanished from the network these are two seconds, after the two that its silence has lasted already. From a member
that answers nobody there is nothing to be had. What a majority confirmed is not at stake: those who voted have it, and vote for
nobody who lacks it. What only the silent one has, it keeps aside when it comes back, as after any fail-over.
"""

from collections.abc import Mapping
from typing import Any

from moorage.engines.mongodb.constants import STATE_ARBITER, STATE_PRIMARY

SILENT_SECONDS, LATE_SECONDS = 1.5, 1.0
"""Three heartbeats without an answer (`topology.HEARTBEAT_INTERVAL_MS`), and two."""


def is_catching_up(status: Mapping[str, Any], hello: Mapping[str, Any]) -> bool:
    """Elected, and it takes no writes yet. Answers to `replSetGetStatus` and `hello`."""
    return status["myState"] == STATE_PRIMARY and not hello.get("isWritablePrimary")


def is_without_primary(status: Mapping[str, Any]) -> bool:
    """Whether no member leads, or the one that does is late with an answer: somebody may be elected at any moment.

    A `hello` that waits for a change does not tell of an election before the catch-up is over.
    """
    leading = [m for m in status["members"] if m["state"] == STATE_PRIMARY]
    return not any(m.get("self") or not _is_silent(m, status, LATE_SECONDS) for m in leading)


def may_stop_catching_up(status: Mapping[str, Any]) -> bool:
    """Whether all who answer have nothing that this member lacks. `status`: its own `replSetGetStatus`."""
    elected = (status.get("electionCandidateMetrics") or {}).get("lastElectionDate")
    me = next(m for m in status["members"] if m.get("self"))
    others = [m for m in status["members"] if not m.get("self") and m["state"] != STATE_ARBITER]
    return elected is not None and all(_is_silent(m, status) or _has_nothing_more(m, me, elected) for m in others)


def _is_silent(member: Mapping[str, Any], status: Mapping[str, Any], seconds: float = SILENT_SECONDS) -> bool:
    heard = member.get("lastHeartbeat")
    return member["health"] == 0 or heard is None or (status["date"] - heard).total_seconds() > seconds


def _has_nothing_more(member: Mapping[str, Any], me: Mapping[str, Any], elected: Any) -> bool:
    """As it said since the election: what it said before may be out of date."""
    return member["lastHeartbeat"] >= elected and _position(member) <= _position(me)


def _position(member: Mapping[str, Any]) -> tuple[int, Any]:
    optime = member["optime"]
    return int(optime["t"]), optime["ts"]
