"""A volume fills up under a real mongod: writes are stopped before it dies, and what died for want of room starts again."""

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from devcluster.full import empty_folder, fill_folder
from moorage.agent.volume import RESERVE_FILE, Volume, measured
from moorage.core.volume import MIB, Level
from moorage.engines.mongodb.connections import command, system_login
from moorage.engines.mongodb.succession import Succession
from moorage.engines.mongodb.topology import oplog_mib
from moorage.engines.mongodb.users import USERS, create_command
from moorage.engines.mongodb.writes import Writes
from tests.engine.limited import MIB_EACH, limited
from tests.engine.replica import Member, ReplicaSet, mounts, running, until

WRITES_BLOCKED = 371
LOOK_SECONDS = 1.0
"""As often as the agent looks."""
OPLOG_MIB = oplog_mib(MIB_EACH * MIB)
FORGETS_AT_ONCE = ("--setParameter", "minSnapshotHistoryWindowInSeconds=0", "--syncdelay", "5")
"""MongoDB keeps the files of what was dropped for five minutes by default, and removes them at a checkpoint after that: one comes
each minute, and the one after next counts when nothing was written in between."""


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[ReplicaSet]:
    """A member on its own, with the users of a service, on a volume with an end."""
    with limited(tmp_path / "set" / "data0"), running(tmp_path / "set", 1, oplog_mib=OPLOG_MIB, more=FORGETS_AT_ONCE) as found:
        make_users(found)
        yield found


def lives(member: Member) -> bool:
    return member.process is not None and member.process.poll() is None


def make_users(replica_set: ReplicaSet) -> None:
    with replica_set.client() as client:
        for user, _, roles in USERS:
            client.admin.command(create_command(user, "secret", roles))


def as_user(replica_set: ReplicaSet, member: Member, user: str) -> MongoClient[dict[str, Any]]:
    authority = str(replica_set.places.tls / "ca.crt")
    return MongoClient(
        member.host,
        directConnection=True,
        username=user,
        password="secret",
        tls=True,
        tlsCAFile=authority,
    )


@dataclass
class Keeper:
    """What the agent of a member does about its volume."""

    volume: Volume
    writes: Writes
    local: AsyncMongoClient[dict[str, Any]]

    async def look(self, *, is_running: bool = True) -> bool:
        """Whether writes are stopped."""
        await self.volume.look(is_running=is_running)
        if not is_running:
            return False
        status = await command(self.local, {"replSetGetStatus": 1})
        return status["myState"] == 1 and await self.writes.settle(self.volume.room, int(status["term"]))

    async def until(self, check: Callable[[bool], bool]) -> None:
        async with asyncio.timeout(120):
            while True:
                if check(await self.look()):
                    return
                await asyncio.sleep(LOOK_SECONDS)


@contextlib.asynccontextmanager
async def kept(replica_set: ReplicaSet, member: Member) -> AsyncIterator[Keeper]:
    def to(host: str) -> AsyncMongoClient[dict[str, Any]]:
        login = system_login((replica_set.places.internal / "keyfile").read_text().strip())
        authority = str(replica_set.places.tls / "ca.crt")
        return AsyncMongoClient(
            host, directConnection=True, serverSelectionTimeoutMS=1_500, tls=True, tlsCAFile=authority, **login
        )

    local = to(member.host)
    peers = {m.host: to(m.host) for m in replica_set.members if m is not member}
    writes = Writes(command, lambda: local, peers, Succession(command, lambda: local, peers))
    try:
        yield Keeper(Volume(member.data), writes, local)
    finally:
        for client in (local, *peers.values()):
            await client.close()


PACE_SECONDS = 0.1
"""Between two writes of 2 MB: in memory a writer fills the volume between two looks, which no disk of this size can."""


class Application(threading.Thread):
    """Writes 2 MB at a time until it is refused or cut off."""

    def __init__(self, client: MongoClient[dict[str, Any]]) -> None:
        super().__init__(daemon=True)
        self._client = client
        self.written = 0
        self.refusal: PyMongoError | None = None

    def run(self) -> None:
        while self.refusal is None:
            try:
                self._client["shop"]["blobs"].insert_many([{"blob": os.urandom(100_000)} for _ in range(20)])
                self.written += 20
                time.sleep(PACE_SECONDS)
            except PyMongoError as error:
                self.refusal = error


