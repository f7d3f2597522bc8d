"""The agent's connections to mongod: its own and its peers', as `__system`, the identity that the keyfile proves.

No password of a person is needed for any of it, so a lost or rotated one never stops a fail-over.
"""

import asyncio
import contextlib
import hashlib
import hmac
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

import structlog
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from moorage.engines.background import in_background
from moorage.engines.member import EngineError
from moorage.engines.mongodb.constants import PORT, pod_of
from moorage.engines.mongodb.tls import Tls
from moorage.engines.mongodb.users import READER

log = structlog.get_logger()

logging.getLogger("pymongo.client").setLevel(logging.CRITICAL)
"""It writes a traceback of 60 lines for each try to reach a peer that is away, which the agent says in one."""

Client = AsyncMongoClient[dict[str, Any]]

AUTHENTICATION_FAILED = 18
LOCAL_MS, PEER_MS, PROBE_MS = 1_500, 1_000, 300
AWAIT_MS = 1_000
"""How long an answer may be awaited on purpose (`hello` with `maxAwaitTimeMS`)."""


def said(error: PyMongoError) -> str:
    """A sentence for people: what the engine said, without the driver's dump of its whole answer."""
    if isinstance(error, OperationFailure):
        answer = (error.details or {}).get("errmsg") or str(error).partition(", full error:")[0]
        return f"the engine says: {answer}"
    return "the engine does not answer"


def system_login(password: str) -> dict[str, Any]:
    """As `__system`, whose password is what the keyfile holds."""
    return {"username": "__system", "password": password, "authSource": "local", "authMechanism": "SCRAM-SHA-256"}


async def command(client: Client | None, body: dict[str, Any]) -> dict[str, Any]:
    """One command on `admin`. Raises EngineError."""
    if client is None:
        raise EngineError("the engine was not reached yet")
    try:
        return await client.admin.command(body)
    except PyMongoError as error:
        raise EngineError(f"{next(iter(body))}: {said(error)}") from error


