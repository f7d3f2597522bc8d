"""Brings an archive back: the files of a copy or a dump's statements, into a private mysqld, compared, with today's users."""

import contextlib
import io
import os
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import IO, Any, Self

import structlog

from moorage.engines.backup import BackupError, Compared, Places, Reached, Target
from moorage.engines.mysql import accounts_sql, figures, figuring, ledger, replay
from moorage.engines.mysql.connections import secret_of
from moorage.engines.mysql.constants import GROUP_USER, OWN_USER, SCHEMA
from moorage.engines.mysql.folder import DATA
from moorage.engines.mysql.privateengine import MIB, OPEN, PrivateEngine, make_folder
from moorage.engines.mysql.replay import RelayLogs
from moorage.engines.tools import PIPE_BYTES, Tool, wide_pipe, write_all

log = structlog.get_logger()

LOOK_SECONDS = 0.5
TAR_MARK, TAR_MARK_AT = b"ustar", 257
_REPLAY_FOLDER = ".moorage-replay"


class MySqlSeed:
    """Implements `backup.Seed`. The engine starts when it is known what the archive is."""

    def __init__(self, places: Places, cache_gib: float, stop: threading.Event) -> None:
        self._places, self._stop = places, stop
        self._pool_bytes = max(64 * MIB, int(cache_gib * 2**30))
        self._data = places.data / DATA
        self._engine: PrivateEngine | None = None
        self._tool: Tool | None = None
        self._failed: Exception | None = None
        self._is_finished, self._is_open = False, True
        self._is_taken, self._is_over = threading.Event(), threading.Event()
        outlet, self.input = os.pipe()
        wide_pipe(self.input)
        self._taker = threading.Thread(target=self._take, args=(outlet,), name="take", daemon=True)
        self._stopper = threading.Thread(target=self._end_when_stopped, name="stop", daemon=True)
        self._taker.start()
        self._stopper.start()

    def _end_when_stopped(self) -> None:
        """Whoever waits for mysqld or mysql then goes on, and finds that they are gone."""
        while not self._is_over.wait(LOOK_SECONDS):
            if self._stop.is_set():
                self._kill()
                return

    def _kill(self) -> None:
        if self._tool is not None:
            self._tool.end()
        if self._engine is not None:
            self._engine.kill()

    # The archive.

    def _take(self, outlet: int) -> None:
        try:
            with io.BufferedReader(io.FileIO(outlet, "rb"), PIPE_BYTES) as pipe:
                head = pipe.peek()
                if head[TAR_MARK_AT : TAR_MARK_AT + len(TAR_MARK)] == TAR_MARK:
                    self._unpack(pipe)
                elif head:
                    self._pour(pipe)
        except Exception as error:
            self._failed = error
        self._is_taken.set()
        self._is_over.wait()  # what a thread started ends with it

    def _unpack(self, pipe: IO[bytes]) -> None:
        self._data.mkdir()
        with tarfile.open(fileobj=pipe, mode="r|", bufsize=PIPE_BYTES) as tar:
            tar.copybufsize = PIPE_BYTES  # type: ignore[attr-defined]
            tar.extractall(self._data, filter="data")
        while pipe.read(PIPE_BYTES):
            pass  # what fills tar's last block
        self._start()

    def _pour(self, pipe: IO[bytes]) -> None:
        make_folder(self._data, self._places.scratch)
        engine = self._start("--disabled-storage-engines=")
        words = ["mysql", "--no-defaults", f"--socket={engine.socket}", "--user=root", "--max-allowed-packet=1G", "--binary-mode"]
        self._tool = tool = Tool(words, stdin=subprocess.PIPE)
        assert tool.process.stdin is not None
        with tool.process.stdin as statements:
            while piece := pipe.read(PIPE_BYTES):
                write_all(statements.fileno(), piece)
        if tool.wait() != 0:
            raise BackupError(f"the dump could not be brought back: {' / '.join(tool.lines)[-500:]}")

    def _start(self, *more: str) -> PrivateEngine:
        if self._stop.is_set() or self._is_over.is_set():
            raise BackupError("it was stopped")
        engine = self._engine = PrivateEngine(self._data, self._places.scratch, self._pool_bytes, (*OPEN, *more))
        engine.wait_until_ready()
        return engine

    def _running(self) -> PrivateEngine:
        if self._engine is None or not self._engine.is_running:
            raise BackupError("mysqld ended while it was restored into")
        return self._engine

    def end_input(self) -> None:
        if self._is_open:
            self._is_open = False
            with contextlib.suppress(OSError):
                os.close(self.input)

    def confirm(self) -> None:
        self._is_taken.wait()
        if isinstance(self._failed, BackupError):
            raise self._failed
        if self._failed is not None:
            raise BackupError(f"the archive could not be brought back: {self._failed}") from self._failed
        self._running()

    # What it holds.

    def compare(self, expected: Mapping[str, Any]) -> Compared:
        tables, engine = figures.from_json(expected), self._running()

        def ask(statement: str) -> list[Mapping[str, Any]]:
            return list(engine.rows(statement))

        found, totals = figuring.tables_of(ask), figuring.totals_of(ask)
        return Compared(len(tables), (*figures.differences(tables, found), *figures.fewer(expected, totals)))

    def replay(self, log: Iterator[bytes], after: str, target: Target) -> Reached:
        folder = self._places.data / _REPLAY_FOLDER  # may begin before `after`: what it holds already mysqld passes over
        relay_logs = RelayLogs(folder)
        try:
            written = relay_logs.write(log, target)
            if not written.transactions:
                return Reached(after, "", 0)
            self._restart(*relay_logs.arguments)
            reached = replay.apply(self._running().rows, relay_logs, written)
            self._restart()
        except OSError as error:
            raise BackupError(f"the log could not be laid beside the data: {error}") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return reached

    def _restart(self, *more: str) -> None:
        engine = self._running()
        engine.stop()
        shutil.rmtree(engine.folder, ignore_errors=True)
        self._start(*more)

    # What a member finds.

    def _own_users(self) -> None:
        """As a new engine is told of them: what a service's own users were elsewhere says nothing here."""
        keyfile = (self._places.internal / "keyfile").read_text().strip()
        secrets = {user: secret_of(keyfile, user) for user in (OWN_USER, GROUP_USER)}
        engine = self._running()
        engine.rows("FLUSH PRIVILEGES")  # the tables of rights count from now on; this session keeps what it may
        for statement in ("DROP USER IF EXISTS 'root'@'localhost'", *accounts_sql.own_users(secrets)):
            engine.rows(statement)

    def set_passwords(self) -> None:
        engine = self._running()
        engine.rows("FLUSH PRIVILEGES")
        for user, secret, role in accounts_sql.USERS:
            password = (self._places.internal / secret).read_text().strip()
            for statement in (*accounts_sql.create(user, password, role), accounts_sql.change_password(user, password)):
                engine.rows(statement)

    def finish(self) -> None:
        self._own_users()
        engine = self._running()
        if engine.rows(f"SHOW DATABASES LIKE '{SCHEMA}'"):
            for statement, _ in ledger.FORGET:
                engine.rows(statement)
        engine.stop()
        self._is_finished = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end_input()
        self._is_over.set()
        if not self._is_finished:
            self._kill()
        self._taker.join()
        self._stopper.join()
        if self._engine is not None:
            if not self._is_finished:
                self._engine.kill()
            shutil.rmtree(self._engine.folder, ignore_errors=True)
