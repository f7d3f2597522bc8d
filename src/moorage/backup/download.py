"""A backup's archive on its way from a store to a person, by the command line or a page. Imports no S3 client before it must."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from moorage.api.backupstore import S3, FileSystem
from moorage.backup import layout
from moorage.backup.errors import ArchiveError
from moorage.backup.manifest import Manifest
from moorage.backup.store import ObjectStore

Keys = Mapping[str, str]
"""The entries of a Secret."""


@contextmanager
def open_s3(spec: S3, secret: Callable[[str], Keys]) -> Iterator[ObjectStore]:
    """The store with the credentials of its Secrets, which stay in memory. Raises StoreError and what `secret` raises."""
    from moorage.backup.s3 import S3Store, Settings  # noqa: PLC0415 - botocore is slow to import and takes 40 MB

    keys = secret(spec.credentials_secret)
    with tempfile.TemporaryDirectory(prefix="moorage-") as folder:
        authority = None
        if spec.ca_secret is not None:
            authority = Path(folder) / "ca.crt"
            authority.write_text(secret(spec.ca_secret)["ca.crt"])
        settings = Settings(
            endpoint=spec.endpoint,
            bucket=spec.bucket,
            prefix=spec.prefix,
            region=spec.region,
            path_style=spec.path_style,
            access_key_id=keys["accessKeyId"].strip(),
            secret_access_key=keys["secretAccessKey"].strip(),
            ca_file=str(authority) if authority else None,
        )
        store = S3Store(settings)
        try:
            yield store
        finally:
            store.close()


def checked(store: ObjectStore, manifest: Manifest, tell: Callable[[int], None] = lambda _count: None) -> Iterator[bytes]:
    """The archive's bytes. The last ones are held back until all are known to be those that were put there.

    So whoever counts them sees that something is missing. Raises StoreError, and ArchiveError when it is another archive.
    `tell`: how many have come.
    """
    digest, count, held = hashlib.sha256(), 0, b""
    for chunk in store.chunks(manifest.archive_key):
        digest.update(chunk)
        count += len(chunk)
        tell(count)
        if held:
            yield held
        held = chunk
    if count != manifest.size_bytes:
        raise ArchiveError(f"the archive has {count} bytes, its manifest says {manifest.size_bytes}: it is broken")
    if digest.hexdigest() != manifest.sha256:
        raise ArchiveError("the archive's SHA-256 is not that of its manifest: it was changed in the store")
    if held:
        yield held


def file_name(stored_name: str, *, encrypted: bool) -> str:
    """What the file is called where nobody said otherwise."""
    return f"{stored_name}.{layout.archive_name(encrypted=encrypted)}"


def how_to_copy(files: FileSystem, folder: str, store: str) -> list[str]:
    """Lines. No way leads through the API server into a claim."""
    path = f"{files.path.strip('/')}/{folder}".lstrip("/")
    return [
        f"store {store} is the volume claim '{files.claim}', which nobody reads from outside",
        f"the backup is its folder {path}/ (archive and manifest.json)",
        f"mount '{files.claim}' in a Pod of your own, or the shared file system itself, and copy that folder",
    ]
