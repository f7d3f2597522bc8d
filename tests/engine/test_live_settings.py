"""Settings that a real mongod is told while it runs."""

from collections.abc import AsyncIterator

import pytest
from pymongo import AsyncMongoClient

from moorage.engines.livesettings import LiveSettings
from moorage.engines.mongodb.catalog import CARD
from moorage.engines.mongodb.connections import Client, command, system_login
from moorage.engines.mongodb.running import LIVE, Running, is_same
from tests.engine.replica import ReplicaSet

SAMPLES = {
    "operationProfiling.slowOpThresholdMs": ("0", "9999999"),
    "setParameter.transactionLifetimeLimitSeconds": ("1", "999999"),
    "setParameter.cursorTimeoutMillis": ("1000", "999999999"),
}
"""The smallest and the largest that people may set."""


@pytest.fixture(params=["primary", "secondary"])
async def running(replica_set: ReplicaSet, request: pytest.FixtureRequest) -> AsyncIterator[Running]:
    member = replica_set.primary() if request.param == "primary" else replica_set.secondaries()[0]
    login = system_login((replica_set.places.internal / "keyfile").read_text().strip())
    authority = str(replica_set.places.tls / "ca.crt")
    client: Client = AsyncMongoClient(member.host, directConnection=True, **login, tls=True, tlsCAFile=authority)
    yield Running(lambda body: command(client, body))
    await client.close()


async def test_every_setting_that_a_running_mongod_is_told_is_used_and_put_back(running: Running) -> None:
    live = {p.name: p for p in CARD.parameters if p.is_live}
    assert live.keys() == SAMPLES.keys() == set(LIVE)
    settings, begun_with = LiveSettings(running.read, running.write, is_same), await running.read()
    for number in (0, 1):
        wanted = {name: values[number] for name, values in SAMPLES.items()}
        assert all(live[name].takes(value) for name, value in wanted.items())
        settings.wanted = wanted
        await settings.settle()
        assert settings.why_not == ""
        assert await running.read() == wanted
    settings.wanted = {}
    await settings.settle()
    assert await running.read() == begun_with


async def test_what_mongod_does_not_take_is_said(running: Running) -> None:
    settings = LiveSettings(running.read, running.write, is_same)
    settings.wanted = {"setParameter.transactionLifetimeLimitSeconds": "0", "operationProfiling.slowOpThresholdMs": "250"}
    await settings.settle()
    assert settings.why_not.startswith("does not use the new settings: setParameter.transactionLifetimeLimitSeconds=0: ")
    assert (await running.read())["operationProfiling.slowOpThresholdMs"] == "250"
    settings.wanted = {}
    await settings.settle()
