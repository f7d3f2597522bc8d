"""Whether an engine that ended says that its data is of no use any more. Pure; what its words mean is each engine's own."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

CRASHES_MIN = 2
"""One start may fail for what is over by the next: the second says the same, or nobody is believed."""
NOT_THE_DATA = ("No space left", "Permission denied", "Operation not permitted", "Cannot allocate", "Too many open files",
    "Input/output error", "Read-only file system", "Disk quota exceeded")  # fmt: skip
"""A copy would meet the same."""


@dataclass(frozen=True)
class Ended:
    """One run of an engine that ended by itself."""

    code: int
    lines: Sequence[str]


WhyDamaged = Callable[[Ended], str | None]
"""What the engine said of the data before it gave up, or None: it ended for another reason."""


def agreed(runs: Iterable[Ended], why_damaged: WhyDamaged) -> str:
    """What the last runs, which ended one after the other, agree on; empty when they do not."""
    found = [why_damaged(run) for run in runs][-CRASHES_MIN:]
    return found[-1] or "" if len(found) == CRASHES_MIN and all(found) else ""
