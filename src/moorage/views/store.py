"""What people see of a backup store: one object, from which text, JSON, YAML and the console's pages all come. Pure."""

from typing import Any

from pydantic import Field

from moorage.api.backupstore import BackupStore, KnownService, parse_backupstore
from moorage.core.requests import is_check_awaited
from moorage.views.service import parsed
from moorage.views.shown import Shown

Object = dict[str, Any]


class StoreView(Shown):
    """One store."""

    kind: str
    """S3 or FileSystem."""
    where: str
    is_default: bool = False
    is_encrypted: bool = False
    phase: str = "Checking"
    message: str = ""
    checked: str | None = None
    is_testing: bool = False
    """Whether a person asked for a check that did not end yet."""
    is_current: bool = False
    """Whether the newest spec has been checked."""
    services: list[KnownService] = Field(default=[])


def read(obj: Object) -> BackupStore:
    """The model of a store."""
    return parsed(parse_backupstore, obj)


def store_view(obj: Object) -> StoreView:
    store = read(obj)
    kind, where = _place(store)
    return StoreView(
        name=store.metadata.name,
        namespace=store.metadata.namespace,
        kind=kind,
        where=where,
        is_default=store.spec.default,
        is_encrypted=store.spec.encryption is not None,
        phase=store.status.phase,
        message=store.status.message,
        checked=store.status.checked,
        is_testing=is_check_awaited(store),
        is_current=(store.status.observed_generation or 0) >= store.metadata.generation,
        services=store.status.services,
    )


def _place(store: BackupStore) -> tuple[str, str]:
    s3, files = store.spec.s3, store.spec.file_system
    if s3 is not None:
        return "S3", f"{s3.endpoint.rstrip('/')}/{s3.bucket}" + (f"/{s3.prefix.strip('/')}/" if s3.prefix.strip("/") else "")
    if files is not None:
        return "FileSystem", f"claim {files.claim}" + (f", folder {files.path}" if files.path else "")
    return "-", "-"
