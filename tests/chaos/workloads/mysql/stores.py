"""What the workloads are in MySQL: tables of the application's own user, in a database of its own."""

import abc
import json
import time
from typing import Any

from tests.chaos.mysqluri import TROUBLE
from tests.chaos.workloads.bank import ACCOUNTS, BALANCE, Balances, BankPlay
from tests.chaos.workloads.crew import Crew, Failed
from tests.chaos.workloads.lists import LENGTH, ListPlay
from tests.chaos.workloads.mysql.client import Client
from tests.chaos.workloads.mysql.finals import Read, read_everywhere
from tests.chaos.workloads.registers import RegisterPlay
from tests.chaos.workloads.sets import SetPlay

DATABASE = "app_chaos"
READY_SECONDS = 20.0
BARRIER = f"INSERT INTO {DATABASE}.barrier VALUES (0, 1) ON DUPLICATE KEY UPDATE passed = passed + 1"


class MySqlCrew(Crew):
    """Clients of MySQL."""

    columns = ""
    """Of the workload's table."""

    @property
    def table(self) -> str:
        return f"{DATABASE}.{self.collection}"

    def make_ready(self) -> None:
        """The address may just have been led elsewhere: it is tried for a while."""
        statements = (
            f"CREATE DATABASE IF NOT EXISTS {DATABASE}",
            f"CREATE TABLE IF NOT EXISTS {DATABASE}.barrier (id INT PRIMARY KEY, passed INT NOT NULL)",
            f"CREATE TABLE IF NOT EXISTS {self.table} ({self.columns})",
            *self.first_rows(),
        )
        client, deadline = self.open_client(-1), time.monotonic() + READY_SECONDS
        while True:
            try:
                for statement in statements:
                    client.ask(statement)
                client.close()
                return
            except TROUBLE:
                client.go_elsewhere()
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)  # the pace of a bounded wait for a condition

    def first_rows(self) -> tuple[str, ...]:
        """Statements that may be made twice; most need none."""
        return ()

    def open_client(self, number: int) -> Client:
        return Client(self.plan, self.history, number)

    @abc.abstractmethod
    def read_all(self, read: Read) -> Any:
        """All that the workload wrote, from one member."""

    def read_everywhere(self) -> None:
        read_everywhere(self.plan.addresses, self.plan.uri, BARRIER, self.history, self.read_all)


class MySqlSet(SetPlay, MySqlCrew):
    """A row for each number."""

    columns = "n INT PRIMARY KEY"

    def insert(self, client: Client, number: int) -> int:
        client.change(f"INSERT INTO {self.table} VALUES (%s)", number)
        return number

    def find(self, client: Client, first: int, last: int) -> list[int]:
        return [row["n"] for row in client.ask(f"SELECT n FROM {self.table} WHERE n BETWEEN %s AND %s", first, last)]

    def read_all(self, read: Read) -> list[int]:
        return [row["n"] for row in read(f"SELECT n FROM {self.table}")]


class MySqlList(ListPlay, MySqlCrew):
    """A row for each list, which is JSON and appended to."""

    columns = "id INT PRIMARY KEY, numbers JSON NOT NULL"

    def push(self, client: Client, number: int) -> int:
        appended = "JSON_ARRAY_APPEND(numbers, '$', %s)"
        client.change(
            f"INSERT INTO {self.table} VALUES (%s, JSON_ARRAY(%s)) ON DUPLICATE KEY UPDATE numbers = {appended}",
            number // LENGTH,
            number,
            number,
        )
        return number

    def read_all(self, read: Read) -> list[int]:
        return [number for row in read(f"SELECT numbers FROM {self.table}") for number in json.loads(row["numbers"])]


class MySqlRegister(RegisterPlay, MySqlCrew):
    """A row for each register. A read is linearizable by a write beside it, which only a primary with a majority can commit."""

    columns = "id INT PRIMARY KEY, value INT, looks INT NOT NULL DEFAULT 0"

    def read(self, client: Client, key: int) -> int | None:
        with client.transaction():
            client.ask(f"INSERT INTO {self.table} (id) VALUES (%s) ON DUPLICATE KEY UPDATE looks = looks + 1", key)
            (row,) = client.ask(f"SELECT value FROM {self.table} WHERE id = %s", key)
        value: int | None = row["value"]
        return value

    def write(self, client: Client, key: int, value: int) -> int:
        client.change(
            f"INSERT INTO {self.table} (id, value) VALUES (%s, %s) ON DUPLICATE KEY UPDATE value = %s", key, value, value
        )
        return value

    def cas(self, client: Client, key: int, expected: int | None, value: int) -> int:
        if not client.change(f"UPDATE {self.table} SET value = %s WHERE id = %s AND value = %s", value, key, expected):
            raise Failed("Mismatch")
        return value

    def read_all(self, read: Read) -> dict[str, int]:
        return {str(row["id"]): row["value"] for row in read(f"SELECT id, value FROM {self.table} WHERE value IS NOT NULL")}


class MySqlBank(BankPlay, MySqlCrew):
    """A row for each account, and one in the ledger for each transfer; both sides are locked while they are read and set."""

    columns = "id INT PRIMARY KEY, balance INT NOT NULL"

    @property
    def entries(self) -> str:
        return f"{DATABASE}.{self.ledger}"

    def first_rows(self) -> tuple[str, ...]:
        accounts = ", ".join(f"({n}, {BALANCE})" for n in range(ACCOUNTS))
        return (
            f"INSERT IGNORE INTO {self.table} VALUES {accounts}",
            f"CREATE TABLE IF NOT EXISTS {self.entries} (id INT PRIMARY KEY)",
        )

    def read(self, client: Client) -> Balances:
        with client.transaction("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"):
            return _balances(client.ask(f"SELECT id, balance FROM {self.table}"))

    def transfer(self, client: Client, transfer: dict[str, Any]) -> dict[str, Any]:
        source, target, amount = transfer["from"], transfer["to"], transfer["amount"]
        with client.transaction():
            locked = f"SELECT id, balance FROM {self.table} WHERE id IN (%s, %s) ORDER BY id FOR UPDATE"
            balances = _balances(client.ask(locked, source, target))
            if balances[source] < amount:
                raise Failed("NotEnough")
            for account, change in ((source, -amount), (target, amount)):
                client.ask(f"UPDATE {self.table} SET balance = %s WHERE id = %s", balances[account] + change, account)
            client.ask(f"INSERT INTO {self.entries} VALUES (%s)", transfer["id"])
        return transfer

    def read_all(self, read: Read) -> dict[str, Any]:
        ledger = [row["id"] for row in read(f"SELECT id FROM {self.entries}")]
        return {"ledger": ledger, "balances": _balances(read(f"SELECT id, balance FROM {self.table}"))}


def _balances(found: list[dict[str, Any]]) -> Balances:
    return {str(row["id"]): row["balance"] for row in found}
