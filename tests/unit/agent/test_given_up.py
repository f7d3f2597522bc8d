"""A member that was given up when another one was kept: its engine never runs before what it holds was put aside."""

import asyncio
from typing import Any, cast

import pytest

from moorage.agent import holding
from moorage.agent.endpoint import why_not_claimable
from moorage.agent.main import Agent
from moorage.core import names
from moorage.core.report import MemberReport, Role
from moorage.engines.member import Member
from moorage.kube.client import Kube, KubeError
from tests.unit.agent.test_orders import SETTINGS

ME = SETTINGS.pod_name


def address(*given_up: str, version: str = "1") -> dict[str, Any]:
    marks = {names.ANNOTATION_EXCLUDED: ",".join(given_up)} if given_up else {}
    meta = {"name": "orders", "namespace": "shop", "resourceVersion": version, "annotations": marks}
    return {"kind": "EndpointSlice", "metadata": meta, "endpoints": []}


class Server:
    """Answers with this address, or never, or with an error."""

    def __init__(self, answer: dict[str, Any] | KubeError | None) -> None:
        self.answer, self.is_silent = answer, False

    async def get(self, _kind: str, _name: str, _namespace: str) -> dict[str, Any] | None:
        if self.is_silent:
            await asyncio.Event().wait()
        if isinstance(self.answer, KubeError):
            raise self.answer
        return self.answer


class Engine:
    """Starts and stops as it is told."""

    spare_port, others, has_data, damage = 27117, (), True, ""
    election_seconds_max = 1.0

    def __init__(self) -> None:
        self.is_running, self.starts = False, 0
        self.changed = asyncio.Event()

    async def start(self, *, at_spare_port: bool) -> None:
        del at_spare_port
        self.is_running, self.starts = True, self.starts + 1
        self.changed.set()

    async def stop(self) -> None:
        self.is_running = False
        self.changed.set()

    async def observe(self) -> MemberReport:
        await asyncio.sleep(0.01)
        return MemberReport(role=Role.SECONDARY, term=7)

    async def prepare_primary(self) -> None:
        """It is never asked to."""


class Life:
    """An agent that supervises this engine."""

    def __init__(self, server: Server) -> None:
        self.engine, self.server = Engine(), server
        self.agent = Agent(cast("Kube", server), SETTINGS, cast("Member", self.engine))

    async def __aenter__(self) -> "Life":
        self._task = asyncio.create_task(self.agent._supervise())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    @property
    def report(self) -> MemberReport:
        return self.agent._report

    def told(self, item: dict[str, Any]) -> None:
        """By the watch."""
        self.agent._holding._slice.listed([item], item["metadata"]["resourceVersion"])
        self.agent._holding._changed(set())

    async def until_runs(self, *, runs: bool) -> None:
        async with asyncio.timeout(5.0):
            while self.engine.is_running is not runs:
                self.engine.changed.clear()
                await self.engine.changed.wait()

    async def until_says(self, *, excluded: bool) -> None:
        async with asyncio.timeout(5.0):
            while self.report.excluded is not excluded:  # noqa: ASYNC110 - a report is no event
                await asyncio.sleep(0.01)


async def test_one_that_was_given_up_while_it_was_away_never_starts_its_engine_and_says_so() -> None:
    async with Life(Server(address(ME))) as life:
        await life.until_says(excluded=True)
        assert (life.engine.starts, life.report.role, life.report.has_data) == (0, Role.REMOVED, True)
        assert life.report.message == "it was given up when another member was kept: its data is put aside before it starts"


async def test_one_that_runs_when_it_is_given_up_stops_its_engine_before_it_says_so() -> None:
    async with Life(Server(address())) as life:
        await life.until_runs(runs=True)
        life.told(address(ME, version="2"))
        await life.until_says(excluded=True)
        assert not life.engine.is_running


async def test_once_it_is_no_longer_given_up_its_engine_starts() -> None:
    async with Life(Server(address(ME))) as life:
        await life.until_says(excluded=True)
        life.told(address("orders-g1-0", version="2"))
        await life.until_runs(runs=True)
        await life.until_says(excluded=False)


async def test_an_address_that_was_deleted_takes_nothing_back() -> None:
    async with Life(Server(address(ME))) as life:
        await life.until_says(excluded=True)
        life.agent._holding._slice.listed([], "2")
        life.agent._holding._changed(set())
        await asyncio.sleep(0.05)
        assert (life.engine.starts, life.report.excluded) == (0, True)


async def test_an_api_server_that_is_down_keeps_no_engine_from_starting() -> None:
    async with Life(Server(KubeError("the API server cannot be reached"))) as life:
        await life.until_runs(runs=True)


async def test_one_that_knew_that_it_was_given_up_does_not_start_when_its_agent_comes_back_without_the_api_server() -> None:
    async with Life(Server(address(ME))) as life:
        await life.until_says(excluded=True)
    away = KubeError("the API server cannot be reached")
    async with Life(Server(away)) as life:
        await life.until_says(excluded=True)
        assert life.engine.starts == 0
        life.told(address(version="2"))
        await life.until_runs(runs=True)
    async with Life(Server(away)) as life:
        await life.until_runs(runs=True)


async def test_neither_does_one_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "FIRST_LOOK_SECONDS_MAX", 0.05)
    server = Server(address(ME))
    server.is_silent = True
    async with Life(server) as life:
        await life.until_runs(runs=True)


def test_one_that_was_given_up_never_claims_the_address_however_late_its_term() -> None:
    marks = {names.ANNOTATION_EXCLUDED: f"orders-g1-0,{ME}"}
    assert why_not_claimable(marks, pod=ME, term=99) == f"{ME} was given up"
    assert why_not_claimable(marks, pod="orders-g1-1", term=99) is None
