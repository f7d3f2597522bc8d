"""What a check of a store reads."""

import threading
from pathlib import Path

from moorage.backup.filesystem import FileSystemStore
from moorage.core.task import Task, TaskKind
from moorage.worker.check import READERS, in_order, read_manifests
from moorage.worker.work import Work
from tests.unit.worker.test_publish import MADE


class Far(FileSystemStore):
    """Answers only when as many ask at once as should: a store far away answers each one slowly."""

    gate = threading.Barrier(READERS, timeout=10)

    def read(self, key: str, limit_bytes: int = 16 * 1024 * 1024) -> bytes:
        self.gate.wait()
        return super().read(key, limit_bytes)


def test_manifests_are_read_side_by_side_so_that_a_full_store_far_away_is_checked_in_time(tmp_path: Path) -> None:
    store = Far(tmp_path)
    for number in range(READERS):
        folder = f"mongodb/shop/orders/mongodb-shop-orders-2026112502300{number}"
        store.put(f"{folder}/manifest.json", MADE.to_json() if number else b"no manifest")
    work = Work(Task("0123456789ab-1", TaskKind.CHECK, {}, "shop"))
    listing, unreadable = read_manifests(work, store, list(store.list()))
    assert (len(listing) + len(unreadable), bool(unreadable)) == (READERS, True)


def test_what_is_cut_off_a_long_listing_is_no_service() -> None:
    def told(service: str, hour: int) -> dict[str, object]:
        return {"engine": "mongodb", "namespace": "shop", "service": service, "endTime": f"2026-11-25T{hour:02}:00:00Z"}

    listing = in_order([told("quiet", 1), *(told("busy", hour) for hour in range(2, 20)), told("quiet", 0)])
    assert [(one["service"], str(one["endTime"])[11:13]) for one in listing[:3]] == [
        ("busy", "19"),
        ("quiet", "01"),
        ("busy", "18"),
    ]
    assert len(listing) == 20
