"""Brings an archive back: a private mongod, `mongorestore` into it, the comparison, the users."""

import contextlib
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import structlog
from bson.raw_bson import RawBSONDocument
from pymongo.errors import OperationFailure, PyMongoError

from moorage.engines.backup import BackupError, Compared, Places, Reached, Target
from moorage.engines.mongodb import figures
from moorage.engines.mongodb.archivefile import ArchiveReader
from moorage.engines.mongodb.connections import said
from moorage.engines.mongodb.privateengine import PrivateEngine, SyncClient
from moorage.engines.mongodb.replay import Replay
from moorage.engines.mongodb.tls import MARK
from moorage.engines.mongodb.transactions import Transactions
from moorage.engines.mongodb.users import USERS, create_command, password_command
from moorage.engines.tools import PIPE_BYTES, Tool, wide_pipe, write_all

log = structlog.get_logger()

INSERTION_WORKERS = 4
"""Per collection. mongorestore's default is 1, which leaves most of mongod idle."""
LOOK_SECONDS = 0.5
_SUMMARY = re.compile(r"^(\d+) document\(s\) restored successfully\. (\d+) document\(s\) failed to restore")


class _Restore(Tool):
    """mongorestore, and the numbers that it says at its end."""

    restored: int | None = None
    failed = 0

    def hear(self, text: str) -> None:
        super().hear(text)
        if found := _SUMMARY.match(text):
            self.restored, self.failed = int(found[1]), int(found[2])


class _Tap(threading.Thread):
    """Between the store and mongorestore: keeps the transactions that were open when the dump ended.

    Their beginning stands in the archive's oplog, and their end in the log that is replayed after it.
    """

    def __init__(self, inlet: int, transactions: Transactions) -> None:
        super().__init__(name="tap", daemon=True)
        self._inlet, self._transactions = inlet, transactions
        self.outlet, self._into = os.pipe()
        wide_pipe(self._into)
        self._archive = ArchiveReader(self._look_at)
        self._error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            while piece := os.read(self._inlet, PIPE_BYTES):
                self._archive.feed(piece)
                write_all(self._into, piece)
        except (OSError, ValueError) as error:
            self._error = error
        finally:
            os.close(self._into)
            os.close(self._inlet)

    def _look_at(self, raw: bytes) -> None:
        entry = RawBSONDocument(raw)
        if Transactions.is_part(entry):
            for _ in self._transactions.take(raw, entry) or ():
                pass  # committed: mongorestore applied it

    def finish(self) -> None:
        """Raises BackupError."""
        self.join()
        if self._error is not None:
            raise BackupError(f"the archive's oplog could not be read: {self._error}", can_be_repeated=False)


