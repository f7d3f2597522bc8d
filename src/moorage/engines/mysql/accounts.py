"""Keeps the two users that every service promises: one that was dropped, or whose password is another one now, is put back.

Done by the primary alone, with the rights of the agent's own user, so that no password of a person is needed for it.
"""

import time
from collections.abc import Awaitable, Callable

import structlog

from moorage.engines.member import EngineError
from moorage.engines.mysql.accounts_sql import USERS, change_password, create
from moorage.engines.mysql.connections import Row

log = structlog.get_logger()

KEEP_SECONDS = 60.0
"""How often a login is tried."""
_EXISTS = "SELECT 1 FROM mysql.user WHERE user = %s AND host = '%%'"


class Accounts:
    """`ask` and `can_log_in` are asked of the own engine; both raise EngineError."""

    def __init__(
        self,
        ask: Callable[[str, tuple[str, ...]], Awaitable[list[Row]]],
        can_log_in: Callable[[str, str], Awaitable[bool]],
        secret: Callable[[str], str],
    ) -> None:
        self._ask, self._can_log_in, self._secret = ask, can_log_in, secret
        self._kept_at = time.monotonic()

    async def create(self) -> None:
        """Before clients are led here: those that do not exist. Raises EngineError."""
        self._kept_at = time.monotonic()  # nobody else makes them meanwhile, and calls them dropped
        for user, secret, role in USERS:
            if not await self._exists(user):
                await self._make(user, secret, role)

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
        for user, secret, role in USERS:
            if not await self._exists(user):
                await self._make(user, secret, role)
                log.warning("user_put_back", user=user, why="it was dropped in the engine")
            elif not await self._can_log_in(user, self._secret(secret)):
                await self._ask(change_password(user, self._secret(secret)), ())
                log.warning(
                    "password_put_back", user=user, why="it was changed in the engine, and clients have the one of the Secret"
                )

    async def _make(self, user: str, secret: str, role: str) -> None:
        for statement in create(user, self._secret(secret), role):
            await self._ask(statement, ())

    async def _exists(self, user: str) -> bool:
        return bool(await self._ask(_EXISTS, (user,)))
