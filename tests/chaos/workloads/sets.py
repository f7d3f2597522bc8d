"""Numbers, each inserted once; the newest are looked for now and then."""

from itertools import count
from typing import Any

from tests.chaos.checkers import Verdict, check_set
from tests.chaos.workloads.clients import DATABASE, READ_MS, Client, Clients, Mongo, Plan
from tests.chaos.workloads.finals import final_collection

WINDOW = 100
READ_SHARE = 0.05


class SetWorkload(Clients):
    """Reads are of majority read concern: from a primary that does not know yet that it was replaced they may be stale, as
    MongoDB documents. So staleness is a figure here; the register, whose reads are linearizable, allows none."""

    name = "set"
    count, rate = 3, 25.0

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._numbers = count(1)
        self._highest = 0

    def step(self, client: Client) -> None:
        if client.random.random() < READ_SHARE:
            last = self._highest
            asked = [max(1, last - WINDOW + 1), last]
            client.do("read", asked, lambda: self._find(client, *asked))
            return
        number = next(self._numbers)
        self._highest = max(self._highest, number)
        client.do("add", number, lambda: self._insert(client, number), decisive="insert")

    def _insert(self, client: Client, number: int) -> int:
        client.collection(self.collection).insert_one({"_id": number})
        return number

    def _find(self, client: Client, first: int, last: int) -> list[int]:
        asked = {"_id": {"$gte": first, "$lte": last}}
        return [found["_id"] for found in client.collection(self.collection).find(asked, max_time_ms=READ_MS)]

    def read_all(self, mongo: Mongo, session: Any) -> list[int]:
        return [found["_id"] for found in final_collection(mongo, DATABASE, self.collection).find({}, session=session)]

    def judge(self) -> Verdict:
        return check_set(self.history, may_be_stale=True)
