"""The settings of a running mysqld: read, and told by SET GLOBAL."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from moorage.engines.mysql.accounts_sql import quoted
from moorage.engines.mysql.connections import RefusedError, Session

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


class Globals:
    """Of the engine that a session is with. Its strict mode makes an error of a value that mysqld would change by itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def read(self) -> Mapping[str, str]:
        """Raises EngineError."""
        rows = await self._session.rows("SELECT variable_name, variable_value FROM performance_schema.global_variables")
        return {str(name): str(value) for name, value in (row.values() for row in rows)}

    async def write(self, name: str, value: str) -> str:
        """Why mysqld does not take it; empty when it does. Raises EngineError when it does not answer."""
        try:
            await self._session.rows(f"SET GLOBAL `{name}` = {value if _NUMBER.fullmatch(value) else quoted(value)}")
        except RefusedError as error:
            return str(error)
        return ""


def is_same(asked: str, found: str) -> bool:
    """Whether mysqld has it, in its own way to write: 0.5 is 0.500000, and a mode stands beside those that it means."""
    try:
        return Decimal(asked) == Decimal(found)
    except InvalidOperation:
        return set(asked.casefold().split(",")) <= set(found.casefold().split(","))
