"""An engine as a child of the agent. It never outlives the agent: the kernel kills it when its parent dies."""

import asyncio
import ctypes
import signal
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
STOP_SECONDS_MAX = 40.0


def die_with_parent() -> None:
    """Between fork and exec; holds after exec as well."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Child:
    """The process; what it writes goes to the container's output as it is."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs, or when it never did."""
        return None if self._process is None else self._process.returncode

    async def run(self, command: Sequence[str], output: int | None = None, *, pass_descriptors: Sequence[int] = ()) -> None:
        """`output`: a descriptor for what it writes, else the container's. `pass_descriptors`: what it inherits besides.

        Raises OSError.
        """
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command, preexec_fn=die_with_parent, stdout=output, stderr=output, pass_fds=pass_descriptors
            )
        except FileNotFoundError as error:
            why = f"there is no program {command[0]} in its image, and it needs one that has it"
            raise FileNotFoundError(error.errno, why) from error

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
