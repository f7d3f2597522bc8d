"""Slices of an engine's log: which of them lead from a backup to a moment, and where some are missing. Pure.

A slice names the position that it follows (`start`) and its last one (`end`): two join without a gap exactly when one ends
where or after the other starts. Two workers that ran side by side for a moment leave slices that overlap, which is no gap.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from moorage.backup.layout import Slice


@dataclass(frozen=True)
class Chain:
    """Slices that join, in order, and why there are not more of them."""

    slices: tuple[Slice, ...]
    end: str
    """The position up to which they reach."""
    next_start: str | None = None
    """Where the log goes on behind a gap; None when it does not."""


def chain(slices: Iterable[Slice], after: str) -> Chain:
    """As far as they join from this position on."""
    ordered = sorted(slices, key=lambda s: (s.start, s.end))
    end, taken = after, list[Slice]()
    index = 0
    while True:
        best: Slice | None = None
        while index < len(ordered) and ordered[index].start <= end:
            if best is None or ordered[index].end > best.end:
                best = ordered[index]
            index += 1
        if best is None or best.end <= end:
            return Chain(tuple(taken), end, ordered[index].start if index < len(ordered) else None)
        taken.append(best)
        end = best.end


def gaps(slices: Iterable[Slice]) -> list[tuple[str, str]]:
    """Of one timeline: what is missing between its first and its last slice, as (after, up to)."""
    missing, end = list[tuple[str, str]](), ""
    for each in sorted(slices, key=lambda s: (s.start, s.end)):
        if end and each.start > end:
            missing.append((end, each.start))
        end = max(end, each.end)
    return missing


def superfluous(slices: Iterable[Slice], keep_from: str) -> list[Slice]:
    """Those that end before anything that is kept begins to need them."""
    return [each for each in slices if each.end <= keep_from]
