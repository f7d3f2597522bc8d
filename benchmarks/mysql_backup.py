"""`python -m benchmarks.mysql_backup --gib 1 --pairs 3`: a physical backup of MySQL beside `tar | zstd` of the same files.

By hand twice, through `tar | zstd -3` into a file that is brought to the disk: the data folder of a member that was stopped in
order, and a member that runs, copied by `CLONE LOCAL` onto its own volume first. The worker copies a member that runs, starts a
mysqld on the copy, counts every row, packs, hashes and writes a manifest, into a file system. Processor time is without the
member's.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.backup_by_hand import processor_seconds
from moorage.core.task import TaskPhase
from moorage.engines.mysql.constants import GROUP_USER
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, running
from tests.mysql.mysql_tasks import NAME, members, prepare, worker_of

ROW_BYTES, ROWS_A_BATCH = 1000, 1000
MAKE = "CREATE TABLE filled (id BIGINT PRIMARY KEY AUTO_INCREMENT, customer INT, note TEXT, token VARBINARY(48), KEY (customer))"
FILL = f"""
INSERT INTO filled (customer, note, token)
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS_A_BATCH})
SELECT FLOOR(RAND() * 1000000), REPEAT(CONCAT(SHA2(RAND(), 256), ' order paid sent returned open '), 9), RANDOM_BYTES(48) FROM n
"""  # noqa: S608 - a number
MORE = ("--innodb-redo-log-capacity=512M", "--innodb-buffer-pool-size=256M")


async def fill(group: Group, gib: float) -> None:
    await prepare(group)
    life = group.primary()
    group.ask(life, "CREATE DATABASE IF NOT EXISTS bench")
    with group.client(life, read_timeout=120, database="bench") as client, client.cursor() as cursor:
        cursor.execute(MAKE)
        for _ in range(int(gib * 2**30 / ROW_BYTES / ROWS_A_BATCH)):
            await asyncio.to_thread(cursor.execute, FILL)


@dataclass
class Times:
    """Of all runs of one way, in seconds."""

    waited: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def throughput_of(self, peer: "Times") -> str:
        """Pair by pair."""
        return f"{statistics.median(h / o for h, o in zip(peer.waited, self.waited, strict=True)) * 100:.0f} %"

    def row(self, what: str) -> str:
        return f"| {what} | {statistics.median(self.waited):.1f} s | {statistics.median(self.processor):.1f} s |"


@contextlib.contextmanager
def taken(times: Times) -> Iterator[None]:
    began, before = time.monotonic(), processor_seconds()
    yield
    times.waited.append(time.monotonic() - began)
    times.processor.append(processor_seconds() - before)


def by_hand(data: Path, target: Path) -> None:
    pack = f"tar c -C {data} --exclude 'binlog.*' . | zstd -q -3 -T1 -f -o {target} && sync {target}"
    subprocess.run(["bash", "-euo", "pipefail", "-c", pack], check=True)


def by_hand_of_running(group: Group, folder: Path) -> None:
    copy = folder / "local"
    with group.client(group.lives[0], GROUP_USER, read_timeout=600) as client, client.cursor() as cursor:
        cursor.execute(f"CLONE LOCAL DATA DIRECTORY = '{copy}'")
    by_hand(copy, folder / "by-hand-of-running.zst")


async def compare(gib: float, pairs: int) -> None:
    os.environ["PATH"] = mysql_programs.path()
    stopped, running_by_hand, ours = Times(), Times(), Times()
    raw = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        async with running(folder / "group", 1, more=MORE) as group:
            await fill(group, gib)
            worker = worker_of(group, folder / "w", is_encrypted=False)
            data = group.lives[0].home.data_dir / "mysql"
            for number in range(pairs):
                frozen = folder / "frozen"
                shutil.copytree(data, frozen, ignore=shutil.ignore_patterns("binlog.*"))
                with taken(stopped):
                    await asyncio.to_thread(by_hand, frozen, folder / "by-hand.zst")
                shutil.rmtree(frozen)
                with taken(running_by_hand):
                    await asyncio.to_thread(by_hand_of_running, group, folder)
                shutil.rmtree(folder / "local")
                with taken(ours):
                    report = await asyncio.to_thread(worker.backup, members(group), f"{NAME[:-1]}{number}")
                assert report.phase is TaskPhase.SUCCEEDED, report.message
                assert "physical copy" in report.message
                raw = report.raw_bytes
    print(f"\n{raw / 2**30:.2f} GiB in the archive, {pairs} times, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}")
    print("| what | p50 | processor |\n|---|---|---|")
    print(stopped.row("by hand, of a stopped member"))
    print(running_by_hand.row("by hand, of one that runs"))
    print(ours.row("worker"))
    print(f"\nThe worker's throughput beside a stopped one's: {ours.throughput_of(stopped)}")
    print(f"The worker's throughput beside a running one's: {ours.throughput_of(running_by_hand)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=1)
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args()
    asyncio.run(compare(given.gib, given.pairs))


if __name__ == "__main__":
    main()
