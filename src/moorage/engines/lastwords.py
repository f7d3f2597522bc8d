"""What an engine says at its starts after it ended right away. It writes into a file and not into a pipe: whatever becomes of the
agent, the engine never waits for a reader. What it writes is passed on to the container's output."""

import asyncio
import contextlib
import os
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from moorage.engines.background import in_background

FOLLOW_SECONDS = 0.5
LINES_KEPT = 400
FILE_BYTES_MAX = 1_000_000


class LastWords:
    """One file; emptied when it has grown, once what it held was passed on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._read_bytes = 0
        self._task: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def heard(self, *, listens: bool) -> Iterator[int | None]:
        """While the engine is started: a descriptor for its output, or None for the container's own."""
        descriptor = self.begin() if listens else None
        try:
            yield descriptor
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def begin(self) -> int:
        """A descriptor for the engine's output; whoever has started it closes it."""
        if self._task is not None:
            self._task.cancel()
        self._lines.clear()
        self._read_bytes = 0
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        self._task = in_background(self._follow(), "last-words")
        return descriptor

    def lines(self) -> list[str]:
        """The last ones, up to now."""
        if self._task is not None:
            self._pass_on()
        return list(self._lines)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            self._pass_on()

    def _pass_on(self) -> None:
        with contextlib.suppress(OSError), self._path.open("rb") as file:
            file.seek(self._read_bytes)
            fresh = file.read()
            whole = fresh[: fresh.rfind(b"\n") + 1]
            self._read_bytes += len(whole)
            self._lines.extend(whole.decode(errors="replace").splitlines())
            sys.stdout.buffer.write(whole)
            sys.stdout.flush()
            if self._read_bytes > FILE_BYTES_MAX:
                os.truncate(self._path, 0)
                self._read_bytes = 0
