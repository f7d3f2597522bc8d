"""An engine's own tools as child processes. What is secret goes to them in a file that only they read, never in arguments."""

import contextlib
import ctypes
import json
import os
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import structlog

log = structlog.get_logger()

PR_SET_PDEATHSIG = 1
F_SETPIPE_SZ = 1031
PIPE_BYTES = 1024 * 1024
LINES_KEPT = 30
END_SECONDS_MAX = 10.0
_TIME = re.compile(r"^\S+\t")


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def wide_pipe(descriptor: int) -> None:
    """Fewer changes between the two ends; the kernel may refuse it to a user that has many pipes."""
    import fcntl  # noqa: PLC0415

    with contextlib.suppress(OSError):
        fcntl.fcntl(descriptor, F_SETPIPE_SZ, PIPE_BYTES)


class Tool:
    """A tool that runs. Its messages are logged and the last ones kept."""

    def __init__(
        self, words: Sequence[str], *, stdin: int | IO[bytes] | None = None, stdout: int | IO[bytes] | None = None
    ) -> None:
        self.name = Path(words[0]).name
        self.lines: deque[str] = deque(maxlen=LINES_KEPT)
        self.process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.DEVNULL if stdout is None else stdout,
            stderr=subprocess.PIPE,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the thread that starts it lives as long as the worker
        )
        self._listener = threading.Thread(target=self._listen, name=self.name, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        for line in self.process.stderr or ():
            text = _TIME.sub("", line.decode(errors="replace").rstrip())
            self.lines.append(text)
            self.hear(text)

    def hear(self, text: str) -> None:
        log.debug("tool", name=self.name, said=text)

    def wait(self) -> int:
        """Its exit code, when all that it said was heard."""
        code = self.process.wait()
        self._listener.join(END_SECONDS_MAX)
        return code

    def end(self) -> None:
        """Asks, then kills. One that ended is left alone."""
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(END_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def why(self) -> str:
        """What it said of its failure."""
        said = [line for line in self.lines if "Failed:" in line] or list(self.lines)[-1:]
        return said[-1].partition("Failed: ")[2] or said[-1] if said else "it said nothing"


def private_file(folder: Path, name: str, options: dict[str, str]) -> Path:
    """A `--config` file of the tools; only its owner reads it."""
    path = folder / name
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(options, file)  # JSON is YAML
    return path


def write_all(descriptor: int, data: bytes) -> None:
    """All of it; waits while the reader is slow."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
