"""`python -m benchmarks.mysql_backup --gib 1 --pairs 3`: a physical backup of MySQL beside `tar | zstd` of the same files.

By hand: the data folder of a member that was stopped in order, through `tar | zstd -3` into a file. The worker copies a member
that runs, starts a mysqld on the copy, counts every row, packs, hashes and writes a manifest, into a file system.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from moorage.core.task import TaskPhase
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


def by_hand(data: Path, target: Path) -> float:
    began = time.monotonic()
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"tar c -C {data} --exclude 'binlog.*' . | zstd -q -3 -T1 -f -o {target}"], check=True
    )
    return time.monotonic() - began


async def compare(gib: float, pairs: int) -> None:
    os.environ["PATH"] = mysql_programs.path()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        async with running(folder / "group", 1, more=MORE) as group:
            await fill(group, gib)
            worker = worker_of(group, folder / "w", is_encrypted=False)
            data = group.lives[0].home.data_dir / "mysql"
            hand, ours, raw = list[float](), list[float](), 0
            for number in range(pairs):
                frozen = folder / "frozen"
                shutil.copytree(data, frozen, ignore=shutil.ignore_patterns("binlog.*"))
                hand.append(await asyncio.to_thread(by_hand, frozen, folder / "by-hand.zst"))
                shutil.rmtree(frozen)
                began = time.monotonic()
                report = await asyncio.to_thread(worker.backup, members(group), f"{NAME[:-1]}{number}")
                ours.append(time.monotonic() - began)
                assert report.phase is TaskPhase.SUCCEEDED, report.message
                assert "physical copy" in report.message
                raw = report.raw_bytes
    ratio = statistics.median(h / o for h, o in zip(hand, ours, strict=True))
    print(f"\n{raw / 2**30:.2f} GiB of files, {pairs} pairs, {os.cpu_count()} cores for everything")
    print("| what | tar and zstd p50 | worker p50 | of their throughput |")
    print("|---|---|---|---|")
    print(f"| physical backup | {statistics.median(hand):.1f} s | {statistics.median(ours):.1f} s | {ratio * 100:.0f} % |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=1)
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args()
    asyncio.run(compare(given.gib, given.pairs))


if __name__ == "__main__":
    main()
