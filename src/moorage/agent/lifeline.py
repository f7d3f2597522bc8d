"""A connection to the primary's agent that says nothing. Who holds it sees at once that the whole container is gone.

An agent whose engine dies has a peer take over. Nobody does that when the agent dies with its engine: killed, out of memory, or
its Pod deleted by force; the engine's own election then costs its time-out. A network that fails says nothing and proves nothing.
The end of a connection is the word of the kernel at the other side, or of something between; who can be connected to is alive.
"""

import asyncio
import contextlib

import structlog

from moorage.engines.member import EngineError, Member

log = structlog.get_logger()

REQUEST = b"GET /lifeline HTTP/1.1\r\n\r\n"
CONNECT_SECONDS_MAX, ANSWER_SECONDS_MAX = 1.0, 0.3
PACE_SECONDS = 2.0
"""Before the next try to connect, as long as nothing else happens."""


class Lifeline:
    """To the agent of whom `member` calls its leader, at the port that all agents have; `pod`: this member's own."""

    def __init__(self, port: int, pod: str, member: Member) -> None:
        self._port, self._pod, self._member = port, pod, member
        self._turn = asyncio.Event()

    def turn(self) -> None:
        """Another one may lead."""
        self._turn.set()

    async def run(self) -> None:
        while True:
            leader = self._member.leader
            if leader and pod_of(leader) != self._pod:
                await self._hold(leader)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._turn.wait(), PACE_SECONDS)
            self._turn.clear()

    async def _hold(self, leader: str) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS_MAX):
                reader, writer = await asyncio.open_connection(leader, self._port)
        except OSError:
            return  # who is not reached is not known to be dead
        where = writer.get_extra_info("peername")[0]  # the name goes with the Pod
        ends = asyncio.create_task(_is_ended(reader))
        try:
            writer.write(REQUEST)
            while not ends.done() and not self._is_replaced(leader):
                await self._until_turned_or(ends)
        finally:
            writer.close()
            ends.cancel()  # does nothing to one that is done
        if ends.done() and ends.result() and not self._is_replaced(leader) and not await self._is_answered(where):
            log.warning("leader_is_gone", leader=pod_of(leader), why="its container ended, and its engine with it")
            await self._succeed(leader)

    def _is_replaced(self, leader: str) -> bool:
        """Another one leads. That nobody does may be what this engine has just found out, a moment before its agent."""
        return self._member.leader not in ("", leader)

    async def _succeed(self, leader: str) -> None:
        try:
            await self._member.succeed(leader)
        except EngineError as error:
            log.warning("not_succeeded", error=str(error))

    async def _until_turned_or(self, ends: asyncio.Task[bool]) -> None:
        self._turn.clear()
        turning = asyncio.create_task(self._turn.wait())
        try:
            await asyncio.wait({ends, turning}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            turning.cancel()

    async def _is_answered(self, where: str) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                _, writer = await asyncio.open_connection(where, self._port)
        except OSError:
            return False
        writer.close()
        return True


def pod_of(host: str) -> str:
    return host.partition(".")[0]


async def _is_ended(reader: asyncio.StreamReader) -> bool:
    """True when the other side ended the connection, False when it was lost."""
    try:
        while await reader.read(1024):
            pass
    except ConnectionResetError:
        return True
    except OSError:
        return False
    return True
