"""MongoDB inside the agent: start and stop, observe, and the orders; how each is done stands in the modules beside this one."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from pymongo.errors import OperationFailure, PyMongoError

from moorage.core.queries import Query, Row
from moorage.core.report import MemberReport, Role
from moorage.core.volume import Room
from moorage.engines.lastwords import LastWords
from moorage.engines.livesettings import LiveSettings
from moorage.engines.localmember import LocalMember
from moorage.engines.member import EngineError, Home, Primary
from moorage.engines.mongodb.accounts import Accounts
from moorage.engines.mongodb.care import Care
from moorage.engines.mongodb.catchup import is_catching_up, is_without_primary, may_stop_catching_up
from moorage.engines.mongodb.clustertime import ClusterTime
from moorage.engines.mongodb.connections import AWAIT_MS, Client, Connections, command, said
from moorage.engines.mongodb.constants import PORT, SPARE_PORT, STATE_ARBITER, STATE_PRIMARY, pod_of
from moorage.engines.mongodb.emptystart import EmptyStart
from moorage.engines.mongodb.folder import DataFolder
from moorage.engines.mongodb.heir import find_primary
from moorage.engines.mongodb.measuring import measure
from moorage.engines.mongodb.membership import Membership, mark
from moorage.engines.mongodb.metrics import METRICS
from moorage.engines.mongodb.process import Mongod
from moorage.engines.mongodb.querying import Querying
from moorage.engines.mongodb.running import Running, is_same
from moorage.engines.mongodb.succession import Succession
from moorage.engines.mongodb.tls import Tls
from moorage.engines.mongodb.upgrade import Upgrade
from moorage.engines.mongodb.writes import Writes

log = structlog.get_logger()

NOT_YET_INITIALIZED, ALREADY_INITIALIZED, USER_EXISTS, NOT_IN_CONFIGURATION = 94, 23, 51003, 93
STAND_TRIES, STAND_PACE_SECONDS = 15, 0.1
CATCH_UP_PACE_SECONDS = 0.05
UNEASY_PACE_SECONDS, UNEASY_SECONDS_MAX = 0.1, 15.0
LAST_WORDS = Path("/tmp/mongod.log")  # noqa: S108 - a private emptyDir
KEYFILE_COPY = Path("/tmp/keyfile")  # noqa: S108 - a private emptyDir; mongod wants a file that only its owner reads

_ROLES = {1: Role.PRIMARY, 2: Role.SECONDARY, 7: Role.ARBITER, 0: Role.CATCHING_UP, 3: Role.CATCHING_UP, 5: Role.CATCHING_UP}


def _state(me: dict[str, Any]) -> str:
    """A member's state in words, when it serves nobody."""
    state = me.get("stateStr", "?")
    return "it was elected and takes writes in a moment" if state == "PRIMARY" else f"the engine says {state}"


