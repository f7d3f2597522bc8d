"""A dead member is removed at once by the vote of those that are left; and only by a majority of them."""

import asyncio
import time
from pathlib import Path

import pytest

from moorage.core.report import Role
from moorage.engines.member import EngineError
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, Life, running
from tests.mysql.mysql_writers import numbers, prepare, writing
from tests.ports import HOST

DETECTOR_SECONDS = 7.0
"""What a raw group takes whose own detector has to find out, on a machine that does nothing else (5 s of it are silence)."""
LEAVES_SECONDS_MAX = 90.0
"""Without a majority nobody confirms that it leaves: 10 s until it gives up, and then mysqld waits for half a minute."""


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


async def end_with_its_agent(group: Group, life: Life) -> None:
    """As a container that is killed: nobody is left there who could tell the others."""
    assert life.task is not None
    life.task.cancel()
    await asyncio.gather(life.task, return_exceptions=True)
    group.kill(life)
    await life.member._process.wait()
    group.lives.remove(life)


async def test_a_primary_that_is_gone_with_its_agent_is_succeeded_before_the_detector_notices(tmp_path: Path) -> None:
    async with running(tmp_path) as group:
        prepare(group)
        first, others = group.primary(), group.secondaries()
        assert all(x.member.leader == HOST for x in others)
        with writing(group) as written:
            await group.until("writes go on", lambda: len(written.acknowledged) > 100)
            killed = time.monotonic()
            await end_with_its_agent(group, first)
            await asyncio.gather(*(x.member.succeed(HOST) for x in others))
            await group.until("somebody else is primary", lambda: any(x.report.role is Role.PRIMARY for x in others))
            print(f"a whole container killed: {time.monotonic() - killed:.2f} s to the new term")
            assert time.monotonic() - killed < DETECTOR_SECONDS
            await group.until("writes go on", lambda: written.count_since(killed + 0.5) > 20)
        assert {n for n, _ in written.acknowledged} <= numbers(group, group.primary())


async def test_one_of_three_removes_nobody(tmp_path: Path) -> None:
    """It is asked to remove both others, which are dead: without a majority nothing comes of it, and it never claims to lead."""
    async with running(tmp_path) as group:
        prepare(group)
        last = group.secondaries()[0]
        for life in [x for x in group.lives if x is not last]:
            await end_with_its_agent(group, life)
        ledger = last.member._known.ledger
        assert ledger is not None
        since = time.monotonic()
        for dead in (pod for pod in ledger.counted if pod != last.pod):
            await last.member._expulsion.ask(dead, ledger.group_name, [last.pod])
        await group.until("it is outside of a group", lambda: last.report.role is Role.APART, LEAVES_SECONDS_MAX)
        roles = {report.role for at, report in last.told if at > since}
        assert Role.PRIMARY not in roles
        with pytest.raises(EngineError, match=r"no peer took the request"):
            await last.member._expulsion.ask("orders-g1-0", ledger.group_name, ["orders-g1-1"])


def other_primary(group: Group, first: Life) -> bool:
    return any(x.report.role is Role.PRIMARY for x in group.lives if x is not first)


async def test_a_member_that_is_removed_by_mistake_joins_again_and_nothing_is_lost(tmp_path: Path) -> None:
    """Somebody's word about a primary that lives: it costs a moment, and no write."""
    async with running(tmp_path) as group:
        prepare(group)
        first, other = group.primary(), group.secondaries()[0]
        with writing(group) as written:
            await group.until("writes go on", lambda: len(written.acknowledged) > 100)
            removed = time.monotonic()
            await other.member.succeed(HOST)
            await group.until("somebody else is primary", lambda: other_primary(group, first))
            await group.until("writes go on", lambda: written.count_since(removed + 0.5) > 20)
        await group.until_well()
        assert {n for n, _ in written.acknowledged} <= numbers(group, group.primary())
