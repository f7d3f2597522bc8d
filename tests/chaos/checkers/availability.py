"""How long writers had to wait, from the same history that tells what was lost. Pure."""

from collections import Counter
from itertools import pairwise

from tests.chaos.checkers.verdict import Verdict
from tests.chaos.history import NEMESIS, WRITES, History, Op

SECOND_NS = 1_000_000_000


def longest_gap_seconds(history: History, since_ns: int | None = None, until_ns: int | None = None) -> float:
    """The longest hole between two acknowledged writes, of those holes that reach into the time asked for.

    A hole counts whole, also where it begins before or ends after that time. While writes are tried the time before the first
    acknowledged one and after the last one are holes, too: writes that never came back are the longest gap, not none.
    Infinite when no write was ever acknowledged.
    """
    writes = [op for op in history.ops if op.f in WRITES]
    acknowledged = [op.time_ns for op in writes if op.type == "ok"]
    if not acknowledged:
        return float("inf")
    first, last = writes[0].time_ns, writes[-1].time_ns
    if until_ns is not None:
        last = max(last, until_ns)
    moments = [first, *acknowledged, last]
    holes = [b - a for a, b in pairwise(moments) if (since_ns is None or b >= since_ns) and (until_ns is None or a <= until_ns)]
    if since_ns is not None and since_ns > last:
        return float("inf")
    return max(holes, default=0) / SECOND_NS


def check_availability(history: History, *, budget_seconds: float | None = None) -> Verdict:
    """The longest gap in all and around each fault that the history notes, the time to the first write after it, and errors."""
    ops = history.ops
    figures: dict[str, float | int | str] = {
        "acknowledged_writes": history.acknowledged,
        "longest_gap_seconds": round(longest_gap_seconds(history), 3),
    }
    findings = []
    for number, (start, until_ns) in enumerate(_faults(ops), 1):
        name = f"fault{number}"
        figures[f"{name}"] = str(start.value)
        figures[f"{name}_gap_seconds"] = round(longest_gap_seconds(history, start.time_ns, until_ns), 3)
        figures[f"{name}_first_ok_seconds"] = round(first_ok_seconds(history, start.time_ns), 3)
    kinds = Counter(op.error.partition(":")[0] or op.type for op in ops if op.type in {"fail", "info"} and op.process != NEMESIS)
    figures |= {f"errors_{kind}": count for kind, count in sorted(kinds.items())}
    if budget_seconds is not None and figures["longest_gap_seconds"] > budget_seconds:  # type: ignore[operator]
        findings.append(
            f"No write was acknowledged for {figures['longest_gap_seconds']} s; at most {budget_seconds} s are allowed."
        )
    return Verdict.of(findings, figures)


def first_ok_seconds(history: History, since_ns: int) -> float:
    """From a moment to the end of the first write that was begun after it and acknowledged; infinite when there was none."""
    ends = [c.end_ns for c in history.calls() if c.f in WRITES and c.type == "ok" and c.start_ns >= since_ns and c.end_ns]
    return (min(ends) - since_ns) / SECOND_NS if ends else float("inf")


def _faults(ops: tuple[Op, ...]) -> list[tuple[Op, int | None]]:
    """Each beginning of a fault, and when the next one begins."""
    starts = [op for op in ops if op.process == NEMESIS and op.f == "start"]
    ends = [*(op.time_ns for op in starts[1:]), None]
    return list(zip(starts, ends, strict=False))
