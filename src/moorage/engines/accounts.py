"""Keeps the two users that every service promises: one that was dropped, or whose password is another one now, is put back.

Done by the primary alone, with the rights of the agent's own user, so that no password of a person is needed for it.
"""

import abc
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog

from moorage.engines.member import EngineError

log = structlog.get_logger()

KEEP_SECONDS = 60.0
"""How often a login is tried."""


class Accounts(abc.ABC):
    """`users`: name → the mounted file that holds the password. `can_log_in` raises EngineError when nobody answers."""

    def __init__(
        self, users: Mapping[str, str], can_log_in: Callable[[str, str], Awaitable[bool]], secret: Callable[[str], str]
    ) -> None:
        self._users, self._can_log_in, self._secret = users, can_log_in, secret
        self._kept_at = time.monotonic()

    async def create(self) -> None:
        """Before clients are led here: those that do not exist. Raises EngineError."""
        self._kept_at = time.monotonic()  # nobody else makes them meanwhile, and calls them dropped
        for user, secret in self._users.items():
            if not await self._exists(user):
                await self._make(user, self._secret(secret))

    async def look(self) -> None:
        """Now and then; what fails is tried again at the next look."""
        if time.monotonic() - self._kept_at < KEEP_SECONDS:
            return
        self._kept_at = time.monotonic()
        try:
            await self.keep()
        except (EngineError, OSError) as error:
            log.warning("users_not_looked_at", error=str(error))

    async def keep(self) -> None:
        """Rights that somebody changed, and users of somebody's own, stay as they are. Raises EngineError."""
        for user, secret in self._users.items():
            password = self._secret(secret)
            if not await self._exists(user):
                await self._make(user, password)
                log.warning("user_put_back", user=user, why="it was dropped in the engine")
            elif not await self._can_log_in(user, password):
                await self._change_password(user, password)
                log.warning(
                    "password_put_back", user=user, why="it was changed in the engine, and clients have the one of the Secret"
                )

    @abc.abstractmethod
    async def _exists(self, user: str) -> bool:
        """All three are asked of the own engine, and raise EngineError."""

    @abc.abstractmethod
    async def _make(self, user: str, password: str) -> None:
        """With the rights that the engine's list says."""

    @abc.abstractmethod
    async def _change_password(self, user: str, password: str) -> None:
        """What else a person changed of the user stays."""
