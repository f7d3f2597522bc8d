"""What is made once and then found in the cache: of several processes that want it, one makes it and the others wait."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone_at(path: Path) -> Iterator[None]:
    """Nobody else makes `path` meanwhile. Of a process that is killed nothing is left: the kernel gives its lock back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
