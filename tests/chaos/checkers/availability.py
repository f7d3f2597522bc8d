"""How long writers had to wait, from the same history that tells what was lost. Pure."""

from itertools import pairwise

from tests.chaos.history import WRITES, History

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


def gap_after_seconds(history: History, since_ns: int, until_ns: int | None = None) -> float:
    """As `longest_gap_seconds`, but what was before does not count; infinite when nothing was acknowledged any more.

    The time after the last one counts as long as writes were tried, and until `until_ns`.
    """
    writes = [op for op in history.ops if op.f in WRITES and op.time_ns >= since_ns]
    acknowledged = [op.time_ns for op in writes if op.type == "ok"]
    if not acknowledged:
        return float("inf")
    moments = [since_ns, *acknowledged, max(writes[-1].time_ns, until_ns or 0)]
    return max(b - a for a, b in pairwise(moments)) / SECOND_NS
