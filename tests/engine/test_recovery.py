"""The majority is lost for good: what real members do when one of them goes on alone, and when the others come back after all."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from moorage.engines.member import EngineError, OrderRefusedError
from moorage.engines.mongodb.connections import command, system_login
from moorage.engines.mongodb.membership import Membership, mark
from moorage.engines.mongodb.membership import mark_of as mark_of_config
from tests.engine.replica import Member, ReplicaSet, running, until

NOT_IN_CONFIGURATION = 93
PRIMARY, SECONDARY = 1, 2


@pytest.fixture
def three(tmp_path: Path) -> Iterator[ReplicaSet]:
    with running(tmp_path) as found:
        yield found


def status_of(client: MongoClient[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = client.admin.command("replSetGetStatus")
    return found


def mark_of(three: ReplicaSet, member: Member) -> str:
    with three.client(member) as client:
        return mark_of_config(client.admin.command("replSetGetConfig")["config"])


def state_of(three: ReplicaSet, member: Member) -> int | str:
    """Its state; "removed" when it is in no configuration any more."""
    with three.client(member) as client:
        try:
            return int(status_of(client)["myState"])
        except OperationFailure as error:
            if error.code != NOT_IN_CONFIGURATION:
                raise
            return "removed"


def reported(three: ReplicaSet, member: Member) -> str:
    with three.client(member) as client:
        me = next(m for m in status_of(client)["members"] if m.get("self"))
    return mark(me["configTerm"], me["configVersion"])


def keep_alone(three: ReplicaSet, member: Member, configuration: str) -> None:
    """As the agent does it."""

    async def carry_out() -> None:
        login = system_login((three.places.internal / "keyfile").read_text().strip())
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            member.host, directConnection=True, tls=True, tlsCAFile=str(three.places.tls / "ca.crt"), **login
        )
        try:
            await Membership(command, lambda: client).keep_alone(configuration)
        finally:
            await client.close()

    asyncio.run(carry_out())


def write(three: ReplicaSet, member: Member, number: int) -> None:
    """Acknowledged by a majority of those that the primary counts; one that was just elected takes writes a moment later."""
    with three.client(member, w="majority") as client:
        orders = client["app"]["orders"]
        until(f"{number} is acknowledged", lambda: orders.replace_one({"_id": number}, {}, upsert=True).acknowledged)


def numbers(three: ReplicaSet, member: Member) -> list[int]:
    with three.client(member, readPreference="secondaryPreferred") as client:
        return sorted(d["_id"] for d in client["app"]["orders"].find())


def left_with_one(three: ReplicaSet) -> tuple[Member, list[Member], str]:
    """The kept one, which misses the last acknowledged write; the two that are lost; and the configuration that it knows."""
    primary = three.primary()
    kept, other = three.secondaries()
    write(three, primary, 1)
    until("all have it", lambda: numbers(three, kept) == [1])
    three.stop(kept)  # in order: killed in the first seconds of its life it would copy everything anew
    write(three, primary, 2)
    for member in (primary, other):
        three.stop(member, how="kill")
    three.start(kept)
    until("it runs without a primary", lambda: state_of(three, kept) == SECONDARY)
    until("it hears nobody", lambda: hears(three, kept) == 1)
    return kept, [primary, other], mark_of(three, kept)


def hears(three: ReplicaSet, member: Member) -> int:
    with three.client(member) as client:
        return sum(bool(m.get("self") or m["health"]) for m in status_of(client)["members"])


def test_the_one_that_is_left_goes_on_alone_and_an_order_that_comes_again_changes_nothing(three: ReplicaSet) -> None:
    kept, _, configuration = left_with_one(three)
    began = time.monotonic()
    keep_alone(three, kept, configuration)
    until("it is primary", lambda: state_of(three, kept) == PRIMARY)
    print(f"primary {time.monotonic() - began:.2f} s after the order")
    write(three, kept, 3)
    assert numbers(three, kept) == [1, 3], "what it did not hold is lost"
    found = mark_of(three, kept)
    assert reported(three, kept) == found, "what its agent reports is what an order for it is compared with"
    keep_alone(three, kept, configuration)
    assert mark_of(three, kept) == found


def test_nothing_is_forced_for_another_configuration_or_beside_a_primary_or_while_a_majority_is_heard(three: ReplicaSet) -> None:
    primary, (kept, other) = three.primary(), three.secondaries()
    found = mark_of(three, kept)
    for configuration, why in (("1:99", "its configuration is"), (found, "it sees the primary")):
        with pytest.raises(OrderRefusedError, match=why):
            keep_alone(three, kept, configuration)
    with pytest.raises(OrderRefusedError, match="it is no secondary by now"):
        keep_alone(three, primary, found)
    with three.client(other) as client:
        client.admin.command({"replSetFreeze": 600})
    with three.client(kept) as client:
        client.admin.command({"replSetFreeze": 600})
    three.stop(primary, how="kill")
    until("the primary is down to it", lambda: hears(three, kept) == 2)
    until("nobody is primary", lambda: {state_of(three, m) for m in (kept, other)} == {SECONDARY})
    with pytest.raises(OrderRefusedError, match="it hears 2 of 3 members, which elect among themselves"):
        keep_alone(three, kept, mark_of(three, kept))


def test_without_the_fence_two_that_come_back_at_once_acknowledge_writes_that_the_kept_one_never_has(three: ReplicaSet) -> None:
    """Why the fence is there, and why what they hold is put aside."""
    kept, lost, configuration = left_with_one(three)
    keep_alone(three, kept, configuration)
    until("it is primary", lambda: state_of(three, kept) == PRIMARY)
    write(three, kept, 3)
    three.stop(kept, how="kill")  # it cannot be reached for the moment in which the others come back
    for member in lost:
        three.start(member)
    (split,) = until("one of the two is primary", lambda: [m for m in lost if state_of(three, m) == PRIMARY])
    write(three, split, 4)
    assert numbers(three, split) == [1, 2, 4], "a majority of those that were given up acknowledged it"
    three.start(kept)
    until("the kept one leads its own set", lambda: state_of(three, kept) == PRIMARY)
    until("they learned that they were given up, or ended already", lambda: all(is_out(three, m) for m in lost))
    assert joined(three, kept, split)
    process = split.process
    assert process is not None
    until("it ends: what it would have to take back was acknowledged", lambda: process.poll() is not None)


def is_out(three: ReplicaSet, member: Member) -> bool:
    """One that tries to follow the kept one before it learns that it may not has to take back what was acknowledged, and ends."""
    assert member.process is not None
    return member.process.poll() is not None or state_of(three, member) == "removed"


def test_those_whose_data_was_put_aside_join_and_are_equal(three: ReplicaSet) -> None:
    kept, lost, configuration = left_with_one(three)
    keep_alone(three, kept, configuration)
    until("it is primary", lambda: state_of(three, kept) == PRIMARY)
    write(three, kept, 3)
    for member in lost:
        shutil.move(member.data, member.data.with_name(f"{member.name}-aside"))
        three.start(member)
    for member in lost:
        until("it stands in the configuration", partial(joined, three, kept, member))
    until("both are copies", lambda: all(state_of(three, m) == SECONDARY for m in lost), seconds=60)
    write(three, kept, 5)
    until("they are equal", lambda: all(numbers(three, m) == [1, 3, 5] for m in lost))


def joined(three: ReplicaSet, kept: Member, member: Member) -> bool:
    entry = {"_id": three.members.index(member), "host": member.host}
    with three.client(kept) as client:
        config = client.admin.command("replSetGetConfig")["config"]
        if any(m["host"] == member.host for m in config["members"]):
            return True
        try:
            fresh = {**config, "version": config["version"] + 1, "members": [*config["members"], entry]}
            client.admin.command({"replSetReconfig": fresh})
        except PyMongoError:
            return False
    return True


def test_beside_an_arbiter_the_engine_itself_refuses(tmp_path: Path) -> None:
    """So nobody is promised a recovery there."""
    with running(tmp_path, count=3, arbiter=True) as three:
        kept = three.secondaries()[0]
        others = [m for m in three.members if m != kept]
        found = mark_of(three, kept)
        for member in others:
            three.stop(member, how="kill")
        until("it hears nobody", lambda: hears(three, kept) == 1)
        with pytest.raises(EngineError, match="implicit default write concern"):
            keep_alone(three, kept, found)
