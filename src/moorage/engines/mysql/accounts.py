"""How MySQL is told of the two users that every service promises."""

from collections.abc import Awaitable, Callable

from moorage.engines import accounts
from moorage.engines.mysql.accounts_sql import APPLICATION, FIRST_DATABASE, USERS, change_password, create
from moorage.engines.mysql.connections import Row

_EXISTS = "SELECT 1 FROM mysql.user WHERE user = %s AND host = '%%'"


class Accounts(accounts.Accounts):
    """`ask` is asked of the own engine and raises EngineError."""

    def __init__(
        self,
        ask: Callable[[str, tuple[str, ...]], Awaitable[list[Row]]],
        can_log_in: Callable[[str, str], Awaitable[bool]],
        secret: Callable[[str], str],
    ) -> None:
        super().__init__({user: file for user, file, _ in USERS}, can_log_in, secret)
        self._ask = ask

    async def _exists(self, user: str) -> bool:
        return bool(await self._ask(_EXISTS, (user,)))

    async def _make(self, user: str, password: str) -> None:
        role = next(role for name, _, role in USERS if name == user)
        before = (FIRST_DATABASE,) if user == APPLICATION else ()
        for statement in (*before, *create(user, password, role)):
            await self._ask(statement, ())

    async def _change_password(self, user: str, password: str) -> None:
        await self._ask(change_password(user, password), ())
