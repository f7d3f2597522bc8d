"""Queries that become metrics are asked one by one, and whatever becomes of them costs the member nothing else."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from prometheus_client.parser import text_string_to_metric_families

from moorage.agent import queries as asked
from moorage.agent.queries import Queries
from moorage.agent.scrape import Engine, Scrape
from moorage.agent.volume import Volume
from moorage.api.query_bounds import Asked
from moorage.core import names
from moorage.core.queries import Outcome, Query, QueryError, Row, to_json
from moorage.core.report import MemberReport, Role
from moorage.engines.member import EngineError, Member
from moorage.kube.reflector import Store
from tests.unit.agent.test_orders import SETTINGS

OPEN = Query("open_orders", "", "app", "SELECT", "value", ("state",), 60, 5, Asked.PRIMARY)
LATE = replace(OPEN, name="late_orders", labels=())


class FakeEngine:
    """What a member answers, by the query's name."""

    metrics = ()

    def __init__(self) -> None:
        self.is_running = True
        self.answers: dict[str, Sequence[Row] | Exception] = {}
        self.asked: list[str] = []
        self.hangs: set[str] = set()
        self.kept, self.under_way, self.at_once = 0, 0, 0

    async def keep_reader(self) -> None:
        self.kept += 1

    async def measure(self) -> dict[str, Any]:
        return {}

    async def ask(self, query: Query) -> Sequence[Row]:
        self.asked.append(query.name)
        self.under_way += 1
        self.at_once = max(self.at_once, self.under_way)
        try:
            await asyncio.sleep(0)
            if query.name in self.hangs:
                await asyncio.Event().wait()
            found = self.answers.get(query.name, [(1, *("x" for _ in query.labels))])
            if isinstance(found, Exception):
                raise found
            return found
        finally:
            self.under_way -= 1


class World:
    """A member whose Pod is told queries."""

    def __init__(self, folder: Path) -> None:
        self.engine, self.pod, self.role, self.version = FakeEngine(), Store(), Role.PRIMARY, 0
        member = cast("Member", self.engine)
        self.queries = Queries(SETTINGS, self.pod, member, lambda: self.role)
        self.scrape = Scrape(
            SETTINGS, member, Volume(folder), self.queries,
            report=lambda: MemberReport(self.role), engine=lambda: Engine(1, 0, 0.0),
        )  # fmt: skip

    def told(self, *queries: Query) -> None:
        self.says(to_json(queries))

    def says(self, text: str) -> None:
        self.version += 1
        meta = {
            "name": SETTINGS.pod_name,
            "namespace": SETTINGS.namespace,
            "annotations": {names.ANNOTATION_QUERIES: text},
            "resourceVersion": str(self.version),
        }
        self.pod.listed([{"kind": "Pod", "metadata": meta}], str(self.version))

    async def page(self, beginning: str) -> dict[tuple[str, ...], float]:
        """Name, query or state, and outcome → value."""
        found = text_string_to_metric_families(await self.scrape._make())
        samples = [s for family in found for s in family.samples if s.name.startswith(beginning)]
        own = [{k: v for k, v in s.labels.items() if k not in ("namespace", "service", "pod")} for s in samples]
        return {(s.name.removeprefix("moorage_"), *labels.values()): s.value for s, labels in zip(samples, own, strict=True)}

    async def values(self) -> dict[tuple[str, ...], float]:
        return await self.page("moorage_custom_")

    async def outcomes(self) -> dict[str, str]:
        return {name[1]: name[2] for name in await self.page("moorage_query_outcome")}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(asked, "SAID_SECONDS", 0.0)
    monkeypatch.setattr(asked, "GRACE_SECONDS", 0.05)
    return World(tmp_path)


async def test_an_answer_becomes_series_and_is_asked_for_only_as_often_as_was_said(world: World) -> None:
    world.engine.answers["open_orders"] = [(3, "new"), ("4.5", "paid"), (9, "new")]
    world.told(OPEN, LATE)
    await world.queries.turn()
    await world.queries.turn()
    assert await world.values() == {
        ("custom_open_orders", "new"): 3.0, ("custom_open_orders", "paid"): 4.5, ("custom_late_orders",): 1.0,
    }  # fmt: skip
    assert world.engine.asked == ["open_orders", "late_orders"]
    assert world.engine.at_once == 1
    assert await world.outcomes() == {"open_orders": "answered", "late_orders": "answered"}
    assert (await world.page("moorage_query_rows_left_out"))["query_rows_left_out", "open_orders"] == 1.0
    assert len(await world.page("moorage_query_answered_timestamp_seconds")) == 2
    assert world.queries.said == ""


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.ANSWERED])
async def test_one_that_fails_leaves_no_old_series_and_says_why_and_the_others_are_asked(world: World, outcome: Outcome) -> None:
    world.told(replace(OPEN, every_seconds=10), LATE)
    await world.queries.turn()
    before = await world.page("moorage_query_answered_timestamp_seconds")
    world.engine.answers["open_orders"] = QueryError(outcome, "the engine says: no column 'secret'")
    world.queries._runs["open_orders"] = replace(world.queries._runs["open_orders"], at=-10.0)
    world.told(replace(OPEN, every_seconds=10), LATE, replace(LATE, name="more"))
    await world.queries.turn()
    assert set(await world.values()) == {("custom_late_orders",), ("custom_more",)}
    assert (await world.outcomes())["open_orders"] == outcome
    after = await world.page("moorage_query_answered_timestamp_seconds")
    assert after["query_answered_timestamp_seconds", "open_orders"] == before["query_answered_timestamp_seconds", "open_orders"]
    assert world.queries.said == "does not answer queries of metrics: open_orders: the engine says: no column 'secret'"
    assert "secret" not in await world.scrape._make()


