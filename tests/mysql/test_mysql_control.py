"""The chaos tests can see, also with MySQL: what one member acknowledges alone is lost, and all judges say so.
By Moorage's settings the same clients lose nothing.

No luck is in it: a member that somebody took out of its group and made writable again acknowledges what nobody else ever gets.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from moorage.core.report import Role
from tests.chaos.checkers import Acknowledged, members_equal, two_primaries
from tests.chaos.checkers.members import compared, of_mysql
from tests.chaos.mysqlasker import MySqlAsker
from tests.chaos.workloads import WORKLOADS, Addresses, Workload, open_workload
from tests.chaos.workloads.crew import Crew
from tests.chaos.workloads.mysql.stores import DATABASE
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, Life, running
from tests.mysql.test_mysql_care import rebuild
from tests.ports import HOST


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


def addresses(group: Group) -> Addresses:
    """The address leads to the primary of now."""
    app, admin = (
        f"mysql://{user}:{quote((group.places.internal / f'{user}-password').read_text().strip(), safe='')}"
        for user in ("app", "admin")
    )
    all_of_them = ",".join(f"{HOST}:{life.port}" for life in group.lives)
    return Addresses(
        direct_uri=f"{app}@{HOST}:{group.primary().port}/app",
        replica_uri=f"{app}@{all_of_them}/app",
        admin_uris={life.pod: f"{admin}@{HOST}:{life.port}/mysql" for life in group.lives},
    )


@contextlib.contextmanager
def asked(group: Group, where: Addresses) -> Iterator[list[Acknowledged]]:
    """What each member acknowledges when it is written to directly, all the time, as the observer of a run does it."""
    stop, taken = threading.Event(), list[Acknowledged]()
    names = {f"{HOST}:{life.port}": life.pod for life in group.lives}

    def ask(member: str, uri: str) -> None:
        with contextlib.closing(MySqlAsker(uri, lambda host: names[host])) as asker:
            while not stop.wait(0.1):
                _, one = asker.ask(member)
                if one is not None:
                    taken.append(one)

    threads = [threading.Thread(target=ask, args=pair, daemon=True) for pair in where.admin_uris.items()]
    for thread in threads:
        thread.start()
    try:
        yield taken
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)


async def more(workloads: list[Workload], count: int, seconds: float) -> None:
    """Each has so many more acknowledged writes than now."""
    totals = [one.history.acknowledged + count for one in workloads]
    for one, total in zip(workloads, totals, strict=True):
        await asyncio.to_thread(one.wait_for, total, seconds)


async def put_out_of_its_group(life: Life) -> None:
    """As somebody does who knows no better: it serves again, alone."""
    life.member._joining.is_held = True
    await life.member._joining.leave()
    for statement in ("SET GLOBAL read_only = OFF", "SET GLOBAL offline_mode = OFF"):
        await life.member._connections.local.rows(statement)


async def test_what_one_member_acknowledges_alone_is_lost_and_every_judge_says_so(tmp_path: Path) -> None:
    async with running(tmp_path) as group:
        first, where = group.primary(), addresses(group)
        workload = open_workload("set", where, seed=1, engine="mysql")
        assert isinstance(workload, Crew)
        with asked(group, where) as taken:
            await asyncio.to_thread(workload.__enter__)
            await more([workload], 20, 30)
            await put_out_of_its_group(first)
            heirs = [life for life in group.lives if life is not first]
            await group.until("an heir leads", lambda: any(life.report.role is Role.PRIMARY for life in heirs))
            before = workload.history.acknowledged
            await more([workload], 30, 30)
            alone = workload.history.acknowledged - before
            known = len(taken)
            await group.until("both are seen to acknowledge", lambda: len({one.member for one in taken[known:]}) == 2)
            await asyncio.to_thread(workload.stop)
        assert two_primaries(taken), "the old one and the new one took the same numbers"
        held = {life.pod: await asyncio.to_thread(of_mysql, where.admin_uris[life.pod]) for life in group.lives}
        assert not compared(held).valid
        await first.member._connections.local.rows("SET GLOBAL super_read_only = ON")
        first.member._joining.is_held = False
        await group.until("it says what it holds alone", lambda: "its group does not have" in first.report.damage)
        await rebuild(group, first)
        workload.plan = replace(workload.plan, via="replica-set")  # the address leads to the heir by now
        await asyncio.to_thread(workload.final_read)
        verdict = workload.check()
        assert any("are lost" in finding for finding in verdict.findings), verdict
        assert int(verdict.figures["lost"]) >= alone > 0
        assert (await asyncio.to_thread(members_equal, where, "mysql")).valid, "the members agree, about what is lost"


async def test_by_the_settings_of_moorage_nothing_is_lost_by_one_death_or_by_that_of_all(tmp_path: Path) -> None:
    async with running(tmp_path) as group:
        where = addresses(group)
        opened = [open_workload(name, where, seed=2, engine="mysql", via="replica-set") for name in WORKLOADS]
        with asked(group, where) as taken:
            for workload in opened:
                await asyncio.to_thread(workload.__enter__)
            await more(opened, 10, 30)
            first = group.primary()
            group.kill(first)
            await group.until("an heir leads", lambda: any(x is not first and x.report.role is Role.PRIMARY for x in group.lives))
            await more(opened, 10, 60)
            await group.until_well()
            await more(opened, 10, 60)
            for life in group.lives:
                group.kill(life)
            await group.form_again()
            await group.until_well()
            await more(opened, 10, 60)
            for workload in opened:
                await asyncio.to_thread(workload.__exit__, None, None, None)
        assert len({one.member for one in taken}) >= 2, "the one that was killed, and its heir"
        assert two_primaries(taken) == []
        for workload in opened:
            await asyncio.to_thread(workload.final_read)
            workload.history.write(tmp_path / f"{workload.name}.jsonl")
            verdict = workload.check()
            print(workload.name, verdict.figures)
            assert verdict.valid, verdict
        equal = await asyncio.to_thread(members_equal, where, "mysql")
        assert equal.valid, equal


TAKE_AWAY = {
    "set": "DELETE FROM {table} ORDER BY n DESC LIMIT 1",
    "list": "UPDATE {table} SET numbers = JSON_REMOVE(numbers, '$[last]') ORDER BY id DESC LIMIT 1",
    "register": "DELETE FROM {table} WHERE value IS NOT NULL ORDER BY id DESC LIMIT 1",
    "bank": "DELETE FROM {table}_ledger ORDER BY id DESC LIMIT 1",
}
MAKE_TWICE = "UPDATE {table} SET numbers = JSON_ARRAY_APPEND(numbers, '$', 5) WHERE id = 0"


async def test_what_is_taken_away_or_made_twice_behind_everybodys_back_is_seen(tmp_path: Path) -> None:
    async with running(tmp_path, 1) as group:
        where = addresses(group)
        for name in WORKLOADS:
            workload = open_workload(name, where, seed=3, engine="mysql")
            assert isinstance(workload, Crew)
            await asyncio.to_thread(workload.__enter__)
            await more([workload], 15, 30)
            await asyncio.to_thread(workload.final_read)
            verdict = workload.check()
            assert verdict.valid, verdict
            group.ask(group.primary(), TAKE_AWAY[name].format(table=f"{DATABASE}.{workload.collection}"))
            await asyncio.to_thread(workload.final_read)
            assert not workload.check().valid, name
        workload = open_workload("list", where, seed=4, engine="mysql")
        assert isinstance(workload, Crew)
        await asyncio.to_thread(workload.__enter__)
        await more([workload], 15, 30)
        await asyncio.to_thread(workload.stop)
        group.ask(group.primary(), MAKE_TWICE.format(table=f"{DATABASE}.{workload.collection}"))
        await asyncio.to_thread(workload.final_read)
        assert any("more than once: 5." in finding for finding in workload.check().findings)
