"""An agent that waits on purpose is alive, and the kubelet is told so."""

import time
from typing import cast

import pytest

from moorage.agent import main
from moorage.agent.main import Agent
from moorage.engines.member import Member
from moorage.kube.client import Kube
from tests.unit.agent.test_orders import SETTINGS, Engine


async def test_an_agent_that_waits_before_the_next_start_of_a_crash_loop_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "TURN_SECONDS", 0.01)
    agent = Agent(cast("Kube", None), SETTINGS, cast("Member", Engine()))
    agent._turned_at = 0.0
    await agent._pause(0.1)
    assert time.monotonic() - agent._turned_at < 0.05


async def test_what_hurries_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "TURN_SECONDS", 30.0)
    agent = Agent(cast("Kube", None), SETTINGS, cast("Member", Engine()))
    agent._hurry.set()
    started = time.monotonic()
    await agent._pause(60.0)
    assert time.monotonic() - started < 10.0