class MongoMember(LocalMember):
    """Implements `member.Member`."""

    port, spare_port = PORT, SPARE_PORT
    election_seconds_max = 1.0
    metrics = METRICS

    def __init__(self, home: Home) -> None:
        self._tls = Tls(home.tls_dir, home.data_dir)
        self._process = Mongod(home.arguments, home.data_dir, KEYFILE_COPY)
        self._folder = DataFolder(home.data_dir)
        self._connections = Connections(lambda: self._secret("keyfile"), self._tls)
        settings = Running(lambda body: command(self._to_local(), body))
        super().__init__(home, self._process, self._folder, LiveSettings(settings.read, settings.write, is_same))
        self._succession = Succession(command, self._to_local, self._connections.peers)
        self._membership = Membership(command, self._to_local)
        self._upgrade = Upgrade(command, self._to_local)
        self._writes = Writes(command, self._to_local, self._connections.peers, self._succession)
        self._cluster_time = ClusterTime(self._to_local)
        self._topology_version: Any = None
        self._empty_start = EmptyStart()
        self._uneasy_since: float | None = None
        """Since when nobody leads, as far as this member hears."""
        self._me = ""
        self.others: tuple[str, ...] = ()
        self.leader = ""
        self._had_data = False
        self._version = ""
        self._last_words, self._started_at = LastWords(LAST_WORDS), 0.0
        self._querying = Querying(self._connections)
        self._accounts = Accounts(lambda body: command(self._to_local(), body), self._connections.can_log_in, self._secret)
        self._care = Care(self._folder, self._process, self._connections, self._last_words)

    def _to_local(self) -> Client | None:
        return self._connections.local

    async def why_not_start_empty(self, host: str) -> str:
        status = await self._connections.status_at(f"{host}:{PORT}")
        return self._empty_start.why_not_yet(status, self._home.pod)

    async def start(self, *, at_spare_port: bool = False) -> None:
        async with self._care.turn:  # the engine is not started while its data is put aside
            listens = self._care.look_at_last_run(self._started_at)
            self._folder.before_start()
            self._had_data = self._folder.has_data
            self._copy_keyfile()
            with self._last_words.heard(listens=listens) as output:
                arguments = self._tls.prepare(has_data=self._folder.was_of_cluster)
                await self._process.start(arguments, output, at_spare_port=at_spare_port)
            self._connections.engine_starts_at(SPARE_PORT if at_spare_port else PORT)
            self._has_started()
            self._topology_version, self._version = None, ""
            self._started_at = time.monotonic()

    def _copy_keyfile(self) -> None:
        """mongod refuses a keyfile that its group may read, which a mounted Secret's always is."""
        if KEYFILE_COPY.exists():
            return
        descriptor = os.open(KEYFILE_COPY, os.O_WRONLY | os.O_CREAT, 0o400)
        with os.fdopen(descriptor, "w") as file:
            file.write(self._secret("keyfile"))

    async def stop(self) -> None:
        await self._process.stop()

    async def cut_clients(self) -> bool:
        """mongod keeps the connections of whoever talks to it (decision 0002)."""
        return False

    async def observe(self) -> MemberReport:
        """Returns at once when the role changed or mongod ended, else after about a second."""
        return replace(await super().observe(), taken_back=self._care.taken_back)

    async def _ask_engine(self) -> MemberReport:
        local = await self._connections.to_local()
        try:
            await self._live_settings.settle()
            hello = await local.admin.command(self._hello())
            self._topology_version = hello.get("topologyVersion")
            self._version = self._version or (await local.admin.command("buildInfo"))["version"]
            status = await local.admin.command("replSetGetStatus")
        except OperationFailure as error:
            if error.code == NOT_YET_INITIALIZED:
                await asyncio.sleep(0.2)
                return MemberReport(role=Role.UNINITIALIZED, has_data=self._had_data)
            if error.code == NOT_IN_CONFIGURATION:
                self._folder.belongs_to_cluster()
                await asyncio.sleep(0.2)
                return MemberReport(role=Role.REMOVED, engine_version=self._version)
            return self._silent(error)
        except (PyMongoError, EngineError) as error:
            await asyncio.sleep(0.1)
            return self._silent(error)
        self._me = hello.get("me", "")
        if not self._tls.speaks:
            await self._speak_tls([m["name"] for m in status["members"] if not m.get("self")])
        report = self._from_status(status, hello)
        if is_catching_up(status, hello):
            await self._hurry(status)
        elif self._is_to_look_soon(status):
            self._topology_version = None  # the next look does not wait for a change
            await asyncio.sleep(UNEASY_PACE_SECONDS)
        await self._care.look(status, report.role)
        if report.role is Role.PRIMARY:
            await self._accounts.look()
        primary_in = report.term if report.role is Role.PRIMARY else None
        return replace(report, clock=self._care.clock, compatibility=await self._upgrade.compatibility(primary_in))

    async def measure(self) -> Mapping[str, Any]:
        return await measure(await self._connections.to_local(), await asyncio.to_thread(self._folder.rolled_back_files))

    async def keep_reader(self) -> None:
        await self._querying.keep_reader()

    async def ask(self, query: Query) -> Sequence[Row]:
        return await self._querying.ask(query)

    def _hello(self) -> dict[str, Any]:
        """One that waits answers the moment the role changes, and after AWAIT_MS when it does not."""
        if self._topology_version is None:
            return {"hello": 1}
        return {"hello": 1, "topologyVersion": self._topology_version, "maxAwaitTimeMS": AWAIT_MS}

    def _is_to_look_soon(self, status: dict[str, Any]) -> bool:
        """While an election may come, for as long as one usually takes."""
        now = time.monotonic()
        self._uneasy_since = (self._uneasy_since or now) if is_without_primary(status) else None
        return self._uneasy_since is not None and now - self._uneasy_since < UNEASY_SECONDS_MAX

    async def _hurry(self, status: dict[str, Any]) -> None:
        """It was elected: it takes writes as soon as nobody who answers has more than it has."""
        self._topology_version = None  # the next look does not wait for a change
        if not may_stop_catching_up(status):
            await asyncio.sleep(CATCH_UP_PACE_SECONDS)
            return
        try:
            await command(self._to_local(), {"replSetAbortPrimaryCatchUp": 1})
        except EngineError as error:  # it is over already
            log.debug("does_not_catch_up", error=str(error))
        else:
            log.info("catches_up_no_longer", why="nobody who answers has more")

    def _silent(self, error: PyMongoError | EngineError) -> MemberReport:
        self._topology_version = None
        return MemberReport(role=Role.DOWN, message=str(error) if isinstance(error, EngineError) else said(error))

    def _from_status(self, status: dict[str, Any], hello: dict[str, Any]) -> MemberReport:
        self._folder.belongs_to_cluster()
        me = next((m for m in status["members"] if m.get("self")), None)
        role = _ROLES.get(status["myState"], Role.CATCHING_UP)
        if is_catching_up(status, hello):
            role = Role.CATCHING_UP
        others = [m for m in status["members"] if not m.get("self")]
        self.others = tuple(m["name"].rpartition(":")[0] for m in others)
        self.leader = next((m["name"].rpartition(":")[0] for m in status["members"] if m["state"] == STATE_PRIMARY), "")
        self._connections.reach_anew(m["name"] for m in others if m["health"] == 0)
        self._connections.keep_peers(m["name"] for m in others if m["state"] != STATE_ARBITER)
        message = "" if role in (Role.PRIMARY, Role.SECONDARY, Role.ARBITER) else _state(me or {})
        return MemberReport(
            role=role,
            term=int(status["term"]),
            engine_version=self._version,
            peers_down=tuple(sorted(pod_of(m["name"]) for m in others if m["health"] == 0)),
            configured=tuple(sorted(pod_of(m["name"]) for m in status["members"])),
            configuration="" if me is None else mark(me["configTerm"], me["configVersion"]),
            voters=int(status.get("votingMembersCount", 0)),
            message=message,
        )

    async def _speak_tls(self, peers: list[str]) -> None:
        """A member of a replica set from before TLS goes over to it, once nobody is left who would not understand."""
        if not await self._tls.is_accepted_by(peers):
            return
        try:
            await command(self._to_local(), {"setParameter": 1, "tlsMode": "preferTLS"})
            self._tls.all_accept()
        except (EngineError, OSError) as error:
            log.warning("speaks_no_tls_to_its_peers_yet", error=str(error))
            return
        log.info("speaks_tls_to_its_peers")

    async def reload_certificates(self) -> None:
        """mongod uses the new files for new connections, and keeps those that stand."""
        self._tls.write()
        try:
            await command(self._to_local(), {"rotateCertificates": 1, "message": "the mounted certificate changed"})
        finally:
            self._connections.renew_soon()  # also when it failed: the authority may be what the old clients lack

    async def carry_out(self, action: str, body: dict[str, Any]) -> None:
        match action:
            case "initiate":
                await self._initiate(body)
            case "hand-over":
                await self._succession.hand_over_to(body["to"], body["term"])
            case "add-member":
                await self._membership.add(body["entry"], body["configuration"])
            case "remove-member":
                await self._membership.remove(body["member"], body["configuration"])
            case "finish-upgrade":
                await self._upgrade.finish(body["version"], body["term"])
            case "empty-member":
                await self._care.empty(body["order"], body["configuration"])
            case "recover":
                await self._membership.keep_alone(body["configuration"])
            case _:
                known = "initiate, hand-over, add-member, remove-member, finish-upgrade, empty-member, recover"
                raise EngineError(f"MongoDB knows no order '{action}'; it knows: {known}")

    async def _initiate(self, config: dict[str, Any]) -> None:
        local = await self._connections.to_local()
        try:
            await local.admin.command({"replSetInitiate": config})
        except OperationFailure as error:
            if error.code != ALREADY_INITIALIZED:
                raise EngineError(f"replSetInitiate: {said(error)}") from error
        except PyMongoError as error:
            raise EngineError(f"replSetInitiate: {said(error)}") from error
        await self._stand_for_election()

    async def _stand_for_election(self) -> None:
        """A new set elects somebody once the time-out for a lost primary is over; nobody was lost, so it need not wait."""
        for _ in range(STAND_TRIES):
            try:
                await command(self._to_local(), {"replSetStepUp": 1})
            except EngineError as error:  # the others do not know of the set yet
                log.debug("not_elected_yet", error=str(error))
                await asyncio.sleep(STAND_PACE_SECONDS)
            else:
                return

    async def prepare_primary(self) -> None:
        """Before the address leads here: the users exist, and clients of another generation are not refused for their time."""
        await self._accounts.create()
        await self._cluster_time.move_on()

    async def settle_room(self, room: Room) -> None:
        """mongod that finds no room ends by itself."""

    async def settle_writes(self, room: Room, term: int) -> bool:
        return await self._writes.settle(room, term)

    async def is_reached_at(self, host: str) -> bool:
        """Whether a connection that is made now to `host` ends here."""
        return await self._connections.name_at(host) == self._me

    async def find_primary(self) -> Primary | None:
        """Asked on the connections that are open to the peers."""
        return await find_primary(self._connections.peers)

    async def lose_data(self, order: str) -> None:
        await self._care.lose(order, self._succession.why_not_held_by_all)

    async def hand_over(self) -> None:
        """To the freshest peer; returns when this member is no longer primary."""
        await self._succession.hand_over(self._writes.full_peers)

    async def succeed(self, leader: str) -> None:
        """By MongoDB's own vote."""
        await self._succession.succeed(f"{leader}:{PORT}")

    async def rescue(self) -> None:
        """After the local mongod died: the freshest peer takes over by MongoDB's own vote."""
        await self._succession.rescue()
