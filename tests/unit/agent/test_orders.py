"""Orders of the operator: tried again while they may yet be carried out, and never after they were refused."""

import asyncio
import json
from typing import Any, cast

import pytest

from moorage.agent import main
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
    spare_port = 27117

    def __init__(self, *answers: EngineError | None) -> None:
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


def pod(order_id: str) -> dict[str, Any]:
    order = json.dumps({"id": order_id, "action": "empty-member", "body": {}})
    meta = {"name": "orders-g1-2", "namespace": "shop", "annotations": {names.ANNOTATION_ORDER: order}}
    return {"kind": "Pod", "metadata": meta | {"resourceVersion": order_id[-1]}}


async def told(engine: Engine, *order_ids: str) -> Agent:
    """An agent that saw these orders, one after the other. It may then try more often than it should."""
    agent = Agent(cast("Kube", None), SETTINGS, cast("Member", engine))
    task = asyncio.create_task(agent._carry_out_orders())
    for order_id in order_ids:
        agent._pod.listed([pod(order_id)], order_id[-1])
        agent._pod_changed(set())
        await asyncio.wait_for(engine.ended.wait(), 5.0)
        engine.ended.clear()
    for _ in range(10):
        agent._pod_changed(set())
        await asyncio.sleep(0)
    task.cancel()
    return agent


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "ORDER_RETRY_SECONDS", 0.001)


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


async def test_the_order_after_one_that_was_refused_is_carried_out() -> None:
    engine = Engine(OrderRefusedError("its volume has 3 MiB left"), None)
    agent = await told(engine, "order-1", "order-2")
    assert (engine.tries, agent._report.order_done, agent._report.order_error) == (2, "order-2", "")
