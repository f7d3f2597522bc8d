"""Volumes fill up under a real group: who waits for room holds nobody up for longer than the others need to go on."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devcluster.full import empty_folder, fill_folder
from moorage.agent.volume import measured
from moorage.core.report import Role
from moorage.core.volume import MIB, is_full
from tests.engine.limited import disk
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, running
from tests.mysql.mysql_writers import Written, numbers, prepare, writing

SUCCEEDED_SECONDS_MAX = 20.0
"""A second until the agent looks, the vote of a young group and the first term, also where others use the machine (load 35: 8 s).
mysqld itself looks for room once in 60 s."""
SECONDARY_SECONDS_MAX = 2.0
"""Without writes. It ends later, so the others wait only for the vote that removes it."""
SLEEP_SECONDS = 60.0


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


@contextlib.asynccontextmanager
async def kept(folder: Path) -> AsyncIterator[Group]:
    """Three members, each on a volume with an end that its agent looks after."""
    with contextlib.ExitStack() as stack:
        for ordinal in range(3):
            stack.enter_context(disk(folder / f"data{ordinal}"))
        async with running(folder) as group, asyncio.TaskGroup() as tasks:
            keeping = [tasks.create_task(life.keep_room()) for life in group.lives]
            await asyncio.to_thread(prepare, group)
            await group.until("room is kept for repair", lambda: all(x.volume and x.volume.state.size_mib for x in group.lives))
            yield group
            for task in keeping:
                task.cancel()


async def writes_go_on(group: Group, written: Written, since: float, seconds: float = 30.0) -> None:
    await group.until("writes go on", lambda: written.count_since(since) > 50, seconds)


def starts(group: Group) -> list[int]:
    """How often each engine was started so far: those that copied everything more than once."""
    return [life.starts for life in group.lives]


async def test_a_primary_that_waits_for_room_is_succeeded_and_comes_back_on_the_room_that_was_kept(tmp_path: Path) -> None:
    async with kept(tmp_path / "group") as group:
        first, before = group.primary(), starts(group)
        with writing(group) as written:
            await writes_go_on(group, written, time.monotonic())
            await asyncio.to_thread(fill_folder, first.home.data_dir)
            full_at = time.monotonic()
            await group.until(
                "another one leads", lambda: any(x.report.role is Role.PRIMARY for x in group.lives if x is not first)
            )
            await writes_go_on(group, written, time.monotonic())
            assert is_full(measured(first.home.data_dir)), "nobody made room for it"
            await group.until_well()
            print(f"well {time.monotonic() - full_at:.1f} s after; {measured(first.home.data_dir).free_bytes // MIB} MiB free")
            assert first.report.role is Role.SECONDARY
        print(f"a full primary: {written.gap_seconds:.2f} s without writes")
        assert written.gap_seconds < SUCCEEDED_SECONDS_MAX
        assert starts(group) == [n + (x is first) for x, n in zip(group.lives, before, strict=True)]
        assert {n for n, _ in written.acknowledged} <= numbers(group, group.primary())


async def test_a_secondary_that_waits_for_room_holds_nobody_up_and_applies_what_came_meanwhile(tmp_path: Path) -> None:
    async with kept(tmp_path / "group") as group:
        first, full, before = group.primary(), group.secondaries()[0], starts(group)
        with writing(group) as written:
            await writes_go_on(group, written, time.monotonic())
            await asyncio.to_thread(fill_folder, full.home.data_dir)
            await group.until("its engine ends", lambda: full.report.role is Role.DOWN, SLEEP_SECONDS / 2)
            await group.until_well()
            assert is_full(measured(full.home.data_dir))
        print(f"a full secondary: {written.gap_seconds:.2f} s without writes")
        assert written.gap_seconds < SECONDARY_SECONDS_MAX
        assert group.primary() is first
        assert starts(group) == [n + (x is full) for x, n in zip(group.lives, before, strict=True)]
        acknowledged = {n for n, _ in written.acknowledged}
        await group.until("it holds everything", lambda: acknowledged <= numbers(group, full))


async def test_when_all_are_full_nobody_ends_and_writes_go_on_once_there_is_room(tmp_path: Path) -> None:
    """Whoever finds it out first may have handed over before the others said so; it is not handed around."""
    async with kept(tmp_path / "group") as group:
        before = starts(group)
        with writing(group) as written:
            await writes_go_on(group, written, time.monotonic())
            await asyncio.gather(*(asyncio.to_thread(fill_folder, x.home.data_dir) for x in group.lives))
            await group.until("nothing is confirmed", lambda: written.count_since(time.monotonic() - 3) == 0)
            term = group.primary().report.term
            await asyncio.sleep(10)  # that is nobody's reason to end, nor to hand over again
            assert (starts(group), group.primary().report.term) == (before, term)
            for life in group.lives:
                empty_folder(life.home.data_dir)
            room_at = time.monotonic()
            await writes_go_on(group, written, room_at, SLEEP_SECONDS + 30)
            print(f"all full: writes go on within {time.monotonic() - room_at:.1f} s")
        await group.until_well()
        assert starts(group) == before
        assert {n for n, _ in written.acknowledged} <= numbers(group, group.primary())
