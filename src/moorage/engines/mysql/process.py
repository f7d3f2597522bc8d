"""mysqld as the agent starts it, and the folder that it begins with. No password stands in an argument or in a file."""

import asyncio
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

import structlog

from moorage.engines.background import in_background
from moorage.engines.child import Child
from moorage.engines.mysql.folder import DataFolder
from moorage.engines.mysql.naming import Address, Naming, server_id

log = structlog.get_logger()

SOCKET_NAME = "mysqld.sock"
FIRST = "--no-defaults"
"""Has to be the first: no file of an image decides anything."""

ALWAYS = (
    # nothing that was acknowledged is lost with a member's power, and members can be compared
    "--sync-binlog=1", "--innodb-flush-log-at-trx-commit=1", "--gtid-mode=ON", "--enforce-gtid-consistency=ON",
    "--log-bin=binlog", "--relay-log=relay", "--log-replica-updates=ON", "--relay-log-recovery=OFF",
    # only what can be replicated is accepted
    "--sql-require-primary-key=ON", "--disabled-storage-engines=MyISAM,BLACKHOLE,FEDERATED,ARCHIVE,MEMORY",
    "--default-storage-engine=InnoDB", "--character-set-server=utf8mb4",
    # nobody writes before the group says so, and nothing that somebody persisted decides anything
    "--super-read-only=ON", "--persisted-globals-load=OFF", "--skip-name-resolve", "--local-infile=OFF",
    "--secure-file-priv=NULL", "--mysqlx=OFF", "--auto-generate-certs=OFF", "--activate-all-roles-on-login=ON",
    "--log-error-verbosity=2",
    "--plugin-load-add=group_replication.so", "--plugin-load-add=mysql_clone.so", "--clone-autotune-concurrency=ON",
    "--group-replication-start-on-boot=OFF",  # the agent looks first who is there
    "--group-replication-single-primary-mode=ON", "--group-replication-enforce-update-everywhere-checks=OFF",
    # with a single leader nobody could propose that it be removed once it is dead
    "--group-replication-communication-stack=MYSQL", "--group-replication-paxos-single-leader=OFF",
    "--group-replication-consistency=BEFORE_ON_PRIMARY_FAILOVER",
    "--group-replication-member-expel-timeout=0", "--group-replication-autorejoin-tries=0",
    "--group-replication-exit-state-action=OFFLINE_MODE",
    # a member without a copy copies by the agent's word; one that has data never has it replaced under it
    "--group-replication-clone-threshold=9223372036854775807",
    "--group-replication-ssl-mode=VERIFY_IDENTITY", "--group-replication-recovery-use-ssl=ON",
    "--group-replication-recovery-ssl-verify-server-cert=ON", "--group-replication-recovery-get-public-key=OFF",
)  # fmt: skip


def tls_arguments(folder: Path) -> tuple[str, ...]:
    authority, certificate, key = folder / "ca.crt", folder / "tls.crt", folder / "tls.key"
    server = (f"--ssl-ca={authority}", f"--ssl-cert={certificate}", f"--ssl-key={key}", "--tls-version=TLSv1.2,TLSv1.3")
    of_group = (f"--group-replication-recovery-ssl-{kind}={path}" for kind, path in _files(authority, certificate, key))
    of_copies = (f"--clone-ssl-{kind}={path}" for kind, path in _files(authority, certificate, key))
    return (*server, *of_group, *of_copies)


def _files(authority: Path, certificate: Path, key: Path) -> tuple[tuple[str, Path], ...]:
    return (("ca", authority), ("cert", certificate), ("key", key))


def identity_arguments(naming: Naming) -> tuple[str, ...]:
    own = naming.own
    return (
        f"--server-id={server_id(naming.pod)}",
        f"--report-host={own.host}",
        f"--report-port={own.port}",
        f"--group-replication-local-address={own}",
    )


def place_arguments(own: Address, *, spare_port: int | None) -> tuple[str, ...]:
    """`spare_port`: where it answers instead of at its own address, on this machine's loopback only."""
    if spare_port is not None:
        return (f"--port={spare_port}", "--bind-address=127.0.0.1")
    return (f"--port={own.port}", "--bind-address=*")


class Mysqld(Child):
    """The process, or the one that makes its first data folder."""

    def __init__(self, folder: DataFolder, socket: Path) -> None:
        super().__init__()
        self._folder, self._socket = folder, socket
        self._life: asyncio.Task[None] | None = None
        self.is_beginning = False
        """Its first data folder is being made: it answers nobody yet."""

    @property
    def is_running(self) -> bool:
        return self._life is not None and not self._life.done()

    async def start(self, arguments: Sequence[str], statements: Sequence[str], output: int | None = None) -> None:
        """Returns once a process runs. `statements`: what a new data folder begins with; they may hold passwords.

        Raises OSError.
        """
        where = (f"--datadir={self._folder.data}", f"--socket={self._socket}", f"--pid-file={self._socket}.pid")
        server = ("mysqld", FIRST, *where, *arguments)
        with contextlib.ExitStack() as opened:
            if output is not None:
                output = os.dup(output)
                opened.callback(os.close, output)
            told = None
            self._forget_the_one_before()
            if self._folder.is_made:
                await self.run(server, output)
            else:
                told = await self._begin_folder(output)
            self._life = in_background(self._live(server, statements, told, output, opened.pop_all()), "mysqld")

    def _forget_the_one_before(self) -> None:
        """mysqld notes its process's number beside its socket, and starts only where no process has that. The note outlives the
        container, and in the next one the number is somebody else's. None of ours runs by now: none outlives its agent."""
        for ending in ("", ".lock", ".pid"):
            self._socket.with_name(self._socket.name + ending).unlink(missing_ok=True)

    async def _begin_folder(self, output: int | None) -> int:
        """The end of a pipe by which it is to be told the statements: so they are in no file and in no list of processes."""
        reading, writing = os.pipe()
        try:
            what = (f"--datadir={self._folder.beginning}", f"--init-file=/dev/fd/{reading}")
            await self.run(("mysqld", FIRST, "--initialize-insecure", *what), output, pass_descriptors=(reading,))
        except BaseException:
            os.close(writing)
            raise
        finally:
            os.close(reading)
        return writing

    async def _live(
        self, server: Sequence[str], statements: Sequence[str], told: int | None, output: int | None, opened: contextlib.ExitStack
    ) -> None:
        """`told`: of a new data folder, which is made first. `opened`: what is closed in the end."""
        with opened:
            if told is not None and not await self._finish_folder(told, statements):
                return  # what it said tells why; it is tried again like any start
            if told is not None:
                await self.run(server, output)
            await super().wait()

    async def _finish_folder(self, told: int, statements: Sequence[str]) -> bool:
        self.is_beginning = True
        try:
            await asyncio.to_thread(_write, told, "".join(f"{s};\n" for s in statements))
            await super().wait()
            if self.code == 0:
                self._folder.take()
                log.info("data_folder_made")
        finally:
            self.is_beginning = False
        return self._folder.is_made

    async def wait(self) -> None:
        if self._life is not None:
            await asyncio.wait({self._life})

    async def stop(self) -> None:
        await super().stop()
        await self.wait()


def _write(descriptor: int, text: str) -> None:
    with contextlib.suppress(BrokenPipeError), os.fdopen(descriptor, "w") as pipe:
        pipe.write(text)
