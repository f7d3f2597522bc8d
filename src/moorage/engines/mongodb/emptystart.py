"""Whether a member that lost its data may start, and copy everything. Pure.

MongoDB lets a member that is still empty vote, for anybody: after two of three members lost their volumes the third one, however
far behind, was elected by the two, and what the lost ones had confirmed was gone without a word. So an empty member of a service
that holds data does not start before a primary is there and enough of the others have all that it may have helped to confirm.
"""

from collections.abc import Mapping
from typing import Any

from moorage.engines.mongodb.constants import STATE_ARBITER, STATE_PRIMARY, STATE_SECONDARY, pod_of

NO_PRIMARY = "its folder is empty although its service holds data: it copies everything once there is a primary"

Position = tuple[int, Any]


class EmptyStart:
    """Remembers what a primary had when it was first asked: writes go on, and no secondary is ever level with it."""

    def __init__(self) -> None:
        self._term, self._wanted = -1, (-1, None)

    def why_not_yet(self, status: Mapping[str, Any] | None, me: str) -> str:
        """Empty: it may start. `status`: `replSetGetStatus` of the member behind the address; `me`: this member's Pod."""
        if status is None or status["myState"] != STATE_PRIMARY:
            return NO_PRIMARY
        others = [m for m in status["members"] if m["state"] != STATE_ARBITER and pod_of(m["name"]) != me]
        if self._term != status["term"]:
            self._term, self._wanted = status["term"], _position(next(m for m in others if m.get("self")))
        have = sum(_serves(m) and _position(m) >= self._wanted for m in others)
        needed = min(int(status["votingMembersCount"]) // 2 + 1, len(others))
        if have >= needed:
            return ""
        return f"its folder is empty, and {have} of the others hold everything: it copies once {needed} do"


def _serves(member: Mapping[str, Any]) -> bool:
    return bool(member.get("self")) or (member["health"] == 1 and member["state"] == STATE_SECONDARY)


def _position(member: Mapping[str, Any]) -> Position:
    return int(member["optime"]["t"]), member["optime"]["ts"]
