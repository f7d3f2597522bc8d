"""The real operator as a process that can be killed at any moment, and that comes back."""

import asyncio
from random import Random

from moorage.kube.lease import Lease
from moorage.operator.main import Operator, Settings
from tests.sim.clock import SimLoop
from tests.sim.kube import Line, SimKube
from tests.sim.server import ApiServer
from tests.sim.trace import Trace

NAMESPACE, LEASE = "moorage-system", "moorage-operator"
IMAGE = "moorage:sim"


class Replica:
    """One of the operator's Pods. What it knows dies with it; the Pod's name, its identity, stays."""

    def __init__(
        self, name: str, server: ApiServer, loop: SimLoop, random: Random, trace: Trace, settings: Settings | None = None
    ) -> None:
        self.name, self._server, self._loop, self._random, self._trace = name, server, loop, random, trace
        self.deaths, self.image = 0, IMAGE
        self.settings = settings
        self._start()

    def _start(self) -> None:
        self.line = Line(self._random)
        self.kube = SimKube(self._server, self.line, self.name)
        lease = Lease(self.kube, NAMESPACE, LEASE, self.name, self._loop.time)
        self._task = self._loop.create_task(Operator(self.kube, lease, self.image, self._loop.utc, self.settings).run())
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self._trace.breaks(f"{self.name} ended by itself: {task.exception()!r}")

    def kill(self, absent_seconds: float = 1.0) -> None:
        """`kill -9`: no call of it is ever answered or sent again."""
        if self.line.is_dead:
            return
        self.deaths += 1
        self._trace.add(self.name, f"is killed after its call {self.line.calls}")
        self.line.is_dead = True
        self._task.cancel()
        self._loop.call_later(absent_seconds, self._start)

    def kill_at_call(self, number: int, absent_seconds: float = 1.0) -> None:
        """The server does that call, and nobody is left to hear the answer."""
        self.line.dies_at_call = number
        self.line.on_death = lambda: self.kill(absent_seconds)