@pytest.mark.parametrize("how", ["hangs", "nonsense"])
async def test_an_engine_that_hangs_or_lies_is_left_in_time(world: World, how: str) -> None:
    world.told(replace(OPEN, timeout_seconds=1), LATE)
    world.engine.hangs = {"open_orders"} if how == "hangs" else set()
    world.engine.answers["open_orders"] = KeyError("what")
    async with asyncio.timeout(20):
        await world.queries.turn()
    assert await world.outcomes() == {"open_orders": "timed-out" if how == "hangs" else "failed", "late_orders": "answered"}


async def test_no_error_ends_the_task(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "LOOK_SECONDS", 0.0)
    world.told(OPEN)
    looks, looked = world.queries._look, asyncio.Event()

    def fails_once() -> None:
        monkeypatch.setattr(world.queries, "_look", looks)
        raise ZeroDivisionError

    async def is_asked(_: Query) -> Sequence[Row]:
        looked.set()
        return []

    monkeypatch.setattr(world.queries, "_look", fails_once)
    monkeypatch.setattr(world.engine, "ask", is_asked)
    task = asyncio.create_task(world.queries.run())
    await asyncio.wait_for(looked.wait(), 20)
    assert not task.done()
    task.cancel()


async def test_who_has_another_role_or_an_engine_that_is_down_tells_nothing_and_asks_nothing(world: World) -> None:
    world.told(OPEN)
    await world.queries.turn()
    world.role = Role.SECONDARY
    assert await world.values() == {}
    await world.queries.turn()
    assert await world.outcomes() == {}
    world.role = Role.PRIMARY
    assert await world.values() == {}, "nothing of the time when it was primary before"
    await world.queries.turn()
    assert len(await world.values()) == 1
    world.engine.is_running = False
    assert await world.values() == {}
    await world.queries.turn()
    assert len(world.engine.asked) == 2


async def test_the_primary_keeps_the_user_and_nobody_else_does(world: World) -> None:
    await world.queries.turn()
    assert world.engine.kept == 0, "there are no queries"
    world.told(replace(OPEN, members=Asked.EACH))
    world.role = Role.SECONDARY
    await world.queries.turn()
    assert world.engine.kept == 0
    world.role = Role.PRIMARY
    await world.queries.turn()
    await world.queries.turn()
    assert world.engine.kept == 1


async def test_a_user_that_cannot_be_made_keeps_no_query_from_being_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails() -> None:
        raise EngineError("no")

    monkeypatch.setattr(world.engine, "keep_reader", fails)
    world.told(OPEN)
    await world.queries.turn()
    assert world.engine.asked == ["open_orders"]


async def test_a_change_asks_anew_only_what_changed_and_forgets_what_is_left_out(world: World) -> None:
    world.told(OPEN, LATE)
    await world.queries.turn()
    world.told(replace(OPEN, query="SELECT 2"))
    await world.queries.turn()
    assert world.engine.asked == ["open_orders", "late_orders", "open_orders"]
    assert set(await world.values()) == {("custom_open_orders", "x")}
    world.says("")
    await world.queries.turn()
    assert await world.values() == {}


@pytest.mark.parametrize("text", ["{", "7", json.dumps([{"name": "x"}])])
async def test_what_nobody_can_read_changes_nothing(world: World, text: str) -> None:
    world.told(OPEN)
    await world.queries.turn()
    world.says(text)
    await world.queries.turn()
    assert len(await world.values()) == 1


async def test_the_report_is_not_written_at_each_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "SAID_SECONDS", 60.0)
    world.engine.answers["open_orders"] = QueryError(Outcome.FAILED, "no")
    world.told(OPEN)
    await world.queries.turn()
    said = world.queries.said
    assert said
    world.engine.answers.clear()
    world.told(replace(OPEN, query="SELECT 2"))
    await world.queries.turn()
    assert world.queries.said == said
