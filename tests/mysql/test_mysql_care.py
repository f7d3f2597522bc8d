"""A member of a real group whose data is of no use to it: nothing is merged, the old is kept, and it copies from a secondary."""

import asyncio
from pathlib import Path

import pytest

from moorage.core.report import Role
from moorage.engines.quarantine import ASIDE
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import HOST, Group, Life, running
from tests.mysql.mysql_writers import numbers, prepare


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
        await group.until("it is empty", lambda: not lost.member.has_data)
        await group.until_well()
        assert numbers(group, lost) == {1}
        assert (lost.home.data_dir / ASIDE / "drill-1" / "mysql").is_dir()
