"""Reading a backup's archive from an S3 store. The only module of the CLI that talks to a store."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moorage.api.backupstore import S3
from moorage.backup import download
from moorage.backup.errors import ArchiveError, Reason, StoreError
from moorage.backup.layout import manifest_key
from moorage.backup.manifest import Manifest, ManifestError, parse
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

    def entries(secret: str) -> dict[str, str]:
        found = binding.decode(cluster.secret(secret).get("data") or {})
        wanted = ("ca.crt",) if secret == spec.ca_secret else ("accessKeyId", "secretAccessKey")
        return found | {key: binding.entry(found, key) + "\n" for key in wanted}

    try:
        with download.open_s3(spec, entries) as store:
            yield store
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
    """The archive's bytes, with a line that tells how far it is."""
    started, shown = time.monotonic(), 0.0
    with Progress() as progress:

        def tell(count: int) -> None:
            nonlocal shown
            now = time.monotonic()
            if now - shown >= _SHOW_SECONDS:
                rate = count / max(now - started, 0.001)
                progress.show("downloading", f"{size(count)} of {size(manifest.size_bytes)} at {size(int(rate))}/s")
                shown = now

        try:
            yield from download.checked(store, manifest, tell)
        except ArchiveError as error:
            raise CliError(f"{error}; nothing was kept") from error
