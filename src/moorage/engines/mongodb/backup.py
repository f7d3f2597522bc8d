"""MongoDB as workers use it; how each thing is done stands in the modules beside this one."""

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bson.raw_bson import RawBSONDocument

from moorage.engines.backup import BackupError, Dump, LogGap, LogPiece, MemberHost, Places, Seed, Source, SourceLostError
from moorage.engines.mongodb import positions
from moorage.engines.mongodb.dumping import MongoDump
from moorage.engines.mongodb.oplog import OplogReader
from moorage.engines.mongodb.oplogentries import split, written_at
from moorage.engines.mongodb.seeding import MongoSeed
from moorage.engines.mongodb.sources import Sources

_VERSION = re.compile(r"db version v(\d+)\.(\d+)")


class MongoBackup:
    """Implements `backup.EngineBackup`."""

    things, log_form = "collections", "bson"

    def __init__(self, places: Places, stop: threading.Event) -> None:
        self._places, self._stop = places, stop
        self._sources = Sources(places)

    def choose_source(self, members: Sequence[MemberHost], without: Sequence[str] = ()) -> Source:
        return self._sources.choose(members, without)

    @staticmethod
    def may_pass(error: SourceLostError) -> bool:
        """A replica set that has just begun has no key yet for the cluster time that clients carry between its members."""
        return "No keys found for HMAC" in str(error)

    def dump(self, source: Source) -> Dump:
        _require("mongodump")
        return MongoDump(self._places, self._sources, source, self._stop)

    def room_needed(self, manifest: Mapping[str, Any]) -> int:
        """As much as it took on the source's disk. The raw bytes say too much: mongod compresses what it keeps."""
        totals = (manifest.get("figures") or {}).get("totals") or {}
        return int(totals.get("diskBytes") or 0)

    def why_not_restorable(self, manifest: Mapping[str, Any]) -> str | None:
        _require("mongorestore")
        installed = _installed_version()
        wanted = _numbers(str(manifest.get("version", "")))
        if wanted and wanted > installed:
            return (
                f"the backup was taken from MongoDB {manifest['version']}, and {installed[0]}.{installed[1]} is to read it;"
                " restore it into a service of that version or a later one"
            )
        return None

    def seed(self, cache_gib: float, *, replays: bool) -> Seed:
        return MongoSeed(self._places, cache_gib, self._stop, replays=replays)

    def log(self, members: Sequence[MemberHost], after: Mapping[str, str]) -> Iterator[LogPiece | LogGap | None]:
        return OplogReader(self._sources, self._stop).follow(members, after)

    def time_of(self, position: str) -> str:
        return positions.time_of(position)

    def position_at(self, time: str) -> str:
        return positions.position_at(time)

    def time_of_last(self, log: bytes) -> str:
        *_, last = split(log)
        return positions.to_rfc3339(written_at(RawBSONDocument(last)))


def _require(program: str) -> None:
    if shutil.which(program) is None:
        raise BackupError(
            f"the engine's image has no {program} on its PATH, which backups need; MongoDB's own images have it",
            can_be_repeated=False,
        )


def _numbers(version: str) -> tuple[int, int] | None:
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else None


def _installed_version() -> tuple[int, int]:
    """Of the mongod that would be started."""
    _require("mongod")
    said = subprocess.run(["mongod", "--version"], capture_output=True, text=True, check=False, timeout=60).stdout
    found = _VERSION.search(said)
    if found is None:
        raise BackupError(f"mongod does not say its version: {said[:200]}")
    return int(found[1]), int(found[2])
