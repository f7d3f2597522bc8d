"""The fake `Kube`: one process' way to the API server, with everything that can happen to a call and to a watch."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Any, NoReturn, TypeVar

from moorage.kube.client import REQUEST_TIMEOUT_SECONDS, Kube, KubeError, Object
from tests.sim.server import ApiServer

T = TypeVar("T")
CALL_SECONDS = (0.002, 0.02)


class Line:
    """The way from one process to the API server. Faults set these fields and put them back."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.is_cut = False
        """No call of this process gets through, every watch of it breaks."""
        self.is_dead = False
        """The process was killed: no call of it is ever answered or even sent."""
        self.refused_share = 0.0
        """Calls that fail before the server did them."""
        self.unanswered_share = 0.0
        """Calls that the server did and whose answer is lost."""
        self.slow_seconds_max = 0.0
        self.answer_seconds_max = 0.0
        """What the server did is answered this much later, or not at all when that is later than a client waits."""
        self.late_seconds: dict[str, float] = {}
        """Kind → how late its watch tells."""
        self.gaps = 0
        """Raised by one, every watch of this process breaks."""
        self.calls = 0
        self.dies_at_call = -1
        self.on_death: Callable[[], None] = lambda: None
        self.slowest_call_seconds = CALL_SECONDS[1]
        self.heard: dict[str, int] = {}
        """Kind → version up to which this process was told everything."""
        self.last_late: dict[str, tuple[float, float]] = {}
        """Kind → when it last heard something late, and how late."""

    def heal(self) -> None:
        self.is_cut = False
        self.refused_share = self.unanswered_share = self.slow_seconds_max = self.answer_seconds_max = 0.0
        self.late_seconds = {}


class SimKube(Kube):
    """Every method of `Kube` against the fake server. `who` is written into the trace."""

    def __init__(self, server: ApiServer, line: Line, who: str) -> None:
        self._server, self.line, self.who = server, line, who

    async def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        return await self._call(lambda: self._server.get(kind, name, namespace))

    async def list(
        self,
        kind: str,
        namespace: str | None = None,
        *,
        labels: dict[str, Any] | None = None,
        fields: dict[str, Any] | None = None,
    ) -> tuple[list[Object], str]:
        def read() -> tuple[list[Object], str]:
            found = [item for item in self._server.list(kind) if _is_asked_for(item, namespace, labels, fields)]
            return found, str(self._server.version)

        found, version = await self._call(read)
        if namespace is None:  # what the operator's own copies are made from
            self._hears(kind, int(version))
        return found, version

    async def watch(
        self,
        kind: str,
        namespace: str | None = None,
        *,
        version: str,
        labels: dict[str, Any] | None = None,
        fields: dict[str, Any] | None = None,
        server_timeout_seconds: int,
    ) -> AsyncIterator[tuple[str, Object]]:
        """Goes on for ever, as lightkube does when the server ends a watch in order."""
        del server_timeout_seconds
        line, server, gaps = self.line, self._server, self.line.gaps
        history, clock = server.histories[kind], asyncio.get_running_loop().time
        position = await self._call(lambda: server.position(kind, int(version)))
        while True:
            if self._is_cut or line.gaps != gaps:
                raise KubeError("the watch broke off")
            if position >= len(history):
                await server.changed(kind)
                continue
            change = history[position]
            wait_seconds = change.at_seconds + line.late_seconds.get(kind, 0.002) - clock()
            if wait_seconds > 0:
                await asyncio.sleep(min(wait_seconds, 1.0))  # it may be healed by then
                continue
            position += 1
            self._hears(kind, change.version)
            if _is_asked_for(change.item, namespace, labels, fields):
                yield change.operation, change.item

    async def create(self, manifest: Object) -> Object:
        return await self._call(lambda: self._server.create(self.who, manifest))

    async def apply(self, manifest: Object) -> Object:
        return await self._call(lambda: self._server.apply(self.who, manifest))

    async def replace(self, manifest: Object) -> Object:
        return await self._call(lambda: self._server.replace(self.who, manifest))

    async def merge(self, kind: str, name: str, namespace: str, patch: Object, *, status: bool = False) -> Object:
        return await self._call(lambda: self._server.merge(self.who, kind, name, namespace, patch, status=status))

    async def delete(self, kind: str, name: str, namespace: str) -> None:
        def delete() -> None:
            if self._server.get(kind, name, namespace) is not None:
                self._server.delete(self.who, kind, name, namespace)

        await self._call(delete)

    def _hears(self, kind: str, version: int) -> None:
        now, (at, seconds) = self._server.seconds(), self._late(kind)
        is_same_batch = now - at < 1.0
        self.line.last_late[kind] = (now, max(self._unheard_seconds(kind), seconds if is_same_batch else 0.0))
        self.line.heard[kind] = max(version, self.line.heard.get(kind, 0))

    def unheard_seconds(self, kinds: tuple[str, ...], within_seconds: float = 0.0) -> float:
        """How late this process knew of a change, or still does not know it, at some time within these seconds."""
        now = self._server.seconds()
        late = [seconds for at, seconds in map(self._late, kinds) if now - at <= within_seconds]
        return max([0.0, *late, *(self._unheard_seconds(kind) for kind in kinds)])

    def _late(self, kind: str) -> tuple[float, float]:
        return self.line.last_late.get(kind, (0.0, 0.0))

    def _unheard_seconds(self, kind: str) -> float:
        history = self._server.histories[kind]
        position = bisect_right(history, self.line.heard.get(kind, 0), key=lambda change: change.version)
        return 0.0 if position == len(history) else self._server.seconds() - history[position].at_seconds

    @property
    def _is_cut(self) -> bool:
        return self.line.is_cut or self._server.is_gone

    async def _call(self, do: Callable[[], T]) -> T:
        """One request: it gets there or not, is done, and is answered or not. A killed process does not hear the answer."""
        line, random = self.line, self.line.random
        if line.is_dead:
            await _for_ever()
        line.calls += 1
        number = line.calls
        line.slowest_call_seconds = max(
            line.slowest_call_seconds, CALL_SECONDS[1] + 2 * line.slow_seconds_max + line.answer_seconds_max
        )
        await asyncio.sleep(random.uniform(*CALL_SECONDS) + random.uniform(0.0, line.slow_seconds_max))
        if line.is_dead:
            await _for_ever()
        if self._is_cut or random.random() < line.refused_share:
            raise KubeError("the API server cannot be reached")
        answer = do()
        if number == line.dies_at_call:
            line.on_death()
            await _for_ever()
        wait_seconds = random.uniform(0.0, line.slow_seconds_max) + random.uniform(0.0, line.answer_seconds_max)
        if wait_seconds:
            await asyncio.sleep(min(wait_seconds, REQUEST_TIMEOUT_SECONDS))
        if wait_seconds > REQUEST_TIMEOUT_SECONDS or random.random() < line.unanswered_share:
            raise KubeError("the API server did not answer in time")
        return answer


async def _for_ever() -> NoReturn:
    await asyncio.get_running_loop().create_future()
    raise AssertionError("for ever is over")


def _is_asked_for(item: Object, namespace: str | None, labels: dict[str, Any] | None, fields: dict[str, Any] | None) -> bool:
    meta = item["metadata"]
    if namespace is not None and meta.get("namespace") != namespace:
        return False
    found = meta.get("labels") or {}
    if labels and any(found.get(k) != v for k, v in labels.items()):
        return False
    return not fields or fields == {"metadata.name": meta["name"]}
