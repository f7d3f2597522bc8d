"""Secondaries of a real replica set copy from the primary, and the death of one of them holds up nobody."""

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from moorage.engines.mongodb.chaining import SETTLED_SECONDS, Chaining
from moorage.engines.mongodb.connections import system_login
from tests.engine.replica import Member, ReplicaSet, running, until
from tests.engine.writers import writing

STEADY_SECONDS = 1.0


def source_of(replica_set: ReplicaSet, member: Member) -> str:
    with replica_set.client(member) as client:
        return str(client.admin.command("replSetGetStatus")["syncSourceHost"])


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
    login = system_login((replica_set.places.internal / "keyfile").read_text().strip())
    tls: dict[str, Any] = {"tls": True, "tlsCAFile": str(replica_set.places.tls / "ca.crt")}
    local: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(member.host, directConnection=True, **tls, **login)
    try:
        chaining = Chaining()

        async def to_local() -> AsyncMongoClient[dict[str, Any]]:
            return local

        for now in at_seconds:
            await chaining.look(await local.admin.command("replSetGetStatus"), to_local, now)
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
