"""Figures as they stand in the tables."""

import statistics
from collections.abc import Sequence


def figures(seconds: Sequence[float]) -> str:
    """`times | p50 | p95 | max | min`."""
    found = sorted(seconds)
    p95 = found[min(len(found) - 1, int(len(found) * 0.95))]
    return f"{len(found)} | {statistics.median(found):.2f} s | {p95:.2f} s | {found[-1]:.2f} s | {found[0]:.2f} s"
