"""The two users that every service promises, whatever the engine."""

import pytest

from moorage.engines import accounts
from moorage.engines.member import EngineError

PASSWORDS = {"admin-password": "of-admin", "app-password": "of-app"}


class Engine(accounts.Accounts):
    """Users with their passwords, in memory."""

    def __init__(self) -> None:
        super().__init__({"admin": "admin-password", "app": "app-password"}, self.has, PASSWORDS.__getitem__)
        self.users = dict[str, str]()
        self.is_silent = False

    async def has(self, user: str, password: str) -> bool:
        return self.users[user] == password

    async def _exists(self, user: str) -> bool:
        if self.is_silent:
            raise EngineError("the engine does not answer")
        return user in self.users

    async def _make(self, user: str, password: str) -> None:
        self.users[user] = password

    async def _change_password(self, user: str, password: str) -> None:
        self.users[user] = password

    def a_minute_passes(self) -> None:
        self._kept_at -= accounts.KEEP_SECONDS


async def test_users_that_are_just_being_made_are_not_called_dropped() -> None:
    engine = Engine()
    await engine.look()
    assert not engine.users, "a primary that was just elected has not made them yet"
    await engine.create()
    engine.users.clear()
    await engine.look()
    assert not engine.users


async def test_within_a_minute_a_dropped_user_and_a_changed_password_are_put_back() -> None:
    engine = Engine()
    await engine.create()
    del engine.users["app"]
    engine.users |= {"admin": "another", "report": "mine"}
    engine.a_minute_passes()
    await engine.look()
    assert engine.users == {"admin": "of-admin", "app": "of-app", "report": "mine"}


async def test_what_was_not_seen_is_looked_at_again_a_minute_later() -> None:
    engine = Engine()
    engine.is_silent = True
    engine.a_minute_passes()
    await engine.look()
    with pytest.raises(EngineError):
        await engine.keep()
    engine.is_silent = False
    engine.a_minute_passes()
    await engine.look()
    assert set(engine.users) == {"admin", "app"}
