"""Orders of the operator: tried again while they may yet be carried out, and never after they were refused."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from moorage.agent import orders
from moorage.agent.main import Agent
from moorage.agent.settings import Settings
from moorage.core import names
from moorage.engines.member import EngineError, Member, OrderRefusedError
from moorage.kube.client import Kube

SETTINGS = Settings(
    pod_name="orders-g1-2",
    pod_uid="u2",
    pod_ip="10.0.1.2",
    node_name="n2",
    namespace="shop",
    service="orders",
    engine="mongodb",
    engine_arguments=(),
    generation=1,
)


class Engine:
    """Answers each try with the next of these; None: it does what it is told."""

    is_running = True
    spare_port, has_data, damage = 27117, True, ""
    election_seconds_max = 1.0

    def __init__(self, *answers: Exception | None) -> None:
        self.answers, self.tries = list(answers), 0
        self.ended = asyncio.Event()
        """An order was carried out, or refused."""

    async def prepare_primary(self) -> None:
        """It is never asked to."""

    async def carry_out(self, _action: str, _body: dict[str, Any]) -> None:
        self.tries += 1
        answer = self.answers.pop(0)
        if answer is None or isinstance(answer, OrderRefusedError):
            self.ended.set()
        if answer is not None:
            raise answer


def pod(order_id: str, **body: Any) -> dict[str, Any]:
    order = json.dumps({"id": order_id, "action": "empty-member", "body": body})
    meta = {"name": "orders-g1-2", "namespace": "shop", "annotations": {names.ANNOTATION_ORDER: order}}
    return {"kind": "Pod", "metadata": meta | {"resourceVersion": order_id[-1]}}


async def told(engine: Engine, *order_ids: str) -> Agent:
    """An agent that saw these orders, one after the other. It may then try more often than it should."""
    agent = Agent(cast("Kube", None), SETTINGS, cast("Member", engine))
    task = asyncio.create_task(agent._orders.run())
    for order_id in order_ids:
        agent._orders.pod.listed([pod(order_id)], order_id[-1])
        agent._orders.changed(set())
        await asyncio.wait_for(engine.ended.wait(), 5.0)
        engine.ended.clear()
    for _ in range(10):
        agent._orders.changed(set())
        await asyncio.sleep(0)
    task.cancel()
    return agent


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "RETRY_SECONDS", 0.001)


async def test_an_order_that_fails_is_tried_again() -> None:
    engine = Engine(EngineError("not yet"), None)
    agent = await told(engine, "order-1")
    assert (engine.tries, agent._report.order_done, agent._report.order_error) == (2, "order-1", "")


async def test_an_order_that_is_refused_is_never_tried_again_and_its_reason_is_reported() -> None:
    engine = Engine(OrderRefusedError("its volume has 3 MiB left"), None)
    agent = await told(engine, "order-1")
    report = agent._report
    assert (engine.tries, report.order_done, report.order_refused) == (1, "", "order-1")
    assert report.order_error == "its volume has 3 MiB left"


async def test_an_order_that_was_carried_out_is_not_carried_out_again_by_an_agent_that_comes_back() -> None:
    """It stands on the Pod still. To make the first group once more, an hour later, made a second one beside it."""
    await told(Engine(None), "initiate-1")
    engine = Engine(None)
    back = Agent(cast("Kube", None), SETTINGS, cast("Member", engine))
    task = asyncio.create_task(back._orders.run())
    back._orders.pod.listed([pod("initiate-1")], "1")
    back._orders.changed(set())
    for _ in range(10):
        await asyncio.sleep(0)
    assert (engine.tries, back._orders.done) == (0, "initiate-1")
    back._orders.pod.listed([pod("order-2")], "2")
    back._orders.changed(set())
    await asyncio.wait_for(engine.ended.wait(), 5.0)
    task.cancel()


async def test_an_agent_that_cannot_note_what_it_did_serves_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(orders, "DONE_MARK", tmp_path / "not-there" / "order-done")
    agent = await told(Engine(None), "order-1")
    assert agent._report.order_done == "order-1"


async def test_the_order_after_one_that_was_refused_is_carried_out() -> None:
    engine = Engine(OrderRefusedError("its volume has 3 MiB left"), None)
    agent = await told(engine, "order-1", "order-2")
    assert (engine.tries, agent._report.order_done, agent._report.order_error) == (2, "order-2", "")


async def until_refused(engine: Engine, **body: Any) -> Agent:
    """An agent with an order that has an end."""
    agent = Agent(cast("Kube", None), SETTINGS, cast("Member", engine))
    task = asyncio.create_task(agent._orders.run())
    agent._orders.pod.listed([pod("order-1", **body)], "1")
    agent._orders.changed(set())
    async with asyncio.timeout(5.0):
        while not agent._report.order_refused:  # noqa: ASYNC110 - a report is no event
            await asyncio.sleep(0.001)
    task.cancel()
    return agent


async def test_an_order_that_is_heard_of_too_late_is_refused() -> None:
    engine = Engine(None)
    agent = await until_refused(engine, until="2025-12-01T10:00:00+00:00")
    assert (engine.tries, agent._report.order_done) == (0, "")
    assert "could not be carried out until 2025-12-01T10:00:00+00:00" in agent._report.order_error


async def test_an_order_with_a_time_is_tried_again_until_then_and_what_it_failed_for_is_reported() -> None:
    engine = Engine(*[EngineError("orders-g1-1 was not elected")] * 10_000)
    agent = await until_refused(engine, until=(datetime.now(UTC) + timedelta(seconds=0.1)).isoformat())
    assert engine.tries > 1
    assert agent._report.order_error.endswith(": orders-g1-1 was not elected")


async def test_an_order_that_is_to_be_given_up_is_tried_for_so_long_by_this_machines_own_clock_and_then_refused() -> None:
    engine = Engine(*[EngineError("orders-g1-1 was not elected")] * 10_000)
    agent = await until_refused(engine, give_up_seconds=0.1)
    assert engine.tries > 1
    assert (agent._report.order_refused, agent._report.order_error) == ("order-1", "orders-g1-1 was not elected")


@pytest.mark.parametrize("text", ["hand-over", "[]", "{}", '{"id": 7}', '{"id": "o", "action": "empty-member"}'])
async def test_what_cannot_be_read_as_an_order_is_none_and_stops_nothing(text: str) -> None:
    engine = Engine(None)
    agent = Agent(cast("Kube", None), SETTINGS, cast("Member", engine))
    task = asyncio.create_task(agent._orders.run())
    item = pod("order-1")
    item["metadata"]["annotations"][names.ANNOTATION_ORDER] = text
    agent._orders.pod.listed([item], "1")
    agent._orders.changed(set())
    await asyncio.sleep(0.05)
    assert (engine.tries, task.done()) == (0, False)
    agent._orders.pod.listed([pod("order-2")], "2")
    agent._orders.changed(set())
    await asyncio.wait_for(engine.ended.wait(), 5.0)
    task.cancel()


async def test_an_order_that_lacks_what_it_needs_is_refused_and_does_not_take_the_engine_down_with_the_agent() -> None:
    engine = Engine(KeyError("term"), None)
    agent = Agent(cast("Kube", None), SETTINGS, cast("Member", engine))
    task = asyncio.create_task(agent._orders.run())
    agent._orders.pod.listed([pod("order-1")], "1")
    agent._orders.changed(set())
    await asyncio.sleep(0.05)
    assert not task.done()
    assert (agent._report.order_refused, agent._report.order_error) == (
        "order-1",
        "the order cannot be understood: KeyError('term')",
    )
    task.cancel()
