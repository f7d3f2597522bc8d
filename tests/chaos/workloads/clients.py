"""Threads that each are one client of the service: an operation, its outcome into the history, a short rest, the next one."""

import abc
import contextlib
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from tests.chaos.addresses import Addresses
from tests.chaos.checkers import Verdict, merged
from tests.chaos.history import History, Type
from tests.chaos.workloads.finals import read_everywhere
from tests.chaos.workloads.outcome import outcome
from tests.chaos.workloads.wire import Wire

Mongo = MongoClient[dict[str, Any]]

DATABASE = "chaos"
WTIMEOUT_MS, READ_MS = 5_000, 5_000
OPTIONS: dict[str, Any] = {"serverSelectionTimeoutMS": 2_000, "socketTimeoutMS": 10_000}
"""The rest is what the URI says, as for any application."""
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


class Client:
    """One logical client: its connection, its randomness, and the process that it currently is."""

    def __init__(self, plan: Plan, history: History, number: int) -> None:
        self.number = number
        self.random = random.Random(f"{plan.seed}/{number}")  # noqa: S311
        self._history, self._wire, self._plan = history, Wire(), plan
        # The even ones retry by the driver, which is what it does unasked; the odd ones never.
        self.mongo: Mongo = MongoClient(plan.uri, **OPTIONS, retryWrites=number % 2 == 0, event_listeners=[self._wire])
        self.process = history.new_process()

    @property
    def write_concern(self) -> WriteConcern:
        return WriteConcern(w=self._plan.write_concern, j=True, wtimeout=WTIMEOUT_MS)

    def collection(self, name: str, read_concern: str = "majority") -> Any:
        database = self.mongo[DATABASE]
        return database.get_collection(name, write_concern=self.write_concern, read_concern=ReadConcern(read_concern))

    def do(self, f: str, asked: Any, action: Callable[[], Any], *, decisive: str | None = None) -> Any:
        """One operation. Its answer; None when it was not acknowledged. `decisive`: as `outcome` has it."""
        token = self._history.invoke(self.process, f, asked)
        self._wire.forget()
        answer, error = None, ""
        kind: Type
        try:
            answer, kind = action(), "ok"
        except Failed as refusal:
            sent = sum(one.command == decisive for one in self._wire.tries)
            kind, error = ("fail" if sent <= 1 else "info"), refusal.kind
        except PyMongoError as problem:
            kind, error = outcome(self._wire.tries, decisive), f"{type(problem).__name__}: {str(problem)[:200]}"
        node = self._wire.tries[-1].node if self._wire.tries and self._plan.via != "address" else ""
        term = self._wire.term if kind == "ok" else None
        self._history.complete(token, kind, answer if kind == "ok" else asked, node=node, term=term, error=error)
        if kind == "info":
            self.process = self._history.new_process()
        return answer


class Clients(abc.ABC):
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

    def prepare(self, mongo: Mongo) -> None:
        """What must be there before the first operation, written with `w: majority`; most need nothing."""
        del mongo

    @abc.abstractmethod
    def step(self, client: Client) -> None:
        """One operation of one client."""

    @abc.abstractmethod
    def read_all(self, mongo: Mongo, session: Any) -> Any:
        """All that the workload wrote, from one member, in one session that sees at least what was acknowledged."""

    @abc.abstractmethod
    def judge(self) -> Verdict:
        """By what stands in the history."""

    def __enter__(self) -> Self:
        with contextlib.closing(
            MongoClient[dict[str, Any]](self.plan.uri, **OPTIONS | {"serverSelectionTimeoutMS": 20_000})
        ) as mongo:
            self.prepare(mongo)
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
        read_everywhere(self.plan.addresses, self.plan.uri, self.history, self.read_all)

    def check(self) -> Verdict:
        crashes = Verdict.of([f"A client of the test itself broke: {crash}" for crash in self._crashes], {})
        return merged(crashes, self.judge())

    def _run(self, number: int) -> None:
        try:
            client = Client(self.plan, self.history, number)
            with contextlib.closing(client.mongo):
                while not self._stop.is_set():
                    next_at = time.monotonic() + client.random.uniform(0.5, 1.5) / self.rate
                    self.step(client)
                    self._stop.wait(max(0.0, next_at - time.monotonic()))
        except Exception as error:
            self._crashes.append(f"{type(error).__name__}: {error}")

    def _last_errors(self) -> str:
        errors = [f"{op.type} {op.error}" for op in self.history.ops if op.error][-3:]
        return f"last errors: {errors}; broken clients: {self._crashes}"