async def test_writes_are_stopped_before_the_engine_dies_and_go_on_once_there_is_room(alone: ReplicaSet) -> None:
    (member,) = alone.members
    app, admin = as_user(alone, member, "app"), as_user(alone, member, "admin")
    async with kept(alone, member) as keeper:
        assert not await keeper.look()
        assert (member.data / RESERVE_FILE).exists(), "room is kept for repair while there is some"
        application = Application(app)
        application.start()
        await keeper.until(lambda stopped: stopped)
        await asyncio.to_thread(application.join, 30)
        print(f"stopped with {measured(member.data).free_bytes // MIB} MiB left of {MIB_EACH}, {application.written} written")
        assert isinstance(application.refusal, OperationFailure)
        assert application.refusal.code == WRITES_BLOCKED or "User writes blocked" in str(application.refusal)
        assert lives(member)
        assert keeper.volume.state.level is Level.FULL
        blobs = app["shop"]["blobs"]
        assert blobs.count_documents({}) >= application.written, "reads go on"
        with pytest.raises(OperationFailure, match="User writes blocked"):
            blobs.delete_one({})
        # few: to delete everything takes room itself, and an engine that found none died of it once
        assert all(admin["shop"]["blobs"].delete_one({}).deleted_count for _ in range(3)), "an administrator makes room"
        admin["shop"]["blobs"].drop()
        await keeper.until(lambda stopped: not stopped)
        blobs.insert_one({"blob": b"room again"})
        assert keeper.volume.state.level is not Level.FULL


async def test_what_died_of_a_full_volume_starts_on_the_room_that_was_kept_and_takes_no_writes(alone: ReplicaSet) -> None:
    (member,) = alone.members
    async with kept(alone, member) as keeper:
        await keeper.look()
        await asyncio.to_thread(_die_of_it, alone, member)
        taken = fill_folder(member.data)
        assert measured(member.data).free_bytes < MIB
        await keeper.look(is_running=False)
        assert keeper.volume.may_run
        assert not (member.data / RESERVE_FILE).exists(), "it was given up"
        alone.start(member)
        alone.until_well()
        assert await keeper.look(), "writes are stopped at once"
        assert lives(member)
        print(f"{taken // MIB} MiB were taken besides; {measured(member.data).free_bytes // MIB} MiB left")
        empty_folder(member.data)
        with alone.client(member) as client:
            client["shop"]["blobs"].drop()
        await keeper.until(lambda stopped: not stopped and (member.data / RESERVE_FILE).exists())
        app = as_user(alone, member, "app")
        app["shop"]["orders"].insert_one({"room": "again"})


def _die_of_it(replica_set: ReplicaSet, member: Member) -> None:
    """As a member that nobody looks after: mongod ends when it finds no room."""
    fill_folder(member.data)
    with replica_set.client(member, serverSelectionTimeoutMS=1_000) as client, contextlib.suppress(PyMongoError):
        while lives(member):
            client["shop"]["blobs"].insert_many([{"blob": os.urandom(100_000)} for _ in range(20)])
    assert member.process is not None
    member.process.wait(60)
    member.process = None


async def test_an_engine_without_any_room_is_not_started_to_die_again(tmp_path: Path) -> None:
    with limited(tmp_path / "volume", 512) as path:
        keeper = Volume(path)
        await keeper.look(is_running=False)
        assert keeper.may_run
        fill_folder(path)
        await keeper.look(is_running=False)
        assert keeper.may_run, "the reserve is given up first"
        fill_folder(path)
        await keeper.look(is_running=False)
        assert not keeper.may_run
        assert keeper.why_held == "its volume of 512 MiB is full: its engine stays stopped until there is room in it"
        empty_folder(path)
        await keeper.look(is_running=False)
        assert keeper.may_run


async def test_a_primary_whose_volume_alone_is_full_hands_over_to_one_that_has_room(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        for number in range(3):
            stack.enter_context(limited(tmp_path / "set" / f"data{number}"))
        replica_set = stack.enter_context(running(tmp_path / "set", 3, mounts(tmp_path / "mounts"), oplog_mib=OPLOG_MIB))
        make_users(replica_set)
        first = replica_set.primary()
        async with kept(replica_set, first) as keeper:
            await keeper.look()
            (first.data / "somebody-else").write_bytes(b"x" * (measured(first.data).free_bytes - 100 * MIB))
            assert not await keeper.look(), "the others have room, so writes go on"
            second = await asyncio.to_thread(until, "another one leads", lambda: _other_primary(replica_set, first), 30)
            as_user(replica_set, second, "app")["shop"]["orders"].insert_one({"goes": "on"})
            follower = next(m for m in replica_set.members if m not in (first, second))
            (follower.data / "somebody-else").write_bytes(b"x" * (measured(follower.data).free_bytes - 100 * MIB))
        async with kept(replica_set, second) as keeper:
            assert await keeper.look(), "two of three have no room: one would be left to hold a write"
            with pytest.raises(OperationFailure, match="User writes blocked"):
                as_user(replica_set, second, "app")["shop"]["orders"].insert_one({"goes": "on"})
            (follower.data / "somebody-else").unlink()
            assert not await keeper.look()
            as_user(replica_set, second, "app")["shop"]["orders"].insert_one({"goes": "on"})


def _other_primary(replica_set: ReplicaSet, first: Member) -> Member | None:
    found = replica_set.primary()
    return found if found is not first else None
