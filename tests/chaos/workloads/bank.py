"""Accounts between which money is moved in transactions; each transfer is entered in a ledger by the same transaction."""

import abc
from itertools import count
from typing import Any

from tests.chaos.checkers import Verdict, check_bank
from tests.chaos.workloads.crew import Client, Crew, Plan

ACCOUNTS, BALANCE, AMOUNT_MAX = 8, 100, 20
READ_SHARE = 0.3

Balances = dict[str, int]


class BankPlay(Crew):
    """Balances are read and then set, so that two transfers that do not see each other would make or lose money."""

    name = "bank"
    count, rate = 2, 8.0

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._numbers = count(1)
        self.ledger = f"{self.collection}_ledger"

    @abc.abstractmethod
    def read(self, client: Any) -> Balances:
        """All of one moment."""

    @abc.abstractmethod
    def transfer(self, client: Any, transfer: dict[str, Any]) -> dict[str, Any]:
        """One transaction. Raises Failed("NotEnough")."""

    def step(self, client: Client) -> None:
        if client.random.random() < READ_SHARE:
            client.do("read", None, lambda: self.read(client), decisive=None)
            return
        source, target = client.random.sample(range(ACCOUNTS), 2)
        transfer = {
            "id": next(self._numbers),
            "from": str(source),
            "to": str(target),
            "amount": client.random.randint(1, AMOUNT_MAX),
        }
        client.do("transfer", transfer, lambda: self.transfer(client, transfer), decisive="commitTransaction")

    def judge(self) -> Verdict:
        return check_bank(self.history, accounts=ACCOUNTS, balance=BALANCE)
