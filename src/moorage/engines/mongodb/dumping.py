"""One run of `mongodump --archive --oplog` on one member.

mongodump, because it is the one way that MongoDB itself documents to copy a running replica set without a licence, and its own
`mongorestore` brings the archive back without Moorage. What it leaves open is closed here: where exactly the data stands (read
from the archive itself), and whether what was read from a secondary could still be taken back.
"""

import subprocess
import threading
import time
from types import TracebackType
from typing import Any, Self

import structlog
from pymongo.errors import PyMongoError

from moorage.engines.backup import BackupError, Dumped, NotNowError, Places, Position, Source, SourceLostError
from moorage.engines.mongodb import figures
from moorage.engines.mongodb.archivefile import ArchiveFormatError, ArchiveReader
from moorage.engines.mongodb.oplogentries import OplogWindow
from moorage.engines.mongodb.positions import to_position, to_rfc3339, whole_second_after
from moorage.engines.mongodb.sources import Sources, SyncClient, standing, timeline
from moorage.engines.tools import Tool, private_file, wide_pipe

log = structlog.get_logger()

LOOK_SECONDS = 1.0
SILENT_SECONDS_MAX = 30.0
"""A source that says nothing for this long is given up: its connection may stand open for ever."""
CONFIRM_SECONDS_MAX = 30.0
PARALLEL_COLLECTIONS = 4
"""mongodump's own default; each costs it a buffer of 16 MiB."""
_NOT_ITS_FAULT = ("while renames occur", "admin.system.version is modified", "oplog overflow", "importCollection")
"""What mongodump refuses because of what the application did meanwhile: another moment may do, another member would not."""


