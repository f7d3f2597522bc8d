"""Programs that live as long as the tests."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class Program:
    """One process; its words go to a file."""

    def __init__(self, words: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self._log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [str(word) for word in words],
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def until(self, what: str, holds: Callable[[], bool], seconds: float = 300.0) -> None:
        """Waits; a process that ended meanwhile says why."""
        end = time.monotonic() + seconds
        while not holds():
            assert self._process.poll() is None, f"it ended before {what}:\n{self.log()[-3000:]}"
            assert time.monotonic() < end, f"no {what} within {seconds} s:\n{self.log()[-3000:]}"
            time.sleep(0.1)

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(15)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
