"""A mysqld of its own on a data folder: reached by a socket file that only this worker sees, so it needs no log-in.

It writes no log of its own and listens nowhere; `--skip-grant-tables` is safe for that reason alone.
"""

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymysql
from pymysql.cursors import DictCursor

from moorage.engines.backup import BackupError
from moorage.engines.mysql.process import FIRST
from moorage.engines.mysql.sources import Opened, said
from moorage.engines.tools import die_with_parent

START_SECONDS_MAX = 600.0
"""A copy is brought to one moment first, and a newer engine brings the dictionary up to its own."""
SOCKET_LOOK_SECONDS = 0.02
STOP_SECONDS_MAX = 600.0
LOG_LINES = 5
MIB = 2**20
SERVER_ID = 2**32 - 1
"""Nobody's in a group: what comes from a log is never taken for its own."""
_SPARING = (
    "--performance-schema=OFF", "--skip-log-bin", "--mysqlx=OFF", "--max-connections=20", "--table-open-cache=400",
    "--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--character-set-server=utf8mb4", "--log-error-verbosity=2",
    "--local-infile=OFF", "--secure-file-priv=NULL", "--auto-generate-certs=OFF", f"--server-id={SERVER_ID}",
    "--event-scheduler=OFF",  # nothing may happen before its service is back
)  # fmt: skip
OPEN = ("--skip-networking", "--skip-grant-tables")
GROUP_PLUGINS = ("--plugin-load-add=group_replication.so", "--plugin-load-add=mysql_clone.so")


class PrivateEngine:
    """The process and one connection to it. `pool_bytes`: of its buffer pool."""

    def __init__(self, data: Path, scratch: Path, pool_bytes: int, more: Sequence[str] = OPEN) -> None:
        # a short path: a socket's may have 107 characters
        self.folder = Path(tempfile.mkdtemp(prefix="seed-", dir=scratch))
        self.socket, self._log = self.folder / "s.sock", self.folder / "mysqld.log"
        self._connection: Opened | None = None
        self._process = _start(self._log, [*_arguments(data, self.folder, pool_bytes), *more])

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Raises BackupError."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                self._connection = self.connect()
                return
            except (pymysql.MySQLError, OSError) as error:
                if not self.is_running or time.monotonic() > deadline:
                    raise BackupError(f"mysqld did not start: {self.last_words()}") from error
            time.sleep(SOCKET_LOOK_SECONDS)

    def connect(self) -> Opened:
        return pymysql.connect(
            unix_socket=str(self.socket), user="root", ssl_disabled=True, autocommit=True, charset="utf8mb4",
            cursorclass=DictCursor,
        )  # fmt: skip

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """Raises BackupError."""
        assert self._connection is not None, "it was waited for"
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall())
        except (pymysql.MySQLError, OSError) as error:
            if not self.is_running:
                raise BackupError(f"mysqld ended: {self.last_words()}") from error
            raise BackupError(f"{' '.join(statement.split()[:2])}: the engine says: {said(error)}") from error

    def last_words(self) -> str:
        """The end of its log."""
        return last_words(self._log)

    def stop(self) -> None:
        """In order: a member can start on the folder. Raises BackupError."""
        self._close()
        self._process.terminate()
        try:
            code = self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise BackupError(f"mysqld did not end within {STOP_SECONDS_MAX:.0f} seconds") from error
        if code != 0:
            raise BackupError(f"mysqld ended badly ({code}): {self.last_words()}")

    def kill(self) -> None:
        """Closes nothing: another thread may wait for an answer, which comes as an error now."""
        if self.is_running:
            self._process.kill()
        self._process.wait()

    def _close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(pymysql.MySQLError, OSError):
                self._connection.close()


def make_folder(data: Path, scratch: Path) -> None:
    """An empty data folder, with a `root` who needs no password. Raises BackupError."""
    with tempfile.TemporaryDirectory(prefix="make-", dir=scratch) as folder:
        said_at = Path(folder) / "mysqld.log"
        process = _start(said_at, [*_arguments(data, Path(folder), 32 * MIB), "--initialize-insecure"])
        if process.wait() != 0:
            raise BackupError(f"mysqld could not make a data folder: {last_words(said_at)}")


def last_words(path: Path) -> str:
    try:
        return " / ".join(path.read_text(errors="replace").splitlines()[-LOG_LINES:])[-1500:]
    except OSError:
        return "it wrote no log"


def _arguments(data: Path, folder: Path, pool_bytes: int) -> list[str]:
    return [
        f"--datadir={data}", f"--socket={folder / 's.sock'}", f"--pid-file={folder / 'pid'}", f"--tmpdir={folder}",
        f"--innodb-buffer-pool-size={pool_bytes}", "--innodb-redo-log-capacity=256M", *_SPARING,
    ]  # fmt: skip


def _start(log: Path, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            ["mysqld", FIRST, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the thread that starts it lives as long as the worker
        )
