"""When applications may write, and what is asked of MongoDB for it."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from moorage.core.volume import GIB, MIB, Room
from moorage.engines.member import EngineError
from moorage.engines.mongodb.succession import Succession
from moorage.engines.mongodb.writes import Writes, must_stop

FULL, ROOMY = Room(10 * GIB, 300 * MIB), Room(10 * GIB, 5 * GIB)
PEERS = ("orders-g1-1.x:27017", "orders-g1-2.x:27017")


@pytest.mark.parametrize(
    ("holders", "full", "needed", "stops"),
    [
        (1, 0, 1, False),
        (1, 1, 1, True),
        (3, 1, 2, False),
        (3, 2, 2, True),
        (3, 3, 2, True),
        (2, 1, 2, True),
        (5, 2, 3, False),
        (5, 3, 3, True),
        (2, 0, 3, False),
    ],
)
def test_writes_stop_when_fewer_members_have_room_than_a_majority_write_needs(
    holders: int, full: int, needed: int, stops: bool
) -> None:
    assert must_stop(holders, full, needed) is stops


class Marks:
    """The collection `config.moorage`."""

    def __init__(self, is_marked: bool) -> None:
        self.is_marked = is_marked

    async def find_one(self, _what: Any) -> dict[str, Any] | None:
        return {} if self.is_marked else None

    async def update_one(self, _what: Any, _change: Any, *, upsert: bool) -> None:
        self.is_marked = upsert

    async def delete_one(self, _what: Any) -> None:
        self.is_marked = False


class Cluster:
    """A primary and its two peers, as commands find them."""

    def __init__(self, *, is_blocked: bool = False, is_marked: bool = False) -> None:
        self.is_blocked, self.marks, self.said = is_blocked, Marks(is_marked), list[str]()
        self.rooms: dict[str, Room | None] = dict.fromkeys(PEERS, ROOMY)
        self.is_primary, self.refuses = True, False
        local: Any = SimpleNamespace(name="local", config=SimpleNamespace(moorage=self.marks))
        peers: Any = {host: SimpleNamespace(name=host) for host in PEERS}
        self.writes = Writes(self.command, lambda: local, peers, cast("Succession", self))

    async def command(self, client: Any, body: dict[str, Any]) -> dict[str, Any]:
        self.said.append(next(iter(body)))
        match body:
            case {"replSetGetStatus": 1}:
                states = [{"name": host, "state": 2, "health": 1} for host in PEERS]
                return {"myState": 1 if self.is_primary else 2, "term": 3, "writeMajorityCount": 2, "members": states}
            case {"dbStats": 1}:
                room = self.rooms[client.name]
                if room is None:
                    raise EngineError("no answer")
                return {"fsTotalSize": float(room.size_bytes), "fsUsedSize": float(room.size_bytes - room.free_bytes)}
            case {"setUserWriteBlockMode": 1, "global": bool(wanted)}:
                if self.refuses:
                    raise EngineError("no majority")
                self.is_blocked = wanted
        return {}

    async def hand_over_to(self, pod: str, term: int) -> None:
        self.said.append(f"hand over to {pod} in {term}")


async def test_members_with_room_are_asked_seldom() -> None:
    cluster = Cluster()
    for _ in range(5):
        assert not await cluster.writes.settle(ROOMY, 3)
    assert cluster.said == ["replSetGetStatus", "dbStats", "dbStats"]


async def test_a_full_primary_hands_over_to_one_that_has_room() -> None:
    cluster = Cluster()
    cluster.rooms[PEERS[0]] = None
    assert not await cluster.writes.settle(FULL, 3)
    cluster.rooms[PEERS[0]] = FULL
    assert "hand over to orders-g1-1 in 3" in cluster.said, "one that says nothing is not taken for full"
    assert await cluster.writes.settle(FULL, 3)
    assert (cluster.is_blocked, cluster.marks.is_marked) == (True, True)


async def test_what_was_said_last_of_a_peer_holds_while_it_is_silent() -> None:
    cluster = Cluster()
    cluster.rooms = dict.fromkeys(PEERS, FULL)
    assert await cluster.writes.settle(ROOMY, 3)
    cluster.rooms = dict.fromkeys(PEERS, None)
    assert await cluster.writes.settle(ROOMY, 3)
    cluster.rooms = dict.fromkeys(PEERS, ROOMY)
    assert not await cluster.writes.settle(ROOMY, 3)
    assert (cluster.is_blocked, cluster.marks.is_marked) == (False, False)


async def test_a_new_primary_lifts_what_the_one_before_set_and_leaves_alone_what_somebody_else_set() -> None:
    ours, theirs = Cluster(is_blocked=True, is_marked=True), Cluster(is_blocked=True)
    for cluster, is_blocked in ((ours, False), (theirs, True)):
        assert not await cluster.writes.settle(ROOMY, 3)
        assert cluster.is_blocked is is_blocked


async def test_a_block_that_could_not_be_set_is_set_at_the_next_look() -> None:
    cluster = Cluster()
    cluster.rooms, cluster.refuses = dict.fromkeys(PEERS, FULL), True
    with pytest.raises(EngineError):
        await cluster.writes.settle(FULL, 3)
    cluster.refuses = False
    assert await cluster.writes.settle(FULL, 3)
    assert cluster.is_blocked


async def test_one_that_is_not_the_primary_of_that_term_any_more_changes_nothing() -> None:
    cluster = Cluster()
    cluster.is_primary = False
    assert not await cluster.writes.settle(FULL, 3)
    assert cluster.said == ["replSetGetStatus"]
