"""A member whose volume is full: when its engine ends, and what its group is told."""

import asyncio
import signal
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.core.volume import MIB, Room
from moorage.engines.member import EngineError
from moorage.engines.mysql import fullness
from moorage.engines.mysql.connections import RefusedError
from moorage.engines.mysql.fullness import FULL_WEIGHT, ROOMY_WEIGHT, SECONDARY_SECONDS, WAIT_SECONDS, Fullness, may_end
from moorage.engines.mysql.naming import Naming
from moorage.engines.mysql.succession import heirs
from moorage.engines.mysql.view import ONLINE, RECOVERING, UNREACHABLE, Seen, View
from moorage.engines.mysql.writes import Writes

PODS = tuple(f"orders-g1-{i}" for i in range(3))
ROOMY, FULL = Room(2048 * MIB, 1024 * MIB), Room(2048 * MIB, 160 * MIB)
LONG = 30.0
STATES = st.sampled_from([ONLINE, RECOVERING, UNREACHABLE])


def view(*states: str, me: int = 0, primary: int = 0) -> View:
    seen = [Seen(f"u{i}", f"orders-g1-{i}", s, i == primary) for i, s in enumerate(states)]
    return View(f"u{me}", tuple(seen))


WELL = view(ONLINE, ONLINE, ONLINE)


def test_a_primary_that_waits_ends_at_once_when_the_others_have_room_and_are_a_majority() -> None:
    assert may_end(WELL, 0.1, PODS[1:])
    assert not may_end(WELL, None, PODS[1:]), "it does not wait"
    assert not may_end(WELL, LONG, PODS[1:2]), "the third one is full, or says nothing"
    assert not may_end(WELL, LONG, ()), "all are full"
    assert not may_end(view(ONLINE, ONLINE, UNREACHABLE), LONG, PODS[1:]), "one of three would be left"
    assert not may_end(view(ONLINE, ONLINE), LONG, PODS[1:]), "one of two is no majority"
    assert not may_end(view(ONLINE, ONLINE, RECOVERING), LONG, PODS[1:]), "who still receives what it lacks does not lead"
    assert not may_end(view(ONLINE), LONG, ())


def test_an_engine_that_looks_by_itself_in_a_moment_is_left_alone() -> None:
    """All were full, all wake up within the same second, and one hears of it before its own turn comes."""
    assert not may_end(WELL, WAIT_SECONDS - 0.1, PODS[1:])


def test_a_secondary_lets_a_primary_go_first() -> None:
    secondary = view(ONLINE, ONLINE, ONLINE, me=1)
    assert not may_end(secondary, 0.1, (PODS[0], PODS[2]))
    assert may_end(secondary, SECONDARY_SECONDS, (PODS[0], PODS[2]))


@given(st.lists(STATES, min_size=1, max_size=7), st.sets(st.integers(0, 6)), st.integers(0, 6))
def test_even_when_all_that_wait_end_at_once_a_majority_with_room_is_left(
    states: list[str], roomy: set[int], primary: int
) -> None:
    views = [view(*states, me=me, primary=primary % len(states)) for me in range(len(states))]
    with_room = {f"orders-g1-{i}" for i in roomy}
    waiting = [v for v in views if v.me and v.me.pod not in with_room]
    ended = [v for v in waiting if may_end(v, LONG, with_room)]
    left = [m for m in views[0].with_state(ONLINE) if m.pod in with_room]
    assert not ended or 2 * len(left) > len(states)


def test_a_full_heir_comes_after_all_others() -> None:
    assert [m.pod for m in heirs(WELL, {PODS[1]})] == [PODS[2], PODS[1]]


