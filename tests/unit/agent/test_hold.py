"""An engine without room is stopped in order, stays stopped, says so, and is started once there is room."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from moorage.agent.main import Agent
from moorage.agent.settings import Settings
from moorage.core.report import MemberReport, Role
from moorage.core.volume import MIB, Room
from moorage.engines.member import Member
from moorage.kube.client import Kube

SETTINGS = Settings("orders-g1-2", "u2", "10.0.1.2", "n2", "shop", "orders", "mongodb", ())


class Server:
    """Has no address yet."""

    async def get(self, _kind: str, _name: str, _namespace: str) -> None:
        return None


class Engine:
    """Runs, and is primary, until it is stopped."""

    spare_port, has_data, damage = 27117, True, ""
    election_seconds_max = 1.0

    def __init__(self) -> None:
        self.is_running, self.did = True, list[str]()

    async def observe(self) -> MemberReport:
        return MemberReport(role=Role.PRIMARY, term=3)

    async def hand_over(self) -> None:
        self.did.append("hand over")

    async def stop(self) -> None:
        self.did.append("stop")
        self.is_running = False

    async def start(self, *, at_spare_port: bool = False) -> None:
        assert not at_spare_port
        self.did.append("start")
        self.is_running = True


async def turns(agent: Agent, count: int) -> None:
    """Of the agent's loop, as far as they go without waiting for news."""
    for _ in range(count):
        task = asyncio.create_task(agent._supervise())
        await asyncio.sleep(0.05)
        agent._wake.set()
        await asyncio.sleep(0.05)
        task.cancel()


async def test_it_hands_over_stops_and_is_started_when_there_is_room_again(tmp_path: Path) -> None:
    engine = Engine()
    agent = Agent(cast("Kube", Server()), replace(SETTINGS, data_dir=tmp_path / "not-there"), cast("Member", engine))
    volume: Any = agent._volume
    await turns(agent, 1)
    assert engine.did == []
    volume.room, volume.may_run = Room(1000 * MIB, 0), False
    await turns(agent, 3)
    assert engine.did == ["hand over", "stop"], "and it is not started to die again"
    assert agent._report == MemberReport(
        role=Role.DOWN, term=3, message="its volume of 1000 MiB is full: its engine stays stopped until there is room in it"
    )
    volume.may_run = True
    await turns(agent, 1)
    assert engine.did == ["hand over", "stop", "start"]
