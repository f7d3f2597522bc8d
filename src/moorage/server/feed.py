"""The last changes in order, so that a stream that broke off goes on where it was. Pure but for waiting."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from moorage.kube.reflector import Key

CHANGES_MAX = 10_000


@dataclass(frozen=True)
class Change:
    """Something about this object is otherwise; what, the cache knows."""

    number: int
    kind: str
    key: Key


class Feed:
    """Numbers rise by one with each change. `epoch` tells this process's numbers from another's."""

    def __init__(self, epoch: str, changes_max: int = CHANGES_MAX) -> None:
        self.epoch = epoch
        self._changes: deque[Change] = deque(maxlen=changes_max)
        self._number = 0
        self._news = asyncio.Event()

    @property
    def position(self) -> str:
        """As it stands in an event's id."""
        return f"{self.epoch}-{self._number}"

    def add(self, kind: str, keys: Iterable[Key]) -> None:
        for key in keys:
            self._number += 1
            self._changes.append(Change(self._number, kind, key))
        self._news.set()
        self._news = asyncio.Event()

    def since(self, position: str) -> list[Change] | None:
        """What changed after `position`, each object once, at its last change; None: too long ago, or of another process."""
        epoch, _, text = position.rpartition("-")
        if epoch != self.epoch or not text.isdigit() or int(text) > self._number:
            return None
        number = int(text)
        first = self._changes[0].number if self._changes else self._number + 1
        if number + 1 < first:
            return None
        newest = {(c.kind, c.key): c for c in self._changes if c.number > number}
        return sorted(newest.values(), key=lambda c: c.number)

    async def wait(self, position: str, timeout_seconds: float) -> bool:
        """Whether there is something after `position` before the time is over."""
        news = self._news
        if position != self.position:
            return True
        try:
            await asyncio.wait_for(news.wait(), timeout_seconds)
        except TimeoutError:
            return False
        return True
