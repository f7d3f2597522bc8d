"""Turns on the cluster: those who share it overlap, one who is alone overlaps with nobody, and is not kept out for ever."""

import fcntl
import threading
from collections.abc import Callable
from pathlib import Path

from tests.turns import turn

PATIENCE_SECONDS = 30.0


def _start(todo: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=todo)
    thread.start()
    return thread


def test_those_who_share_are_there_together(tmp_path: Path) -> None:
    with turn(tmp_path, alone=False), turn(tmp_path, alone=False):
        pass


def test_who_is_alone_waits_for_all_and_lets_nobody_in_before(tmp_path: Path) -> None:
    seen: list[str] = []

    def alone() -> None:
        with turn(tmp_path, alone=True):
            seen.append("alone")

    def late() -> None:
        with turn(tmp_path, alone=False):
            seen.append("late")

    with turn(tmp_path, alone=False):
        first = _start(alone)
        while not _is_held(tmp_path / "tests-door"):
            first.join(0.01)
        second = _start(late)
        second.join(0.1)
        assert seen == []
    first.join(PATIENCE_SECONDS)
    second.join(PATIENCE_SECONDS)
    assert seen == ["alone", "late"]


def _is_held(door: Path) -> bool:
    with door.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
