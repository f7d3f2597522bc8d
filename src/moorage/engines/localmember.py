"""What the members of all engines have in common: a process, a folder, mounted secrets; and they are asked until they end."""

import abc
import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from moorage.core.report import MemberReport, Role
from moorage.engines.background import in_background
from moorage.engines.livesettings import LiveSettings
from moorage.engines.member import Home


class Process(Protocol):
    """Of the engine."""

    @property
    def is_running(self) -> bool: ...

    def signal(self, number: int) -> None: ...

    async def wait(self) -> None: ...


class Folder(Protocol):
    """With the engine's data."""

    @property
    def has_data(self) -> bool: ...

    @property
    def damage(self) -> str: ...


class LocalMember(abc.ABC):
    """The part of `member.Member` that no engine does otherwise."""

    def __init__(self, home: Home, process: Process, folder: Folder, live_settings: LiveSettings) -> None:
        """`live_settings`: to be settled before anything else is asked of the engine."""
        self._home, self.__process, self.__folder = home, process, folder
        self._live_settings = live_settings
        self.__exit: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        return self.__process.is_running

    @property
    def has_data(self) -> bool:
        return self.__folder.has_data

    @property
    def damage(self) -> str:
        return self.__folder.damage

    def signal(self, number: int) -> None:
        self.__process.signal(number)

    def use_settings(self, settings: Mapping[str, str]) -> None:
        self._live_settings.wanted = settings

    def _secret(self, name: str) -> str:
        return (self._home.internal_dir / name).read_text().strip()

    def _has_started(self) -> None:
        """From now on its end is noticed."""
        self.__exit = in_background(self.__process.wait(), "engine")
        self._live_settings.engine_starts()

    async def observe(self) -> MemberReport:
        """Returns when the engine was asked, or at once when it ended."""
        observing = asyncio.create_task(self._ask_engine())
        waiting = {observing, self.__exit} if self.__exit is not None else {observing}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if observing.done():
            report = observing.result()
        else:
            observing.cancel()
            report = MemberReport(role=Role.DOWN, message="the engine ended")
        return replace(report, damage=self.damage, settings=self._live_settings.why_not)

    @abc.abstractmethod
    async def _ask_engine(self) -> MemberReport:
        """What the engine says, after a pause that is the engine's own."""
