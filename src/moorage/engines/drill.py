"""What an engine is to the writer of a drill: a client as an application has one. Entry point group `moorage.drills`.

The entry point is called with the folder in which the service's Secret for applications is mounted. Every call blocks.
"""

from types import TracebackType
from typing import Protocol, Self


class WriteError(Exception):
    """A write or a read that was not confirmed, and why; whether it took place is not known."""


class DrillClient(Protocol):
    """Through the address, into a place of its own that nothing else uses."""

    def begin(self) -> None:
        """Removes what an earlier drill may have left. Raises WriteError."""

    def write(self, number: int) -> None:
        """Returns once a majority of the members has it; never waits longer than some seconds. Raises WriteError."""

    def read(self) -> set[int]:
        """The numbers that a majority has, from the primary. Raises WriteError."""

    def end(self) -> None:
        """Removes everything that was written. Raises WriteError."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...
