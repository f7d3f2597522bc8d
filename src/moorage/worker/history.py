"""What became of a drill's writes. The clock is a parameter."""

from collections.abc import Callable
from typing import Any


class History:
    """`clock`: seconds that only rise."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.acknowledged = set[int]()
        self._errors, self._last_error = 0, ""
        self._last: float | None = None
        self._gap_seconds = 0.0

    def confirmed(self, number: int) -> None:
        """A majority has it."""
        self.acknowledged.add(number)
        self.ends()
        self._last = self._clock()

    def failed(self, why: str) -> None:
        """Nobody knows whether it took place: it is neither counted nor looked for."""
        self._errors += 1
        self._last_error = why

    def ends(self) -> None:
        """Also a time that no write has ended yet is one in which none was acknowledged."""
        self._gap_seconds = max(self._gap_seconds, self.still_seconds())

    def still_seconds(self) -> float:
        """Since the last one that was acknowledged; before the first there is no gap."""
        return self._clock() - self._last if self._last is not None else 0.0

    def figures(self) -> dict[str, Any]:
        """As the worker tells them."""
        gap = round(max(self._gap_seconds, self.still_seconds()), 3)
        told = {"acknowledged": len(self.acknowledged), "errors": self._errors, "longestGapSeconds": gap}
        return {**told, "lastError": self._last_error[:200]} if self._last_error else told