@dataclass
class Engine:
    """Answers as mysqld does."""

    weight: int = ROOMY_WEIGHT
    waited: float | None = None
    said: list[str] = field(default_factory=list)
    is_silent: bool = False
    joins: bool = False

    async def row(self, statement: str) -> dict[str, Any]:
        if self.is_silent:
            raise EngineError("no answer")
        self.said.append("asked")
        if statement == fullness.ASK:
            return {"weight": self.weight, "waited": self.waited}
        return {"uuid": "u0", "version": "9.7.4", "is_read_only": 0, "is_offline": 0}

    async def rows(self, statement: str, given: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        if statement.startswith("SET GLOBAL group_replication_member_weight"):
            if self.joins:
                raise RefusedError("SET GLOBAL: the engine says: not while START GROUP_REPLICATION is ongoing", 1105)
            self.weight = int(given[0])
            self.said.append(f"weight {self.weight}")
            return []
        hosts = [f"{pod}.x" for pod in PODS]
        return [
            {
                "uuid": f"u{i}",
                "host": h,
                "port": 3306,
                "state": ONLINE,
                "role": "PRIMARY" * (i == 0),
                "version": "",
                "waiting": 0,
                "applies": 0,
            }
            for i, h in enumerate(hosts)
        ]


class Cluster:
    """A primary and its two peers. It is the process, too."""

    def __init__(self) -> None:
        self.local, self.peers = Engine(), {pod: Engine() for pod in PODS[1:]}
        self.signals = list[int]()
        self.is_running = True
        self.fullness = Fullness(Naming(PODS[0], "{pod}.x", None), self, self)  # type: ignore[arg-type]

    def signal(self, number: int) -> None:
        self.signals.append(number)

    async def wait(self) -> None:
        raise AssertionError("nobody waits for it here")


async def test_a_member_with_room_is_asked_once_in_its_life() -> None:
    cluster = Cluster()
    for _ in range(3):
        await cluster.fullness.settle(ROOMY)
    assert cluster.local.said == ["asked"]
    cluster.fullness.engine_starts()
    await cluster.fullness.settle(ROOMY)
    assert cluster.local.said == ["asked", "asked"]


async def test_a_full_member_weighs_less_in_elections_until_it_has_room() -> None:
    cluster = Cluster()
    await cluster.fullness.settle(FULL)
    assert cluster.local.weight == FULL_WEIGHT
    assert not cluster.signals, "it can still write"
    await cluster.fullness.settle(ROOMY)
    assert cluster.local.weight == ROOMY_WEIGHT


async def test_a_member_that_joins_is_told_of_its_room_once_it_can_be() -> None:
    cluster = Cluster()
    cluster.local.joins = True
    await cluster.fullness.settle(FULL)
    assert cluster.local.weight == ROOMY_WEIGHT
    cluster.local.joins = False
    await cluster.fullness.settle(FULL)
    assert cluster.local.weight == FULL_WEIGHT


async def test_an_engine_that_waits_is_ended_only_when_both_others_say_that_they_have_room() -> None:
    cluster = Cluster()
    cluster.local.waited = 0.5
    cluster.peers[PODS[2]].is_silent = True
    await cluster.fullness.settle(FULL)
    cluster.peers[PODS[2]].is_silent, cluster.peers[PODS[2]].weight = False, FULL_WEIGHT
    await cluster.fullness.settle(FULL)
    assert cluster.fullness.waits
    assert not cluster.signals
    cluster.peers[PODS[2]].weight = ROOMY_WEIGHT
    await cluster.fullness.settle(FULL)
    assert cluster.signals == [signal.SIGKILL]


async def test_an_engine_that_sleeps_on_after_there_is_room_is_still_seen() -> None:
    cluster = Cluster()
    cluster.local.waited = 3.0
    cluster.peers[PODS[1]].is_silent = True
    await cluster.fullness.settle(FULL)
    cluster.peers[PODS[1]].is_silent = False
    await cluster.fullness.settle(ROOMY)
    assert cluster.signals == [signal.SIGKILL]
    assert await cluster.fullness.is_waiting()


class Unwilling:
    """A hand-over that never ends, as when a commit waits for room."""

    async def hand_over(self, *, only_to_room: bool) -> None:
        assert only_to_room
        await asyncio.Event().wait()


async def test_a_hand_over_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moorage.engines.mysql.writes.HAND_OVER_SECONDS_MAX", 0.05)
    writes: Any = Writes(None, None, Unwilling())  # type: ignore[arg-type]
    assert not await writes._hand_over()
