"""Keeps the two users that every service promises: one that was dropped, or whose password is another one now, is put back.

Asked by the primary alone, with the rights that the keyfile gives, so that no password of a person is needed for it.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from moorage.engines.member import EngineError
from moorage.engines.mongodb.users import USERS, create_command, password_command

log = structlog.get_logger()

KEEP_SECONDS = 60.0
"""How often a login is tried."""


class Accounts:
    """`command` is asked of the own engine and raises EngineError, and so does `can_log_in` when the engine does not answer."""

    def __init__(
        self,
        command: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]],
        can_log_in: Callable[[str, str], Awaitable[bool]],
        secret: Callable[[str], str],
    ) -> None:
        self._command, self._can_log_in, self._secret = command, can_log_in, secret
        self._kept_at = 0.0

    async def create(self) -> None:
        """Before clients are led here: those that do not exist. Raises EngineError."""
        self._kept_at = time.monotonic()  # nobody else makes them meanwhile, and calls them dropped
        for user, secret, roles in USERS:
            if not await self._exists(user):
                await self._command(create_command(user, self._secret(secret), roles))

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
        """Roles that somebody changed, and users of somebody's own, stay as they are. Raises EngineError."""
        for user, secret, roles in USERS:
            password = self._secret(secret)
            if not await self._exists(user):
                await self._command(create_command(user, password, roles))
                log.warning("user_put_back", user=user, why="it was dropped in the engine")
            elif not await self._can_log_in(user, password):
                await self._command(password_command(user, password))
                log.warning(
                    "password_put_back", user=user, why="it was changed in the engine, and clients have the one of the Secret"
                )

    async def _exists(self, user: str) -> bool:
        return bool((await self._command({"usersInfo": user}))["users"])
