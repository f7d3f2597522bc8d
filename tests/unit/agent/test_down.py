"""An engine that stays down for a while, whatever for: its agent lives, leads clients past it, and hears of what ends that."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from moorage.agent import detour, holding, main
from moorage.agent.main import Agent
from moorage.core import names
from moorage.core.report import MemberReport, Role
from moorage.core.volume import MIB, Room
from moorage.engines.member import Member
from moorage.kube.client import Kube
from tests.unit.agent import test_detour as passing
from tests.unit.agent.test_detour import ME, SETTINGS, slice_of


class Engine(passing.Engine):
    """As there; it is started and stopped, and ends at once each time that it is told to."""

    has_data, damage, why_not_empty = True, "", ""

    async def why_not_start_empty(self, _host: str) -> str:
        return self.why_not_empty

    def __init__(self) -> None:
        super().__init__()
        self.starts, self.dies = 0, True
        self.started = asyncio.Event()

    async def start(self, *, at_spare_port: bool) -> None:
        del at_spare_port
        self.starts, self.is_running = self.starts + 1, not self.dies
        self.started.set()

    async def stop(self) -> None:
        self.is_running = False

    async def observe(self) -> MemberReport:
        await asyncio.sleep(0.01)
        return MemberReport(role=Role.SECONDARY, term=8)


class Life:
    """An agent whose address leads to it since term 7."""

    def __init__(self) -> None:
        self.engine, self.server = Engine(), passing.ApiServer()
        self.agent = Agent(cast("Kube", self.server), SETTINGS, cast("Member", self.engine))
        self.agent._detour._own = frozenset({SETTINGS.pod_ip})

    def told(self, *given_up: str, version: int = 7) -> None:
        item = slice_of(ME, 7)
        item["metadata"]["annotations"][names.ANNOTATION_EXCLUDED] = ",".join(given_up)
        self.agent._holding._slice.listed([item], str(version))
        self.agent._holding._changed(set())

    def crashed_before(self, times: int) -> None:
        self.agent._crashes, self.agent._started_at = times, time.monotonic()

    @contextlib.asynccontextmanager
    async def supervised(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.agent._supervise())
        try:
            yield
        finally:
            task.cancel()
            self.agent._detour.close("the test is over")


async def until(holds: Any, seconds: float = 20.0) -> None:
    """Far longer than it takes, so that a busy machine is no failure."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what it looks at is no event
            await asyncio.sleep(0.01)


@pytest.fixture
async def life() -> Life:
    return Life()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "TURN_SECONDS", 0.05)
    monkeypatch.setattr(main, "HELD_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(holding, "FIRST_LOOK_SECONDS_MAX", 0.05)
    monkeypatch.setattr(detour, "HEIR_SECONDS_MAX", 0.05)


async def test_an_agent_that_waits_before_the_next_start_of_a_crash_loop_is_not_silent(life: Life) -> None:
    life.crashed_before(9)
    async with life.supervised():
        for _ in range(3):
            before = life.agent._turned_at
            await until(lambda last=before: life.agent._turned_at > last)
    assert life.engine.starts == 0


async def test_an_order_that_was_done_ends_the_wait(life: Life) -> None:
    life.crashed_before(9)
    async with life.supervised():
        await asyncio.sleep(0.2)
        life.agent._order_answered(is_done=True)
        await asyncio.wait_for(life.engine.started.wait(), 20.0)


async def test_damaged_data_that_was_put_aside_while_the_engine_ran_on_it_once_more_holds_up_no_start(life: Life) -> None:
    """The order came between a start and its crash: what the engine died of is gone when the agent notices the crash."""
    life.told()
    life.server.is_up = True
    life.crashed_before(2)
    life.engine.damage = "its data is damaged: a page is"
    life.agent._publish(life.agent._down("the engine does not answer"))
    life.engine.damage, life.engine.has_data = "", False
    life.agent._order_answered(is_done=True)
    assert life.agent._report.damage == "", "the operator waits for as long as it stands there"
    async with life.supervised():
        await asyncio.wait_for(life.engine.started.wait(), 5.0)


async def test_what_else_wakes_the_agent_does_not_end_the_wait(life: Life) -> None:
    life.crashed_before(9)
    async with life.supervised():
        for _ in range(20):
            life.agent._wake.set()
            await asyncio.sleep(0.01)
    assert life.engine.starts == 0
    assert life.agent._crashes == 10, "one crash is counted once"


async def test_one_that_is_given_up_in_a_crash_loop_says_so_at_once_and_is_not_started_once_more(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "TURN_SECONDS", 30.0)
    life.server.is_up = True
    life.crashed_before(9)
    async with life.supervised():
        await asyncio.sleep(0.2)
        life.told(ME, version=8)
        await until(lambda: life.agent._report.excluded)
    assert life.engine.starts == 0


async def test_clients_are_passed_on_also_when_the_api_server_dies_only_while_a_crash_loop_is_waited_for(life: Life) -> None:
    life.told()
    life.server.is_up = True
    life.crashed_before(9)
    async with life.supervised():
        await asyncio.sleep(0.3)
        assert not life.agent._detour.is_open
        life.server.is_up = False
        await until(lambda: life.agent._detour.is_open)


async def test_clients_are_passed_on_while_an_engine_is_held_for_want_of_room(life: Life) -> None:
    life.told()
    life.engine.is_running, life.engine.dies = True, False
    volume: Any = life.agent._volume
    volume.room, volume.may_run = Room(1000 * MIB, 0), False
    async with life.supervised():
        await until(lambda: life.agent._detour.is_open)
        assert not life.engine.is_running
        assert "is full" in life.agent._report.message


async def test_an_engine_that_cannot_be_started_is_tried_again_and_its_agent_lives_to_say_why(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*, at_spare_port: bool) -> None:
        raise OSError(30, f"Read-only file system at {at_spare_port}")

    real = life.engine.start
    monkeypatch.setattr(life.engine, "start", broken)
    async with life.supervised():
        await until(lambda: "cannot be started" in life.agent._report.message)
        assert life.agent._report.message == "its engine cannot be started: Read-only file system at False"
        monkeypatch.setattr(life.engine, "start", real)
        await asyncio.wait_for(life.engine.started.wait(), 20.0)


async def test_one_that_is_held_goes_on_saying_that_its_data_is_of_no_use(life: Life) -> None:
    life.engine.damage = "its data cannot be read"
    volume: Any = life.agent._volume
    volume.room, volume.may_run = Room(1000 * MIB, 0), False
    async with life.supervised():
        await until(lambda: "is full" in life.agent._report.message)
    assert life.agent._report.damage == "its data cannot be read"
