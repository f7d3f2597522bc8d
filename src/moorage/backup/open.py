"""From a BackupStore's spec and the folders that its Pod mounts to a store that can be used."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from moorage.api.backupstore import S3, BackupStoreSpec
from moorage.backup.errors import Reason, StoreError
from moorage.backup.filesystem import FileSystemStore
from moorage.backup.store import ObjectStore

CREDENTIALS = Path("/run/moorage/store")
AUTHORITY = Path("/run/moorage/store-ca")
IDENTITY = Path("/run/moorage/identity")
BACKUPS = Path("/backups")


def open_store(
    spec: dict[str, Any],
    *,
    credentials: Path = CREDENTIALS,
    authority: Path = AUTHORITY,
    backups: Path = BACKUPS,
    quick: bool = False,
) -> ObjectStore:
    """Asks nobody yet. `quick`: gives up within seconds, for a check. Raises `StoreError` when the settings cannot be used."""
    found = spec_of(spec)
    if found.s3 is not None:
        return _s3(found.s3, credentials, authority, quick=quick)
    path = found.file_system.path.strip("/") if found.file_system is not None else ""
    if ".." in path.split("/"):
        raise StoreError(f"the store's fileSystem.path '{path}' leads out of the claim: give a folder of it", Reason.SETTINGS)
    return FileSystemStore(backups / path)


def spec_of(spec: dict[str, Any]) -> BackupStoreSpec:
    """Raises `StoreError` when it is none."""
    try:
        found = BackupStoreSpec.model_validate(spec)
    except ValidationError as error:
        raise StoreError(f"the store's spec cannot be read: {error.errors()[0]['msg']}", Reason.SETTINGS) from error
    if (found.s3 is None) == (found.file_system is None):
        raise StoreError("a store has exactly one of s3 and fileSystem", Reason.SETTINGS)
    return found


def recipient_of(spec: dict[str, Any]) -> str | None:
    """The public key that backups in this store are encrypted for."""
    encryption = spec_of(spec).encryption
    return encryption.recipient if encryption is not None else None


def identity_of(folder: Path = IDENTITY) -> str | None:
    """The private key, when one is mounted."""
    try:
        return (folder / "identity").read_text()
    except FileNotFoundError:
        return None


def _s3(spec: S3, credentials: Path, authority: Path, *, quick: bool) -> ObjectStore:
    from moorage.backup.s3 import S3Store, Settings  # noqa: PLC0415 (40 MB of memory that a folder does not need)

    ca_file = authority / "ca.crt" if spec.ca_secret else None
    if ca_file is not None and not ca_file.exists():
        raise StoreError(f"Secret '{spec.ca_secret}' has no key 'ca.crt': the store's s3.caSecret needs it", Reason.SETTINGS)
    patience = {"connect_seconds": 4.0, "read_seconds": 8.0, "attempts": 2} if quick else {}
    return S3Store(
        Settings(
            endpoint=spec.endpoint,
            bucket=spec.bucket,
            prefix=spec.prefix,
            region=spec.region,
            path_style=spec.path_style,
            access_key_id=_secret(credentials, "accessKeyId", spec.credentials_secret),
            secret_access_key=_secret(credentials, "secretAccessKey", spec.credentials_secret),
            ca_file=str(ca_file) if ca_file is not None else None,
            **patience,  # type: ignore[arg-type]
        )
    )


def _secret(folder: Path, key: str, secret: str) -> str:
    try:
        text = (folder / key).read_text().strip()
    except FileNotFoundError:
        text = ""
    if not text:
        raise StoreError(f"Secret '{secret}' has no key '{key}': the store's s3.credentialsSecret needs it", Reason.SETTINGS)
    return text
