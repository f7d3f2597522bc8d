"""Queries of people's own at a real mongod: what reads is answered, and the engine itself refuses and ends everything else."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pymongo.write_concern import WriteConcern

from moorage.api.query_bounds import Asked
from moorage.core.metrics import TEXT_LENGTH_MAX
from moorage.core.queries import SERIES_MAX, Outcome, Query, QueryError, answer
from moorage.engines.mongodb import querying
from moorage.engines.mongodb.connections import Connections
from moorage.engines.mongodb.querying import Querying
from moorage.engines.mongodb.tls import Tls
from moorage.engines.mongodb.users import READER
from tests.engine.replica import Member, ReplicaSet, until
from tests.ports import free_port


def query(*stages: Any, collection: str = "orders", **changed: Any) -> Query:
    text = json.dumps({"aggregate": collection, "pipeline": stages})
    return replace(Query("orders", "", "shop", text, "value", (), 60, 2, Asked.EACH), **changed)


COUNT = query({"$count": "value"})


class Asking:
    """Members as their agents ask them."""

    def __init__(self, replica_set: ReplicaSet, folder: Path) -> None:
        self._set, self._folder = replica_set, folder

    def of(self, port: int) -> Querying:
        keyfile = (self._set.places.internal / "keyfile").read_text().strip()
        connections = Connections(lambda: keyfile, Tls(self._set.places.tls, self._folder, self._folder / "pem"))
        connections.engine_starts_at(port)
        return Querying(connections)

    async def values(self, member: Member, asked: Query) -> dict[tuple[str, ...], Any]:
        return {sample.labels: sample.value for sample in answer(await self.of(member.port).ask(asked)).samples}

    async def refused(self, port: int, asked: Query) -> tuple[Outcome, str]:
        with pytest.raises(QueryError) as caught:
            await self.of(port).ask(asked)
        return caught.value.outcome, str(caught.value)

    async def keep_reader(self, member: Member) -> None:
        found = self.of(member.port)
        try:
            await found.keep_reader()
        finally:
            if found._connections.local is not None:
                await found._connections.local.close()


@pytest.fixture
def asking(replica_set: ReplicaSet, tmp_path: Path) -> Asking:
    return Asking(replica_set, tmp_path)


def at(replica_set: ReplicaSet, member: Member, asked: dict[str, Any]) -> dict[str, Any]:
    with replica_set.client(member) as client:
        return client.admin.command(asked)


def users(replica_set: ReplicaSet, member: Member) -> list[Any]:
    found: list[Any] = at(replica_set, member, {"usersInfo": READER})["users"]
    return found


def is_idle(replica_set: ReplicaSet, member: Member) -> bool:
    """Nothing of the user that asks goes on there."""
    stages = [{"$currentOp": {"allUsers": True}}, {"$match": {"effectiveUsers.user": READER, "active": True}}]
    return not at(replica_set, member, {"aggregate": 1, "pipeline": stages, "cursor": {}})["cursor"]["firstBatch"]


@pytest.fixture
async def ready(replica_set: ReplicaSet, asking: Asking) -> Asking:
    """Orders are there, and the user that asks for them, at every member."""
    with replica_set.client() as client:
        orders = client.get_database("shop", write_concern=WriteConcern(w=3))["orders"]
        orders.drop()
        orders.insert_many([{"state": "new", "paid": 1.5}, {"state": "new", "paid": 2}, {"state": "sent"}])
    await asking.keep_reader(replica_set.primary())
    for member in replica_set.secondaries():
        until("the user is there", partial(users, replica_set, member))
    return asking


async def test_every_member_with_data_answers(replica_set: ReplicaSet, ready: Asking) -> None:
    states = query(
        {"$group": {"_id": "$state", "value": {"$sum": "$paid"}}}, {"$project": {"state": "$_id", "value": 1}}, labels=("state",)
    )
    late = query({"$match": {"at": {"$lt": {"$date": "2026-01-01T00:00:00Z"}}}}, {"$count": "value"})
    for member in (replica_set.primary(), *replica_set.secondaries()):
        assert await ready.values(member, COUNT) == {(): 3.0}
        assert await ready.values(member, states) == {("new",): 3.5, ("sent",): 0.0}
        assert await ready.values(member, late) == {}


async def test_no_answer_is_long(replica_set: ReplicaSet, ready: Asking) -> None:
    text = {"$reduce": {"input": {"$range": [0, 999]}, "initialValue": "", "in": {"$concat": ["$$value", "ü"]}}}
    many = query(
        {"$limit": 1}, {"$project": {"n": {"$range": [0, 500]}}}, {"$unwind": "$n"},
        {"$project": {"value": "$n", "t": {"$concat": [{"$toString": "$n"}, text]}}}, labels=("t", "nothing"),
    )  # fmt: skip
    rows = await ready.of(replica_set.primary().port).ask(many)
    found = answer(rows)
    assert (len(rows), len(found.samples), found.left_out) == (SERIES_MAX + 1, SERIES_MAX, 1)
    assert {len(sample.labels[0]) for sample in found.samples} == {TEXT_LENGTH_MAX}
    no_numbers = query({"$project": {"value": {"$ifNull": ["$paid", ["x"]]}, "state": 1}}, labels=("state",))
    assert answer(await ready.of(replica_set.primary().port).ask(no_numbers)).left_out == 2, "a list, a double"


async def test_what_cannot_be_answered_says_why(replica_set: ReplicaSet, ready: Asking) -> None:
    port = replica_set.primary().port
    assert await ready.refused(port, query({"$out": "x"})) == (
        Outcome.REFUSED, "it holds '$out': it writes; allowed: what only reads",
    )  # fmt: skip
    outcome, says = await ready.refused(port, query({"$group": {"value": 1}}))
    assert outcome is Outcome.FAILED
    assert says.startswith("the engine says: ")
    no_date = query({"$match": {"at": {"$date": "never"}}})
    assert (await ready.refused(port, no_date))[0] is Outcome.REFUSED
    assert (await ready.refused(free_port(), COUNT))[0] in (Outcome.UNREACHABLE, Outcome.TIMED_OUT)


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [
        (query({"$out": "stolen"}), Outcome.DENIED),
        (query({"$merge": {"into": "orders"}}), Outcome.DENIED),
        (query({"$lookup": {"from": {"db": "admin", "coll": "system.users"}, "as": "x", "pipeline": []}}), Outcome.FAILED),
        (replace(query(collection="system.users"), database="admin"), Outcome.DENIED),
        (replace(query(collection="oplog.rs"), database="local"), Outcome.DENIED),
        (replace(query(collection="moorage"), database="config"), Outcome.DENIED),
    ],
    ids=["out", "merge", "lookup", "users", "oplog", "config"],
)
async def test_the_engine_itself_refuses_what_our_rule_does(
    replica_set: ReplicaSet, ready: Asking, monkeypatch: pytest.MonkeyPatch, asked: Query, outcome: Outcome
) -> None:
    monkeypatch.setattr(querying, "why_refused", lambda _database, _query: None)
    found = await ready.refused(replica_set.primary().port, asked)
    assert found[0] is outcome, found
    with replica_set.client() as client:
        assert "stolen" not in client.shop.list_collection_names()
        assert client.shop.orders.count_documents({}) == 3


async def test_the_engine_itself_ends_what_takes_long_at_primary_and_secondary(replica_set: ReplicaSet, ready: Asking) -> None:
    reckons = query(
        {"$project": {"n": {"$range": [0, 3000]}}}, {"$unwind": "$n"}, {"$project": {"m": {"$range": [0, 3000]}}},
        {"$unwind": "$m"}, {"$match": {"m": -1}}, {"$count": "value"}, timeout_seconds=1,
    )  # fmt: skip
    for member in (replica_set.primary(), replica_set.secondaries()[0]):
        began = time.monotonic()
        assert await ready.refused(member.port, reckons) == (Outcome.TIMED_OUT, "it takes longer than 1 s")
        took = time.monotonic() - began
        print(f"a query that reckons is ended by the engine after {took:.2f} s of 1 s")
        assert took < 2, "not by us, who would wait for 2 s"
        until("nothing of it goes on", partial(is_idle, replica_set, member), 10)


async def test_the_user_is_put_back_and_may_never_do_more_than_read(replica_set: ReplicaSet, ready: Asking) -> None:
    primary = replica_set.primary()
    with replica_set.client() as client:
        client.admin.command({"dropUser": READER})
        outcome, says = await ready.refused(primary.port, COUNT)
        assert (outcome, says) == (Outcome.DENIED, "its user is not there yet; the primary makes it within a minute")
        await ready.keep_reader(primary)
        assert await ready.values(primary, COUNT) == {(): 3.0}
        client.admin.command({"updateUser": READER, "pwd": "another", "roles": ["root"]})
        await ready.keep_reader(primary)
        assert await ready.values(primary, COUNT) == {(): 3.0}
        (found,) = client.admin.command({"usersInfo": READER})["users"]
        assert found["roles"] == [{"role": "readAnyDatabase", "db": "admin"}]


@pytest.fixture(autouse=True)
def _no_user_is_left(replica_set: ReplicaSet) -> Iterator[None]:
    yield
    with replica_set.client() as client:
        if client.admin.command({"usersInfo": READER})["users"]:
            client.admin.command({"dropUser": READER})
