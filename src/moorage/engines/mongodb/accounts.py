"""How MongoDB is told of the two users that every service promises, with the rights that the keyfile gives."""

from collections.abc import Awaitable, Callable
from typing import Any

from moorage.engines import accounts
from moorage.engines.mongodb.users import USERS, create_command, password_command


class Accounts(accounts.Accounts):
    """`command` is asked of the own engine and raises EngineError."""

    def __init__(
        self,
        command: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]],
        can_log_in: Callable[[str, str], Awaitable[bool]],
        secret: Callable[[str], str],
    ) -> None:
        super().__init__({user: file for user, file, _ in USERS}, can_log_in, secret)
        self._command = command

    async def _exists(self, user: str) -> bool:
        return bool((await self._command({"usersInfo": user}))["users"])

    async def _make(self, user: str, password: str) -> None:
        roles = next(roles for name, _, roles in USERS if name == user)
        await self._command(create_command(user, password, roles))

    async def _change_password(self, user: str, password: str) -> None:
        await self._command(password_command(user, password))
