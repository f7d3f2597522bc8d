"""The faults of drills in an agent: once, soon, only while all is well, and the engine is never left standing still."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.agent.faults import Faults
from moorage.agent.main import Agent
from moorage.api.drill_kinds import DRILL, DrillKind
from moorage.core.report import MemberReport, Role
from moorage.engines.member import EngineError, Member, OrderRefusedError
from moorage.kube.client import Kube
from tests.unit.agent.test_orders import SETTINGS

WELL = MemberReport(role=Role.PRIMARY, term=5)


class Engine:
    """Keeps what was done to it."""

    is_running = True
    spare_port, has_data, damage = 27117, True, ""
    election_seconds_max = 1.0

    def __init__(self) -> None:
        self.did = list[str]()

    def signal(self, number: int) -> None:
        self.did.append(signal.Signals(number).name)

    async def lose_data(self, order: str) -> None:
        self.did.append(f"lost its data for {order}")


class Failing(Engine):
    """Answers each try to lose its data with the next of these; None: it loses it."""

    def __init__(self, *answers: Exception | None) -> None:
        super().__init__()
        self.answers = list(answers)

    async def lose_data(self, order: str) -> None:
        if (error := self.answers.pop(0)) is not None:
            raise error
        await super().lose_data(order)


def faults(engine: Engine, mark: Path) -> Faults:
    def block(seconds: float) -> None:
        engine.did.append(f"silent for {seconds:.1f} s")

    def die() -> None:
        engine.did.append("the agent dies")

    return Faults(cast("Member", engine), mark, block=block, die=die)


def body(kind: str, seconds: float = 0.0) -> dict[str, Any]:
    return {"kind": kind, "seconds": seconds}


@pytest.mark.parametrize(
    ("kind", "did", "is_dead"),
    [
        ("primary-crash", ["SIGKILL"], True),
        ("secondary-crash", ["SIGKILL"], True),
        ("primary-freeze", ["SIGSTOP", "SIGCONT"], False),
        ("node-loss", ["SIGSTOP", "silent for 0.0 s", "the agent dies"], False),
        ("agent-crash", ["the agent dies"], False),
        ("member-data-loss", ["lost its data for drill-1"], False),
    ],
)
async def test_each_kind_does_what_it_says(tmp_path: Path, kind: str, did: list[str], is_dead: bool) -> None:
    engine = Engine()
    assert await faults(engine, tmp_path / "mark").carry_out("drill-1", body(kind), WELL) is is_dead
    assert engine.did == did


async def test_an_agent_that_comes_back_makes_no_fault_twice(tmp_path: Path) -> None:
    engine = Engine()
    for _ in range(2):
        await faults(engine, tmp_path / "mark").carry_out("drill-1", body("agent-crash"), WELL)
    assert engine.did == ["the agent dies"]
    await faults(engine, tmp_path / "mark").carry_out("drill-2", body("agent-crash"), WELL)
    assert engine.did == ["the agent dies", "the agent dies"], "another drill is another order"


DOWN = MemberReport(role=Role.DOWN)


@pytest.mark.parametrize("restarts", [False, True], ids=["the same agent", "an agent that was started anew"])
async def test_a_loss_of_data_that_failed_halfway_is_not_done_and_is_gone_on_with(tmp_path: Path, restarts: bool) -> None:
    engine = Failing(EngineError("its data cannot be put aside: Input/output error"), None)
    first = faults(engine, tmp_path / "mark")
    with pytest.raises(EngineError, match="cannot be put aside"):
        await first.carry_out("drill-1", body("member-data-loss"), WELL)
    again = faults(engine, tmp_path / "mark") if restarts else first
    assert await again.carry_out("drill-1", body("member-data-loss"), DOWN) is False
    assert await faults(engine, tmp_path / "mark").carry_out("drill-1", body("member-data-loss"), WELL) is False
    assert engine.did == ["lost its data for drill-1"]


async def test_a_loss_of_data_that_was_refused_is_never_done_and_kills_no_engine_again(tmp_path: Path) -> None:
    engine = Failing(OrderRefusedError("not all of the others held everything"), None)
    with pytest.raises(OrderRefusedError, match="not all of the others"):
        await faults(engine, tmp_path / "mark").carry_out("drill-1", body("member-data-loss"), WELL)
    back = faults(engine, tmp_path / "mark")
    with pytest.raises(OrderRefusedError, match="refused before"):
        await back.carry_out("drill-1", body("member-data-loss"), WELL)
    assert engine.did == []


@given(
    kind=st.sampled_from(DrillKind),
    role=st.sampled_from(Role),
    deaf=st.booleans(),
    damage=st.sampled_from(["", "its data is damaged"]),
)
def test_nothing_is_broken_by_a_member_that_sees_something_abnormal(kind: DrillKind, role: Role, deaf: bool, damage: str) -> None:
    report = MemberReport(role=role, peers_down=("orders-g1-1",) if deaf else (), damage=damage)
    engine, is_well = Engine(), role in (Role.PRIMARY, Role.SECONDARY) and not deaf and not damage
    made = faults(engine, Path("/nowhere/mark"))
    with pytest.raises(OrderRefusedError, match="cannot be noted" if is_well else "only while all is well"):
        asyncio.run(made.carry_out("drill-1", body(kind), report))
    assert engine.did == []


async def test_an_engine_that_stands_still_goes_on_also_when_its_agent_is_stopped(tmp_path: Path) -> None:
    engine = Engine()
    freezing = asyncio.create_task(faults(engine, tmp_path / "mark").carry_out("drill-1", body("primary-freeze", 60.0), WELL))
    for _ in range(5):
        await asyncio.sleep(0)
    freezing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await freezing
    assert engine.did == ["SIGSTOP", "SIGCONT"]


async def test_that_it_is_done_is_never_told_together_with_how_the_member_was_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moorage.agent.faults.MARK", tmp_path / "mark")
    agent = Agent(cast("Kube", None), SETTINGS, cast("Member", Engine()))
    agent._faults = faults(cast("Engine", agent._member), tmp_path / "mark")
    agent._report = WELL
    order = {"id": "drill-1", "action": DRILL, "body": body("primary-crash")}
    meta = {"name": "orders-g1-2", "namespace": "shop", "resourceVersion": "1"}
    agent._orders.pod.listed([{"kind": "Pod", "metadata": meta | {"annotations": {"moorage.dev/order": json.dumps(order)}}}], "1")
    task = asyncio.create_task(agent._orders.run())
    agent._orders.changed(set())
    for _ in range(10):
        await asyncio.sleep(0)
    task.cancel()
    assert (agent._report.order_done, agent._report.role) == ("drill-1", Role.DOWN)
