"""Accounts between which money is moved in transactions; each transfer is entered in a ledger by the same transaction."""

from itertools import count
from typing import Any

from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from tests.chaos.checkers import Verdict, check_bank
from tests.chaos.workloads.clients import DATABASE, WTIMEOUT_MS, Client, Clients, Failed, Mongo, Plan
from tests.chaos.workloads.finals import final_collection

ACCOUNTS, BALANCE, AMOUNT_MAX = 8, 100, 20
READ_SHARE = 0.3
SNAPSHOT = ReadConcern("snapshot")

Balances = dict[str, int]


class BankWorkload(Clients):
    """Balances are read and then set, so that two transfers that do not see each other would make or lose money."""

    name = "bank"
    count, rate = 2, 8.0

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._numbers = count(1)
        self._ledger = f"{self.collection}_ledger"

    def prepare(self, mongo: Mongo) -> None:
        concern = WriteConcern(w="majority", j=True, wtimeout=WTIMEOUT_MS)
        accounts = mongo[DATABASE].get_collection(self.collection, write_concern=concern)
        accounts.insert_many([{"_id": str(n), "balance": BALANCE} for n in range(ACCOUNTS)])
        mongo[DATABASE].get_collection(self._ledger, write_concern=concern).insert_one({"_id": 0})

    def step(self, client: Client) -> None:
        if client.random.random() < READ_SHARE:
            client.do("read", None, lambda: self._balances(client), decisive=None)
            return
        source, target = client.random.sample(range(ACCOUNTS), 2)
        transfer = {
            "id": next(self._numbers),
            "from": str(source),
            "to": str(target),
            "amount": client.random.randint(1, AMOUNT_MAX),
        }
        client.do("transfer", transfer, lambda: self._transfer(client, transfer), decisive="commitTransaction")

    def _balances(self, client: Client) -> Balances:
        with client.mongo.start_session() as session, session.start_transaction(SNAPSHOT, client.write_concern):
            return _read(client.collection(self.collection).find({}, session=session))

    def _transfer(self, client: Client, transfer: dict[str, Any]) -> dict[str, Any]:
        accounts, ledger = client.collection(self.collection), client.collection(self._ledger)
        sides, amount = (transfer["from"], transfer["to"]), transfer["amount"]
        with client.mongo.start_session() as session, session.start_transaction(SNAPSHOT, client.write_concern):
            balances = _read(accounts.find({"_id": {"$in": sides}}, session=session))
            if balances[sides[0]] < amount:
                raise Failed("NotEnough")
            for account, change in zip(sides, (-amount, amount), strict=True):
                accounts.update_one({"_id": account}, {"$set": {"balance": balances[account] + change}}, session=session)
            ledger.insert_one({"_id": transfer["id"]}, session=session)
        return transfer

    def read_all(self, mongo: Mongo, session: Any) -> dict[str, Any]:
        ledger = final_collection(mongo, DATABASE, self._ledger).find({"_id": {"$gt": 0}}, session=session)
        accounts = final_collection(mongo, DATABASE, self.collection).find({}, session=session)
        return {"ledger": [entry["_id"] for entry in ledger], "balances": _read(accounts)}

    def judge(self) -> Verdict:
        return check_bank(self.history, accounts=ACCOUNTS, balance=BALANCE)


def _read(found: Any) -> Balances:
    return {account["_id"]: account["balance"] for account in found}
