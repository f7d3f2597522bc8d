"""A member whose agent has its port: it stays the member that it was, and clients that come to its port write to the primary.

On loopback everybody comes from one address; who is a member is told by the process that made the connection.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from moorage.agent.forward import Forwarder
from moorage.agent.forwarding import Place
from tests.engine.replica import Member, ReplicaSet, running, until
from tests.ports import HOST, free_port

TCP_TABLE = Path("/proc/net/tcp")


def owns(process_id: int, port: int) -> bool:
    """Whether a process has a connection that was made from this port."""
    rows = (line.split() for line in TCP_TABLE.read_text().splitlines()[1:])
    sockets = {f"socket:[{row[9]}]" for row in rows if int(row[1].partition(":")[2], 16) == port}
    for descriptor in Path(f"/proc/{process_id}/fd").iterdir():
        with contextlib.suppress(OSError):
            if str(descriptor.readlink()) in sockets:
                return True
    return False


class Detour:
    """What the agent of one member does, in a loop of its own: members come to its engine, everybody else to `primary`."""

    def __init__(self, replica_set: ReplicaSet, engine: Place, primary: Place) -> None:
        self._set, self._engine, self.primary = replica_set, engine, primary
        self._led: dict[Place, Place] = {}
        self.clients = 0
        self._forwarder = Forwarder(self._lead)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def _lead(self, caller: Place) -> Place:
        if caller not in self._led:
            is_member = any(m.process is not None and owns(m.process.pid, caller.port) for m in self._set.members)
            self._led[caller] = self._engine if is_member else self.primary
            self.clients += not is_member
        return self._led[caller]

    def open(self, port: int) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._forwarder.open(HOST, port), self._loop).result(10)

    def close(self) -> None:
        async def close() -> None:
            self._forwarder.close()

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


class Writer:
    """Writes with `w: majority`, one document after the other."""

    def __init__(self, client: MongoClient[dict[str, Any]], name: str) -> None:
        self._client, self._name = client, name
        self.acknowledged: list[int] = []
        self.errors: list[str] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        number = 0
        while not self._is_over.is_set():
            number += 1
            try:
                self._client["app"][self._name].insert_one({"_id": number})
                self.acknowledged.append(number)
            except PyMongoError as error:
                self.errors.append(str(error)[:200])
                self._is_over.wait(0.02)

    def wait_for_more(self, count: int) -> None:
        wanted = len(self.acknowledged) + count
        until(f"{count} more writes of {self._name}; errors: {self.errors[-2:]}", lambda: len(self.acknowledged) >= wanted)

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join(30)

    def lost(self, client: MongoClient[dict[str, Any]]) -> set[int]:
        """Acknowledged writes that are not there."""
        return set(self.acknowledged) - {d["_id"] for d in client["app"][self._name].find({}, {"_id": 1})}


@pytest.fixture
def own_set(tmp_path: Path) -> Iterator[ReplicaSet]:
    with running(tmp_path) as found:
        yield found


def start_at(replica_set: ReplicaSet, member: Member, port: int) -> None:
    """Its engine answers there; to the others its name stays what it was."""
    own, member.port = member.port, port
    replica_set.start(member)
    member.port = own


def states(replica_set: ReplicaSet, at: Member) -> dict[str, str]:
    with replica_set.client(at) as client:
        return {m["name"]: m["stateStr"] for m in client.admin.command("replSetGetStatus")["members"]}


def rescue(replica_set: ReplicaSet, others: list[Member]) -> Member:
    """As the agent of a primary whose engine died: one of the others stands for election at once."""

    def elected() -> Member | None:
        for member in others:
            with replica_set.client(member) as client, contextlib.suppress(PyMongoError):
                client.admin.command({"replSetStepUp": 1, "skipDryRun": True})
                until(f"{member.name} takes writes", lambda at=client: at.admin.command("hello")["isWritablePrimary"], 5.0)  # type: ignore[misc]
                return member
        return None

    return until("another member is primary", elected)  # type: ignore[no-any-return]


def test_clients_of_a_crashed_primary_s_port_write_on_and_the_set_is_whole_meanwhile(own_set: ReplicaSet) -> None:
    old = own_set.primary()
    others = [m for m in own_set.members if m is not old]
    options: dict[str, Any] = {
        "w": "majority",
        "retryWrites": True,
        "serverSelectionTimeoutMS": 2_000,
        "heartbeatFrequencyMS": 1_000,
    }
    with own_set.client(old, **options) as direct, own_set.client(**options) as follower:
        of_address, of_set = Writer(direct, "address"), Writer(follower, "set")
        of_address.wait_for_more(20)
        own_set.stop(old, how="kill")
        heir, spare = rescue(own_set, others), free_port()
        detour = Detour(own_set, Place(HOST, spare), Place(HOST, heir.port))
        detour.open(old.port)
        start_at(own_set, old, spare)
        try:
            whole = {old.host: "SECONDARY", heir.host: "PRIMARY"}
            until("the set is whole again", lambda: states(own_set, heir).items() >= whole.items())
            for writer in (of_address, of_set):
                writer.wait_for_more(100)
            assert detour.clients > 0
            # each hears of the others at its own time
            until("both others see the same", lambda: states(own_set, others[0]) == states(own_set, others[1]))
            third = next(m for m in others if m is not heir)
            own_set.stop(third)
            of_address.wait_for_more(20)  # the member at its spare port counts: without it these two would be no majority
            own_set.start(third)
            until("the third member is back", lambda: states(own_set, heir)[third.host] == "SECONDARY")
        finally:
            of_address.stop()
            detour.close()
        own_set.stop(old)
        own_set.start(old)
        until("the old primary answers at its own port again", lambda: states(own_set, heir)[old.host] == "SECONDARY")
        of_set.wait_for_more(20)
        of_set.stop()
        assert of_address.lost(follower) == of_set.lost(follower) == set()
        assert of_set.errors == [], of_set.errors
