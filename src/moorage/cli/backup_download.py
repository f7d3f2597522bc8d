"""`moorage backup download NAME [FILE]`: from the store to a file, with the person's own rights on the store's Secret.

Nothing goes through the API server but the Secret: who may not read it cannot download.
"""

from pathlib import Path
from typing import Annotated

import typer

from moorage.api import backupstore, databackup
from moorage.backup import layout
from moorage.backup.download import file_name, how_to_copy
from moorage.cli.cluster import Cluster, connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import BackupName, Namespace, Output
from moorage.cli.output import Format, data, hint, line
from moorage.views.backup import BackupView, backup_view
from moorage.views.store import read
from moorage.views.text import size


def command(
    ctx: typer.Context,
    name: BackupName,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="File or folder; named as the backup when absent.")
    ] = None,
    namespace: Namespace = None,
    output: Output = Format.TEXT,
) -> None:
    """As it lies in the store, still encrypted; its SHA-256 is compared. No file is overwritten."""
    cluster = connect(ctx.obj, namespace)
    view = backup_view(cluster.get(databackup.KIND, name))
    folder, store_name = folder_of(view), view.store or ""
    store = read(cluster.get(backupstore.KIND, store_name))
    if store.spec.file_system is not None:
        raise CliError("\n".join(how_to_copy(store.spec.file_system, folder, store_name)), ExitCode.ERROR, "kubectl cp --help")
    assert store.spec.s3 is not None, "the API server takes no store without a place"
    target = target_of(file, folder.rpartition("/")[2], encrypted=view.encrypted or False)
    _refuse_existing(target)
    count_bytes, digest = _download(cluster, store.spec.s3, folder, target)
    if output is not Format.TEXT:
        data({"name": name, "file": str(target), "sizeBytes": count_bytes, "sha256": digest}, output)
    else:
        line(f"{target}: {size(count_bytes)}, SHA-256 {digest} as in the manifest")
    hint("docs/backup.md says how it is restored without Moorage")


def folder_of(view: BackupView) -> str:
    """Its folder in the store. Raises when there is nothing there yet."""
    if not (view.store and view.engine and view.stored_name) or view.size_bytes is None:
        message = f"{view.name} is not in a store: it is {view.phase}" + (f": {view.message}" if view.message else "")
        raise CliError(message, ExitCode.CONFLICT, f"moorage backup show {view.name} -n {view.namespace}")
    return layout.backup_folder(view.engine, view.namespace, view.service, view.stored_name)


def target_of(file: Path | None, stored_name: str, *, encrypted: bool) -> Path:
    """The file to write."""
    default = file_name(stored_name, encrypted=encrypted)
    if file is None:
        return Path(default)
    return file / default if file.is_dir() else file


def _refuse_existing(target: Path) -> None:
    if target.exists():
        raise CliError(f"'{target}' exists already and is not overwritten", ExitCode.CONFLICT, "another FILE, or remove it first")


def _download(cluster: Cluster, spec: backupstore.S3, folder: str, target: Path) -> tuple[int, str]:
    from moorage.cli.fetch import fetch, open_s3  # noqa: PLC0415 - botocore is slow to import

    with open_s3(cluster, spec) as store:
        return fetch(store, folder, target)