class MongoSeed:
    """Implements `backup.Seed`."""

    def __init__(self, places: Places, cache_gib: float, stop: threading.Event, *, replays: bool = False) -> None:
        self._places, self._stop = places, stop
        self._transactions = Transactions(places.scratch)
        self._tap: _Tap | None = None
        self._engine = PrivateEngine(places.data, places.scratch, cache_gib)
        self._is_finished = False
        self._is_over = threading.Event()
        self._restore: _Restore | None = None
        try:
            self._engine.wait_until_ready()
            outlet, self.input = os.pipe()
            wide_pipe(self.input)
            if replays:
                self._tap = _Tap(outlet, self._transactions)
                outlet = self._tap.outlet
            self._restore = _Restore(self._words(), stdin=outlet)
            os.close(outlet)
        except BaseException:
            self._engine.kill()
            raise
        self._is_open = True
        self._stopper = threading.Thread(target=self._end_when_stopped, name="stop", daemon=True)
        self._stopper.start()

    def _end_when_stopped(self) -> None:
        """Whoever waits for mongod or mongorestore then goes on, and finds that they are gone."""
        while not self._is_over.wait(LOOK_SECONDS):
            if self._stop.is_set():
                self._engine.kill()
                if self._restore is not None:
                    self._restore.end()
                return

    def _words(self) -> list[str]:
        return [
            "mongorestore", "--uri", self._engine.uri, "--archive", "--oplogReplay",
            "--numParallelCollections", str(max(4, os.cpu_count() or 1)),
            "--numInsertionWorkersPerCollection", str(INSERTION_WORKERS),
            # what is lost by a crash is filled again from the start: nobody waits for the disk before the last checkpoint
            "--writeConcern", "{w: 1, j: false}",
        ]  # fmt: skip

    def end_input(self) -> None:
        if self._is_open:
            self._is_open = False
            with contextlib.suppress(OSError):
                os.close(self.input)

    def confirm(self) -> None:
        assert self._restore is not None
        code = self._restore.wait()
        if not self._engine.is_running:
            raise BackupError(f"mongod ended while it was restored into: {self._engine.last_words()}")
        if code != 0:
            raise BackupError(f"mongorestore failed: {self._restore.why()}")
        if self._restore.restored is None:
            raise BackupError("mongorestore ended without saying how many documents it restored")
        log.info("restored", documents=self._restore.restored, failed=self._restore.failed)

    def compare(self, expected: Mapping[str, Any]) -> Compared:
        collections = figures.from_json(expected)
        try:
            found = dict(_all_found(self._engine.client))
            users = self._engine.client.admin["system.users"].count_documents({})
        except PyMongoError as error:
            raise BackupError(f"what was restored cannot be compared: {said(error)}") from error
        return Compared(
            len(collections),
            (*self._failures(collections), *figures.differences(collections, found), *_on_users(expected, users)),
        )

    def _failures(self, collections: Mapping[str, figures.Collection]) -> list[str]:
        """A document that was deleted and made anew while it was dumped is in the archive twice, and only such a one may fail."""
        failed = self._restore.failed if self._restore else 0
        deletions = sum(c.writes.deleted for c in collections.values() if c.writes)
        if failed <= deletions or any(c.writes and c.writes.changed for c in collections.values()):
            return []
        return [f"{failed} documents could not be restored: {'; '.join(self._restore.lines if self._restore else ())[-500:]}"]

    def replay(self, log: Iterator[bytes], after: str, target: Target) -> Reached:
        if self._tap is not None:
            self._tap.finish()
        return Replay(self._engine.client, self._transactions).run(log, after, target)

    def set_passwords(self) -> None:
        for user, secret, roles in USERS:
            password = (self._places.internal / secret).read_text().strip()
            try:
                known = self._engine.client.admin.command({"usersInfo": user})["users"]
                told = password_command(user, password) if known else create_command(user, password, roles)
                self._engine.client.admin.command(told)
            except (OperationFailure, PyMongoError) as error:
                raise BackupError(f"the user {user} cannot be set up: {said(error)}") from error

    def finish(self) -> None:
        self._engine.stop()
        (self._places.data / MARK).touch()  # the members to come are all new, and speak TLS to each other at once
        self._is_finished = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end_input()
        self._is_over.set()
        self._stopper.join()
        if self._restore is not None:
            self._restore.end()
        if not self._is_finished:
            self._engine.kill()
        shutil.rmtree(self._engine.socket.parent, ignore_errors=True)


def _on_users(expected: Mapping[str, Any], users: int) -> list[str]:
    return [] if (expected.get("totals") or {}).get("users", 0) <= users else [f"only {users} users came back"]


def _all_found(client: SyncClient) -> Iterator[tuple[str, figures.Found]]:
    for database in client.list_database_names():
        for entry in client[database].list_collections():
            name = f"{database}.{entry['name']}"
            if figures.is_compared(name):
                yield name, _found(client, name, entry)


def _found(client: SyncClient, name: str, entry: Mapping[str, Any]) -> figures.Found:
    kind = entry["type"]
    database, _, collection = name.partition(".")
    _, _, stored = figures.bucket_name(name).partition(".") if kind == "timeseries" else ("", "", collection)
    has_own = kind == "view"
    return figures.Found(
        kind=kind,
        # counted, not estimated: the estimate is wrong after a crash, and here it is the crash that is looked for
        documents=0 if has_own else client[database][stored].count_documents({}),
        indexes={} if has_own else {i["name"]: figures.index_digest(i) for i in client[database][collection].list_indexes()},
        options=figures.options_digest(entry.get("options") or {}),
    )
