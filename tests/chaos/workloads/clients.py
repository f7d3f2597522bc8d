"""A client of MongoDB: each operation, and its outcome, goes into the history."""

import abc
import contextlib
import random
from collections.abc import Callable
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from tests.chaos.history import History, Type
from tests.chaos.workloads.crew import Crew, Failed, Plan
from tests.chaos.workloads.finals import read_everywhere
from tests.chaos.workloads.outcome import outcome
from tests.chaos.workloads.wire import Wire

Mongo = MongoClient[dict[str, Any]]

DATABASE = "chaos"
WTIMEOUT_MS, READ_MS = 5_000, 5_000
OPTIONS: dict[str, Any] = {"serverSelectionTimeoutMS": 2_000, "socketTimeoutMS": 10_000}
"""The rest is what the URI says, as for any application."""


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

    def close(self) -> None:
        self.mongo.close()


class MongoCrew(Crew):
    """Clients of MongoDB."""

    def make_ready(self) -> None:
        patient = OPTIONS | {"serverSelectionTimeoutMS": 20_000}
        with contextlib.closing(MongoClient[dict[str, Any]](self.plan.uri, **patient)) as mongo:
            self.prepare(mongo)

    def prepare(self, mongo: Mongo) -> None:
        """Written with `w: majority`; most need nothing."""
        del mongo

    def open_client(self, number: int) -> Client:
        return Client(self.plan, self.history, number)

    @abc.abstractmethod
    def read_all(self, mongo: Mongo, session: Any) -> Any:
        """All that the workload wrote, from one member, in one session that sees at least what was acknowledged."""

    def read_everywhere(self) -> None:
        read_everywhere(self.plan.addresses, self.plan.uri, self.history, self.read_all)