class Connections:
    """`local` is None until it is first wanted; `peers`: host → client of every member that holds data."""

    def __init__(self, keyfile: Callable[[], str], tls: Tls) -> None:
        self._keyfile, self._tls = keyfile, tls
        self.local: Client | None = None
        self._local_port = PORT
        self.peers: dict[str, Client] = {}
        self._is_outdated = False
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def _open(self, host: str, timeout_ms: int, *, connections_min: int = 0) -> Client:
        return AsyncMongoClient(
            host,
            directConnection=True,
            **system_login(self._keyfile()),
            serverSelectionTimeoutMS=timeout_ms,
            connectTimeoutMS=timeout_ms,
            socketTimeoutMS=timeout_ms + AWAIT_MS,
            minPoolSize=connections_min,
            maxPoolSize=4,
            **self._tls.client_options(),
        )

    async def to_local(self) -> Client:
        """To the member's own mongod, with the authorities of today."""
        if self._is_outdated:
            await self._renew()
        if self.local is None:
            self.local = self._open(f"127.0.0.1:{self._local_port}", LOCAL_MS)
        return self.local

    def engine_starts_at(self, port: int) -> None:
        """The member's own mongod answers there from now on."""
        if port == self._local_port:
            return
        self._local_port = port
        if self.local is not None:
            self._do("close local", self.local.close())
        self.local = None

    def keep_peers(self, hosts: Iterable[str]) -> None:
        """Clients to the peers are made, and stay connected, while all is well: a crash is no time for handshakes.

        A peer that was restarted costs a new handshake of 0.1 to 0.4 s; the driver makes it by itself, within a second.
        """
        wanted = set(hosts)
        for host in wanted - self.peers.keys():
            self.peers[host] = self._open(host, PEER_MS, connections_min=1)
            self._do(f"warm {host}", _warm(self.peers[host]))
        for host in self.peers.keys() - wanted:  # it left the replica set: nobody should wait for its answer
            self._do(f"close {host}", self.peers.pop(host).close())

    def reach_anew(self, hosts: Iterable[str]) -> None:
        """A Pod that was replaced has another address, and mongod may still wait for an answer of the old one: up to 20 s."""
        for host in self.peers.keys() & set(hosts):
            self._do(f"reach {host}", self._drop_connections(host))

    async def _drop_connections(self, host: str) -> None:
        """Only when the peer answers here, where its name leads now: mongod then connects anew at its next heartbeat."""
        try:
            await command(self.peers.get(host), {"ping": 1})
            await command(self.local, {"dropConnections": 1, "hostAndPort": [host]})
        except EngineError:
            return  # it is really away
        log.info("peer_is_reached_anew", peer=pod_of(host))

    def _do(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """In the background, one at a time of each name."""
        if name in self._tasks and not self._tasks[name].done():
            work.close()
            return
        self._tasks[name] = in_background(work, name)

    def renew_soon(self) -> None:
        """The certificates changed: the next use is with new clients."""
        self._is_outdated = True

    async def _renew(self) -> None:
        """They trust the authorities of today; the old ones are closed when the new ones are there."""
        old, hosts = [self.local, *self.peers.values()], list(self.peers)
        self._is_outdated, self.local = False, None
        self.peers.clear()  # in place: others hold this very dict
        self.keep_peers(hosts)
        for client in filter(None, old):
            await client.close()

    async def status_at(self, host: str) -> dict[str, Any] | None:
        """What the member at `host` says of the set; None when nobody answers there."""
        client = self._open(host, PEER_MS)
        try:
            return dict(await command(client, {"replSetGetStatus": 1}))
        except EngineError:
            return None
        finally:
            await client.close()

    def reader_password(self) -> str:
        """Drawn from the secret that all members share."""
        return hmac.new(self._keyfile().encode(), f"mongodb:{READER}".encode(), hashlib.sha256).hexdigest()

    def to_read(self, seconds: int) -> Client:
        """A client of the own mongod as the user that only reads, for one question. Whoever made it closes it."""
        return AsyncMongoClient(
            f"127.0.0.1:{self._local_port}",
            directConnection=True,
            username=READER,
            password=self.reader_password(),
            authSource="admin",
            serverSelectionTimeoutMS=LOCAL_MS,
            connectTimeoutMS=LOCAL_MS,
            socketTimeoutMS=(seconds + 1) * 1000,
            maxPoolSize=1,
            retryReads=False,
            **self._tls.client_options(),
        )

    async def can_log_in(self, user: str, password: str) -> bool:
        """Whether a user's password is good at the member's own mongod. Raises EngineError when that does not answer."""
        return await can_log_in(f"127.0.0.1:{self._local_port}", user, password, self._tls.client_options())

    async def name_at(self, host: str) -> str | None:
        """The member at which a connection made now to `host` ends; None when none can be made."""
        hello = await self._hello(host)
        return None if hello is None else str(hello.get("me", ""))

    async def leads(self, host: str) -> bool:
        """Whether a connection made now to `host` ends at a primary."""
        return bool((await self._hello(host) or {}).get("isWritablePrimary"))

    async def _hello(self, host: str) -> dict[str, Any] | None:
        """By a connection of its own; None when none can be made within `PROBE_MS`, or nobody answers for as long."""
        client: Client = AsyncMongoClient(
            host,
            PORT,
            directConnection=True,
            serverSelectionTimeoutMS=PROBE_MS,
            connectTimeoutMS=PROBE_MS,
            socketTimeoutMS=PROBE_MS,
            **self._tls.client_options(),
        )
        try:
            return await client.admin.command("hello")
        except PyMongoError:
            return None
        finally:
            await client.close()


async def can_log_in(host: str, user: str, password: str, options: Mapping[str, Any]) -> bool:
    """By one connection that is closed again. Raises EngineError when the engine does not answer."""
    client: Client = AsyncMongoClient(
        host,
        directConnection=True,
        username=user,
        password=password,
        authSource="admin",
        serverSelectionTimeoutMS=LOCAL_MS,
        connectTimeoutMS=LOCAL_MS,
        socketTimeoutMS=LOCAL_MS,
        **options,
    )
    try:
        await client.admin.command("ping")
    except OperationFailure as error:
        if error.code != AUTHENTICATION_FAILED:
            raise EngineError(f"ping: {said(error)}") from error
        return False
    except PyMongoError as error:
        raise EngineError(f"ping: {said(error)}") from error
    else:
        return True
    finally:
        await client.close()


async def _warm(client: Client) -> None:
    with contextlib.suppress(PyMongoError):
        await client.admin.command("ping")
