"""Numbers, each pushed once to the end of a list: one that is tried again and made twice is there twice."""

import abc
from itertools import count
from typing import Any

from tests.chaos.checkers import Verdict, check_set
from tests.chaos.workloads.crew import Client, Crew, Plan

LENGTH = 100
"""Then the next list begins."""


class ListPlay(Crew):
    """The set cannot see a write that is made twice: its numbers are keys."""

    name = "list"
    count, rate = 2, 10.0

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._numbers = count(1)

    @abc.abstractmethod
    def push(self, client: Any, number: int) -> int:
        """To the list `number // LENGTH`."""

    def step(self, client: Client) -> None:
        number = next(self._numbers)
        client.do("add", number, lambda: self.push(client, number), decisive="update")

    def judge(self) -> Verdict:
        return check_set(self.history)
