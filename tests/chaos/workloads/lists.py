"""Numbers, each pushed once to the end of a list: one that the driver tries again and the engine makes twice is there twice."""

from itertools import count
from typing import Any

from tests.chaos.checkers import Verdict, check_set
from tests.chaos.workloads.clients import DATABASE, Client, Clients, Mongo, Plan
from tests.chaos.workloads.finals import final_collection

LENGTH = 100
"""Then the next list begins."""


class ListWorkload(Clients):
    """The set cannot see a write that is made twice: its numbers are keys."""

    name = "list"
    count, rate = 2, 10.0

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._numbers = count(1)

    def step(self, client: Client) -> None:
        number = next(self._numbers)
        client.do("add", number, lambda: self._push(client, number), decisive="update")

    def _push(self, client: Client, number: int) -> int:
        lists = client.collection(self.collection)
        lists.update_one({"_id": number // LENGTH}, {"$push": {"numbers": number}}, upsert=True)
        return number

    def read_all(self, mongo: Mongo, session: Any) -> list[int]:
        lists = final_collection(mongo, DATABASE, self.collection).find({}, session=session)
        return [number for found in lists for number in found["numbers"]]

    def judge(self) -> Verdict:
        return check_set(self.history)
