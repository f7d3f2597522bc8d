"""The chaos tests can see: the same fault loses acknowledged writes with `w: 1`, and none with `w: majority`.

No luck is in it: what the primary acknowledges after both others were killed is on no other disk when it is killed itself, and
the two that start again elect one of them before it comes back.
"""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from pymongo.errors import OperationFailure, PyMongoError

from moorage.engines.mongodb.users import USERS, create_command
from tests.chaos.checkers import acknowledged, members_equal, two_primaries
from tests.chaos.history import WRITES
from tests.chaos.workloads import WORKLOADS, Addresses, Workload, open_workload
from tests.engine.replica import ReplicaSet, until


@pytest.fixture
def addresses(replica_set: ReplicaSet) -> Addresses:
    """Of the users that every service has."""
    with replica_set.client() as client:
        for user, file, roles in USERS:
            with contextlib.suppress(OperationFailure):
                client.admin.command(create_command(user, _password(replica_set, file), roles))
    app, admin = (
        f"{user}:{quote(_password(replica_set, file))}" for user, file in (("app", "app-password"), ("admin", "admin-password"))
    )
    options = "authSource=admin&w=majority&connectTimeoutMS=2000&heartbeatFrequencyMS=1000"
    hosts = ",".join(member.host for member in replica_set.members)
    return Addresses(
        direct_uri=f"mongodb://{app}@{replica_set.primary().host}/app?directConnection=true&{options}",
        replica_uri=f"mongodb://{app}@{hosts}/app?replicaSet={replica_set.name}&{options}",
        admin_uris={
            member.name: f"mongodb://{admin}@{member.host}/admin?directConnection=true&{options}"
            for member in replica_set.members
        },
    )


def _password(replica_set: ReplicaSet, file: str) -> str:
    return (replica_set.places.internal / file).read_text()


def forget_what_only_the_primary_has(replica_set: ReplicaSet, is_enough: Callable[[int], bool]) -> None:
    """`is_enough`: whether enough was written since a moment at which the primary is all alone."""
    primary, others = replica_set.primary(), replica_set.secondaries()
    for other in others:
        replica_set.stop(other, how="kill")
    alone_since_ns = time.monotonic_ns()
    until("enough is written to the primary alone", lambda: is_enough(alone_since_ns))
    replica_set.stop(primary, how="kill")
    for other in others:
        replica_set.start(other)
    heir = others[0]

    def leads() -> bool:
        with replica_set.client(heir, serverSelectionTimeoutMS=1_000) as client, contextlib.suppress(PyMongoError):
            client.admin.command("replSetStepUp")
            return bool(client.admin.command("hello")["isWritablePrimary"])
        return False

    until(f"{heir.name} leads", leads)
    replica_set.start(primary)
    replica_set.until_well()


def acknowledged_since(workload: Workload, since_ns: int) -> set[int]:
    return {call.asked for call in workload.history.calls() if call.f == "add" and call.type == "ok" and call.start_ns > since_ns}


def begun_since(workload: Workload, since_ns: int) -> int:
    return sum(call.f in WRITES and call.start_ns > since_ns for call in workload.history.calls())


def test_with_w_1_an_acknowledged_write_is_lost_and_the_set_says_so(replica_set: ReplicaSet, addresses: Addresses) -> None:
    only_there: set[int] = set()

    def enough(since_ns: int) -> bool:
        only_there.update(acknowledged_since(workload, since_ns))
        return len(only_there) >= 5

    with open_workload("set", addresses, seed=1, write_concern=1, via="replica-set") as workload:
        workload.wait_for_more(20, 30)
        forget_what_only_the_primary_has(replica_set, enough)
        workload.wait_for_more(20, 30)
    workload.final_read()
    verdict = workload.check()
    assert not verdict.valid
    assert any("are lost" in finding for finding in verdict.findings), verdict
    assert int(verdict.figures["lost"]) >= len(only_there)
    assert members_equal(addresses).valid, "the members agree, about what is lost"


def test_with_w_majority_the_same_fault_loses_nothing(replica_set: ReplicaSet, addresses: Addresses, tmp_path: Path) -> None:
    with contextlib.ExitStack() as entered:
        opened = [entered.enter_context(open_workload(name, addresses, seed=2, via="replica-set")) for name in WORKLOADS]
        for workload in opened:
            workload.wait_for_more(10, 30)
        forget_what_only_the_primary_has(replica_set, lambda since_ns: all(begun_since(one, since_ns) for one in opened))
        for workload in opened:
            workload.wait_for_more(10, 30)
    for workload in opened:
        workload.final_read()
        workload.history.write(tmp_path / f"{workload.name}.jsonl")
        verdict = workload.check()
        assert verdict.valid, verdict
        if workload.name == "set":
            assert len({one.term for one in acknowledged(workload.history)}) >= 2, "the one that was killed, and its heir"
        assert two_primaries(acknowledged(workload.history)) == []
    equal = members_equal(addresses)
    assert equal.valid, equal


def take_an_acknowledged_write_away(replica_set: ReplicaSet, workload: Workload) -> None:
    """Behind the back of the workload's clients, on all members."""
    with replica_set.client() as client:
        database = client["chaos"]
        newest = max(name for name in database.list_collection_names() if name.startswith(workload.name))
        assert database[newest].find_one_and_delete({}, sort=[("_id", -1)])


@pytest.mark.parametrize("name", WORKLOADS)
def test_what_is_taken_away_behind_everybodys_back_is_seen(replica_set: ReplicaSet, addresses: Addresses, name: str) -> None:
    with open_workload(name, addresses, seed=3) as workload:
        workload.wait_for_more(10, 30)
    workload.final_read()
    verdict = workload.check()
    assert verdict.valid, verdict
    take_an_acknowledged_write_away(replica_set, workload)
    workload.final_read()
    assert not workload.check().valid


def test_a_write_that_is_made_twice_is_seen(replica_set: ReplicaSet, addresses: Addresses) -> None:
    with open_workload("list", addresses, seed=4) as workload:
        workload.wait_for_more(10, 30)
    with replica_set.client() as client:
        newest = max(name for name in client["chaos"].list_collection_names() if name.startswith("list_"))
        client["chaos"][newest].update_one({"_id": 0}, {"$push": {"numbers": 5}})
    workload.final_read()
    verdict = workload.check()
    assert any("more than once: 5." in finding for finding in verdict.findings), verdict
