"""Secondaries of a real replica set copy from the primary, and the death of one of them holds up nobody."""

import signal
import time
from itertools import pairwise
from pathlib import Path

from pymongo import WriteConcern

from moorage.engines.mongodb.chaining import SETTLED_SECONDS, Chaining
from moorage.engines.mongodb.connections import Connections
from moorage.engines.mongodb.constants import STATE_PRIMARY
from moorage.engines.mongodb.tls import Tls
from tests.engine.replica import Member, ReplicaSet, running, until
from tests.engine.writers import writing

STEADY_SECONDS = 1.0
WRITE_MS_MAX = 10_000
"""A third of what mongod waits for a source that does not answer."""


def source_of(replica_set: ReplicaSet, member: Member) -> str:
    with replica_set.client(member) as client:
        return str(client.admin.command("replSetGetStatus")["syncSourceHost"])


def leader(replica_set: ReplicaSet, told_by: Member) -> str:
    """The primary's host; empty while there is none."""
    with replica_set.client(told_by) as client:
        members = client.admin.command("replSetGetStatus")["members"]
        return next((str(m["name"]) for m in members if m["state"] == STATE_PRIMARY and m["health"]), "")


def chained(replica_set: ReplicaSet) -> tuple[Member, Member]:
    """Two secondaries, the second of which copies from the first: it is asked until it does: only one ahead is kept."""
    first, second = replica_set.secondaries()
    since = time.monotonic()

    def is_chained() -> bool:
        nonlocal since
        if source_of(replica_set, second) == first.host:
            return time.monotonic() - since > STEADY_SECONDS
        since = time.monotonic()
        with replica_set.client(second) as client:
            client.admin.command({"replSetSyncFrom": first.host})
        return False

    until("one copies from the other", is_chained)
    return first, second


async def looks(replica_set: ReplicaSet, member: Member, *at_seconds: float) -> None:
    """As the member's agent does, at these times of its steady clock."""
    keyfile = (replica_set.places.internal / "keyfile").read_text().strip()
    connections = Connections(lambda: keyfile, Tls(replica_set.places.tls, replica_set.places.data))
    connections.engine_starts_at(member.port)
    local = await connections.to_local()
    try:
        chaining = Chaining()
        for now in at_seconds:
            status = await local.admin.command("replSetGetStatus")
            await chaining.look(status, connections.to_local, connections.leads, now)
    finally:
        await local.close()


async def test_one_that_copies_from_another_secondary_is_led_to_the_primary_after_some_seconds(tmp_path: Path) -> None:
    with running(tmp_path) as replica_set, writing(replica_set) as written:
        first, second = chained(replica_set)
        await looks(replica_set, second, 0.0, SETTLED_SECONDS - 1.0)
        assert source_of(replica_set, second) == first.host, "it may be on purpose"
        await looks(replica_set, second, 0.0, SETTLED_SECONDS)
        primary = replica_set.primary()
        until("it copies from the primary", lambda: source_of(replica_set, second) == primary.host, 30)
        replica_set.stop(first, how="kill")
        count = len(written.acknowledged)
        until("writes go on", lambda: len(written.acknowledged) > count + 200)
        times = [at for _, at in written.acknowledged]
        print(f"longest gap {max((b - a).total_seconds() for a, b in pairwise(times)):.2f} s")


async def test_nobody_is_led_to_a_primary_that_does_not_answer_at_that_moment(tmp_path: Path) -> None:
    """Led there it would try nobody else for half a minute, and the next primary would have no majority for as long."""
    with running(tmp_path) as replica_set, writing(replica_set):
        first, second = chained(replica_set)
        primary = replica_set.primary()
        assert primary.process is not None
        primary.process.send_signal(signal.SIGSTOP)
        try:
            await looks(replica_set, second, 0.0, SETTLED_SECONDS)
            until("another one leads", lambda: leader(replica_set, first) not in ("", primary.host))
            heir = next(m for m in (first, second) if m.host == leader(replica_set, first))
            with replica_set.client(heir) as client:
                majority = WriteConcern(w="majority", wtimeout=WRITE_MS_MAX)
                client["shop"].get_collection("numbers", write_concern=majority).insert_one({"_id": "the heir's"})
        finally:
            primary.process.send_signal(signal.SIGCONT)
