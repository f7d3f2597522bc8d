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
from tests.chaos.workloads.bank import BankWorkload
from tests.chaos.workloads.clients import Clients, Plan
from tests.chaos.workloads.lists import ListWorkload
from tests.chaos.workloads.registers import RegisterWorkload
from tests.chaos.workloads.sets import SetWorkload

__all__ = ["WORKLOADS", "Addresses", "Via", "Workload", "open_workload"]

Via = Literal["address", "replica-set"]

WORKLOADS: dict[str, type[Clients]] = {kind.name: kind for kind in (SetWorkload, ListWorkload, RegisterWorkload, BankWorkload)}


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
    name: str, addresses: Addresses, *, seed: int, write_concern: str | int = "majority", via: Via = "address"
) -> Workload:
    """`name`: set, list, register or bank. `seed` draws what each client does; its pace and the service decide when."""
    return WORKLOADS[name](Plan(addresses, seed, write_concern, via))
