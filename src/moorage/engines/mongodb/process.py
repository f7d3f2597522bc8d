"""mongod as a child of the agent. It never outlives the agent: the kernel kills it when its parent dies."""

import asyncio
import ctypes
import signal
from pathlib import Path

from moorage.engines.mongodb.constants import PORT, SPARE_PORT

PR_SET_PDEATHSIG = 1
STOP_SECONDS_MAX = 40.0
AT_PORT = ("--port", str(PORT), "--bind_ip_all")
AT_SPARE_PORT = (
    "--port", str(SPARE_PORT),
    "--bind_ip", "127.0.0.1",
    # whoever is passed on by the agent seems to come from this machine, and is not to be trusted for it
    "--setParameter", "enableLocalhostAuthBypass=false",
)  # fmt: skip


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Mongod:
    """The process; log lines go to the container's output as they are."""

    def __init__(self, arguments: tuple[str, ...], data_dir: Path, keyfile: Path) -> None:
        self._arguments, self._data_dir, self._keyfile = arguments, data_dir, keyfile
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs, or when it never did."""
        return None if self._process is None else self._process.returncode

    async def start(self, more: tuple[str, ...] = (), output: int | None = None, *, at_spare_port: bool = False) -> None:
        """`output`: a descriptor for its log, else the container's."""
        self._process = await asyncio.create_subprocess_exec(
            "mongod",
            "--dbpath", str(self._data_dir),
            *(AT_SPARE_PORT if at_spare_port else AT_PORT),
            "--keyFile", str(self._keyfile),
            "--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100",
            *more,
            *self._arguments,
            preexec_fn=_die_with_parent,
            stdout=output,
        )  # fmt: skip

    async def wait(self) -> None:
        if self._process is not None:
            await self._process.wait()

    def signal(self, number: int) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def stop(self) -> None:
        """Asks, waits for the checkpoint, and kills only what does not end."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS_MAX)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
