"""The feature compatibility version: which version's mongod can still open the data."""

from collections.abc import Callable

import structlog

from moorage.engines.member import EngineError
from moorage.engines.mongodb.connections import Client
from moorage.engines.mongodb.succession import Command

log = structlog.get_logger()

CONFIRM_SINCE = 7
"""From this version on MongoDB wants to hear that the way back is meant to be closed; older ones do not know the word."""


def raise_command(version: str) -> dict[str, object]:
    confirmed = int(version.partition(".")[0]) >= CONFIRM_SINCE
    return {"setFeatureCompatibilityVersion": version, **({"confirm": True} if confirmed else {})}


def is_older(found: str, version: str) -> bool:
    return [int(part) for part in found.split(".")] < [int(part) for part in version.split(".")]


class Upgrade:
    """`local`: the member's own client; `command` raises EngineError."""

    def __init__(self, command: Command, local: Callable[[], Client | None]) -> None:
        self._command, self._local = command, local
        self._known, self._known_in = "", -1

    async def compatibility(self, term: int | None) -> str:
        """`term`: in which this member is primary; None when it is not, and then nothing is said.

        mongod is asked once in a term and once after every order.
        """
        if term is None:
            return ""
        if term != self._known_in:
            try:
                self._known, self._known_in = await self._ask(), term
            except EngineError as error:
                log.info("compatibility_not_known_yet", error=str(error))
                return ""
        return self._known

    async def finish(self, version: str, term: int) -> None:
        """Raises it, and never lowers it. An order of an older term is out of date: the next primary gets its own."""
        status = await self._command(self._local(), {"replSetGetStatus": 1})
        if int(status["term"]) == term and is_older(await self._ask(), version):
            await self._command(self._local(), raise_command(version))
            log.info("compatibility_raised", to=version)
        self._known_in = -1

    async def _ask(self) -> str:
        found = await self._command(self._local(), {"getParameter": 1, "featureCompatibilityVersion": 1})
        return str(found["featureCompatibilityVersion"]["version"])
