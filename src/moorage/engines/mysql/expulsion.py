"""A member whose engine is dead is taken out of the group at once, by the vote of those that are left.

The group itself finds out by 5 s of silence, which nobody can shorten. Somebody knows at once, though: the agent whose engine
ended, and the peers' agents when a whole container did. They ask the survivors' engines, as an engine that leaves does itself.
"""

import asyncio
import socket
from collections.abc import Iterable
from typing import Any

import pymysql
import structlog
from pymysql.connections import Connection

from moorage.engines.member import EngineError
from moorage.engines.mysql import xcom
from moorage.engines.mysql.connections import Connections
from moorage.engines.mysql.naming import Naming

log = structlog.get_logger()

SECONDS_MAX, PACE_SECONDS = 1.5, 0.05
"""For all who are asked, at the same time. After that the group's own detector does it."""
NAME_SECONDS_MAX, NAMELESS_SECONDS_MAX = 0.5, 3.0
"""How long DNS may take for a peer's name, and how long it is asked anew: the agent remembers where peers were, and writes it
into its container's hosts file as soon as it finds DNS silent (`agent/lookups.py`)."""
_SUBSCRIBE = 0x21
"""MySQL's COM_SUBSCRIBE_GROUP_REPLICATION_STREAM: from there on the connection speaks XCom."""
_BUSY = 6141
"""Somebody else's connection is just being handed to XCom, which takes one at a time."""


class Expulsion:
    """Done by whoever is asked, and harmless when it was done already: the group then has nothing to remove."""

    def __init__(self, naming: Naming, connections: Connections) -> None:
        self._naming, self._connections = naming, connections

    async def ask(self, dead: str, group_name: str, asked: Iterable[str]) -> None:
        """`dead` and `asked`: Pod names. Returns when all answered, or did not in time.

        Raises EngineError when nobody took it.
        """
        pods = [pod for pod in asked if pod != dead]
        if not pods:
            return
        took = await asyncio.gather(*(self._ask_one(pod, dead, group_name) for pod in pods))
        if not any(took):
            raise EngineError(f"no peer took the request to remove {dead}; the group finds out by itself")
        log.info("asked_to_remove", member=dead, asked=[pod for pod, is_taken in zip(pods, took, strict=True) if is_taken])

    async def _ask_one(self, pod: str, dead: str, group_name: str) -> bool:
        request = xcom.removal(str(self._naming.of(dead)), group_name)
        try:
            await until_found(self._naming.of(pod).host)
            async with asyncio.timeout(SECONDS_MAX):
                while True:
                    try:
                        return await asyncio.to_thread(self._converse, pod, request)
                    except _BusyError:
                        await asyncio.sleep(PACE_SECONDS)
        except (pymysql.MySQLError, OSError, ValueError) as error:
            log.info("not_asked_to_remove", member=dead, asked=pod, error=str(error) or "no answer in time")
            return False

    def _converse(self, pod: str, request: bytes) -> bool:
        stream: Any = self._connections.open_to_peer(self._naming.of(pod), kind=_Stream)
        try:
            return bool(stream.ask(request))
        finally:
            stream.end()


async def until_found(host: str) -> None:
    """Raises OSError when no address of it comes to be known."""
    async with asyncio.timeout(NAMELESS_SECONDS_MAX):
        while True:
            try:
                async with asyncio.timeout(NAME_SECONDS_MAX):
                    await asyncio.get_running_loop().getaddrinfo(host, None)
                    return
            except (TimeoutError, socket.gaierror):
                await asyncio.sleep(PACE_SECONDS)


_Base: Any = Connection
"""What it does below a statement is in no list of types."""


class _Stream(_Base):  # type: ignore[misc]
    """Logs in as a client does, and is then handed to XCom. Its methods raise what PyMySQL does, and ValueError."""

    def ask(self, request: bytes) -> bool:
        self._subscribe()
        self._write_bytes(xcom.hello())
        protocol, kind, _ = xcom.read_header(self._read_bytes(xcom.HEADER_BYTES))
        if (protocol, kind) != (xcom.PROTOCOL, xcom.HELLO_ANSWER):
            raise ValueError(f"it speaks XCom's protocol {protocol}, and {xcom.PROTOCOL} is known here")
        self._write_bytes(request)
        _, _, length = xcom.read_header(self._read_bytes(xcom.HEADER_BYTES))
        return xcom.is_taken(self._read_bytes(length))

    def end(self) -> None:
        """Without a word of MySQL's, which XCom does not know."""
        self._force_close()

    def _subscribe(self) -> None:
        try:
            self._execute_command(_SUBSCRIBE, b"")
            self._read_packet()
        except pymysql.MySQLError as error:
            if error.args and error.args[0] == _BUSY:
                raise _BusyError from error
            raise


class _BusyError(Exception):
    """It is to be asked again."""
