"""MongoDB inside the agent: observe, initiate, hand over, and the rescue after a crash.

The agent speaks to mongod, its own and its peers', as `__system`: the identity that the keyfile proves. No password of a
person is needed for any of it, so a lost or rotated one never stops a fail-over.
"""

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Any

import structlog
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from moorage.core.report import MemberReport, Role
from moorage.engines.member import EngineError
from moorage.engines.mongodb.constants import PORT
from moorage.engines.mongodb.folder import DataFolder
from moorage.engines.mongodb.process import Mongod

log = structlog.get_logger()

NOT_YET_INITIALIZED, ALREADY_INITIALIZED, USER_EXISTS = 94, 23, 51003
AWAIT_MS = 1_000
"""A `hello` that waits answers the moment the role changes, and after this long when it does not."""
RESCUE_SECONDS_MAX = 4.0
STEP_UP_RETRY_SECONDS = 0.02
KEYFILE_COPY = Path("/tmp/keyfile")  # noqa: S108 - a private emptyDir; mongod wants a file that only its owner reads

_ROLES = {1: Role.PRIMARY, 2: Role.SECONDARY, 7: Role.ARBITER, 0: Role.CATCHING_UP, 3: Role.CATCHING_UP, 5: Role.CATCHING_UP}

Client = AsyncMongoClient[dict[str, Any]]


def pod_of(host: str) -> str:
    """The Pod's name of a member's `host:port`."""
    return host.partition(".")[0]


def _state(me: dict[str, Any]) -> str:
    """A member's state in words, when it serves nobody."""
    state = me.get("stateStr", "?")
    return "it was elected and takes writes in a moment" if state == "PRIMARY" else f"the engine says {state}"


def said(error: PyMongoError) -> str:
    """A sentence for people: what the engine said, without the driver's dump of its whole answer."""
    if isinstance(error, OperationFailure):
        answer = (error.details or {}).get("errmsg") or str(error).partition(", full error:")[0]
        return f"the engine says: {answer}"
    return "the engine does not answer"


