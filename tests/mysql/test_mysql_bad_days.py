"""Members that are cut off, frozen or thrown out of a real group: who serves and who does not; all come back by themselves."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from moorage.core.metrics import read
from moorage.core.report import Role
from moorage.engines.member import EngineError
from moorage.engines.mysql import keyless
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, Life, running
from tests.mysql.mysql_writers import Written, numbers, prepare, writing


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


@contextlib.contextmanager
def frozen(*lives: Life) -> Iterator[float]:
    """They neither die nor answer: what the others see of a member whose machine hangs. Yields since when, in seconds."""
    for life in lives:
        life.member.signal(signal.SIGSTOP)
    try:
        yield time.monotonic()
    finally:
        for life in lives:
            life.member.signal(signal.SIGCONT)


def lost(group: Group, written: Written) -> set[int]:
    return {n for n, _ in written.acknowledged} - numbers(group, group.primary())


def led_since(life: Life, moment: float) -> bool:
    return any(at > moment and report.role is Role.PRIMARY for at, report in life.told)


async def test_a_primary_without_a_majority_confirms_nothing_and_cuts_its_clients(tmp_path: Path) -> None:
    async with running(tmp_path) as group:
        prepare(group)
        first, others = group.primary(), group.secondaries()
        with (
            group.client(first, "app", read_timeout=40) as reading,
            group.client(first, "app", read_timeout=40) as writing_,
            frozen(*others) as since,
        ):
            with pytest.raises(pymysql.MySQLError), writing_.cursor() as cursor:
                await asyncio.to_thread(cursor.execute, "INSERT INTO app.numbers VALUES (666)")
            refused = time.monotonic() - since
            await group.until("it says that it serves nobody", lambda: first.report.role is not Role.PRIMARY, 20)
            apart = time.monotonic()
            with pytest.raises(pymysql.MySQLError):
                await group.until("who was connected is cut", lambda: reading.ping(reconnect=False), 20)
            with pytest.raises(pymysql.MySQLError):
                group.ask(first, "SELECT 1", "app")
            assert not led_since(first, apart)
            print(f"a minority: the write was refused after {refused:.1f} s, clients cut {time.monotonic() - since:.1f} s")


async def test_a_frozen_primary_is_succeeded_and_serves_nobody_when_it_wakes(tmp_path: Path) -> None:
    async with running(tmp_path) as group:
        prepare(group)
        first = group.primary()
        with writing(group) as written:
            await group.until("writes go on", lambda: len(written.acknowledged) > 100)
            with frozen(first) as since:
                await group.until("somebody else is primary", lambda: leads(group, except_for=first), 40)
                print(f"a frozen primary: {time.monotonic() - since:.1f} s to the new term")
                await group.until("writes go on", lambda: written.count_since(since + 1.0) > 20)
            woken, now = time.monotonic(), group.primary().report.term
            await group.until_well(120)
        claims = [r.term for at, r in first.told if at > woken and r.role is Role.PRIMARY]
        assert all(term < now for term in claims), "what it says before it looks around is of a term that is over"
        assert lost(group, written) == set()


async def test_a_frozen_secondary_costs_the_writers_no_second_and_joins_again(tmp_path: Path) -> None:
    async with running(tmp_path) as group:
        prepare(group)
        first, second = group.primary(), group.secondaries()[0]
        with writing(group) as written:
            await group.until("writes go on", lambda: len(written.acknowledged) > 100)
            with frozen(second) as since:
                await group.until("it is known to be down", lambda: second.pod in first.report.peers_down, 30)
                await group.until("writes go on", lambda: written.count_since(since) > 50)
            await group.until_well(120)
        print(f"a frozen secondary: {written.gap_seconds:.2f} s without writes")
        assert written.gap_seconds < 2.0
        assert group.primary() is first
        assert lost(group, written) == set()


async def test_a_member_that_was_thrown_out_lets_no_client_in_and_joins_by_itself(tmp_path: Path) -> None:
    """ERROR and OFFLINE_MODE, as after an expulsion."""
    async with running(tmp_path) as group:
        prepare(group)
        out = group.secondaries()[0]
        out.member._joining.is_held = True
        ledger = out.member._known.ledger
        assert ledger is not None
        await group.primary().member._expulsion.ask(out.pod, ledger.group_name, [group.primary().pod])
        await group.until("it is out", lambda: out.report.role is Role.CATCHING_UP, 30)
        with pytest.raises(pymysql.MySQLError, match=r"offline mode"):
            group.ask(out, "SELECT 1", "app")
        out.member._joining.is_held = False
        await group.until_well()
        assert group.ask(out, "SELECT 1 AS one", "app") == [{"one": 1}]


async def test_open_transactions_are_ended_so_that_the_role_can_move(tmp_path: Path) -> None:
    async with running(tmp_path) as group:
        prepare(group)
        first, heir = group.primary(), group.secondaries()[0]
        with group.client(first, "app") as client, client.cursor() as cursor:
            client.begin()
            cursor.execute("INSERT INTO app.numbers VALUES (1)")
            begun = time.monotonic()
            await group.order(first, "hand-over", {"to": heir.pod, "term": first.report.term})
            print(f"a hand-over past an open transaction: {time.monotonic() - begun:.1f} s")
            with pytest.raises(pymysql.MySQLError):
                client.commit()
        await group.until("it is primary", lambda: heir.report.role is Role.PRIMARY)
        assert numbers(group, heir) == set(), "nothing of it is there"


def leads(group: Group, *, except_for: Life) -> bool:
    return any(x.report.role is Role.PRIMARY for x in group.lives if x is not except_for)


async def test_tables_without_a_primary_key_are_named_with_what_to_do_until_they_have_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a restore could bring them: nobody can make one by the settings of Moorage."""
    monkeypatch.setattr(keyless, "LOOK_SECONDS", 0.0)
    async with running(tmp_path, 1, more=("--sql-require-primary-key=OFF",)) as group:
        (life,) = group.lives
        await life.member.prepare_primary()
        prepare(group)
        group.ask(life, "CREATE TABLE app.`größe` (n INT UNIQUE)")
        group.ask(life, "CREATE TABLE app.as_good (n INT NOT NULL UNIQUE)")
        group.ask(life, "CREATE TABLE app.parts (n INT) PARTITION BY HASH (n) PARTITIONS 2")
        await group.until("they are named", lambda: "in a group: app.größe, app.parts; give each one" in life.report.unwritable)
        names = {"app.größe": 1.0, "app.parts": 1.0}
        assert await keyless_tables(life) == {"tables_without_primary_key": {"": 2.0}, "table_without_primary_key": names}
        with pytest.raises(pymysql.MySQLError, match="does not comply"):
            group.ask(life, "INSERT INTO app.parts VALUES (1)")
        group.ask(life, "INSERT INTO app.as_good VALUES (1)")
        with pytest.raises(EngineError, match="denied"):
            await life.member._connections.local.rows("SELECT * FROM app.as_good")
        group.ask(life, "ALTER TABLE app.`größe` ADD PRIMARY KEY (n)")
        group.ask(life, "ALTER TABLE app.parts ADD PRIMARY KEY (n)")
        group.ask(life, "INSERT INTO app.parts VALUES (1)")
        await group.until("nothing is said any more", lambda: not life.report.unwritable)
        assert await keyless_tables(life) == {"tables_without_primary_key": {"": 0.0}}


