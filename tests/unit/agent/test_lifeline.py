"""The death of a whole container is seen at once by its peers; whatever else breaks a connection is not taken for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from moorage.agent import health
from moorage.agent.lifeline import REQUEST, Lifeline
from moorage.engines.member import Member
from tests.ports import free_port

HOST = "127.0.0.1"


class Agents:
    """The leader's agent, and a peer whose lifeline leads to it."""

    def __init__(self) -> None:
        self.port, self.leader = free_port(), HOST
        self.dead: list[str] = []
        self.connections = 0
        self.writers: list[asyncio.StreamWriter] = []
        self.server: Any = None
        self.lifeline = Lifeline(self.port, "orders-g1-1", cast("Member", self))
        self.met, self.died = asyncio.Event(), asyncio.Event()

    async def succeed(self, leader: str) -> None:
        self.dead.append(leader)
        self.died.set()

    async def serve(self) -> None:
        self.server = await asyncio.start_server(self._answer, HOST, self.port)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readline():
            self.connections += 1
            self.writers.append(writer)
            self.met.set()

    async def until_met(self) -> None:
        async with asyncio.timeout(20):
            await self.met.wait()
        self.met.clear()

    def hang_up(self) -> None:
        for writer in self.writers:
            writer.close()
        self.writers.clear()

    def die(self) -> None:
        """As a kernel does it: the port is closed together with what stands."""
        self.server.close()
        self.hang_up()


@pytest.fixture
async def agents(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Agents]:
    monkeypatch.setattr("moorage.agent.lifeline.PACE_SECONDS", 0.02)
    found = Agents()
    await found.serve()
    running = asyncio.create_task(found.lifeline.run())
    await found.until_met()
    yield found
    running.cancel()
    found.die()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_a_leader_whose_container_is_gone_is_told_at_once(agents: Agents) -> None:
    agents.die()
    async with asyncio.timeout(20):
        await agents.died.wait()
    assert agents.dead == [HOST]


async def test_a_connection_that_breaks_alone_is_made_again_and_proves_nothing(agents: Agents) -> None:
    agents.hang_up()
    await agents.until_met()
    assert agents.dead == []
    assert agents.connections == 2


async def test_one_that_the_engine_missed_a_moment_before_is_told_all_the_same(agents: Agents) -> None:
    agents.leader = ""
    agents.lifeline.turn()
    agents.die()
    async with asyncio.timeout(20):
        await agents.died.wait()
    assert agents.dead == [HOST]


async def test_who_leads_no_more_is_let_go_and_may_end(agents: Agents) -> None:
    agents.leader = "orders-g1-1.orders-members"  # this member itself
    agents.lifeline.turn()
    agents.die()
    await agents.serve()
    agents.leader = HOST
    await agents.until_met()
    assert agents.dead == []


async def test_an_agent_holds_the_connections_of_its_peers_and_the_oldest_makes_room_for_one_more() -> None:
    """Those of nodes that lost their power are never heard to end: they must not keep the living out for ever."""
    port = free_port()
    serving = asyncio.create_task(health.serve(port, lambda: 0.0, no_metrics))
    try:
        held = [await _asked(port, REQUEST) for _ in range(health.HELD_MAX + 1)]
        async with asyncio.timeout(20):
            assert await held[0][0].read() == b""
        assert await _answer_to(port, b"GET /healthz HTTP/1.1\r\n\r\n") == b"HTTP/1.1 200 OK\r\n"
        assert not any(reader.at_eof() for reader, _ in held[1:])
    finally:
        serving.cancel()


async def no_metrics() -> str:
    return ""


async def _answer_to(port: int, request: bytes) -> bytes:
    reader, writer = await _asked(port, request)
    answer = await reader.readline()
    writer.close()
    return answer


async def _asked(port: int, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(20):
        while True:
            try:
                reader, writer = await asyncio.open_connection(HOST, port)
            except OSError:
                await asyncio.sleep(0.02)  # the pace of a bounded wait for a condition
                continue
            writer.write(request)
            await writer.drain()
            return reader, writer
