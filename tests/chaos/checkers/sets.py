"""Numbers that were added, each once: what was acknowledged is there, and nothing else but what may be. Pure.

Calls: `add` asks for a number. `read` asks for `[first, last]` and answers the numbers found among them; `final-read` answers all
numbers of one member (`node`). A number is lost when it was known to be there (acknowledged, or seen) and a read that began after
that and after its last sighting does not find it; it is stale when a later read finds it again.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.chaos.checkers.verdict import Verdict, some
from tests.chaos.history import Call, History


@dataclass
class _Element:
    """Moments in ns; 0 is before everything."""

    known: int | None = None
    seen: int = 0
    missed: int = 0


def check_set(history: History, *, may_be_stale: bool = False) -> Verdict:
    """`may_be_stale`: a number that one read misses and a later one finds is then a figure and no finding."""
    calls = history.calls()
    adds = {call.asked: call for call in calls if call.f == "add"}
    reads = [call for call in calls if call.f in {"read", "final-read"} and call.type == "ok"]
    finals = [read for read in reads if read.f == "final-read"]
    by_type = {kind: {n for n, call in adds.items() if call.type == kind} for kind in ("ok", "fail", "info")}
    found = {n for read in finals for n in read.answered}
    lost, stale = _lost_and_stale(adds, reads)
    findings = _findings_of_reads(reads, adds, by_type["fail"])
    if lost:
        findings.append(f"{len(lost)} acknowledged or seen numbers are lost: {some(lost)}.")
    if stale and not may_be_stale:
        findings.append(f"{len(stale)} numbers were not found by a read that began after they were known: {some(stale)}.")
    if not finals:
        findings.append("There is no final read: nothing is proven.")
    if finals and not by_type["ok"]:
        findings.append("No number was acknowledged: nothing is proven.")
    findings += _differences(finals)
    figures = {
        "attempted": len(adds),
        "acknowledged": len(by_type["ok"]),
        "refused": len(by_type["fail"]),
        "unknown": len(by_type["info"]),
        "recovered": len(by_type["info"] & found),
        "lost": len(lost),
        "stale": len(stale),
        "final_reads": len(finals),
    }
    return Verdict.of(findings, figures)


def _findings_of_reads(reads: list[Call], adds: dict[int, Call], refused: set[int]) -> list[str]:
    phantoms: set[int] = set()
    revived: set[int] = set()
    duplicates: set[int] = set()
    for read in reads:
        numbers = set(read.answered)
        phantoms |= {n for n in numbers if n not in adds or (read.end_ns or 0) < adds[n].start_ns}
        revived |= numbers & refused
        if len(numbers) < len(read.answered):
            duplicates |= {n for n, count in Counter(read.answered).items() if count > 1}
    findings = []
    if phantoms:
        findings.append(f"{len(phantoms)} numbers are there that nobody had tried to add: {some(sorted(phantoms))}.")
    if revived:
        findings.append(f"{len(revived)} numbers are there whose writes were refused: {some(sorted(revived))}.")
    if duplicates:
        findings.append(f"{len(duplicates)} numbers are there more than once: {some(sorted(duplicates))}.")
    return findings


def _lost_and_stale(adds: dict[int, Call], reads: list[Call]) -> tuple[list[int], list[int]]:
    elements = {n: _Element(call.end_ns if call.type == "ok" else None) for n, call in adds.items()}
    for read in sorted(reads, key=lambda call: call.end_ns or 0):
        for n in set(read.answered) & elements.keys():
            element, end = elements[n], read.end_ns or 0
            element.known = min(end, element.known) if element.known is not None else end
            element.seen = max(element.seen, read.start_ns)
    for read in reads:
        for n in _covered(read, elements).difference(read.answered):
            element = elements[n]
            if element.known is not None and read.start_ns >= element.known:
                element.missed = max(element.missed, read.start_ns)
    missed = {n: element for n, element in sorted(elements.items()) if element.missed}
    lost = [n for n, element in missed.items() if element.missed > element.seen]
    return lost, [n for n in missed if n not in set(lost)]


def _covered(read: Call, elements: dict[int, Any]) -> set[int]:
    if read.f == "final-read":
        return set(elements)
    first, last = read.asked
    return {n for n in range(first, last + 1) if n in elements}


def _differences(finals: list[Call]) -> list[str]:
    """Final reads come after the last write: they must be equal."""
    findings = []
    for other in finals[1:]:
        different = sorted(set(finals[0].answered) ^ set(other.answered))
        if different:
            findings.append(f"{finals[0].node} and {other.node} differ in {len(different)} numbers: {some(different)}.")
    return findings
