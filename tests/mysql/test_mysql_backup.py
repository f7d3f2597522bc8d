"""Backups of a real group that is written to, and their restores."""

import asyncio
import json
from pathlib import Path

import pymysql
import pytest

from moorage.core.task import TaskPhase
from tests.engine.replica import mounts
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, running
from tests.mysql.mysql_tasks import FOLDER, backup, prepare, seed, worker_of
from tests.mysql.mysql_writers import writing

ROWS = 5_000
TRUSTING = ("--log-bin-trust-function-creators=ON",)
FIRST_ROWS = """
INSERT INTO app.orders (customer, text)
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i % 97, REPEAT('y', 250) FROM n
"""


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


async def fill(group: Group) -> None:
    await prepare(group)
    for statement in (
        "CREATE TABLE app.orders (id INT PRIMARY KEY AUTO_INCREMENT, customer INT, text VARCHAR(300), KEY (customer))",
        FIRST_ROWS,
        *["INSERT INTO app.orders (customer, text) SELECT customer, text FROM app.orders LIMIT 1000"] * (ROWS // 1000 - 1),
        "CREATE VIEW app.of_seven AS SELECT id FROM app.orders WHERE customer = 7",
        "CREATE TABLE app.words (word VARCHAR(20) COLLATE utf8mb4_bin PRIMARY KEY, raw VARBINARY(20), doc JSON)",
        "INSERT INTO app.words VALUES ('naïve', x'00ff1a0a', '{\"a\": 1}'), ('上海', x'', NULL)",
        "SELECT id FROM app.of_seven",
        "CREATE TRIGGER app.counted BEFORE INSERT ON app.words FOR EACH ROW SET NEW.doc = COALESCE(NEW.doc, '{}')",
        "CREATE PROCEDURE app.nothing() SELECT 1",
        "CREATE USER ann IDENTIFIED BY 'of-ann'",
        "GRANT SELECT ON app.* TO ann",
    ):
        group.ask(group.primary(), statement)


def expect_everything(group: Group, at_most: int) -> None:
    for life in group.lives:
        (counted,) = group.ask(life, "SELECT COUNT(*) AS n, COUNT(DISTINCT customer) AS c FROM app.orders")
        assert counted == {"n": ROWS, "c": 97}
        numbers = [row["n"] for row in group.ask(life, "SELECT n FROM app.numbers ORDER BY n")]
        assert numbers == list(range(1, len(numbers) + 1)), "a moment's state has no holes"
        assert 0 < len(numbers) <= at_most
        assert {r["word"]: r["raw"] for r in group.ask(life, "SELECT word, raw FROM app.words")} == {
            "naïve": bytes.fromhex("00ff1a0a"),
            "上海": b"",
        }
        assert len(group.ask(life, "SELECT id FROM app.of_seven")) == 55
        assert group.ask(life, "SELECT 1 AS one", "app") == [{"one": 1}], "the service's users have the passwords of the new one"
        assert group.ask(life, "SELECT COUNT(*) AS n FROM app.words", "ann") == [{"n": 2}], "people's own are as they were"


@pytest.mark.parametrize("has_room", [True, False], ids=["physical", "logical"])
async def test_what_was_backed_up_under_writes_is_restored_and_a_group_grows_from_it(tmp_path: Path, has_room: bool) -> None:
    new = tmp_path / "new"
    new.mkdir()
    worker_folder = tmp_path / "w"
    async with running(tmp_path / "old", more=TRUSTING) as group:
        await fill(group)
        worker = worker_of(group, worker_folder, has_room=has_room)
        with writing(group) as written:
            await group.until("it is written to", lambda: len(written.acknowledged) > 50)
            report = await backup(group, worker)
            at_most = len(written.acknowledged) + 1
        sources = {life.pod for life in group.secondaries()}
    assert report.result["source"] in sources
    assert ("physical copy" if has_room else "it is logical") in report.message
    manifest = json.loads(worker.stored(f"{FOLDER}/manifest.json").read_text())
    assert manifest["figures"]["kind"] == ("physical" if has_room else "logical")
    assert manifest["figures"]["tables"]["app.orders"]["rows"] == ROWS
    assert manifest["position"]["timeline"]
    if has_room:
        assert not list(worker.places.data.iterdir()), "the copy is gone when it is packed"

    places = mounts(new / "mounts")
    (places.internal / "ann-password").write_text("of-ann")  # as her password was
    restored = await seed(worker, new / "data0", places)
    assert restored.phase is TaskPhase.SUCCEEDED, restored.message
    assert restored.result["compared"] == len(manifest["figures"]["tables"])
    async with running(new, places=places) as group:
        expect_everything(group, at_most)
        await asyncio.to_thread(group.ask, group.primary(), "INSERT INTO app.numbers VALUES (0)", "app")


async def test_a_logical_backup_is_whole_where_people_let_no_query_take_longer_than_a_millisecond(tmp_path: Path) -> None:
    async with running(tmp_path / "old", 1, more=TRUSTING) as group:
        await fill(group)
        worker = worker_of(group, tmp_path / "w", has_room=False)
        await group.primary().member._connections.local.rows("SET GLOBAL max_execution_time = 1")
        with pytest.raises(pymysql.MySQLError, match="maximum statement execution time exceeded"):
            group.ask(group.primary(), "SELECT COUNT(*) FROM app.orders a JOIN app.orders b ON a.text <> b.customer")
        report = await backup(group, worker)
    assert "it is logical" in report.message
    restored = await seed(worker, tmp_path / "data", group.places, mode="rehearse")
    assert restored.phase is TaskPhase.SUCCEEDED, restored.message
    manifest = json.loads(worker.stored(f"{FOLDER}/manifest.json").read_text())
    assert manifest["figures"]["tables"]["app.orders"]["rows"] == ROWS
    assert restored.result["compared"] == len(manifest["figures"]["tables"])


async def test_a_table_that_is_lost_on_the_way_fails_the_rehearsal(tmp_path: Path) -> None:
    async with running(tmp_path / "old", 1, more=TRUSTING) as group:
        await fill(group)
        worker = worker_of(group, tmp_path / "w")
        await backup(group, worker)
        path = worker.stored(f"{FOLDER}/manifest.json")
        manifest = json.loads(path.read_text())
        manifest["figures"]["tables"]["app.orders"]["rows"] += 1
        path.write_text(json.dumps(manifest))
        report = await seed(worker, tmp_path / "data", group.places, mode="rehearse")
    assert report.phase is TaskPhase.FAILED
    assert f"app.orders has {ROWS} rows instead of {ROWS + 1}" in report.message
    assert not report.can_be_repeated
