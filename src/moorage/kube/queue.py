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
        self._later: dict[K, asyncio.TimerHandle] = {}

    def mark(self, key: K) -> None:
        if key in self._busy:
            self._again.add(key)
        elif key not in self._waiting:
            self._waiting.add(key)
            self._ready.put_nowait(key)

    def mark_later(self, key: K, seconds: float) -> None:
        """Marks after a delay. Of several delays of one key the soonest counts: each pass may ask for the next one."""
        loop = asyncio.get_running_loop()
        asked = self._later.get(key)
        if asked is None or asked.when() > loop.time() + seconds:
            if asked is not None:
                asked.cancel()
            self._later[key] = loop.call_later(seconds, self._is_due, key)

    def _is_due(self, key: K) -> None:
        del self._later[key]
        self.mark(key)

    async def take(self) -> K:
        key = await self._ready.get()
        self._waiting.discard(key)
        self._busy.add(key)
        return key

    def done(self, key: K) -> None:
        self._busy.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.mark(key)
