"""An engine that the kernel ended for want of memory is said to have been ended for that."""

from pathlib import Path
from typing import cast

import pytest

from moorage.agent.main import Agent
from moorage.agent.memory import OUT_OF_MEMORY, Memory
from moorage.core.report import MemberReport, Role
from moorage.engines.member import Member
from moorage.kube.client import Kube
from tests.unit.agent.test_orders import SETTINGS

V1 = "oom_kill_disable 0\nunder_oom 0\noom_kill {}\n"
V2 = "low 0\nhigh 0\nmax 41\noom 3\noom_kill {}\noom_group_kill 0\n"


class Engine:
    spare_port, has_data, damage = 27117, True, ""
    election_seconds_max = 1.0

    def __init__(self, *, is_running: bool) -> None:
        self.is_running = is_running


def group(folder: Path, name: str, text: str, kills: int) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.format(kills))
    return file


@pytest.mark.parametrize(("name", "text"), [("memory/memory.oom_control", V1), ("memory.events", V2)])
def test_the_kernels_count_is_read_from_either_version_of_control_groups(tmp_path: Path, name: str, text: str) -> None:
    group(tmp_path, name, text, 4)
    memory = Memory(tmp_path)
    memory.begin()
    assert not memory.ran_out
    group(tmp_path, name, text, 5)
    assert memory.ran_out
    memory.begin()
    assert not memory.ran_out


def test_where_nothing_can_be_read_nothing_is_said(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.begin()
    assert not memory.ran_out


def reported(folder: Path, report: MemberReport, *, is_running: bool, kills: int) -> MemberReport:
    agent = Agent(cast("Kube", None), SETTINGS, cast("Member", Engine(is_running=is_running)))
    agent._memory = Memory(folder)
    group(folder, "memory.events", V2, 0)
    agent._memory.begin()
    group(folder, "memory.events", V2, kills)
    agent._publish(report)
    return agent._report


def test_the_report_says_that_the_engine_ran_out_of_memory(tmp_path: Path) -> None:
    died = MemberReport(role=Role.DOWN, message="the engine died")
    assert reported(tmp_path, died, is_running=False, kills=1).message == OUT_OF_MEMORY
    assert reported(tmp_path, died, is_running=False, kills=0).message == "the engine died"


def test_an_engine_that_runs_is_not_said_to_have_been_killed_when_something_beside_it_was(tmp_path: Path) -> None:
    well = MemberReport(role=Role.SECONDARY)
    assert reported(tmp_path, well, is_running=True, kills=1).message == ""


def test_an_engine_that_is_held_for_its_full_volume_is_not_said_to_need_memory(tmp_path: Path) -> None:
    agent = Agent(cast("Kube", None), SETTINGS, cast("Member", Engine(is_running=False)))
    agent._memory = Memory(tmp_path)
    group(tmp_path, "memory.events", V2, 1)
    agent._volume.may_run = False
    agent._publish(MemberReport(role=Role.DOWN, message=agent._volume.why_held))
    assert agent._report.message == agent._volume.why_held
