"""The moment at which a backup becomes one."""

from pathlib import Path

import pytest

from moorage.backup import layout
from moorage.backup.errors import Reason, StoreError
from moorage.backup.filesystem import FileSystemStore
from moorage.backup.manifest import Manifest
from moorage.core.task import Task, TaskKind
from moorage.worker.backup import publish
from moorage.worker.work import Work

MADE = Manifest(
    backup_name="mongodb-shop-orders-20261125023000",
    task_id="0123456789ab-1",
    trigger="Manual",
    engine="mongodb",
    version="6.0.5",
    compatibility="6.0",
    namespace="shop",
    service="orders",
    source="datanode1",
    start_time="2026-11-25T02:30:00Z",
    end_time="2026-11-25T02:30:10Z",
    consistent_time="2026-11-25T02:30:09Z",
    position=None,
    raw_bytes=3,
    size_bytes=3,
    sha256="ab",
    archive=layout.ARCHIVE,
    recipient=None,
    keep_days=7,
    figures={},
    data_service={},
    secrets=None,
)


class Deaf(FileSystemStore):
    """It takes a manifest, and its answer is lost."""

    def put_new(self, key: str, body: bytes) -> bool:
        super().put_new(key, body)
        raise StoreError("the connection broke", Reason.UNAVAILABLE)


@pytest.fixture
def work() -> Work:
    return Work(Task("0123456789ab-1", TaskKind.BACKUP, {}, "shop", "orders", "mongodb", {}))


def test_a_manifest_never_stands_without_its_archive(tmp_path: Path, work: Work) -> None:
    store = Deaf(tmp_path)
    store.put(MADE.archive_key, b"abc")
    with pytest.raises(StoreError, match="broke"):
        publish(work, store, MADE)
    assert list(store.list()) == []
