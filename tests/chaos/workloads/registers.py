"""Registers that are read, written, and changed by compare-and-set; few operations on each, so that they can be judged."""

import abc
import threading
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.chaos.checkers import Verdict, check_register
from tests.chaos.workloads.crew import Client, Crew, Plan

KEYS_AT_ONCE = 2
OPERATIONS_MAX, UNKNOWN_MAX = 100, 4
"""Of one key: more are a burden to the judge, unknown ones above all, for each may take place at any later time."""


@dataclass
class _Keys:
    """Which registers are in use. Safe for threads."""

    operations: dict[int, int] = field(default_factory=dict)
    unknown: dict[int, int] = field(default_factory=dict)
    numbers: Any = field(default_factory=count)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, which: float) -> int:
        """One of those in use; `which` from 0 to 1 draws it."""
        with self.lock:
            while len(self.operations) < KEYS_AT_ONCE:
                self.operations[next(self.numbers)] = 0
            key = sorted(self.operations)[int(which * KEYS_AT_ONCE)]
            self.operations[key] += 1
            if self.operations[key] >= OPERATIONS_MAX or self.unknown.get(key, 0) >= UNKNOWN_MAX:
                del self.operations[key]
            return key

    def is_unsure_of(self, key: int) -> None:
        with self.lock:
            self.unknown[key] = self.unknown.get(key, 0) + 1


class RegisterPlay(Crew):
    """Values are unique, so that a read tells which write it saw."""

    name = "register"
    count, rate = 3, 10.0

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._keys, self._values = _Keys(), count(1)
        self._seen: dict[tuple[int, int], int | None] = {}
        """(client, key) → the value that this client saw or wrote last."""

    @abc.abstractmethod
    def read(self, client: Any, key: int) -> int | None:
        """As of now, not of before: a primary that was replaced does not answer."""

    @abc.abstractmethod
    def write(self, client: Any, key: int, value: int) -> int: ...

    @abc.abstractmethod
    def cas(self, client: Any, key: int, expected: int | None, value: int) -> int:
        """Raises Failed("Mismatch") when the register holds something else."""

    def step(self, client: Client) -> None:
        key, draw = self._keys.take(client.random.random()), client.random.random()
        at, before = (client.number, key), client.process
        if draw < 0.4:
            self._seen[at] = client.do("read", [key, None], lambda: self.read(client, key))
        elif draw < 0.7 or self._seen.get(at) is None:
            value = next(self._values)
            client.do("write", [key, value], lambda: self.write(client, key, value), decisive="findAndModify")
            self._seen[at] = value
        else:
            expected, value = self._seen[at], next(self._values)
            client.do("cas", [key, [expected, value]], lambda: self.cas(client, key, expected, value), decisive="findAndModify")
            self._seen[at] = value
        if client.process != before:
            self._keys.is_unsure_of(key)

    def judge(self) -> Verdict:
        return check_register(self.history)