class MongoMember:
    """Implements `contract.Member`."""

    def __init__(self, arguments: tuple[str, ...], data_dir: Path, internal_dir: Path) -> None:
        self._internal = internal_dir
        self._process = Mongod(arguments, data_dir, KEYFILE_COPY)
        self._folder = DataFolder(data_dir)
        self._local: Client | None = None
        self._peers: dict[str, Client] = {}
        self._topology_version: Any = None
        self._had_data = False
        self._version = ""
        self._exit: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        return self._process.is_running

    def _secret(self, name: str) -> str:
        return (self._internal / name).read_text().strip()

    def _client(self, host: str, timeout_ms: int) -> Client:
        return AsyncMongoClient(
            host,
            directConnection=True,
            username="__system",
            password=self._secret("keyfile"),
            authSource="local",
            authMechanism="SCRAM-SHA-256",
            serverSelectionTimeoutMS=timeout_ms,
            connectTimeoutMS=timeout_ms,
            socketTimeoutMS=timeout_ms + AWAIT_MS,
            maxPoolSize=4,
        )

    async def start(self) -> None:
        self._had_data = self._folder.has_data
        self._folder.before_start()
        self._copy_keyfile()
        await self._process.start()
        self._exit = asyncio.create_task(self._process.wait())
        self._topology_version, self._version = None, ""

    def _copy_keyfile(self) -> None:
        """mongod refuses a keyfile that its group may read, which a mounted Secret's always is."""
        if KEYFILE_COPY.exists():
            return
        descriptor = os.open(KEYFILE_COPY, os.O_WRONLY | os.O_CREAT, 0o400)
        with os.fdopen(descriptor, "w") as file:
            file.write(self._secret("keyfile"))

    async def stop(self) -> None:
        await self._process.stop()

    async def observe(self) -> MemberReport:
        """Returns at once when the role changed or mongod ended, else after about a second."""
        observing = asyncio.create_task(self._observe())
        waiting = {observing, self._exit} if self._exit is not None else {observing}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if observing.done():
            return observing.result()
        observing.cancel()
        return MemberReport(role=Role.DOWN, message="the engine ended")

    async def _observe(self) -> MemberReport:
        if self._local is None:
            self._local = self._client(f"127.0.0.1:{PORT}", 1_500)
        try:
            hello = await self._local.admin.command(self._hello())
            self._topology_version = hello.get("topologyVersion")
            self._version = self._version or (await self._local.admin.command("buildInfo"))["version"]
            status = await self._local.admin.command("replSetGetStatus")
        except OperationFailure as error:
            if error.code == NOT_YET_INITIALIZED:
                await asyncio.sleep(0.2)
                return MemberReport(role=Role.UNINITIALIZED, has_data=self._had_data)
            return self._silent(error)
        except PyMongoError as error:
            await asyncio.sleep(0.1)
            return self._silent(error)
        return self._from_status(status, hello)

    def _hello(self) -> dict[str, Any]:
        if self._topology_version is None:
            return {"hello": 1}
        return {"hello": 1, "topologyVersion": self._topology_version, "maxAwaitTimeMS": AWAIT_MS}

    def _silent(self, error: PyMongoError) -> MemberReport:
        self._topology_version = None
        return MemberReport(role=Role.DOWN, message=said(error))

    def _from_status(self, status: dict[str, Any], hello: dict[str, Any]) -> MemberReport:
        self._folder.belongs_to_set()
        me = next((m for m in status["members"] if m.get("self")), None)
        role = _ROLES.get(status["myState"], Role.CATCHING_UP)
        if role is Role.PRIMARY and not hello.get("isWritablePrimary"):
            role = Role.CATCHING_UP  # elected, still draining: takes no writes yet
        others = [m for m in status["members"] if not m.get("self")]
        self._keep_peers([m["name"] for m in others if m["state"] != 7])
        message = "" if role in (Role.PRIMARY, Role.SECONDARY, Role.ARBITER) else _state(me or {})
        return MemberReport(
            role=role,
            term=int(status["term"]),
            engine_version=self._version,
            peers_down=tuple(sorted(pod_of(m["name"]) for m in others if m["health"] == 0)),
            configured=tuple(sorted(pod_of(m["name"]) for m in status["members"])),
            message=message,
        )

    def _keep_peers(self, hosts: list[str]) -> None:
        """Clients to the peers are made, and connected, while all is well: a crash is no time for handshakes."""
        for host in hosts:
            if host not in self._peers:
                self._peers[host] = self._client(host, 1_000)
                task = asyncio.create_task(self._warm(self._peers[host]))
                task.add_done_callback(lambda t: t.exception())

    @staticmethod
    async def _warm(client: Client) -> None:
        with contextlib.suppress(PyMongoError):
            await client.admin.command("ping")

    async def carry_out(self, action: str, body: dict[str, Any]) -> None:
        match action:
            case "initiate":
                await self._initiate(body)
            case "hand-over":
                await self._hand_over_to(body["to"], body["term"])
            case _:
                raise EngineError(f"MongoDB knows no order '{action}'; it knows: initiate, hand-over")

    async def _command(self, client: Client | None, command: dict[str, Any]) -> dict[str, Any]:
        if client is None:
            raise EngineError("the engine was not reached yet")
        try:
            return await client.admin.command(command)
        except PyMongoError as error:
            raise EngineError(f"{next(iter(command))}: {said(error)}") from error

    async def _initiate(self, config: dict[str, Any]) -> None:
        if self._local is None:
            raise EngineError("the engine was not reached yet")
        try:
            await self._local.admin.command({"replSetInitiate": config})
        except OperationFailure as error:
            if error.code != ALREADY_INITIALIZED:
                raise EngineError(f"replSetInitiate: {said(error)}") from error
        except PyMongoError as error:
            raise EngineError(f"replSetInitiate: {said(error)}") from error

    async def prepare_primary(self) -> None:
        """Before the address leads here: the users exist."""
        users = (
            ("admin", "admin-password", [{"role": "root", "db": "admin"}]),
            (
                "app",
                "app-password",
                [{"role": "readWriteAnyDatabase", "db": "admin"}, {"role": "dbAdminAnyDatabase", "db": "admin"}],
            ),
        )
        for user, secret, roles in users:
            found = await self._command(self._local, {"usersInfo": user})
            if found["users"]:
                continue
            await self._command(self._local, {"createUser": user, "pwd": self._secret(secret), "roles": roles})

    async def hand_over(self) -> None:
        """To the freshest peer; returns when this member is no longer primary."""
        for host in await self._by_freshness():
            try:
                await self._step_up(host, skip_dry_run=False, tries=20)
            except EngineError as error:
                log.warning("peer_did_not_take_over", peer=pod_of(host), error=str(error))
                continue
            return
        raise EngineError("no peer could take over")

    async def _hand_over_to(self, pod: str, term: int) -> None:
        status = await self._command(self._local, {"replSetGetStatus": 1})
        if int(status["term"]) != term:
            return  # an election came in between: the order is out of date, the operator plans anew
        host = next((h for h in self._peers if pod_of(h) == pod), None)
        if host is None:
            raise EngineError(f"{pod} is not a data member of this replica set")
        await self._step_up(host, skip_dry_run=False, tries=50)

    async def _step_up(self, host: str, *, skip_dry_run: bool, tries: int) -> None:
        """Has a peer stand for election. The first try can come too early or find it a moment behind: tries again at once."""
        last: EngineError | None = None
        for _ in range(tries):
            try:
                await self._command(self._peers[host], {"replSetStepUp": 1, "skipDryRun": skip_dry_run})
            except EngineError as error:
                last = error
                await asyncio.sleep(STEP_UP_RETRY_SECONDS)
            else:
                return
        raise last or EngineError(f"{pod_of(host)} was not asked")

    async def _by_freshness(self) -> list[str]:
        """Hosts of the data-bearing peers that answer, the freshest first."""

        async def optime(host: str, client: Client) -> tuple[Any, str] | None:
            try:
                status = await asyncio.wait_for(self._command(client, {"replSetGetStatus": 1}), 0.5)
            except (EngineError, TimeoutError):
                return None
            me = next(m for m in status["members"] if m.get("self"))
            return ((me["optime"]["t"], me["optime"]["ts"].time, me["optime"]["ts"].inc), host) if me["state"] == 2 else None

        found = await asyncio.gather(*(optime(host, client) for host, client in self._peers.items()))
        return [host for _, host in sorted((f for f in found if f is not None), reverse=True)]

    async def rescue(self) -> None:
        """After the local mongod died: the freshest peer is made to stand for election, at once; the vote is the engine's own."""
        if not self._peers:
            return  # a member on its own: it can only be started again
        deadline = asyncio.get_running_loop().time() + RESCUE_SECONDS_MAX
        while asyncio.get_running_loop().time() < deadline:
            for host in await self._by_freshness():
                try:
                    await self._step_up(host, skip_dry_run=True, tries=1)
                except EngineError as error:
                    log.info("peer_did_not_take_over", peer=pod_of(host), error=str(error))
                    continue
                log.info("rescued", by=pod_of(host))
                return
            await asyncio.sleep(STEP_UP_RETRY_SECONDS)
        log.warning("not_rescued", why="no peer took over in time; the engine's own election follows")
