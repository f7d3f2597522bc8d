"""Long lists in parts, newest first: each part says from which moment on the next one is asked for. Pure.

A part never ends within a moment: what has the time of its last entry is in it, too, so that nothing is left out or told twice.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar

from moorage.core.backups import moment

_E = TypeVar("_E")
_UNKNOWN = datetime.min.replace(tzinfo=UTC)
"""An entry without a time is older than all that have one."""


class Part:
    """The next entries of one list, or of several that go back together. `before`: what is older than it; `at_most`: of each."""

    def __init__(self, before: datetime | None, at_most: int) -> None:
        self._before, self._at_most = before, at_most
        self._from = _UNKNOWN
        self.next: str | None = None
        """To be sent as `before`; None: there are no more."""

    def reaches(self, times: Iterable[str]) -> None:
        """Takes one list's times into account, before any list is cut: all of them end at the same moment."""
        known = sorted(((_known(time), time) for time in times if self._is_asked(time)), reverse=True)
        if len(known) <= self._at_most:
            return
        last, text = known[self._at_most - 1]
        if last > self._from and known[-1][0] < last:
            self._from, self.next = last, text

    def of(self, entries: Iterable[_E], time: Callable[[_E], str]) -> list[_E]:
        """In the order in which they came."""
        return [entry for entry in entries if self._is_asked(time(entry)) and _known(time(entry)) >= self._from]

    def _is_asked(self, time: str) -> bool:
        return self._before is None or _known(time) < self._before


def _known(time: str) -> datetime:
    return moment(time) or _UNKNOWN
