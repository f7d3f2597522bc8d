"""What a backup says of itself: `manifest.json`, written last. Without it there is no backup. Pure.

Standard library only: a worker in an engine's image has no pydantic. JSON is camelCase; what a later version adds is left out.
"""

import dataclasses
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moorage.backup import layout

FORMAT = 1
"""The newest that this Moorage understands. It rises only when an older Moorage would restore something wrong."""
LARGE_OR_SECRET = frozenset({"figures", "dataService", "secrets"})


class ManifestError(ValueError):
    """`str()` is the sentence."""


@dataclass(frozen=True)
class Position:
    """In the engine's own log: the dump began after `start` and holds everything up to at least `end`."""

    timeline: str
    start: str
    end: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One good backup."""

    backup_name: str
    engine: str
    version: str
    """As it ran, such as 6.0.5."""
    namespace: str
    service: str
    start_time: str
    end_time: str
    consistent_time: str
    """The moment whose data it holds; times are RFC 3339 in UTC."""
    raw_bytes: int
    size_bytes: int
    sha256: str
    archive: str
    """Name of the archive's object in the same folder."""
    format: int = FORMAT
    task_id: str = ""
    trigger: str = "Manual"
    compatibility: str | None = None
    source: str = ""
    """Member that it was read from."""
    position: Position | None = None
    cluster: str = ""
    """The Kubernetes that took it, and whose retention deletes it: uid of its namespace kube-system; empty: nobody knows."""
    compression: str = "zstd"
    recipient: str | None = None
    """Public key of age that the archive was encrypted for; in JSON `encryption: {age: …}`."""
    keep_days: int | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    """The engine's own, to compare with after a restore."""
    data_service: dict[str, Any] = field(default_factory=dict)
    """The resource, so that a lost platform can be rebuilt from the store."""
    secrets: str | None = None
    """Base64 of an age file with the service's passwords."""

    @property
    def folder(self) -> str:
        return layout.backup_folder(self.engine, self.namespace, self.service, self.backup_name)

    @property
    def archive_key(self) -> str:
        return f"{self.folder}/{self.archive}"

    def to_dict(self) -> dict[str, Any]:
        found = {_camel(f.name): getattr(self, f.name) for f in dataclasses.fields(self)}
        at = self.position
        found["position"] = {"timeline": at.timeline, "from": at.start, "to": at.end} if at is not None else None
        recipient = found.pop("recipient")
        found["encryption"] = {"age": recipient} if recipient is not None else None
        return found

    def to_json(self) -> bytes:
        """For people too: indented."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False).encode()

    def listing(self) -> dict[str, Any]:
        """Without what is large or secret."""
        return {key: value for key, value in self.to_dict().items() if key not in LARGE_OR_SECRET}


def parse(text: bytes | str, folder: str) -> Manifest:
    """The manifest that was found in this folder of the store. Raises ManifestError."""
    where = f"the manifest of '{folder}'"
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"{where} is no JSON ({error}); the backup cannot be restored") from error
    if not isinstance(found, dict):
        raise ManifestError(f"{where} is no JSON object; the backup cannot be restored")
    newest = found.get("format", 0)
    if _whole(newest) and newest > FORMAT:
        raise ManifestError(
            f"{where} has format {newest}, and this Moorage knows up to {FORMAT}: restore it with a newer Moorage"
        )
    for key, (is_needed, is_right, wanted) in FIELDS.items():
        if found.get(key) is None and not is_needed:
            continue
        if not is_right(found.get(key)):
            raise ManifestError(f"{where} is not as it should be: {key} must be {wanted}; the backup cannot be restored")
    manifest = _made(found)
    if manifest.folder != folder:
        raise ManifestError(f"{where} is that of '{manifest.folder}': it was moved or swapped; the backup cannot be restored")
    return manifest


def _made(found: dict[str, Any]) -> Manifest:
    known = {f.name: found[_camel(f.name)] for f in dataclasses.fields(Manifest) if found.get(_camel(f.name)) is not None}
    at, encryption = found.get("position"), found.get("encryption")
    known["position"] = Position(at["timeline"], at["from"], at["to"]) if at is not None else None
    known["recipient"] = encryption["age"] if encryption is not None else None
    return Manifest(**known)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _text(value: object) -> bool:
    return isinstance(value, str)


def _part(value: object) -> bool:
    return isinstance(value, str) and value not in {"", ".", ".."} and "/" not in value


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _time(value: object) -> bool:
    try:
        return datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False


def _digest(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None


def _position(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), str) for key in ("timeline", "from", "to"))


def _encryption(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("age"), str)


def _object(value: object) -> bool:
    return isinstance(value, dict)


def _zstd(value: object) -> bool:
    return value == "zstd"


PART = (_part, "a name without '/'")
TEXT = (_text, "text")
TIME = (_time, "a time such as 2026-11-06T12:34:56Z")
WHOLE = (_whole, "a whole number")
FIELDS: dict[str, tuple[bool, Callable[[object], bool], str]] = {
    "format": (True, *WHOLE),
    "backupName": (True, *PART),
    "taskId": (False, *TEXT),
    "trigger": (False, *TEXT),
    "engine": (True, *PART),
    "version": (True, *TEXT),
    "compatibility": (False, *TEXT),
    "namespace": (True, *PART),
    "service": (True, *PART),
    "source": (False, *TEXT),
    "startTime": (True, *TIME),
    "endTime": (True, *TIME),
    "consistentTime": (True, *TIME),
    "cluster": (False, *TEXT),
    "position": (False, _position, "an object with timeline, from and to"),
    "rawBytes": (True, *WHOLE),
    "sizeBytes": (True, *WHOLE),
    "sha256": (True, _digest, "64 hexadecimal digits"),
    "archive": (True, *PART),
    "compression": (False, _zstd, "zstd"),
    "encryption": (False, _encryption, "an object with age"),
    "keepDays": (False, *WHOLE),
    "figures": (False, _object, "an object"),
    "dataService": (False, _object, "an object"),
    "secrets": (False, *TEXT),
}
"""Of each field whether it must be there, what it must be, and that in words."""
