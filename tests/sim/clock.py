"""The fake clock: an event loop that never waits. Its time jumps to the next thing that is due."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


class _Jump(selectors.SelectSelector):
    """Where a real loop would sleep until the next timer, this one moves the clock there."""

    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everything waits and nothing is due: the simulation stands still"
        self._jump(max(timeout, 0.0))
        return []


class SimLoop(asyncio.SelectorEventLoop):
    """A simulated hour costs what is done in it."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self.failures: list[BaseException] = []
        """Of the simulation itself."""
        super().__init__(_Jump(self._jump))

    def _jump(self, seconds: float) -> None:
        self._seconds += seconds

    def time(self) -> float:
        return self._seconds

    def utc(self) -> datetime:
        return EPOCH + timedelta(seconds=self._seconds)


def rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def spawn(story: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A task whose failure is a failure of the run."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimLoop)

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            loop.failures.append(error)

    task = loop.create_task(story)
    task.add_done_callback(ended)
    return task


def simulate(story: Coroutine[Any, Any, None]) -> None:
    """Runs a story on the fake clock."""
    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(story)
