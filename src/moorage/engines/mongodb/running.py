"""The settings of a running mongod: read, and told by its commands."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pymongo.errors import OperationFailure

from moorage.engines.member import EngineError
from moorage.engines.mongodb.constants import CURSOR_SETTING, LIFETIME_SETTING, SLOW_SETTING

LIVE = (SLOW_SETTING, LIFETIME_SETTING, CURSOR_SETTING)
Ask = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class Running:
    """`ask`: one command on `admin` of the member's own mongod; raises EngineError."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def read(self) -> Mapping[str, str]:
        """Raises EngineError."""
        return {name: str(await self._value(name)) for name in LIVE}

    async def _value(self, name: str) -> Any:
        if name == SLOW_SETTING:
            return (await self._ask({"profile": -1}))["slowms"]
        key = name.partition(".")[2]
        return (await self._ask({"getParameter": 1, key: 1}))[key]

    async def write(self, name: str, value: str) -> str:
        """Why mongod does not take it; empty when it does. Raises EngineError when it does not answer."""
        try:
            if name == SLOW_SETTING:  # the level of the profiler stays as it is
                await self._ask({"profile": (await self._ask({"profile": -1}))["was"], "slowms": int(value)})
            else:
                await self._ask({"setParameter": 1, name.partition(".")[2]: int(value)})
        except EngineError as error:
            if isinstance(error.__cause__, OperationFailure):
                return str(error)
            raise
        return ""


def is_same(asked: str, found: str) -> bool:
    """All that people may set are whole numbers."""
    return int(asked) == int(found)
