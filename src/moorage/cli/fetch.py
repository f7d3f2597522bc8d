"""Reading a backup's archive from an S3 store. The only module of the CLI that talks to a store; imports botocore."""

import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moorage.api.backupstore import S3
from moorage.backup.errors import Reason, StoreError
from moorage.backup.layout import manifest_key
from moorage.backup.manifest import Manifest, ManifestError, parse
from moorage.backup.s3 import S3Store, Settings
from moorage.backup.store import ObjectStore
from moorage.cli.cluster import Cluster
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.progress import Progress
from moorage.views import binding
from moorage.views.text import size

_CODES = {Reason.NOT_FOUND: ExitCode.NOT_FOUND, Reason.ACCESS_DENIED: ExitCode.FORBIDDEN, Reason.WRONG_KEY: ExitCode.FORBIDDEN}
_SHOW_SECONDS = 0.5


@contextmanager
def open_s3(cluster: Cluster, spec: S3) -> Iterator[ObjectStore]:
    """The store with the credentials of its Secret, which stay in memory."""
    keys = _entries(cluster, spec.credentials_secret)
    with tempfile.TemporaryDirectory(prefix="moorage-") as folder:
        authority = None
        if spec.ca_secret is not None:
            authority = Path(folder) / "ca.crt"
            authority.write_text(binding.entry(_entries(cluster, spec.ca_secret), "ca.crt") + "\n")
        settings = Settings(
            endpoint=spec.endpoint,
            bucket=spec.bucket,
            prefix=spec.prefix,
            region=spec.region,
            path_style=spec.path_style,
            access_key_id=binding.entry(keys, "accessKeyId").strip(),
            secret_access_key=binding.entry(keys, "secretAccessKey").strip(),
            ca_file=str(authority) if authority else None,
        )
        try:
            store = S3Store(settings)
            try:
                yield store
            finally:
                store.close()
        except StoreError as error:
            hint = f"the store is asked from this machine, not from the cluster: can it reach {spec.endpoint}?"
            away = error.reason in (Reason.HOST_NOT_FOUND, Reason.REFUSED, Reason.TIME_OUT)
            raise CliError(str(error), _CODES.get(error.reason, ExitCode.ERROR), hint if away else "") from error


def fetch(store: ObjectStore, folder: str, target: Path) -> tuple[int, str]:
    """Size and SHA-256 of what was written. `target` stands only when everything is there and as the manifest says."""
    try:
        manifest = parse(store.read(manifest_key(folder)), folder)
    except ManifestError as error:
        raise CliError(str(error)) from error
    part = target.with_name(target.name + ".part")
    try:
        with part.open("xb") as out:
            try:
                for chunk in _checked(store, manifest):
                    out.write(chunk)
                out.flush()
                part.replace(target)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
    except FileExistsError as error:
        message = f"'{part}' exists: another download writes it, or one was killed; remove it when none runs"
        raise CliError(message, ExitCode.CONFLICT) from error
    except OSError as error:
        raise CliError(f"'{part}' cannot be written: {error.strerror or error}") from error
    return manifest.size_bytes, manifest.sha256


def _checked(store: ObjectStore, manifest: Manifest) -> Iterator[bytes]:
    """The archive's bytes; raises at the end when they are not those that were put there."""
    digest, count, started, shown = hashlib.sha256(), 0, time.monotonic(), 0.0
    with Progress() as progress:
        for chunk in store.chunks(manifest.archive_key):
            digest.update(chunk)
            count += len(chunk)
            now = time.monotonic()
            if now - shown >= _SHOW_SECONDS:
                rate = count / max(now - started, 0.001)
                progress.show("downloading", f"{size(count)} of {size(manifest.size_bytes)} at {size(int(rate))}/s")
                shown = now
            yield chunk
    if count != manifest.size_bytes:
        raise CliError(f"the archive has {count} bytes, its manifest says {manifest.size_bytes}: it is broken; nothing was kept")
    if digest.hexdigest() != manifest.sha256:
        raise CliError("the archive's SHA-256 is not that of its manifest: it was changed in the store; nothing was kept")


def _entries(cluster: Cluster, secret: str) -> dict[str, str]:
    return binding.decode(cluster.secret(secret).get("data") or {})