class MongoDump:
    """Implements `backup.Dump`."""

    def __init__(self, places: Places, sources: Sources, source: Source, stop: threading.Event) -> None:
        self._sources, self._source, self._stop = sources, source, stop
        self._window = OplogWindow()
        self._archive = ArchiveReader(self._window.take)
        self._lost = ""
        self._broken: ArchiveFormatError | None = None
        self._is_over = threading.Event()
        try:
            with sources.client(source.member) as client:
                self._before = standing(source.member, client)
                self._timeline = timeline(client)
                self._disk_bytes = _disk_bytes(client)
                self._version = client.server_info()["version"]
                found = client.admin.command({"getParameter": 1, "featureCompatibilityVersion": 1})
                self._compatibility = found["featureCompatibilityVersion"]["version"]
        except PyMongoError as error:
            raise SourceLostError(f"{source.member.name} went away before the dump began: {error}") from error
        self._tool = Tool(self._words(places), stdout=subprocess.PIPE)
        assert self._tool.process.stdout is not None
        self.output = self._tool.process.stdout.fileno()
        wide_pipe(self.output)
        self._watcher = threading.Thread(target=self._watch_source, name="source", daemon=True)
        self._watcher.start()

    def _words(self, places: Places) -> list[str]:
        host, _, port = self._source.member.host.rpartition(":")
        config = private_file(places.scratch, "mongodump.yaml", {"password": self._sources.password()})
        return [
            "mongodump", "--config", str(config), "--host", host, "--port", port,
            "--username", "__system", "--authenticationDatabase", "local", "--authenticationMechanism", "SCRAM-SHA-256",
            "--ssl", "--sslCAFile", self._sources.authority(), "--readPreference", "nearest",
            "--archive", "--oplog", "--numParallelCollections", str(PARALLEL_COLLECTIONS),
        ]  # fmt: skip

    def look_at(self, piece: memoryview) -> None:
        if self._broken is not None:
            return
        try:
            self._archive.feed(piece)
        except ArchiveFormatError as error:  # what mongodump says of its end comes before it: see `confirm`
            self._broken = error
            self._tool.end()

    def _watch_source(self) -> None:
        """Ends mongodump when its source is silent, or when the worker is to stop."""
        with self._sources.client(self._source.member) as client:
            heard = time.monotonic()
            while not self._is_over.wait(LOOK_SECONDS):
                if self._stop.is_set():
                    self._tool.end()
                    return
                try:
                    self._sources.ask(self._source.member, client)
                except BackupError as error:
                    log.info("source_is_silent", member=self._source.member.name, error=str(error))
                    if time.monotonic() - heard > SILENT_SECONDS_MAX:
                        self._lost = f"{self._source.member.name} was silent for {SILENT_SECONDS_MAX:.0f} seconds"
                        self._tool.end()
                        return
                else:
                    heard = time.monotonic()

    def confirm(self) -> Dumped:
        code = self._tool.wait()
        self._is_over.set()
        if self._stop.is_set():
            raise BackupError("the dump was stopped before it was complete")
        self._raise_failure(code)
        assert self._window.first is not None
        assert self._window.last is not None
        assert self._window.moment is not None
        lasts, note = self._wait_until_it_lasts()
        return Dumped(
            version=self._version,
            compatibility=self._compatibility,
            consistent_time=to_rfc3339(whole_second_after(self._window.moment)),
            position=Position(self._timeline if lasts else "", to_position(self._window.first), to_position(self._window.last)),
            figures=self._figures(),
            note=note,
        )

    def _raise_failure(self, code: int) -> None:
        if self._lost:
            raise SourceLostError(self._lost)
        if code != 0:
            why = self._tool.why()
            if any(words in why for words in _NOT_ITS_FAULT):
                raise NotNowError(f"mongodump could not take a consistent copy: {why}; another try at another moment may do")
            raise SourceLostError(f"mongodump from {self._source.member.name} failed: {why}")
        if self._broken is not None:
            raise BackupError(f"mongodump gave something unexpected: {self._broken}", can_be_repeated=False)
        try:
            self._archive.finish()
        except ArchiveFormatError as error:
            raise BackupError(f"mongodump says that it is done, and {error}") from error
        if self._window.last is None:
            raise BackupError("mongodump says that it is done, and its archive holds no oplog: it would not be consistent")

    def _wait_until_it_lasts(self) -> tuple[bool, str]:
        """A secondary may be ahead of the majority; what it held could then be rolled back. Whether it cannot any more."""
        member, deadline = self._source.member, time.monotonic() + CONFIRM_SECONDS_MAX
        while True:
            try:
                now = self._sources.ask(member)
            except SourceLostError:
                return False, f"{member.name} went away before it said that a majority of members holds what was read"
            if now.rollbacks != self._before.rollbacks:
                raise SourceLostError(f"{member.name} rolled back writes while it was read from")
            if now.committed >= self._window.last:
                return True, ""
            if time.monotonic() > deadline:
                return False, "the last writes in it were not confirmed by a majority of the members"
            if self._stop.wait(0.2):
                raise BackupError("the dump was stopped before it was complete")

    def _figures(self) -> dict[str, Any]:
        collections = {}
        for name, metadata in self._archive.metadata.items():
            if figures.is_compared(name):
                stored = figures.bucket_name(name) if metadata["type"] == "timeseries" else name
                held = self._archive.namespaces.get(stored)
                collections[name] = figures.collection_of(
                    metadata, held.documents if held else 0, held.crc if held else 0, self._window.writes_to(stored)
                )
        users = self._archive.namespaces.get("admin.system.users") or self._archive.namespaces.get("admin.$admin.system.users")
        totals = {
            "documents": sum(c.documents for c in collections.values()),
            "users": users.documents if users else 0,
            "oplogEntries": self._window.entries,
            "diskBytes": self._disk_bytes,
        }
        return figures.to_json(collections, totals)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._is_over.set()
        assert self._tool.process.stdout is not None
        self._tool.process.stdout.close()  # what still writes into it ends
        self._tool.end()
        self._watcher.join()


def _disk_bytes(client: SyncClient) -> int:
    """What the data takes on the source's disk, compressed as the engine keeps it and with indexes; without the oplog."""
    found = client.admin.command("listDatabases")["databases"]
    return int(sum(d["sizeOnDisk"] for d in found if d["name"] != "local"))
