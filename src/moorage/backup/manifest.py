"""What a backup says of itself: `manifest.json`, written last. Without it there is no backup. Pure."""

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from moorage.backup import layout

FORMAT = 1
"""The newest that this Moorage understands. It rises only when an older Moorage would restore something wrong."""


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


class Position(_Part):
    """In the engine's own log: the dump began after `start` and holds everything up to at least `end`."""

    timeline: str
    start: str = Field(alias="from")
    end: str = Field(alias="to")


class AgeEncryption(_Part):
    """By age."""

    age: str = Field(min_length=1)
    """Public key that the archive was encrypted for."""


class Manifest(_Part):
    """Field names in JSON are camelCase; unknown fields of later versions are left out."""

    format: int = FORMAT
    backup_name: str = Field(min_length=1, max_length=253)
    task_id: str = ""
    trigger: str = "Manual"
    engine: str = Field(min_length=1)
    version: str
    """As it ran, such as 6.0.5."""
    compatibility: str | None = None
    namespace: str = Field(min_length=1)
    service: str = Field(min_length=1)
    source: str = ""
    """Member that it was read from."""
    start_time: str
    end_time: str
    consistent_time: str
    """The moment whose data it holds, in UTC."""
    position: Position | None = None
    raw_bytes: int = Field(ge=0)
    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    archive: str = Field(pattern=r"^[^/]+$")
    """Name of the archive's object in the same folder."""
    compression: Literal["zstd"] = "zstd"
    encryption: AgeEncryption | None = None
    keep_days: int | None = None
    figures: dict[str, Any] = Field(default_factory=dict)
    """The engine's own, to compare with after a restore."""
    data_service: dict[str, Any] = Field(default_factory=dict)
    """The resource, so that a lost platform can be rebuilt from the store."""
    secrets: str | None = None
    """Base64 of an age file with the service's passwords."""

    @property
    def folder(self) -> str:
        return layout.backup_folder(self.engine, self.namespace, self.service, self.backup_name)

    @property
    def archive_key(self) -> str:
        return f"{self.folder}/{self.archive}"

    @property
    def recipient(self) -> str | None:
        return self.encryption.age if self.encryption is not None else None

    def to_json(self) -> bytes:
        """For people too: indented."""
        return json.dumps(self.model_dump(by_alias=True, mode="json"), indent=1, ensure_ascii=False).encode()

    def listing(self) -> dict[str, Any]:
        """Without what is large or secret."""
        found: dict[str, Any] = self.model_dump(by_alias=True, mode="json", exclude={"figures", "data_service", "secrets"})
        return found


class ManifestError(ValueError):
    """`str()` is the sentence."""


def parse(text: bytes | str, folder: str) -> Manifest:
    """The manifest that was found in this folder of the store. Raises ManifestError."""
    where = f"the manifest of '{folder}'"
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ManifestError(f"{where} is no JSON ({error}); the backup cannot be restored") from error
    if not isinstance(found, dict):
        raise ManifestError(f"{where} is no JSON object; the backup cannot be restored")
    newer = found.get("format")
    if isinstance(newer, int) and newer > FORMAT:
        raise ManifestError(f"{where} has format {newer}, and this Moorage knows up to {FORMAT}: restore it with a newer Moorage")
    try:
        manifest = Manifest.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ManifestError(f"{where} is not as it should be: {place}: {first['msg']}; the backup cannot be restored") from error
    if manifest.folder != folder:
        raise ManifestError(f"{where} is that of '{manifest.folder}': it was moved or swapped; the backup cannot be restored")
    return manifest
