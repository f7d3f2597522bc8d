"""Clients that write and read all the time, and know what they were told.

with open_workload("set", addresses, seed=17) as workload:
    workload.wait_for_more(50, 30)
    …                                  # break something, and heal it
    workload.wait_for_more(50, 60)
workload.final_read()
assert workload.check().valid
"""

from types import TracebackType
from typing import Literal, Protocol, Self

from tests.chaos.addresses import Addresses
from tests.chaos.checkers import Verdict
from tests.chaos.history import History
from tests.chaos.workloads.crew import Crew, Plan
from tests.chaos.workloads.mongodb import MongoBank, MongoList, MongoRegister, MongoSet
from tests.chaos.workloads.mysql.stores import MySqlBank, MySqlList, MySqlRegister, MySqlSet

__all__ = ["WORKLOADS", "Addresses", "Via", "Workload", "open_workload"]

Via = Literal["address", "replica-set"]

OF_ENGINE: dict[str, tuple[type[Crew], ...]] = {
    "mongodb": (MongoSet, MongoList, MongoRegister, MongoBank),
    "mysql": (MySqlSet, MySqlList, MySqlRegister, MySqlBank),
}
WORKLOADS = ("set", "list", "register", "bank")


class Workload(Protocol):
    """Entered, its clients run in threads in the background until it is left."""

    name: str
    history: History

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None: ...

    def wait_for_more(self, count: int, seconds: float) -> None:
        """Until so many more writes were acknowledged. Raises AssertionError with the last errors when they were not."""

    def wait_for(self, total: int, seconds: float) -> None:
        """As `wait_for_more`, but until so many were acknowledged since it was entered."""

    def final_read(self) -> None:
        """Stops the clients, then reads all from the primary and from every member. After the service was healed and is whole."""

    def check(self) -> Verdict:
        """What the history says, when it is over."""


def open_workload(
    name: str,
    addresses: Addresses,
    *,
    seed: int,
    engine: str = "mongodb",
    write_concern: str | int = "majority",
    via: Via = "address",
) -> Workload:
    """`name`: one of WORKLOADS. `seed` draws what each client does; its pace and the service decide when.

    `write_concern` is MongoDB's: MySQL knows none, a commit is answered once a majority has it.
    """
    kind = next(kind for kind in OF_ENGINE[engine] if kind.name == name)
    return kind(Plan(addresses, seed, write_concern, via))
