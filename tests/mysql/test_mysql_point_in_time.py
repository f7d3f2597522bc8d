"""The log of a real group, archived while it is written to, and moments that are restored from it."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moorage.backup import layout
from moorage.core.report import Role
from moorage.core.task import TaskPhase
from moorage.worker import slices
from tests.engine.tasks import Worker
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, Life, running
from tests.mysql.mysql_tasks import archiving, backup, prepare, seed, worker_of
from tests.mysql.mysql_writers import writing


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


def insert(group: Group, *numbers: int) -> None:
    for number in numbers:
        group.ask(group.primary(), f"INSERT INTO app.numbers VALUES ({number})", "app")  # noqa: S608 - a number


def now() -> str:
    """A moment with nothing written around it: a commit is stamped a little before it is answered."""
    time.sleep(0.05)
    moment = datetime.now(UTC).isoformat()
    time.sleep(0.05)
    return moment


async def restored_numbers(group: Group, data: Path) -> list[int]:
    """Of a group of one that starts on what was restored."""
    async with running(data.parent, 1, places=group.places) as new:
        return [row["n"] for row in new.ask(new.primary(), "SELECT n FROM app.numbers ORDER BY n")]


def stored_slices(worker: Worker) -> list[layout.Slice]:
    root = worker.stored("")
    keys = [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()]
    return [s for key in keys if (s := layout.parse_slice(key)) is not None]


async def test_any_moment_comes_back_exactly_also_after_the_archiver_was_replaced(tmp_path: Path) -> None:
    async with running(tmp_path / "old", 1) as group:
        await prepare(group)
        worker = worker_of(group, tmp_path / "w")
        async with archiving(group, worker):
            insert(group, 1, 2)
            await backup(group, worker)
            insert(group, 3)
            group.ask(group.primary(), "CREATE TABLE app.more (id INT PRIMARY KEY, s MEDIUMTEXT)", "app")
            group.ask(group.primary(), "INSERT INTO app.more VALUES (1, REPEAT('x', 100000))", "app")
            first = now()
            insert(group, 4)
        async with archiving(group, worker):
            insert(group, 5)
            second = now()
            insert(group, 6, 7)
            group.ask(group.primary(), "DELETE FROM app.numbers WHERE n < 5", "app")
        found = stored_slices(worker)
        assert len(found) >= 2
        assert not slices.gaps(found)

        places = group.places
        one = await seed(worker, tmp_path / "one/data0", places, until={"time": first})
        assert one.phase is TaskPhase.SUCCEEDED, one.message
        two = await seed(worker, tmp_path / "two/data0", places, until={"time": second})
        assert two.phase is TaskPhase.SUCCEEDED, two.message
        late = await seed(worker, tmp_path / "late/data0", places, until={"time": "2099-01-01T00:00:00Z"})
        early = await seed(worker, tmp_path / "early/data0", places, until={"time": "2020-01-01T00:00:00Z"})
        assert "the log in the store ends at" in late.message
        assert "choose an earlier backup" in early.message
        assert await restored_numbers(group, tmp_path / "one/data0") == [1, 2, 3, 4][:3]
        assert await restored_numbers(group, tmp_path / "two/data0") == [1, 2, 3, 4, 5]


async def test_no_write_is_missing_from_the_archive_over_a_change_of_primary(tmp_path: Path) -> None:
    async with running(tmp_path / "old") as group:
        await prepare(group)
        worker = worker_of(group, tmp_path / "w")
        async with archiving(group, worker):
            await backup(group, worker)
            with writing(group) as written:
                await group.until("it is written to", lambda: len(written.acknowledged) > 50)
                other = group.secondaries()[0]
                await group.primary().member.carry_out("hand-over", {"to": other.pod, "term": group.primary().report.term})
                await group.until("it was handed over", lambda: other.report.role is Role.PRIMARY)
                since = time.monotonic()
                await group.until("it is written to again", lambda: written.count_since(since) > 50)
            acknowledged = {number for number, _ in written.acknowledged}
            end = now()
            insert(group, 1_000_000)
            await group.until("all have it", lambda: all(held(group, life) for life in group.lives))
            await asyncio.sleep(2.5)  # the archiver reads at most a second behind
        assert not slices.gaps(stored_slices(worker))
        report = await seed(worker, tmp_path / "new/data0", group.places, until={"time": end})
        assert report.phase is TaskPhase.SUCCEEDED, report.message
        found = set(await restored_numbers(group, tmp_path / "new/data0"))
        assert acknowledged <= found
        assert 1_000_000 not in found


def held(group: Group, life: Life) -> bool:
    return bool(group.ask(life, "SELECT 1 FROM app.numbers WHERE n = 1000000"))


async def test_a_log_that_is_gone_is_a_gap_and_a_moment_behind_it_is_refused_with_the_nearest(tmp_path: Path) -> None:
    async with running(tmp_path / "old", 1) as group:
        await prepare(group)
        worker = worker_of(group, tmp_path / "w")
        async with archiving(group, worker) as work:
            await backup(group, worker)
            read_bytes = work.counts.raw_bytes
            insert(group, 1)
            await group.until("it is archived", lambda: work.counts.raw_bytes > read_bytes)
        insert(group, 2)
        local = group.primary().member._connections.local
        await local.rows("FLUSH BINARY LOGS")
        insert(group, 3)
        await local.rows("SET GLOBAL binlog_expire_logs_seconds = 1")
        await asyncio.sleep(2.0)  # until they are that old
        await local.rows("FLUSH BINARY LOGS")
        assert (await local.rows("SHOW BINARY LOGS"))[0]["Log_name"] != "binlog.000001"
        insert(group, 4)
        async with archiving(group, worker) as work:
            insert(group, 5)
            end, read_bytes = now(), work.counts.raw_bytes
            insert(group, 6)
            await group.until("it is archived", lambda: work.counts.raw_bytes > read_bytes)
        assert len(slices.gaps(stored_slices(worker))) == 1
        report = await seed(worker, tmp_path / "new/data0", group.places, until={"time": end})
        assert report.phase is TaskPhase.FAILED
        assert "the log has a gap from" in report.message
