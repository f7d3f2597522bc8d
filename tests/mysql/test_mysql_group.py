"""A group of real members: it forms from empty folders, and holds what it promises."""

import shutil
import time
from pathlib import Path

import pytest

from moorage.core.report import Role
from moorage.engines.member import EngineError, OrderRefusedError
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Life, running
from tests.ports import HOST

GROUP_NAME = "SELECT @@GLOBAL.group_replication_group_name AS name"


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


async def test_three_empty_members_become_one_group(tmp_path: Path) -> None:
    begun = time.monotonic()
    async with running(tmp_path) as group:
        print(f"a group of three from empty folders: {time.monotonic() - begun:.1f} s")
        first = group.lives[0]
        assert first.report.role is Role.PRIMARY
        assert [x.report.configured for x in group.lives] == [("orders-g1-0", "orders-g1-1", "orders-g1-2")] * 3
        await group.until("its application has a database", lambda: bool(group.ask(first, "SHOW DATABASES LIKE 'app'")))
        group.ask(first, "CREATE TABLE app.numbers (n INT PRIMARY KEY)", "app")
        group.ask(first, "INSERT INTO app.numbers VALUES (1), (2)", "app")
        await group.until("all have it", lambda: all(len(group.ask(x, "SELECT n FROM app.numbers")) == 2 for x in group.lives))


async def test_the_order_that_made_the_group_makes_no_other_one_when_it_is_carried_out_again(tmp_path: Path) -> None:
    """It stands on the Pod for as long as that lives, and an agent that comes back knows of nothing. Two groups, each with a
    primary, were what came of it."""
    members = {"members": [{"pod": f"orders-g1-{n}", "host": HOST} for n in range(3)]}
    async with running(tmp_path) as group:
        first = group.lives[0]
        name = group.ask(first, GROUP_NAME)
        await group.order(first, "initiate", members)
        group.kill(first)
        await group.until("its engine is up, and outside of the group yet", lambda: first.starts == 2 and is_outside(first))
        await group.order(first, "initiate", members)
        await group.until_well()
        assert [group.ask(x, GROUP_NAME) for x in group.lives] == [name] * 3


async def test_who_lost_its_data_makes_no_group_beside_the_one_of_the_others(tmp_path: Path) -> None:
    members = {"members": [{"pod": f"orders-g1-{n}", "host": HOST} for n in range(3)]}
    async with running(tmp_path) as group:
        first, *others = group.lives
        first.is_wanted = False
        group.kill(first)
        await group.until("an heir leads", lambda: any(x.report.role is Role.PRIMARY for x in others))
        await first.member._process.wait()
        shutil.rmtree(first.home.data_dir)
        first.home.data_dir.mkdir()
        first.member._joining.is_held = True  # it does not find its group by itself
        first.is_wanted = True
        await group.until("it runs and is empty", lambda: first.report.role is Role.UNINITIALIZED, 120)
        with pytest.raises(OrderRefusedError, match=r"orders-g1-[12] is part of a cluster already"):
            await group.order(first, "initiate", members)
        for life in others:
            life.is_wanted = False
            group.kill(life)
        await group.until("nobody else answers", lambda: all(x.report.role is Role.DOWN for x in others))
        with pytest.raises(EngineError, match=r"orders-g1-[12] has to say first that it is in no group"):
            await group.order(first, "initiate", members)
        assert first.report.role is Role.UNINITIALIZED


def is_outside(life: Life) -> bool:
    return life.report.role is Role.APART
