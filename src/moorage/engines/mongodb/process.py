"""mongod as the agent starts it."""

from pathlib import Path

from moorage.engines.child import Child
from moorage.engines.mongodb.constants import PORT, SPARE_PORT

AT_PORT = ("--port", str(PORT), "--bind_ip_all")
AT_SPARE_PORT = (
    "--port", str(SPARE_PORT),
    "--bind_ip", "127.0.0.1",
    # whoever is passed on by the agent seems to come from this machine, and is not to be trusted for it
    "--setParameter", "enableLocalhostAuthBypass=false",
)  # fmt: skip


class Mongod(Child):
    """The process; log lines go to the container's output as they are."""

    def __init__(self, arguments: tuple[str, ...], data_dir: Path, keyfile: Path) -> None:
        super().__init__()
        self._arguments, self._data_dir, self._keyfile = arguments, data_dir, keyfile

    async def start(self, more: tuple[str, ...] = (), output: int | None = None, *, at_spare_port: bool = False) -> None:
        """`output`: a descriptor for its log, else the container's."""
        command = (
            "mongod",
            "--dbpath", str(self._data_dir),
            *(AT_SPARE_PORT if at_spare_port else AT_PORT),
            "--keyFile", str(self._keyfile),
            "--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100",
            *more,
            *self._arguments,
        )  # fmt: skip
        await self.run(command, output)
