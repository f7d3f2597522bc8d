"""Settings that a running engine is told, without a restart. It starts without them, and is told before anybody is led to it."""

from collections.abc import Awaitable, Callable, Mapping

import structlog

log = structlog.get_logger()


class LiveSettings:
    """Of one engine. What it does not take is said; it runs on with what it had."""

    def __init__(
        self,
        read: Callable[[], Awaitable[Mapping[str, str]]],
        write: Callable[[str, str], Awaitable[str]],
        is_same: Callable[[str, str], bool],
    ) -> None:
        """`read`: what the engine has, of all that it may be told. `write`: sets one; why the engine does not take it, empty when
        it does. Both raise EngineError when it does not answer. `is_same`: whether what was read is what was asked for."""
        self._read, self._write, self._is_same = read, write, is_same
        self.wanted: Mapping[str, str] = {}
        self.engine_starts()

    def engine_starts(self) -> None:
        """It has been told nothing yet."""
        self._used: Mapping[str, str] = {}
        self._at_start: Mapping[str, str] = {}
        """What the engine had before it was told anything: one setting may change another."""
        self._told = set[str]()
        self.why_not = ""
        """Which ones the engine does not use, and why, as a sentence without its name; empty when it uses all."""

    async def settle(self) -> None:
        """Has the engine use what is wanted, and have again what it began with where nothing is. Does nothing when it was told so
        before. Raises EngineError; then it is to be tried again."""
        wanted = dict(self.wanted)
        if wanted == self._used:
            return
        self._at_start = self._at_start or await self._read()
        left_out = {name: self._at_start[name] for name in self._told - wanted.keys() if name in self._at_start}
        self._told |= wanted.keys()
        why_not = dict[str, str]()
        for name, value in (*sorted(left_out.items()), *sorted(wanted.items())):
            if why := await self._write(name, value):
                why_not[f"{name}={value}"] = why
        found = await self._read()
        for name, value in wanted.items():
            if name not in found or not self._is_same(value, found[name]):
                why_not.setdefault(f"{name}={value}", f"it has {found.get(name, 'no such setting')}")
        self._used = wanted
        said = "; ".join(f"{what}: {why}" for what, why in sorted(why_not.items()))
        self.why_not = f"does not use the new settings: {said}" if said else ""
        log.info("settings_told", names=sorted(wanted), why_not=self.why_not)
