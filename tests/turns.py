"""Tests that share the running cluster. Most run side by side, in several processes; one that stops a part that others need
(`@pytest.mark.alone`) runs by itself."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def turn(folder: Path, *, alone: bool) -> Iterator[None]:
    """Waits for one's turn. The door is held while one waits, so that those who share never keep out who wants to be alone.

    Of a process that is killed nothing is left: the kernel gives its locks back."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "tests-room").open("w") as room:
        with (folder / "tests-door").open("w") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
