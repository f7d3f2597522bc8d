"""What people do to the two users of a service in a real engine, and that its clients still get in."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from moorage.engines.member import EngineError
from moorage.engines.mongodb.accounts import Accounts
from moorage.engines.mongodb.clock import Answer, seconds_of
from moorage.engines.mongodb.connections import Client, can_log_in, command, system_login
from tests.engine.replica import ReplicaSet, until
from tests.ports import HOST, free_port


class Primary:
    """The primary of a real set, as its agent reaches it."""

    def __init__(self, replica_set: ReplicaSet) -> None:
        self.host, self._internal = replica_set.primary().host, replica_set.places.internal
        self.options: dict[str, Any] = {"tls": True, "tlsCAFile": str(replica_set.places.tls / "ca.crt")}
        login = system_login(self.secret("keyfile"))
        self.client: Client = AsyncMongoClient(self.host, directConnection=True, **login, **self.options)
        self.accounts = Accounts(lambda body: command(self.client, body), self.can_log_in, self.secret)

    def secret(self, name: str) -> str:
        return (self._internal / name).read_text().strip()

    async def can_log_in(self, user: str, password: str) -> bool:
        return await can_log_in(self.host, user, password, self.options)

    async def why_not_in(self) -> list[str]:
        return [user for user in ("admin", "app") if not await self.can_log_in(user, self.secret(f"{user}-password"))]


@pytest.fixture
async def primary(replica_set: ReplicaSet) -> AsyncIterator[Primary]:
    with replica_set.client(replica_set.primary()) as client:  # one that was just elected takes no writes yet
        until("the primary takes writes", lambda: client.admin.command("hello")["isWritablePrimary"])
    found = Primary(replica_set)
    await found.accounts.keep()
    yield found
    await found.client.close()


@pytest.mark.parametrize("user", ["admin", "app"])
@pytest.mark.parametrize(
    "by_hand",
    [{"dropUser": ""}, {"updateUser": "", "pwd": "another-one"}],
    ids=["dropped", "another password"],
)
async def test_a_user_that_was_dropped_or_has_another_password_is_put_back(
    primary: Primary, user: str, by_hand: dict[str, Any]
) -> None:
    verb = next(iter(by_hand))
    await command(primary.client, by_hand | {verb: user})
    assert await primary.why_not_in() == [user]
    await primary.accounts.keep()
    assert await primary.why_not_in() == []


async def test_roles_and_users_of_a_persons_own_stay_as_they_are(primary: Primary) -> None:
    await command(primary.client, {"createUser": "report", "pwd": "mine", "roles": [{"role": "read", "db": "shop"}]})
    await command(primary.client, {"grantRolesToUser": "app", "roles": [{"role": "clusterMonitor", "db": "admin"}]})
    await command(primary.client, {"updateUser": "app", "pwd": "another-one"})
    await primary.accounts.keep()
    (app,) = (await command(primary.client, {"usersInfo": "app"}))["users"]
    assert "clusterMonitor" in {role["role"] for role in app["roles"]}
    assert await primary.can_log_in("report", "mine")


async def test_an_engine_that_does_not_answer_is_no_wrong_password(primary: Primary) -> None:
    with pytest.raises(EngineError, match="the engine does not answer"):
        await can_log_in(f"{HOST}:{free_port()}", "app", "x", primary.options)


async def test_the_engines_time_is_read_as_it_is_meant(primary: Primary) -> None:
    sent = time.time()
    hello = await command(primary.client, {"hello": 1})
    assert abs(Answer(seconds_of(hello["localTime"]), sent, time.time()).ahead_seconds) < 0.01
