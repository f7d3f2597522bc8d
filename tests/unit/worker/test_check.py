"""What a check of a store reads."""

import threading
from dataclasses import replace
from pathlib import Path

from moorage.backup import layout
from moorage.backup.filesystem import FileSystemStore
from moorage.backup.verdict import Verdict
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


def made(name: str, number: int) -> bytes:
    return replace(MADE, backup_name=name, sha256="0" * 64, end_time=f"2026-11-25T02:30:0{number}Z").to_json()


def test_what_a_rehearsal_found_is_told_with_the_backup(tmp_path: Path) -> None:
    store, folders = FileSystemStore(tmp_path), [f"mongodb/shop/orders/mongodb-shop-orders-2026112502300{n}" for n in range(4)]
    for number, folder in enumerate(folders):
        name = folder.rpartition("/")[2]
        store.put(layout.manifest_key(folder), made(name, number))
    store.put(layout.verdict_key(folders[0]), Verdict(True, "2026-11-25T03:00:00Z", restore_seconds=41.2).to_json())
    store.put(layout.verdict_key(folders[1]), Verdict(False, "2026-11-25T03:00:00Z", "2 documents are missing").to_json())
    store.put(layout.verdict_key(folders[2]), b'{"verified": "yes"')
    listing, unreadable = read_manifests(Work(Task("0123456789ab-1", TaskKind.CHECK, {}, "shop")), store, list(store.list()))
    told = [
        (m.get("verified"), m.get("restoreSeconds"), m.get("verifyMessage")) for m in sorted(listing, key=lambda m: m["endTime"])
    ]
    assert (unreadable, told) == (
        [],
        [(True, 41.2, None), (False, None, "2 documents are missing"), (None, None, None), (None, None, None)],
    )


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
