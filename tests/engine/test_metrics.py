"""What a real mongod says of itself becomes the metrics that are promised, at every kind of member."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from moorage.core.metrics import Histogram, read
from moorage.engines.member import EngineError
from moorage.engines.mongodb.connections import Client, system_login
from moorage.engines.mongodb.measuring import measure
from moorage.engines.mongodb.metrics import LONG_SECONDS, METRICS
from tests.engine.replica import Member, ReplicaSet, running, until
from tests.ports import HOST, free_port

P = "moorage_mongodb_"
Values = dict[str, dict[tuple[str, ...], Any]]
"""Metric without its prefix → labels → value."""


@pytest.fixture(scope="module")
def small_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    with running(tmp_path_factory.mktemp("set"), arbiter=True) as found:
        yield found


class Measured:
    """Members as their agents measure them."""

    def __init__(self, replica_set: ReplicaSet) -> None:
        self._set, self._clients = replica_set, dict[str, Client]()

    def client(self, host: str, timeout_ms: int = 5_000) -> Client:
        if host not in self._clients:
            places = self._set.places
            login = system_login((places.internal / "keyfile").read_text().strip())
            tls: dict[str, Any] = {"tls": True, "tlsCAFile": str(places.tls / "ca.crt")}
            self._clients[host] = AsyncMongoClient(
                host, directConnection=True, serverSelectionTimeoutMS=timeout_ms, **tls, **login
            )
        return self._clients[host]

    async def of(self, member: Member, long_seconds: int = LONG_SECONDS) -> Values:
        families = read(METRICS, await measure(self.client(member.host), 0, long_seconds))
        return {f.metric.name.removeprefix(P): {s.labels: s.value for s in f.samples} for f in families if f.samples}

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()


@pytest.fixture
async def measured(small_set: ReplicaSet) -> AsyncIterator[Measured]:
    with small_set.client(small_set.primary()) as client:  # one that was just elected takes no writes yet
        until("the primary takes writes", lambda: client.admin.command("hello")["isWritablePrimary"])
    found = Measured(small_set)
    yield found
    await found.close()


async def test_every_metric_is_there_at_a_member_with_data(small_set: ReplicaSet, measured: Measured) -> None:
    promised = {metric.name.removeprefix(P) for metric in METRICS}
    for member in (small_set.primary(), small_set.secondaries()[0]):
        values = await measured.of(member)
        assert promised - values.keys() == set()
        assert sum(len(found) for found in values.values()) == sum(len(metric.sources) for metric in METRICS)


async def test_an_arbiter_is_measured_without_what_it_has_not(small_set: ReplicaSet, measured: Measured) -> None:
    values = await measured.of(small_set.members[-1])
    lacks = {metric.name.removeprefix(P) for metric in METRICS} - values.keys()
    assert lacks == {
        "long_operations", "replication_lag_seconds", "majority_lag_seconds", "oplog_window_seconds", "oplog_size_bytes",
        "oplog_used_bytes",
    }  # fmt: skip
    assert values["members_heard"] == {(): 3.0}


async def test_operations_are_counted_and_take_the_time_that_they_took(small_set: ReplicaSet, measured: Measured) -> None:
    primary = small_set.primary()
    before = await measured.of(primary)
    with small_set.client() as client:
        client.shop.things.insert_many([{"at": i} for i in range(50)])
        assert len(list(client.shop.things.find({"at": {"$lt": 30}}).sort("at"))) == 30
        list(client.shop.things.find({"$where": "sleep(150) || this.at == 1"}).limit(1))
    after = await measured.of(primary)

    def rose(name: str, *labels: str) -> float:
        return float(after[name][labels] - before[name][labels])

    assert rose("operations_total", "insert") >= 50
    assert rose("documents_total", "inserted") >= 50
    assert rose("documents_total", "returned") >= 30
    assert rose("collection_scans_total") >= 2
    assert rose("unindexed_sorts_total") >= 1
    slow_before, slow_after = before["operation_duration_seconds"][("reads",)], after["operation_duration_seconds"][("reads",)]
    assert isinstance(slow_before, Histogram)
    assert isinstance(slow_after, Histogram)
    bounds = [bound for bound, _ in slow_after.buckets]
    assert bounds == sorted(bounds)
    assert all(below <= above for (_, below), (_, above) in zip(slow_after.buckets, slow_after.buckets[1:], strict=False))
    under = dict(slow_after.buckets)[0.131072] - dict(slow_before.buckets)[0.131072]
    assert slow_after.count - slow_before.count > under, "the query of 150 ms and more is above the bound of 131 ms"
    assert slow_after.sum - slow_before.sum >= 0.15


async def test_an_operation_that_runs_for_long_is_seen(small_set: ReplicaSet, measured: Measured) -> None:
    primary, authority = small_set.primary(), str(small_set.places.tls / "ca.crt")
    with small_set.client(primary) as admin:
        admin.admin.command({"createUser": "slow", "pwd": "slow", "roles": [{"role": "readWriteAnyDatabase", "db": "admin"}]})
        admin.shop.slow.insert_one({})
    client: Client = AsyncMongoClient(
        primary.host, directConnection=True, username="slow", password="slow", authSource="admin", tls=True, tlsCAFile=authority
    )
    assert (await measured.of(primary, long_seconds=1))["long_operations"] == {(): 0.0}
    asking = asyncio.create_task(client.shop.command({"find": "slow", "filter": {"$where": "sleep(4000) || true"}}))
    try:
        async with asyncio.timeout(60):
            while (await measured.of(primary, long_seconds=1))["long_operations"] == {(): 0.0}:
                assert not asking.done(), "the operation ended unseen"
                await asyncio.sleep(0.1)
    finally:
        await asking
        await client.close()


async def test_lag_is_what_a_secondary_lacks_and_nothing_once_it_has_everything(
    small_set: ReplicaSet, measured: Measured
) -> None:
    primary, secondary = small_set.primary(), small_set.secondaries()[0]

    async def until_lag(is_behind: bool) -> None:
        async with asyncio.timeout(60):
            while ((await measured.of(secondary))["replication_lag_seconds"][()] >= 1) is not is_behind:
                with small_set.client(primary) as client:
                    client.shop.lag.insert_one({})
                await asyncio.sleep(0.2)

    await until_lag(is_behind=False)
    with small_set.client(secondary) as client:
        client.admin.command({"fsync": 1, "lock": True})
        try:
            await until_lag(is_behind=True)
            assert (await measured.of(primary))["majority_lag_seconds"][()] >= 1
        finally:
            client.admin.command({"fsyncUnlock": 1})
    await until_lag(is_behind=False)


async def test_an_engine_that_is_away_is_an_error_and_no_zero(measured: Measured) -> None:
    with pytest.raises(EngineError, match="does not answer"):
        await measure(measured.client(f"{HOST}:{free_port()}", 200), 0)


async def test_a_member_in_no_set_yet_is_measured(small_set: ReplicaSet, measured: Measured, tmp_path: Path) -> None:
    alone = Member("alone", free_port(), tmp_path / "alone")
    small_set.start(alone)
    try:
        client = measured.client(alone.host, 30_000)
        values = read(METRICS, await measure(client, 0))
        assert next(f for f in values if f.metric.name == f"{P}uptime_seconds").samples
        assert not next(f for f in values if f.metric.name == f"{P}replication_lag_seconds").samples
    finally:
        small_set.stop(alone, how="kill")
