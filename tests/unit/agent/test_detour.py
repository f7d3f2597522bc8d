"""When the agent takes its engine's port, and when it gives it back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from moorage.agent import detour as module
from moorage.agent.detour import Detour
from moorage.agent.holding import Holding
from moorage.agent.settings import Settings
from moorage.core import names
from moorage.core.report import MemberReport, Role
from moorage.engines.member import Member, Primary
from moorage.kube.client import Kube, KubeError
from tests.ports import free_port

ME, PEER = "orders-g1-0", "localhost"  # a name that is known on every machine
SETTINGS = Settings(
    pod_name=ME,
    pod_uid="u0",
    pod_ip="127.0.0.2",
    node_name="n1",
    namespace="shop",
    service="orders",
    engine="mongodb",
    engine_arguments=(),
)


def slice_of(holder: str, term: int) -> dict[str, Any]:
    marks = {names.ANNOTATION_HOLDER: holder, names.ANNOTATION_TERM: str(term), names.ANNOTATION_GENERATION: "1"}
    meta = {"name": "orders", "namespace": "shop", "annotations": marks, "resourceVersion": str(term)}
    return {"kind": "EndpointSlice", "metadata": meta}


class ApiServer:
    """Answers, or does not."""

    def __init__(self) -> None:
        self.is_up = False

    async def get(self, *_what: str) -> dict[str, Any]:
        if not self.is_up:
            raise KubeError("the API server cannot be reached")
        return slice_of(ME, 7)


class Engine:
    """Its peers say who is primary, and a connection to the address ends here or not."""

    spare_port, election_seconds_max = 27117, 0.1

    def __init__(self) -> None:
        self.port = free_port()
        self.others: tuple[str, ...] = (PEER,)
        self.is_running, self.is_reached = False, False
        self.primary: Primary | None = Primary(PEER, 8)

    async def find_primary(self) -> Primary | None:
        return self.primary

    async def prepare_primary(self) -> None:
        """It is never asked to."""

    async def is_reached_at(self, _host: str) -> bool:
        return self.is_reached


class World:
    """One member whose address leads to it since term 7."""

    def __init__(self) -> None:
        self.api, self.engine, self.woken = ApiServer(), Engine(), asyncio.Event()
        self.report = MemberReport(role=Role.DOWN)
        member = cast("Member", self.engine)
        self.holding = Holding(
            cast("Kube", self.api),
            SETTINGS,
            report=lambda: self.report,
            prepare=member.prepare_primary,
            is_reached_here=self._never,
            is_forwarded=lambda: self.detour.is_open,
            wake=self.woken.set,
        )
        self.told(ME, 7)
        self.detour = Detour(SETTINGS, member, self.holding, report=lambda: self.report, wake=self.woken.set)

    async def _never(self) -> bool:
        return False

    def told(self, holder: str, term: int) -> None:
        self.holding._slice.listed([slice_of(holder, term)], str(term))
        self.holding._changed(set())
        self.woken.clear()

    async def is_taken(self) -> bool:
        """Whether somebody answers at the engine's port."""
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.engine.port)
        except ConnectionError:
            return False
        writer.close()
        return True


@pytest.fixture
async def world() -> AsyncIterator[World]:
    found = World()
    # the only name that resolves here is this machine's own address, which a member must not have: 127.0.0.2 is ours then
    found.detour._own = frozenset({SETTINGS.pod_ip})
    yield found
    found.detour.close("the test is over")


@contextlib.asynccontextmanager
async def turning(world: World) -> AsyncIterator[None]:
    task = asyncio.create_task(world.detour.run())
    try:
        yield
    finally:
        task.cancel()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(module, "FOLLOW_SECONDS", 0.01)
    monkeypatch.setattr(module, "HEIR_SECONDS_MAX", 0.05)
    monkeypatch.setattr(module, "FIND_ITSELF_SECONDS_MAX", 0.05)
    monkeypatch.setattr(module, "RESOLVE_SECONDS_MAX", 20.0)  # a thread that is late on a busy machine makes no name unknown


async def test_after_a_crash_without_the_api_server_the_engine_goes_to_its_spare_port(world: World) -> None:
    assert await world.detour.before_start(rescued=True)
    assert await world.is_taken()


