"""A backup's archive as a download, with the person's own rights on the store's Secret."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager

import structlog
from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool

from moorage.api.backupstore import KIND as STORE
from moorage.api.backupstore import S3
from moorage.api.databackup import KIND as BACKUP
from moorage.backup import download, layout
from moorage.backup.errors import ArchiveError, StoreError
from moorage.backup.manifest import Manifest
from moorage.server import looks, stored
from moorage.server.caller import PlatformOf, SignedIn
from moorage.server.model import ObjectName, SpaceName
from moorage.server.problem import Code, ProblemError
from moorage.views.backup import BackupView, backup_view
from moorage.views.store import read

log = structlog.get_logger()
router = APIRouter(tags=["backups"])
AT_ONCE_MAX = 4
"""Downloads of one replica: each takes a thread, which other requests need, too."""
_FILE = {"schema": {"type": "string", "format": "binary"}}


class Downloads:
    """How many run."""

    def __init__(self) -> None:
        self._running = 0

    def require_room(self) -> None:
        if self._running >= AT_ONCE_MAX:
            said = f"{AT_ONCE_MAX} downloads run here already; try again when one of them is over"
            raise ProblemError(503, Code.NOT_READY, said, headers={"Retry-After": "30"})

    @contextmanager
    def one(self) -> Iterator[None]:
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1


_downloads = Downloads()


@router.get(
    "/backups/{space}/{backup}/archive",
    response_class=StreamingResponse,
    responses={200: {"description": "The archive.", "content": {"application/octet-stream": _FILE}}},
)
async def download_backup(space: SpaceName, backup: ObjectName, caller: SignedIn, platform: PlatformOf) -> StreamingResponse:
    """As it lies in the store, still encrypted. It breaks off before its end when it is not what was put there."""
    view = backup_view(await looks.find(platform, caller, BACKUP, space, backup))
    folder = folder_of(view)
    store = read(await looks.find(platform, caller, STORE, space, view.store or ""))
    if store.spec.file_system is not None:
        lines = download.how_to_copy(store.spec.file_system, folder, store.metadata.name)
        claim = {"claim": store.spec.file_system.claim, "store": store.metadata.name}
        raise ProblemError(409, Code.COPY_BY_HAND, "; ".join(lines), {"name": backup, **claim})
    assert store.spec.s3 is not None, "the API server takes no store without a place"
    secrets = await stored.keys_of(caller, space, store.spec.s3)
    _downloads.require_room()
    opened = ExitStack()
    try:
        manifest, chunks = await asyncio.to_thread(_open, opened, store.spec.s3, secrets, folder)
    except BaseException:
        await asyncio.shield(asyncio.to_thread(opened.close))
        raise
    name = download.file_name(folder.rpartition("/")[2], encrypted=view.encrypted or False)
    headers = {
        "Content-Length": str(manifest.size_bytes),
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-SHA256": manifest.sha256,
    }
    return StreamingResponse(_sent(opened, chunks, backup), headers=headers, media_type="application/octet-stream")


async def _sent(opened: ExitStack, chunks: Iterator[bytes], backup: str) -> AsyncIterator[bytes]:
    try:
        with _downloads.one():
            async for chunk in iterate_in_threadpool(chunks):
                yield chunk
    except (StoreError, ArchiveError) as error:
        log.warning("download_broken_off", backup=backup, error=str(error))
        raise  # fewer bytes than announced: the browser says that it failed
    finally:
        await asyncio.shield(asyncio.to_thread(opened.close))


def _open(opened: ExitStack, spec: S3, secrets: dict[str, download.Keys], folder: str) -> tuple[Manifest, Iterator[bytes]]:
    """Blocks: it asks the store."""
    store, manifest = stored.manifest_in(opened, spec, secrets, folder)
    return manifest, download.checked(store, manifest)


def folder_of(view: BackupView) -> str:
    """Where a backup lies in its store. Raises ProblemError of one that lies in none."""
    if not (view.store and view.engine and view.stored_name) or view.size_bytes is None:
        detail = f"{view.name} is not in a store: it is {view.phase}" + (f": {view.message}" if view.message else "")
        raise ProblemError(409, Code.CONFLICT, detail, {"name": view.name})
    return layout.backup_folder(view.engine, view.namespace, view.service, view.stored_name)
