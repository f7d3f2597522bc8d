"""PID 1 of the container: reaps orphans, forwards signals. The agent is its child: `waitpid(-1)` steals asyncio's children."""

import os
import signal
from collections.abc import Callable
from types import FrameType


def run_as_child(work: Callable[[], int]) -> int:
    """Runs `work` in a child; returns its exit code. When the child is gone the container ends, and the engine with it."""
    child = os.fork()
    if child == 0:
        return work()

    def forward(number: int, _frame: FrameType | None) -> None:
        os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, forward)
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            return os.waitstatus_to_exitcode(status)
