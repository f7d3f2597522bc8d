"""What the workloads are in MongoDB: collections, read and written as the driver's manual says."""

from typing import Any

from pymongo import ReturnDocument
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from tests.chaos.workloads.bank import ACCOUNTS, BALANCE, Balances, BankPlay
from tests.chaos.workloads.clients import DATABASE, READ_MS, WTIMEOUT_MS, Client, Mongo, MongoCrew
from tests.chaos.workloads.crew import Failed
from tests.chaos.workloads.finals import final_collection
from tests.chaos.workloads.lists import LENGTH, ListPlay
from tests.chaos.workloads.registers import RegisterPlay
from tests.chaos.workloads.sets import SetPlay

SNAPSHOT = ReadConcern("snapshot")


class MongoSet(SetPlay, MongoCrew):
    """A document for each number."""

    def insert(self, client: Client, number: int) -> int:
        client.collection(self.collection).insert_one({"_id": number})
        return number

    def find(self, client: Client, first: int, last: int) -> list[int]:
        asked = {"_id": {"$gte": first, "$lte": last}}
        return [found["_id"] for found in client.collection(self.collection).find(asked, max_time_ms=READ_MS)]

    def read_all(self, mongo: Mongo, session: Any) -> list[int]:
        return [found["_id"] for found in final_collection(mongo, DATABASE, self.collection).find({}, session=session)]


class MongoList(ListPlay, MongoCrew):
    """A document for each list."""

    def push(self, client: Client, number: int) -> int:
        lists = client.collection(self.collection)
        lists.update_one({"_id": number // LENGTH}, {"$push": {"numbers": number}}, upsert=True)
        return number

    def read_all(self, mongo: Mongo, session: Any) -> list[int]:
        lists = final_collection(mongo, DATABASE, self.collection).find({}, session=session)
        return [number for found in lists for number in found["numbers"]]


class MongoRegister(RegisterPlay, MongoCrew):
    """A document for each register; reads are `linearizable`."""

    def read(self, client: Client, key: int) -> int | None:
        found = client.collection(self.collection, "linearizable").find_one({"_id": key}, max_time_ms=READ_MS)
        return found["value"] if found else None

    def write(self, client: Client, key: int, value: int) -> int:
        client.collection(self.collection).find_one_and_update({"_id": key}, {"$set": {"value": value}}, upsert=True)
        return value

    def cas(self, client: Client, key: int, expected: int | None, value: int) -> int:
        found = client.collection(self.collection).find_one_and_update(
            {"_id": key, "value": expected}, {"$set": {"value": value}}, return_document=ReturnDocument.AFTER
        )
        if found is None:
            raise Failed("Mismatch")
        return value

    def read_all(self, mongo: Mongo, session: Any) -> dict[str, int]:
        found = final_collection(mongo, DATABASE, self.collection).find({}, session=session)
        return {str(document["_id"]): document["value"] for document in found}


class MongoBank(BankPlay, MongoCrew):
    """A document for each account, and one in the ledger for each transfer; transactions read a snapshot."""

    def prepare(self, mongo: Mongo) -> None:
        concern = WriteConcern(w="majority", j=True, wtimeout=WTIMEOUT_MS)
        accounts = mongo[DATABASE].get_collection(self.collection, write_concern=concern)
        accounts.insert_many([{"_id": str(n), "balance": BALANCE} for n in range(ACCOUNTS)])
        mongo[DATABASE].get_collection(self.ledger, write_concern=concern).insert_one({"_id": 0})

    def read(self, client: Client) -> Balances:
        with client.mongo.start_session() as session, session.start_transaction(SNAPSHOT, client.write_concern):
            return _read(client.collection(self.collection).find({}, session=session))

    def transfer(self, client: Client, transfer: dict[str, Any]) -> dict[str, Any]:
        accounts, ledger = client.collection(self.collection), client.collection(self.ledger)
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
        ledger = final_collection(mongo, DATABASE, self.ledger).find({"_id": {"$gt": 0}}, session=session)
        accounts = final_collection(mongo, DATABASE, self.collection).find({}, session=session)
        return {"ledger": [entry["_id"] for entry in ledger], "balances": _read(accounts)}


def _read(found: Any) -> Balances:
    return {account["_id"]: account["balance"] for account in found}
