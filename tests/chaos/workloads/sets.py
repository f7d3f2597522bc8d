"""Numbers, each inserted once; the newest are looked for now and then."""

import abc
from itertools import count
from typing import Any

from tests.chaos.checkers import Verdict, check_set
from tests.chaos.workloads.crew import Client, Crew, Plan

WINDOW = 100
READ_SHARE = 0.05


class SetPlay(Crew):
    """Reads are what an engine gives without asking a majority: from a primary that does not know yet that it was replaced they
    may be stale. So staleness is a figure here; the register, whose reads are linearizable, allows none."""

    name = "set"
    count, rate = 3, 25.0

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._numbers = count(1)
        self._highest = 0

    @abc.abstractmethod
    def insert(self, client: Any, number: int) -> int: ...

    @abc.abstractmethod
    def find(self, client: Any, first: int, last: int) -> list[int]: ...

    def step(self, client: Client) -> None:
        if client.random.random() < READ_SHARE:
            last = self._highest
            asked = [max(1, last - WINDOW + 1), last]
            client.do("read", asked, lambda: self.find(client, *asked))
            return
        number = next(self._numbers)
        self._highest = max(self._highest, number)
        client.do("add", number, lambda: self.insert(client, number), decisive="insert")

    def judge(self) -> Verdict:
        return check_set(self.history, may_be_stale=True)
