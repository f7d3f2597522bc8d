"""Registers that are read, written, and changed by compare-and-set; few operations on each, so that they can be judged."""

import threading
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from pymongo import ReturnDocument

from tests.chaos.checkers import Verdict, check_register
from tests.chaos.workloads.clients import DATABASE, READ_MS, Client, Clients, Failed, Mongo, Plan
from tests.chaos.workloads.finals import final_collection

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


class RegisterWorkload(Clients):
    """Values are unique, so that a read tells which write it saw."""

    name = "register"
    count, rate = 3, 10.0

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._keys, self._values = _Keys(), count(1)
        self._seen: dict[tuple[int, int], int | None] = {}
        """(client, key) → the value that this client saw or wrote last."""

    def step(self, client: Client) -> None:
        key, draw = self._keys.take(client.random.random()), client.random.random()
        at, before = (client.number, key), client.process
        if draw < 0.4:
            self._seen[at] = client.do("read", [key, None], lambda: self._read(client, key))
        elif draw < 0.7 or self._seen.get(at) is None:
            value = next(self._values)
            client.do("write", [key, value], lambda: self._write(client, key, value), decisive="findAndModify")
            self._seen[at] = value
        else:
            expected, value = self._seen[at], next(self._values)
            client.do("cas", [key, [expected, value]], lambda: self._cas(client, key, expected, value), decisive="findAndModify")
            self._seen[at] = value
        if client.process != before:
            self._keys.is_unsure_of(key)

    def _read(self, client: Client, key: int) -> int | None:
        found = client.collection(self.collection, "linearizable").find_one({"_id": key}, max_time_ms=READ_MS)
        return found["value"] if found else None

    def _write(self, client: Client, key: int, value: int) -> int:
        client.collection(self.collection).find_one_and_update({"_id": key}, {"$set": {"value": value}}, upsert=True)
        return value

    def _cas(self, client: Client, key: int, expected: int | None, value: int) -> int:
        found = client.collection(self.collection).find_one_and_update(
            {"_id": key, "value": expected}, {"$set": {"value": value}}, return_document=ReturnDocument.AFTER
        )
        if found is None:
            raise Failed("Mismatch")
        return value

    def read_all(self, mongo: Mongo, session: Any) -> dict[str, int]:
        found = final_collection(mongo, DATABASE, self.collection).find({}, session=session)
        return {str(document["_id"]): document["value"] for document in found}

    def judge(self) -> Verdict:
        return check_register(self.history)
