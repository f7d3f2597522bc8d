"""A set of dirty keys: events only mark, the loop runs at its own pace, one worker per key at a time."""

import asyncio
from typing import Generic, TypeVar

K = TypeVar("K")


class DirtyQueue(Generic[K]):
    """Keys wait at most once; a key marked while it is worked on comes again afterwards."""

    def __init__(self) -> None:
        self._ready: asyncio.Queue[K] = asyncio.Queue()
        self._waiting: set[K] = set()
        self._busy: set[K] = set()
        self._again: set[K] = set()
        self.moments: dict[K, asyncio.TimerHandle] = {}
        """Keys that are marked by themselves at a moment to come."""

    @property
    def length(self) -> int:
        """Keys that wait to be taken."""
        return len(self._waiting)

    def mark(self, key: K) -> None:
        if key in self._busy:
            self._again.add(key)
        elif key not in self._waiting:
            self._waiting.add(key)
            self._ready.put_nowait(key)

    def mark_later(self, key: K, seconds: float) -> None:
        """Marks after a delay. A key waits for one moment at most: the earliest that was asked for since it was last taken."""
        loop = asyncio.get_running_loop()
        pending = self.moments.get(key)
        if pending is not None and pending.when() <= loop.time() + seconds:
            return
        self._forget(key)
        self.moments[key] = loop.call_later(seconds, self._ripe, key)

    def _ripe(self, key: K) -> None:
        self.moments.pop(key, None)
        self.mark(key)

    def _forget(self, key: K) -> None:
        pending = self.moments.pop(key, None)
        if pending is not None:
            pending.cancel()

    async def take(self) -> K:
        key = await self._ready.get()
        self._waiting.discard(key)
        self._forget(key)  # whoever takes it says anew when to look again
        self._busy.add(key)
        return key

    def done(self, key: K) -> None:
        self._busy.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.mark(key)
