"""Figures of a backup that can be compared truthfully after its restore. Pure.

A dump under writes is not the state of any moment: only with the oplog entries at its end it becomes one, so neither hashes nor
counts taken beside it (`dbHash`, `count`) would ever match. What is true are the bytes of the archive itself: how many documents
of each collection it holds, and which operations its oplog applies to them. A collection that nobody wrote to meanwhile must
come back with exactly that many documents; of another one at least those minus the deletions, at most those plus the insertions.
Indexes and options are compared exactly unless the oplog changed them. The content itself is held by SHA-256 over the archive
and by mongodump's own checksum of each collection, which mongorestore compares.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from bson import json_util

SYSTEM_DATABASES = frozenset({"local", "config", "admin"})
"""What of them is dumped, mongorestore merges with what a new engine has by itself: nothing to compare one to one."""
_UNTOLD_OF_INDEXES = frozenset({"v", "ns", "background"})
"""What an index says and what changes nothing about it."""
BUCKETS = "system.buckets."


@dataclass
class Writes:
    """What the archive's oplog does to a collection."""

    inserted: int = 0
    deleted: int = 0
    changed: bool = False
    """Created, dropped, emptied, or its options: only its name is compared then."""
    indexes_changed: bool = False

    @property
    def is_none(self) -> bool:
        return self == Writes()


@dataclass
class Collection:
    """Of one collection or view."""

    kind: str = "collection"
    documents: int = 0
    crc: str = ""
    indexes: dict[str, str] = field(default_factory=dict)
    """Name → digest of what it is."""
    options: str = ""
    """Digest."""
    writes: Writes | None = None


@dataclass(frozen=True)
class Found:
    """A collection as the restored engine has it."""

    kind: str
    documents: int
    indexes: dict[str, str]
    options: str


def digest(value: Any) -> str:
    """Of a document, whatever its numbers' types and whichever order its options have."""
    return hashlib.sha256(json.dumps(_plain(value), sort_keys=True, default=str).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return int(value) if math.isfinite(value) and value == int(value) else float(value)  # TTL indexes with NaN exist
    return str(value)


def index_digest(spec: Mapping[str, Any]) -> str:
    """The key's order counts, and no other order does."""
    told = {k: v for k, v in spec.items() if k not in _UNTOLD_OF_INDEXES}
    return digest({**told, "key": [[k, v] for k, v in spec["key"].items()]})


def options_digest(options: Mapping[str, Any]) -> str:
    told = {k: v for k, v in options.items() if k not in {"uuid", "autoIndexId"}}
    return digest(told) if told else ""


def is_compared(namespace: str) -> bool:
    database, _, collection = namespace.partition(".")
    return bool(database) and database not in SYSTEM_DATABASES and not collection.startswith("system.")


def bucket_name(name: str) -> str:
    """Where a time series keeps its documents."""
    database, _, collection = name.partition(".")
    return f"{database}.{BUCKETS}{collection}"


def collection_of(metadata: Mapping[str, Any], documents: int, crc: int, writes: Writes | None) -> Collection:
    """`metadata`: as mongodump wrote it."""
    parsed = json_util.loads(json.dumps(metadata))
    return Collection(
        kind=parsed.get("type") or "collection",
        documents=documents,
        crc=f"{crc & (2**64 - 1):016x}",
        indexes={} if parsed.get("type") == "view" else {i["name"]: index_digest(i) for i in parsed.get("indexes") or []},
        options=options_digest(parsed.get("options") or {}),
        writes=None if writes is None or writes.is_none else writes,
    )


def to_json(collections: Mapping[str, Collection], totals: Mapping[str, int]) -> dict[str, Any]:
    """As they stand in the manifest: without what is empty."""
    return {
        "totals": dict(totals),
        "collections": {name: {k: v for k, v in asdict(c).items() if v} for name, c in sorted(collections.items())},
    }


def from_json(found: Mapping[str, Any]) -> dict[str, Collection]:
    """Fields of a later version are ignored."""
    result = {}
    for name, entry in (found.get("collections") or {}).items():
        known = {f.name: entry[f.name] for f in fields(Collection) if f.name in entry}
        writes = known.get("writes")
        result[name] = Collection(
            **{
                **known,
                "writes": None if not writes else Writes(**{f.name: writes.get(f.name, f.default) for f in fields(Writes)}),
            }
        )
    return result


def differences(expected: Mapping[str, Collection], found: Mapping[str, Found]) -> list[str]:
    """Sentences; empty when all is as it was."""
    said = []
    for name, was in sorted(expected.items()):
        if was.writes is not None and was.writes.changed:
            continue  # it may be gone, or another one of the same name
        if name not in found:
            said.append(f"the {was.kind} {name} is missing")
            continue
        said += _differences(name, was, found[name])
    return said


def _differences(name: str, was: Collection, now: Found) -> list[str]:
    said = []
    writes = was.writes or Writes()
    least, most = max(0, was.documents - writes.deleted), was.documents + writes.inserted
    if was.kind != "view" and not least <= now.documents <= most:
        allowed = f"{least}" if least == most else f"{least} to {most}"
        said.append(f"{name} has {now.documents} documents instead of {allowed}")
    if was.kind != now.kind:
        said.append(f"{name} is a {now.kind} instead of a {was.kind}")
    if was.options != now.options:
        said.append(f"{name} has other options")
    if not writes.indexes_changed:
        for index in sorted(was.indexes.keys() | now.indexes.keys()):
            if was.indexes.get(index) != now.indexes.get(index):
                how = "lacks the" if index not in now.indexes else "has another" if index in was.indexes else "has an additional"
                said.append(f"{name} {how} index {index}")
    return said
