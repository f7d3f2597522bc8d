"""What entries of the oplog say: where they stand and what they do to which collection. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from bson.timestamp import Timestamp

from moorage.engines.mongodb.figures import Writes

_ON_INDEXES = frozenset({"createIndexes", "commitIndexBuild", "dropIndexes", "deleteIndexes", "deleteIndex", "dropIndex"})
_NOTHING = frozenset({"startIndexBuild", "abortIndexBuild", "commitTransaction", "abortTransaction", "dbCheck"})


def split(data: bytes) -> Iterator[bytes]:
    """The documents of BSON that stands one after another. Raises ValueError when it does not end between two."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        if size < 5 or at + size > len(data):
            raise ValueError(f"the log is broken {at} bytes behind the start of a piece")
        yield data[at : at + size]
        at += size


def timestamp_of(entry: bytes) -> Timestamp:
    """Of a raw entry."""
    found = RawBSONDocument(entry)["ts"]
    if not isinstance(found, Timestamp):
        raise ValueError("an entry of the log has no timestamp")  # noqa: TRY004 - it is about the bytes
    return found


def is_housekeeping(entry: bytes) -> bool:
    """Whether MongoDB wrote it by itself: a sign of life every ten seconds, the sessions every five minutes."""
    found = RawBSONDocument(entry)
    return found.get("op") == "n" or str(found.get("ns", "")).startswith("config.")


def written_at(entry: Mapping[str, Any]) -> datetime:
    """By the clock of the primary that wrote it."""
    wall = entry.get("wall")
    if isinstance(wall, datetime):
        return wall.replace(tzinfo=UTC)
    return datetime.fromtimestamp(entry["ts"].time, UTC)


@dataclass
class OplogWindow:
    """The oplog at the end of an archive: from where to where, and what it does to the collections before it."""

    first: Timestamp | None = None
    last: Timestamp | None = None
    moment: datetime | None = None
    """When the last one was written."""
    entries: int = 0
    writes: dict[str, Writes] = field(default_factory=dict)
    dropped_databases: set[str] = field(default_factory=set)

    def take(self, entry: bytes) -> None:
        found = bson.decode(entry)
        self.first, self.last, self.moment = self.first or found["ts"], found["ts"], written_at(found)
        self.entries += 1
        self._count(found)

    def of(self, namespace: str) -> Writes:
        return self.writes.setdefault(namespace, Writes())

    def _count(self, found: Mapping[str, Any]) -> None:
        match found["op"]:
            case "i":
                self.of(found["ns"]).inserted += 1
            case "d":
                self.of(found["ns"]).deleted += 1
            case "c":
                self._count_command(found["ns"].partition(".")[0], found["o"])

    def _count_command(self, database: str, command: Mapping[str, Any]) -> None:
        name = next(iter(command))
        if name == "applyOps":
            for nested in command["applyOps"]:
                self._count(nested)
        elif name == "dropDatabase":
            self.dropped_databases.add(database)
        elif name in _ON_INDEXES or (name == "collMod" and set(command) <= {"collMod", "index"}):
            self.of(f"{database}.{command[name]}").indexes_changed = True
        elif name not in _NOTHING and isinstance(command[name], str):
            self.of(f"{database}.{command[name]}").changed = True

    def writes_to(self, namespace: str) -> Writes | None:
        if namespace.partition(".")[0] in self.dropped_databases:
            return Writes(changed=True)
        return self.writes.get(namespace)
