"""What a person sees while the cluster is built: each step by name, with its time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

NAME_WIDTH = 49


class Step:
    """One running step; `note` adds a remark to its line."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.remark = ""

    def note(self, remark: str) -> None:
        self.remark = remark


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Print the name, do the work, print the time it took."""
    this = Step(name)
    started = time.monotonic()
    print(f"  {name:<{NAME_WIDTH}}", end="", flush=True)
    try:
        yield this
    except BaseException:
        print(f"{time.monotonic() - started:7.1f} s  FAILED", flush=True)
        sys.stdout.flush()
        raise
    print(f"{time.monotonic() - started:7.1f} s  {this.remark}".rstrip(), flush=True)
