"""Clients that come from another replica set, as after a restore in place. Each set signs its time with keys of its own."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from moorage.engines.mongodb.clustertime import ClusterTime
from moorage.engines.mongodb.connections import Client, system_login
from tests.engine.replica import ReplicaSet, running, until

KEY_NOT_FOUND = 211
APP = {"username": "app", "password": "as-an-application", "authSource": "admin", "authMechanism": "SCRAM-SHA-256"}
"""One of the members themselves would be believed any time."""


@pytest.fixture
async def primary(replica_set: ReplicaSet) -> AsyncIterator[Client]:
    login = system_login((replica_set.places.internal / "keyfile").read_text().strip())
    ca = str(replica_set.places.tls / "ca.crt")
    client: Client = AsyncMongoClient(replica_set.primary().host, directConnection=True, tls=True, tlsCAFile=ca, **login)
    yield client
    await client.close()


def _time_of(other: ReplicaSet, later_than: float) -> dict[str, object]:
    """Of a second that begins after `later_than` has ended, in seconds since the epoch."""
    until("the next second", lambda: time.time() > int(later_than) + 1)
    with other.client(other.primary()) as client:
        client.admin.command({"appendOplogNote": 1, "data": {}})
        return dict(client.admin.command("hello")["$clusterTime"])


async def test_a_client_that_saw_a_later_time_of_another_replica_set_is_served_once_the_primary_has_moved_on(
    replica_set: ReplicaSet, primary: Client, tmp_path: Path
) -> None:
    with replica_set.client(replica_set.primary()) as client:
        until("it takes writes", lambda: client.admin.command("hello")["isWritablePrimary"])
        client.admin.command({"createUser": "app", "pwd": APP["password"], "roles": ["readWriteAnyDatabase"]})
    with (
        running(tmp_path / "other", count=1) as other,
        replica_set.client(replica_set.primary(), **APP) as client,
        client.start_session() as one,
    ):
        await primary.admin.command({"appendOplogNote": 1, "data": {}})
        one.advance_cluster_time(_time_of(other, time.time()))
        with pytest.raises(OperationFailure) as refused:
            client.admin.command("ping", session=one)
        assert refused.value.code == KEY_NOT_FOUND
        await ClusterTime(lambda: primary).move_on()
        client.admin.command("hello")  # as each new connection begins
        assert client.admin.command("ping", session=one)["ok"] == 1.0
