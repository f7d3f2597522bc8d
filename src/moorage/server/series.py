"""The series that a page of charts shows. The expressions are Moorage's own; nothing that a browser sends stands in them."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from moorage.door import Door
from moorage.monitoring.charting import Span
from moorage.server.parts import Part, PartError

AT_ONCE = 6
"""Questions of one person's page that Prometheus answers side by side."""
_REFUSALS = (400, 422)
"""Of an expression, or of one that costs too much."""


class AwayError(Exception):
    """Prometheus does not answer, or not as Prometheus."""


class RefusedError(Exception):
    """It answered that it cannot say this."""


@dataclass(frozen=True)
class Series:
    """`values`: one for each point of the span; None where there is none."""

    labels: Mapping[str, str]
    values: list[float | None]


class Questions:
    """Those of one page to Prometheus."""

    def __init__(self, part: Part) -> None:
        self._part, self._gate = part, asyncio.Semaphore(AT_ONCE)

    async def over(self, expr: str, span: Span) -> list[Series]:
        """Raises AwayError and RefusedError."""
        form = {"query": expr, "start": str(span.start), "end": str(span.end), "step": str(span.step)}
        found = await self._ask("query_range", form)
        return [Series(one["metric"], _at_points(one["values"], span)) for one in found]

    async def at(self, expr: str, time: float) -> list[Series]:
        """One value each. Raises as `over`."""
        found = await self._ask("query", {"query": expr, "time": str(time)})
        return [Series(one["metric"], [number(one["value"][1])]) for one in found]

    async def _ask(self, path: str, form: dict[str, str]) -> list[dict[str, Any]]:
        try:
            async with self._gate:
                said = await self._part.ask("POST", f"/api/v1/{path}", form=form)
        except PartError as error:
            if error.status in _REFUSALS:
                raise RefusedError(str(error)) from error
            raise AwayError(str(error)) from error
        if not isinstance(said, dict) or not isinstance(said.get("data"), dict):
            raise AwayError("what answers is no Prometheus")
        found: list[dict[str, Any]] = said["data"]["result"] if said["data"]["resultType"] != "scalar" else []
        return found


@asynccontextmanager
async def asking(door: Door) -> AsyncIterator[Questions]:
    """For one page's questions."""
    part = Part("Prometheus", door)
    try:
        yield Questions(part)
    finally:
        await part.close()


def _at_points(found: list[list[Any]], span: Span) -> list[float | None]:
    """A point that Prometheus says nothing of is a gap."""
    values: list[float | None] = [None] * span.count
    for time, text in found:
        index = round((time - span.start) / span.step)
        if 0 <= index < span.count:
            values[index] = number(text)
    return values


def number(text: str) -> float | None:
    """Seven digits, as no chart shows more; None for what is no number, or without an end."""
    value = float(text)
    return float(f"{value:.7g}") if math.isfinite(value) else None
