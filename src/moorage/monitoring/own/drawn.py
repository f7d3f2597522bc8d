"""What an alert's threshold is held against, as few lines of few points that still show why it fires. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moorage.monitoring.own.tried import UnreadableAnswerError

LINES_MAX = 8
GATHERED = 12
"""Moments that become one point: of a day at 30 s, 240 points are left."""


@dataclass(frozen=True)
class Drawn:
    """`values`: one for each point; None: nothing was heard."""

    labels: Mapping[str, str]
    values: list[float | None]


def drawn(
    result: Sequence[Mapping[str, Any]], comparison: str, start: float, step_seconds: float, count: int
) -> tuple[list[Drawn], int]:
    """Those lines that come nearest to firing, and how many were left off. `result`: a matrix of `count` moments from `start`.

    A point is of those that it stands for the one that is nearest to firing, so that no peak is lost.
    Raises UnreadableAnswerError."""
    points = max(1, count // GATHERED)
    lines = []
    for series in result:
        gathered: list[list[float]] = [[] for _ in range(points)]
        for at, value in _values(series):
            place = round((at - start) / step_seconds) // GATHERED
            if place >= 0 and math.isfinite(value):
                gathered[min(place, points - 1)].append(value)
        values = [_nearest(one, comparison) if one else None for one in gathered]
        if any(value is not None for value in values):
            lines.append(Drawn(dict(series.get("metric") or {}), values))
    lines.sort(key=lambda line: sorted(line.labels.items()))
    lines.sort(key=lambda line: _rank([v for v in line.values if v is not None], comparison))
    return lines[:LINES_MAX], max(0, len(lines) - LINES_MAX)


def _nearest(values: Sequence[float], comparison: str) -> float:
    if comparison in ("<", "<="):
        return min(values)
    return max(values) if comparison in (">", ">=") else values[-1]


def _rank(values: Sequence[float], comparison: str) -> float:
    """The lower, the nearer to firing."""
    return min(values) if comparison in ("<", "<=") else -max(values)


def _values(series: Mapping[str, Any]) -> list[tuple[float, float]]:
    try:
        return [(float(at), float(value)) for at, value in series["values"]]
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableAnswerError(f"Prometheus's answer cannot be read: {error!r}; wanted: series with values") from error
