"""A logical dump of a member: `mysqldump` of everything in one snapshot, and the figures from the very same snapshot.

Both begin under one lock of reads, which holds until mysqldump has begun its own transaction, usually far less than a second.
"""

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import pymysql
import structlog

from moorage.engines.backup import BackupError, MemberHost, NotNowError, Places, SourceLostError
from moorage.engines.mysql import figures, figuring
from moorage.engines.mysql.sources import Opened, Sources, rows, said
from moorage.engines.tools import Tool

log = structlog.get_logger()

LOCK_SECONDS_MAX = 10
"""A lock waits for statements that run, and everybody waits for the lock."""
LONG_SECONDS = 24 * 3600.0
PIPE_BYTES = 2**20
LOOK_SECONDS = 0.5
CLIENT_FILE = "mysqldump.cnf"


class Snapshot:
    """Of one member."""

    def __init__(self, places: Places, sources: Sources, member: MemberHost, stop: threading.Event) -> None:
        self._places, self._sources, self._member, self._stop = places, sources, member, stop
        self._tool: Tool | None = None
        self._is_over = threading.Event()
        self._watcher = threading.Thread(target=self._end_when_stopped, name="snapshot", daemon=True)
        self._clients = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """From here on the snapshot stands. Raises BackupError."""
        member = self._member
        self._locking = self._clients.enter_context(self._sources.client(member, LONG_SECONDS, admin=True))
        self._counting = self._clients.enter_context(self._sources.client(member, LONG_SECONDS, admin=True))
        _lock(member, self._locking)
        self._ask("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self._ask("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        (at,) = self._ask("SELECT @@GLOBAL.gtid_executed AS executed")
        self._executed = str(at["executed"])
        self._watcher.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._is_over.set()
        self._watcher.join()
        self._clients.close()

    def _ask(self, statement: str) -> list[Mapping[str, Any]]:
        """In the snapshot."""
        return rows(self._member, self._counting, statement)

    def run(self, descriptor: int) -> dict[str, Any]:
        """Writes the dump into a pipe; the figures. Raises BackupError."""
        self._tool = tool = Tool(self._words(), stdout=subprocess.PIPE)
        _pour(tool, descriptor, lambda: rows(self._member, self._locking, "UNLOCK TABLES"))
        self._raise_failure(tool.wait())
        found = figures.to_json(figures.LOGICAL, figuring.tables_of(self._ask), figuring.totals_of(self._ask))
        return {**found, "executed": self._executed}

    def _words(self) -> list[str]:
        host, _, port = self._member.host.rpartition(":")
        password = (self._places.internal / "admin-password").read_text().strip()
        path = self._places.scratch / CLIENT_FILE
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f'[client]\npassword="{password}"\n')
        return [
            "mysqldump", f"--defaults-file={path}", f"--host={host}", f"--port={port}", "--user=admin",
            "--ssl-mode=VERIFY_IDENTITY", f"--ssl-ca={self._places.tls / 'ca.crt'}", "--all-databases", "--single-transaction",
            "--set-gtid-purged=ON", "--routines", "--events", "--triggers", "--hex-blob", "--no-tablespaces",
            "--skip-comments", "--max-allowed-packet=1G", "--default-character-set=utf8mb4",
            # "loose": one of 8.4 may not know it
            "--loose-init-command=SET SESSION max_execution_time = 0",
        ]  # fmt: skip

    def _raise_failure(self, code: int) -> None:
        assert self._tool is not None
        if self._stop.is_set():
            raise BackupError("the dump was stopped before it was complete")
        if code != 0:
            why = " / ".join(line for line in self._tool.lines if not line.startswith("mysqldump: [Warning]"))[-500:]
            if "Table definition has changed" in why or "doesn't exist" in why:
                raise NotNowError(f"mysqldump could not take a consistent dump, because a table was changed meanwhile: {why}")
            raise SourceLostError(f"mysqldump from {self._member.name} failed: {why}")

    def _end_when_stopped(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            if self._stop.is_set():
                self.end()
                return

    def end(self) -> None:
        if self._tool is not None:
            self._tool.end()


def _lock(member: MemberHost, client: Opened) -> None:
    try:
        with client.cursor() as cursor:
            cursor.execute(f"SET SESSION lock_wait_timeout = {LOCK_SECONDS_MAX}")
            cursor.execute("FLUSH TABLES WITH READ LOCK")
    except pymysql.MySQLError as error:
        raise NotNowError(f"a statement that runs on {member.name} keeps its tables from being locked: {said(error)}") from error


def _pour(tool: Tool, into: int, on_first: Callable[[], object]) -> None:
    """The first table's name comes when mysqldump has its own snapshot: then the lock may go."""
    assert tool.process.stdout is not None
    is_locked, head = True, b""
    while piece := os.read(tool.process.stdout.fileno(), PIPE_BYTES):
        if is_locked:
            head += piece
            if b"GTID_PURGED" in head and b"CREATE DATABASE" in head:
                on_first()
                is_locked, head = False, b""
        view = memoryview(piece)
        while view:
            view = view[os.write(into, view) :]
    if is_locked:
        on_first()
