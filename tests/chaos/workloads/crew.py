"""Threads that each are one client of the service, whatever its engine: an operation, a short rest, the next one."""

import abc
import contextlib
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from tests.chaos.addresses import Addresses
from tests.chaos.checkers import Verdict, merged
from tests.chaos.history import History

STOP_SECONDS = 60.0


@dataclass(frozen=True)
class Plan:
    """What a workload is opened with."""

    addresses: Addresses
    seed: int
    write_concern: str | int
    via: str

    @property
    def uri(self) -> str:
        return self.addresses.direct_uri if self.via == "address" else self.addresses.replica_uri


@dataclass
class Failed(Exception):  # noqa: N818
    """An operation that was answered, and not done; unless the answer is to a second try, which does not tell of the first."""

    kind: str


class Client(Protocol):
    """One logical client: its connection, its randomness, and the process that it currently is."""

    number: int
    random: random.Random
    process: int

    def do(self, f: str, asked: Any, action: Callable[[], Any], *, decisive: str | None = None) -> Any:
        """One operation. Its answer; None when it was not acknowledged. `decisive`: what makes it so; a read has none."""

    def close(self) -> None: ...


class Crew(abc.ABC):
    """The common part of all workloads: `step` is one operation of one client, `count` clients do `rate` a second each."""

    name = ""
    count, rate = 1, 1.0

    def __init__(self, plan: Plan) -> None:
        self.plan, self.history = plan, History()
        self.collection = f"{self.name}_{time.time_ns():x}"
        """Of this run alone."""
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._crashes: list[str] = []

    @abc.abstractmethod
    def make_ready(self) -> None:
        """What must be there before the first operation."""

    @abc.abstractmethod
    def open_client(self, number: int) -> Client: ...

    @abc.abstractmethod
    def step(self, client: Any) -> None:
        """One operation of one client."""

    @abc.abstractmethod
    def read_everywhere(self) -> None:
        """The strong reads at the end: of the primary, and of every member directly."""

    @abc.abstractmethod
    def judge(self) -> Verdict:
        """By what stands in the history."""

    def __enter__(self) -> Self:
        self.make_ready()
        self._threads = [
            threading.Thread(target=self._run, args=(n,), name=f"{self.name}-{n}", daemon=True) for n in range(self.count)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """No operation goes on after it."""
        self._stop.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
            assert not thread.is_alive(), f"{thread.name} did not end within {STOP_SECONDS} s"

    def wait_for_more(self, count: int, seconds: float) -> None:
        self.wait_for(self.history.acknowledged + count, seconds)

    def wait_for(self, total: int, seconds: float) -> None:
        missing = total - self.history.acknowledged
        came = self.history.wait_for_acknowledged(total, seconds)
        assert came, f"{self.name}: not {missing} more writes within {seconds} s; {self._last_errors()}"

    def final_read(self) -> None:
        self.stop()
        self.read_everywhere()

    def check(self) -> Verdict:
        crashes = Verdict.of([f"A client of the test itself broke: {crash}" for crash in self._crashes], {})
        return merged(crashes, self.judge())

    def _run(self, number: int) -> None:
        try:
            client = self.open_client(number)
            with contextlib.closing(client):
                while not self._stop.is_set():
                    next_at = time.monotonic() + client.random.uniform(0.5, 1.5) / self.rate
                    self.step(client)
                    self._stop.wait(max(0.0, next_at - time.monotonic()))
        except Exception as error:
            self._crashes.append(f"{type(error).__name__}: {error}")

    def _last_errors(self) -> str:
        errors = [f"{op.type} {op.error}" for op in self.history.ops if op.error][-3:]
        return f"last errors: {errors}; broken clients: {self._crashes}"
