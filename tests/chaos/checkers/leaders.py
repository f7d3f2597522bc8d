"""Never two writable primaries that both acknowledge. Pure.

A term has at most one primary, and an acknowledgement tells its term. So two of them acknowledge side by side exactly when a
write is acknowledged in a term although it was begun after a later term had already acknowledged one. (Begun, not answered:
the answer to a write of the old primary may be on its way while the new one acknowledges.)
"""

from collections import defaultdict

from tests.chaos.checkers.verdict import Verdict, some
from tests.chaos.history import Call, History


def check_leaders(history: History) -> Verdict:
    told = [call for call in history.calls() if call.type == "ok" and call.term is not None and call.end_ns is not None]
    findings = []
    late = _late(told)
    if late:
        findings.append(f"{len(late)} writes were acknowledged by a primary after a later one had acknowledged: {some(late)}.")
    nodes: dict[int, set[str]] = defaultdict(set)
    for call in told:
        if call.node and call.term is not None:
            nodes[call.term].add(call.node)
    for term, found in sorted(nodes.items()):
        if len(found) > 1:
            findings.append(f"In term {term} more than one member acknowledged: {', '.join(sorted(found))}.")
    terms = {call.term for call in told}
    return Verdict.of(findings, {"terms_that_acknowledged": len(terms), "acknowledged_with_a_term": len(told)})


def _late(told: list[Call]) -> list[str]:
    """One pass over beginnings and ends in the order of time."""
    moments = sorted(
        [(call.end_ns or 0, 1, call) for call in told] + [(call.start_ns, 0, call) for call in told], key=lambda m: (m[0], m[1])
    )
    highest, after = -1, {}
    late = []
    for _, is_end, call in moments:
        term = call.term if call.term is not None else -1
        if not is_end:
            after[id(call)] = highest
            continue
        if term < after[id(call)]:
            late.append(f"{call.f} {call.asked} in term {term} after term {after[id(call)]}")
        highest = max(highest, term)
    return late