async def test_a_member_starts_where_the_number_of_its_engine_of_before_belongs_to_somebody_else_by_now(tmp_path: Path) -> None:
    """As after a container's end: mysqld's note of its number outlives it, and in the next one another process has it.
    mysqld took that for another mysqld and ended, each time, for ever."""
    async with running(tmp_path, 1) as group:
        life = group.lives[0]
        life.is_wanted = False
        group.kill(life)
        await group.until("it is down", lambda: life.report.role is Role.DOWN and not life.member.is_running)
        somebody_else = await asyncio.create_subprocess_exec("sleep", "600")
        try:
            life.member._socket.with_name(life.member._socket.name + ".lock").write_text(f"{somebody_else.pid}\n")
            life.is_wanted = True
            await group.until("its engine is up", lambda: life.report.role is Role.APART)
        finally:
            somebody_else.kill()
            await somebody_else.wait()
        assert life.starts == 2


async def keyless_tables(life: Life) -> dict[str, dict[str, float]]:
    """What its metrics say: metric → table → value."""
    found = [f for f in read(life.member.metrics, await life.member.measure()) if "primary_key" in f.metric.name and f.samples]
    return {
        f.metric.name.removeprefix("moorage_mysql_"): {"".join(s.labels): float(s.value) for s in f.samples}  # type: ignore[arg-type]
        for f in found
    }
