"""Never two writable primaries that both acknowledge. Pure.

A term has at most one primary, and an acknowledgement tells its term. So two of them acknowledge side by side exactly when a
write is acknowledged in a term although it was begun after a later term had already acknowledged one. (Begun, not answered:
the answer to a write of the old primary may be on its way while the new one acknowledges.)
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.chaos.checkers.verdict import some
from tests.chaos.history import History


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A majority write, in which term. `member`: who acknowledged it, where that is known."""

    start_ns: int
    end_ns: int
    member: str
    term: int


def acknowledged(history: History) -> list[Acknowledged]:
    """Of a workload's clients, whose answers told the term."""
    return [
        Acknowledged(call.start_ns, call.end_ns, call.node, call.term)
        for call in history.calls()
        if call.type == "ok" and call.term is not None and call.end_ns is not None
    ]


def two_primaries(told: Sequence[Acknowledged]) -> list[str]:
    """A sentence for each way in which there were."""
    late = _late(told)
    findings = (
        [f"{len(late)} writes were acknowledged by a primary after a later one had acknowledged: {some(late)}"] if late else []
    )
    members: dict[int, set[str]] = defaultdict(set)
    for one in told:
        if one.member:
            members[one.term].add(one.member)
    return [
        *findings,
        *(
            f"in term {term} more than one member acknowledged: {', '.join(sorted(found))}"
            for term, found in sorted(members.items())
            if len(found) > 1
        ),
    ]


def _late(told: Iterable[Acknowledged]) -> list[str]:
    """One pass over beginnings and ends in the order of time; at one moment a beginning counts first."""
    moments = sorted(
        [(one.end_ns, True, one) for one in told] + [(one.start_ns, False, one) for one in told], key=lambda m: (m[0], m[1])
    )
    highest, before = -1, dict[int, int]()
    late = []
    for _, is_end, one in moments:
        if not is_end:
            before[id(one)] = highest
            continue
        if one.term < before[id(one)]:
            late.append(f"one of {one.member or 'somebody'} in term {one.term} after term {before[id(one)]}")
        highest = max(highest, one.term)
    return late
