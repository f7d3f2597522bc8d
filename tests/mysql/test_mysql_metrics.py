"""What a real mysqld says of itself becomes the metrics that are promised, in a group and outside of one."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from moorage.core.metrics import Histogram, read
from moorage.engines.mysql.measuring import measure
from moorage.engines.mysql.metrics import LONG_SECONDS, METRICS
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Life, running

P = "moorage_mysql_"
OF_TABLES = {"tables_without_primary_key", "table_without_primary_key"}
"""The primary finds them at a look of its own (test_mysql_bad_days.py)."""
OF_GROUPS = {"replication_lag_seconds", "replication_queue", "replication_transactions_total", "members_heard"}


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


async def measured(life: Life, long_seconds: int = LONG_SECONDS) -> dict[str, dict[tuple[str, ...], Any]]:
    """Metric without its prefix → labels → value."""
    families = read(life.member.metrics, await measure(life.member._measured, long_seconds))
    return {f.metric.name.removeprefix(P): {s.labels: s.value for s in f.samples} for f in families if f.samples}


async def test_a_member_of_a_group_has_every_metric_and_counts_what_is_done(tmp_path: Path) -> None:
    async with running(tmp_path, 1) as group:
        (life,) = group.lives
        before = await measured(life)
        assert (await life.member.measure()).keys() >= {"status", "counters", "group"}
        assert {metric.name.removeprefix(P) for metric in METRICS} - before.keys() == OF_TABLES
        others = [metric for metric in METRICS if metric.name.removeprefix(P) not in OF_TABLES]
        assert sum(map(len, before.values())) == sum(len(metric.sources) for metric in others)
        assert before["members_heard"] == {(): 1.0}
        assert before["replication_lag_seconds"][()] < 1
        group.ask(life, "CREATE DATABASE IF NOT EXISTS app")
        group.ask(life, "CREATE TABLE app.things (id INT PRIMARY KEY)")
        group.ask(life, "INSERT INTO app.things VALUES (1), (2), (3)")
        group.ask(life, "SELECT SLEEP(0.15)")
        after = await measured(life)

        def rose(name: str, *labels: str) -> float:
            return float(after[name][labels] - before[name][labels])

        assert rose("rows_total", "inserted") >= 3
        assert rose("commands_total", "insert") >= 1
        assert rose("network_bytes_total", "in") > 0
        slow, was = after["statement_duration_seconds"][()], before["statement_duration_seconds"][()]
        assert isinstance(slow, Histogram)
        assert isinstance(was, Histogram)
        assert slow.count - was.count > dict(slow.buckets)[0.1] - dict(was.buckets)[0.1], "the sleep is above the bound of 0.1 s"
        assert slow.sum - was.sum >= 0.15
        asking = asyncio.create_task(asyncio.to_thread(group.ask, life, "SELECT SLEEP(4)"))
        async with asyncio.timeout(60):
            while (await measured(life, long_seconds=1))["long_statements"] == {(): 0.0}:
                assert not asking.done(), "the statement ended unseen"
                await asyncio.sleep(0.1)
        await asking


async def test_a_member_outside_of_a_group_has_all_metrics_but_those_of_groups(tmp_path: Path) -> None:
    async with running(tmp_path, 1) as group:
        (life,) = group.lives
        await life.member._joining.leave()
        lacks = {metric.name.removeprefix(P) for metric in METRICS} - (await measured(life)).keys()
        assert lacks - OF_GROUPS == OF_TABLES
