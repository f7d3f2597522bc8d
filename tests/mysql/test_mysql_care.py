"""A member of a real group whose data is of no use to it: nothing is merged, the old is kept, and it copies from a secondary."""

import asyncio
import time
from functools import partial
from pathlib import Path

import pytest

from moorage.core.report import Role
from moorage.engines.quarantine import ASIDE
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, Life, running
from tests.mysql.mysql_writers import numbers, prepare
from tests.ports import HOST


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


async def write_apart(group: Group, life: Life) -> None:
    """What no group ever saw, as by somebody who turned a member's protection off."""
    life.member._joining.is_held = True
    await life.member._joining.leave()
    local = life.member._connections.local
    await local.rows("SET GLOBAL read_only = OFF")
    await local.rows("SET GLOBAL offline_mode = OFF")
    group.ask(life, "INSERT INTO app.numbers VALUES (666)", "app")
    await local.rows("SET GLOBAL super_read_only = ON")
    life.member._joining.is_held = False


async def rebuild(group: Group, life: Life) -> None:
    """As the operator does: it leaves the cluster, is emptied, and joins anew."""
    first = group.primary()
    await group.order(first, "remove-member", {"member": life.pod, "configuration": first.report.configuration})
    await group.until("it is counted no more", lambda: life.pod not in first.report.configured)
    body = {"order": f"empty-{life.pod}", "configuration": first.report.configuration}
    await group.order(life, "empty-member", body)
    entry = {"pod": life.pod, "host": HOST}
    await group.order(first, "add-member", {"entry": entry, "configuration": first.report.configuration})
    await group.until_well()


async def test_a_member_that_holds_what_the_group_does_not_stays_out_and_is_rebuilt(tmp_path: Path) -> None:
    async with running(tmp_path) as group:
        prepare(group)
        group.ask(group.primary(), "INSERT INTO app.numbers VALUES (1)", "app")
        first, other, errant = group.primary(), *group.secondaries()
        await write_apart(group, errant)
        await group.until("it says so", lambda: errant.report.damage)
        assert errant.report.damage.startswith("it holds 1 transaction (")
        assert errant.report.damage.endswith(") that its group does not have")
        assert errant.report.role is Role.APART
        await asyncio.sleep(2.0)
        assert errant.report.role is Role.APART, "it never joins with it"
        assert 666 in numbers(group, errant), "and nothing is taken from it"
        await rebuild(group, errant)
        assert errant.report.damage == ""
        assert numbers(group, errant) == {1} == numbers(group, first)
        assert errant.member._joining.copied_from == other.pod, "the primary has its strength for clients"
        assert (errant.home.data_dir / ASIDE / f"empty-{errant.pod}" / "mysql").is_dir(), "what it held is kept"


async def test_a_member_whose_data_was_lost_copies_everything_and_is_never_chosen(tmp_path: Path) -> None:
    async with running(tmp_path) as group:
        prepare(group)
        group.ask(group.primary(), "INSERT INTO app.numbers VALUES (1)", "app")
        lost = group.secondaries()[0]
        await lost.member.lose_data("drill-1")
        await group.until("it is empty, and says so", lambda: not lost.member.has_data and lost.report.role is not Role.SECONDARY)
        await group.until_well()
        assert numbers(group, lost) == {1}
        assert (lost.home.data_dir / ASIDE / "drill-1" / "mysql").is_dir()


async def test_a_member_that_nobody_can_bring_up_to_date_any_more_says_so_and_is_copied_anew(tmp_path: Path) -> None:
    async with running(tmp_path) as group:
        prepare(group)
        behind = group.secondaries()[0]
        await end(group, behind)
        group.ask(group.primary(), "INSERT INTO app.numbers VALUES (1)", "app")
        for life in group.lives:
            if life is not behind:
                await life.member._connections.local.rows("SET GLOBAL binlog_expire_logs_seconds = 1")
                await group.until("its old logs are gone", partial(are_logs_gone, group, life))
        behind.is_wanted = True
        await group.until("it says so", lambda: behind.report.damage)
        assert behind.report.damage == "it fell so far behind that no other member has the binary logs any more that it lacks"
        await rebuild(group, behind)
        assert numbers(group, behind) == {1}


async def test_a_member_whose_files_are_damaged_is_rebuilt_and_what_is_left_of_them_is_kept(tmp_path: Path) -> None:
    async with running(tmp_path) as group:
        prepare(group)
        group.ask(group.primary(), "INSERT INTO app.numbers VALUES (1)", "app")
        broken = group.secondaries()[0]
        await end(group, broken)
        dictionary = broken.home.data_dir / "mysql" / "mysql.ibd"
        with dictionary.open("r+b") as file:
            file.write(b"\xff" * (dictionary.stat().st_size // 2))
        broken.is_wanted = True
        await group.until("it says so", lambda: broken.report.damage, 120)
        assert broken.report.damage.startswith("its data is damaged: ")
        await rebuild(group, broken)
        assert numbers(group, broken) == {1}
        assert (broken.home.data_dir / ASIDE / f"empty-{broken.pod}" / "mysql" / "mysql.ibd").is_file()


async def test_a_copy_whose_source_dies_half_way_begins_again_and_nothing_half_made_is_started_on(tmp_path: Path) -> None:
    slow = ("--clone-max-data-bandwidth=12",)
    async with running(tmp_path, 4, more=slow) as group:  # whoever loses two of three waits for one of them
        prepare(group)
        group.ask(group.primary(), "INSERT INTO app.numbers VALUES (1)", "app")
        source, _, copy = group.secondaries()
        await copy.member.lose_data("drill-1")
        await group.until("it copies", lambda: copy.member._joining.copies_from == source.pod)
        half = time.monotonic()
        await group.until("half of it is there", lambda: size_mib(copy) > 20)
        assert not copy.member._joining.copied.is_set()
        group.kill(source)
        await group.until("it noticed", lambda: copy.member._joining.copies_from != source.pod)
        assert not copy.member._joining.copied.is_set()
        await group.until_well(180)
        print(f"copied after its source died: {time.monotonic() - half:.1f} s")
        assert numbers(group, copy) == {1}


async def end(group: Group, life: Life) -> None:
    """Its engine dies, and is not started for now."""
    life.is_wanted = False
    group.kill(life)
    await life.member._process.wait()


def are_logs_gone(group: Group, life: Life) -> bool:
    """A new log is begun, and removes those whose time is over."""
    group.ask(life, "FLUSH BINARY LOGS")
    (row,) = group.ask(life, "SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, @@GLOBAL.gtid_purged) AS left_")
    return not row["left_"]


def size_mib(life: Life) -> int:
    files = life.member._folder.beginning.rglob("*")
    return sum(f.stat().st_size for f in files if f.is_file()) // 2**20
