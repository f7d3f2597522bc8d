"""From a BackupStore's spec and the folders that its Pod mounts to a store that can be used.

Standard library only: a worker in an engine's image has no pydantic. The API server checked the spec when it was written.
"""

from pathlib import Path
from typing import Any

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
    s3, file_system = spec.get("s3"), spec.get("fileSystem")
    if (s3 is None) == (file_system is None):
        raise StoreError("a store has exactly one of s3 and fileSystem", Reason.SETTINGS)
    if s3 is not None:
        return _s3(s3, credentials, authority, quick=quick)
    path = str(file_system.get("path") or "").strip("/") if file_system is not None else ""
    if ".." in path.split("/"):
        raise StoreError(f"the store's fileSystem.path '{path}' leads out of the claim: give a folder of it", Reason.SETTINGS)
    return FileSystemStore(backups, path, str(file_system.get("claim") or "") if file_system is not None else "")


def recipient_of(spec: dict[str, Any]) -> str | None:
    """The public key that backups in this store are encrypted for."""
    found = (spec.get("encryption") or {}).get("recipient")
    return str(found) if found else None


def identity_of(folder: Path = IDENTITY) -> str | None:
    """The private key, when one is mounted."""
    try:
        return (folder / "identity").read_text()
    except FileNotFoundError:
        return None


def _s3(spec: dict[str, Any], credentials: Path, authority: Path, *, quick: bool) -> ObjectStore:
    from moorage.backup.s3 import PATIENT, QUICK, S3Store, Settings  # noqa: PLC0415 (40 MB that a folder does not need)

    for key in ("endpoint", "bucket"):
        if not spec.get(key):
            raise StoreError(f"the store has no s3.{key}: give it one", Reason.SETTINGS)
    secret, ca_secret = str(spec.get("credentialsSecret")), spec.get("caSecret")
    ca_file = authority / "ca.crt" if ca_secret else None
    if ca_file is not None and not ca_file.exists():
        raise StoreError(f"Secret '{ca_secret}' has no key 'ca.crt': the store's s3.caSecret needs it", Reason.SETTINGS)
    return S3Store(
        Settings(
            endpoint=spec["endpoint"],
            bucket=spec["bucket"],
            prefix=spec.get("prefix") or "",
            region=spec.get("region") or "us-east-1",
            path_style=spec.get("pathStyle") is not False,
            access_key_id=_secret(credentials, "accessKeyId", secret),
            secret_access_key=_secret(credentials, "secretAccessKey", secret),
            ca_file=str(ca_file) if ca_file is not None else None,
            patience=QUICK if quick else PATIENT,
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
