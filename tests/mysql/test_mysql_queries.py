"""Queries of people's own at a real mysqld: what reads is answered, and the engine itself refuses and ends everything else."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from moorage.api.query_bounds import Asked
from moorage.core.queries import SERIES_MAX, Outcome, Query, QueryError, answer
from moorage.engines.mysql import querying
from moorage.engines.mysql.connections import RefusedError
from moorage.engines.mysql.constants import METRICS_RIGHTS, READER
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, Life, running

COUNT = Query("orders", "", "app", "SELECT COUNT(*) AS value FROM orders", "value", (), 60, 2, Asked.EACH)


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


@pytest.fixture
async def group(tmp_path: Path) -> AsyncIterator[Group]:
    async with running(tmp_path, 2) as found:
        primary = found.primary()
        found.ask(primary, "CREATE DATABASE IF NOT EXISTS app")
        found.ask(primary, "CREATE TABLE app.orders (id INT PRIMARY KEY AUTO_INCREMENT, state VARCHAR(300), paid DECIMAL(10,2))")
        found.ask(primary, "INSERT INTO app.orders (state, paid) VALUES ('new', 1.50), ('new', 2.25), ('sent', NULL)")
        await primary.member.keep_reader()
        await found.until("the secondary has everything", lambda: _has_reader(found, found.secondaries()[0]))
        yield found


def _has_reader(group: Group, life: Life) -> bool:
    found = group.ask(life, f"SELECT COUNT(*) AS n FROM mysql.default_roles WHERE user = '{READER}'")  # noqa: S608 - a constant
    return bool(found[0]["n"])


async def values(life: Life, query: Query) -> dict[tuple[str, ...], float]:
    return {sample.labels: float(sample.value) for sample in answer(await life.member.ask(query)).samples}  # type: ignore[arg-type]


async def refused(life: Life, query: Query) -> tuple[Outcome, str]:
    with pytest.raises(QueryError) as caught:
        await life.member.ask(query)
    return caught.value.outcome, str(caught.value)


async def test_what_people_ask_is_answered_and_refused_at_a_real_group(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    primary, secondary = group.primary(), group.secondaries()[0]
    await _answers_come(primary, secondary)
    await _no_answer_is_long(group, primary)
    await _it_reads_the_applications_databases_alone(group, primary)
    await _what_cannot_be_answered_says_why(primary)
    monkeypatch.setattr(querying, "why_refused", lambda _database, _query: None)
    await _the_engine_itself_refuses_to_write(group, primary)
    await _the_engine_itself_ends_what_takes_long(group, primary)
    monkeypatch.undo()
    await _the_user_is_put_back(group, primary)


async def _answers_come(primary: Life, secondary: Life) -> None:
    states = replace(COUNT, query="SELECT state, SUM(paid) AS value FROM orders GROUP BY state ORDER BY state", labels=("state",))
    for life in (primary, secondary):
        assert await values(life, COUNT) == {(): 3.0}
        assert await values(life, states) == {("new",): 3.75}, "a sum of nothing but NULL is no number"
    with_clause = replace(COUNT, query="WITH x AS (SELECT 7 AS value) SELECT value FROM x")
    assert await values(primary, with_clause) == {(): 7.0}


async def _no_answer_is_long(group: Group, primary: Life) -> None:
    many = " UNION ALL ".join(f"SELECT {n} AS n, REPEAT('x', 9999) AS t" for n in range(1, 9))
    text = f"SELECT a.n * 8 + b.n AS value, CONCAT(a.n, b.n, a.t) AS t FROM ({many}) a, ({many}) b"  # noqa: S608
    crossed = replace(COUNT, query=text, labels=("t",))
    rows = await primary.member.ask(crossed)
    found = answer(rows)
    assert (len(rows), len(found.samples), found.left_out) == (SERIES_MAX + 1, SERIES_MAX, 1)
    assert max(len(str(text)) for row in rows for text in row) == 200
    (packet,) = group.ask(primary, "SELECT @@max_allowed_packet AS n")
    huge = replace(COUNT, query=f"SELECT REPEAT('9', {int(packet['n']) - 1000}) AS value")
    assert [len(str(row[0])) for row in await primary.member.ask(huge)] == [64]


async def _it_reads_the_applications_databases_alone(group: Group, primary: Life) -> None:
    group.ask(primary, "CREATE DATABASE shop")
    group.ask(primary, "CREATE TABLE shop.parts (id INT PRIMARY KEY)")
    group.ask(primary, "CREATE DATABASE app_more")
    group.ask(primary, "CREATE TABLE app_more.parts (id INT PRIMARY KEY)")
    assert await values(primary, replace(COUNT, query="SELECT COUNT(*) AS value FROM app_more.parts")) == {(): 0.0}
    parts = replace(COUNT, database="shop", query="SELECT COUNT(*) AS value FROM parts")
    outcome, says = await refused(primary, parts)
    assert outcome is Outcome.DENIED
    assert says.endswith(f"an administrator can say: GRANT SELECT ON `shop`.* TO {METRICS_RIGHTS}")
    for other in ("mysql.user", "moorage.ledger", "performance_schema.threads"):
        found = await refused(primary, replace(COUNT, query=f"SELECT COUNT(*) AS value FROM {other}"))  # noqa: S608
        assert found[0] in (Outcome.DENIED, Outcome.FAILED), other
    group.ask(primary, f"GRANT SELECT ON `shop`.* TO {METRICS_RIGHTS}")
    assert await values(primary, parts) == {(): 0.0}


async def _what_cannot_be_answered_says_why(primary: Life) -> None:
    wrong: dict[str, tuple[Outcome, str]] = {
        "SELECT nosuch AS value FROM orders": (Outcome.FAILED, "the engine says: Unknown column 'nosuch'"),
        "SELECT 1 AS other": (Outcome.FAILED, "the engine says: Unknown column 'q.value'"),
        "SELECT COUNT( AS value FROM orders)": (Outcome.FAILED, "the engine says: You have an error in your SQL syntax"),
        "DELETE FROM orders": (Outcome.REFUSED, "it begins with 'delete'"),
    }
    for text, (outcome, says) in wrong.items():
        found = await refused(primary, replace(COUNT, query=text))
        assert found[0] is outcome, text
        assert found[1].startswith(says), found[1]


WRITES = (
    "DELETE FROM orders", "UPDATE orders SET state = 'x'", "INSERT INTO orders (state) VALUES ('x')", "DROP TABLE orders",
    "SELECT 1 AS value; DELETE FROM orders", "SELECT 1 AS value) AS q; DELETE FROM orders; SELECT * FROM (SELECT 1 AS value",
    "SELECT state AS value FROM orders INTO OUTFILE '/tmp/x'", "SELECT 1 AS value INTO @x",
    "WITH x AS (SELECT 1) DELETE FROM orders", "SET GLOBAL super_read_only = OFF", "SELECT LOAD_FILE('/etc/passwd') AS value",
    "SELECT id AS value FROM orders FOR UPDATE", "CREATE TEMPORARY TABLE t (id INT)",
)  # fmt: skip


async def _the_engine_itself_refuses_to_write(group: Group, primary: Life) -> None:
    """Without our own rule; and also what is not asked inside of a SELECT."""
    for text in WRITES:
        if "LOAD_FILE" in text:
            assert await values(primary, replace(COUNT, query=text)) == {}, "it reads no file"
            continue
        outcome, says = await refused(primary, replace(COUNT, query=text))
        assert outcome in (Outcome.FAILED, Outcome.DENIED), (text, says)
    session = primary.member._connections.to_read("app", 2)
    try:
        for text in WRITES:
            if text.startswith(("DELETE", "UPDATE", "INSERT", "DROP", "WITH", "SET", "CREATE")):
                with pytest.raises(RefusedError):
                    await session.rows(text)
        group.ask(primary, f"GRANT ALL ON app.* TO '{READER}'@'localhost'")
    finally:
        session.close()
    session = primary.member._connections.to_read("app", 2)
    try:
        for text in ("DELETE FROM orders", "INSERT INTO orders (state) VALUES ('x')", "DROP TABLE orders"):
            with pytest.raises(RefusedError, match="READ ONLY transaction"):
                await session.rows(text)
    finally:
        session.close()
        group.ask(primary, f"REVOKE ALL ON app.* FROM '{READER}'@'localhost'")
    assert await values(primary, COUNT) == {(): 3.0}


async def _the_engine_itself_ends_what_takes_long(group: Group, primary: Life) -> None:
    slow = {
        "SELECT SLEEP(30) AS value FROM orders": "sleeps",
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900) "
        "SELECT COUNT(*) AS value FROM n a, n b, n c, n d WHERE a.i * b.i + c.i <> d.i": "reckons",
    }
    for text, what in slow.items():
        began = time.monotonic()
        outcome, says = await refused(primary, replace(COUNT, query=text, timeout_seconds=1))
        took = time.monotonic() - began
        print(f"a query that {what} is ended by the engine after {took:.2f} s of 1 s")
        assert (outcome, says) == (Outcome.TIMED_OUT, "it takes longer than 1 s")
        assert took < 2, "not by us, who would wait for 2 s"

    def asked() -> list[Any]:
        return group.ask(primary, f"SELECT * FROM information_schema.PROCESSLIST WHERE USER = '{READER}'")  # noqa: S608

    await group.until("no connection of it is left", lambda: not asked(), 10)


async def _the_user_is_put_back(group: Group, primary: Life) -> None:
    group.ask(primary, f"DROP USER '{READER}'@'localhost'")
    outcome, says = await refused(primary, COUNT)
    assert (outcome, says) == (Outcome.DENIED, "its user is not there yet; the primary makes it within a minute")
    await primary.member.keep_reader()
    assert await values(primary, COUNT) == {(): 3.0}
    group.ask(primary, f"ALTER USER '{READER}'@'localhost' IDENTIFIED BY 'another'")
    await primary.member.keep_reader()
    assert await values(primary, COUNT) == {(): 3.0}


async def test_an_engine_that_is_down_is_not_waited_for(tmp_path: Path) -> None:
    async with running(tmp_path, 1) as group:
        (life,) = group.lives
        life.is_wanted = False
        group.kill(life)
        await group.until("it is down", lambda: not life.member.is_running)
        assert await refused(life, COUNT) == (Outcome.UNREACHABLE, "the engine does not answer")