async def test_while_the_api_server_answers_the_engine_keeps_its_port(world: World) -> None:
    world.api.is_up = True
    assert not await world.detour.before_start(rescued=True)
    assert not await world.is_taken()


async def test_without_another_primary_the_engine_keeps_its_port(world: World) -> None:
    world.engine.primary = None
    assert not await world.detour.before_start(rescued=True)


async def test_the_engine_waits_for_as_long_as_its_kind_needs_to_elect_another_primary(world: World) -> None:
    elected, world.engine.primary, world.engine.election_seconds_max = world.engine.primary, None, 20.0
    starts = asyncio.create_task(world.detour.before_start(rescued=True))
    await asyncio.sleep(0.2)  # longer than a moment that others are given
    assert not starts.done()
    world.engine.primary = elected
    assert await starts


async def test_a_member_whose_address_nobody_knows_would_be_taken_for_a_client_so_nothing_is_passed_on(world: World) -> None:
    world.engine.others = (PEER, "orders-g1-2.orders-members.shop.invalid")
    assert not await world.detour.before_start(rescued=True)


async def test_a_member_that_has_this_one_s_address_by_an_old_name_is_one_that_is_not_known(world: World) -> None:
    world.detour._own = frozenset({"127.0.0.1"})
    assert not await world.detour.before_start(rescued=True)


async def test_the_engine_gets_its_port_back_once_the_address_leads_elsewhere_and_nobody_comes_any_more(world: World) -> None:
    assert await world.detour.before_start(rescued=True)
    world.report = MemberReport(role=Role.SECONDARY, term=8)
    async with turning(world):
        world.told(PEER, 8)
        await asyncio.wait_for(world.woken.wait(), 20.0)
    assert world.detour.has_ended
    assert not await world.detour.before_start(rescued=False)
    assert not await world.is_taken()


async def test_an_engine_that_crashes_while_some_still_come_stays_at_its_spare_port(world: World) -> None:
    assert await world.detour.before_start(rescued=True)
    world.report = MemberReport(role=Role.SECONDARY, term=8)
    async with turning(world):
        world.told(PEER, 8)
        await asyncio.sleep(0.1)
        assert await world.detour.before_start(rescued=False)


async def test_a_member_that_lost_the_role_without_a_crash_makes_room_too(world: World) -> None:
    world.report, world.engine.is_running = MemberReport(role=Role.SECONDARY, term=8), True
    async with turning(world):
        await asyncio.wait_for(world.woken.wait(), 20.0)
    assert world.detour.is_wanted


async def test_an_engine_that_runs_is_left_alone_while_another_member_is_not_heard(world: World) -> None:
    world.report, world.engine.is_running = MemberReport(role=Role.SECONDARY, term=8, peers_down=("orders-g1-2",)), True
    async with turning(world):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(world.woken.wait(), 0.3)


async def test_an_agent_that_started_without_the_api_server_learns_from_the_address_that_it_leads_here(world: World) -> None:
    fresh = World()
    fresh.holding.was_told = False
    fresh.detour._own = frozenset({SETTINGS.pod_ip})
    fresh.report, fresh.engine.is_running = MemberReport(role=Role.SECONDARY, term=8), True
    async with turning(fresh):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(fresh.woken.wait(), 0.3)
        fresh.engine.is_reached = True
        await asyncio.wait_for(fresh.woken.wait(), 20.0)
    assert fresh.detour.is_wanted


async def test_an_engine_that_does_not_find_itself_at_its_spare_port_gets_its_own_back_and_keeps_it(world: World) -> None:
    assert await world.detour.before_start(rescued=True)
    world.report = MemberReport(role=Role.REMOVED)
    async with turning(world):
        await asyncio.wait_for(world.woken.wait(), 20.0)
    assert world.detour.has_ended
    assert not await world.detour.before_start(rescued=True)
    assert not await world.is_taken()
    assert not await world.detour.before_start(rescued=True)


async def test_a_member_that_is_primary_itself_hands_the_role_back_when_the_address_can_be_moved(world: World) -> None:
    assert await world.detour.before_start(rescued=True)
    world.report = MemberReport(role=Role.PRIMARY, term=9)
    async with turning(world):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(world.woken.wait(), 0.3)
        world.api.is_up = True
        await asyncio.wait_for(world.woken.wait(), 20.0)
    assert world.detour.is_over
