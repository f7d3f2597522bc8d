"""Somebody who writes all the time to whoever is primary, and knows what was acknowledged when."""

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

import pymysql


class Served(Protocol):
    """A group that clients talk to."""

    @property
    def lives(self) -> Sequence[Any]: ...

    def primary(self) -> Any: ...

    def client(self, life: Any, user: str = ...) -> AbstractContextManager[Any]: ...

    def ask(self, life: Any, statement: str, user: str = ...) -> list[dict[str, Any]]: ...


@dataclass
class Written:
    """Numbers in the order in which they were acknowledged, with the moment of each in seconds."""

    acknowledged: list[tuple[int, float]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def gap_seconds(self) -> float:
        """The longest time without a confirmed write."""
        moments = [moment for _, moment in self.acknowledged]
        return max(after - before for before, after in pairwise(moments))

    def count_since(self, moment: float) -> int:
        return sum(1 for _, at in self.acknowledged if at > moment)


def prepare(group: Served) -> None:
    """A table of the application's own."""
    group.ask(group.primary(), "CREATE DATABASE IF NOT EXISTS app")
    group.ask(group.primary(), "CREATE TABLE IF NOT EXISTS app.numbers (n INT PRIMARY KEY)", "app")


@contextlib.contextmanager
def writing(group: Served, *, start: int = 0, pause_seconds: float = 0.001) -> Iterator[Written]:
    """Goes to the next member whenever one refuses, as an address would lead it. `start`: its own numbers begin there."""
    written = Written()

    def write() -> None:
        number, at = start, 0
        while not written.stop.is_set():
            with contextlib.suppress(pymysql.MySQLError, OSError), group.client(group.lives[at], "app") as client:
                while not written.stop.is_set():
                    number += 1
                    with client.cursor() as cursor:
                        cursor.execute("INSERT INTO app.numbers VALUES (%s)", (number,))
                    written.acknowledged.append((number, time.monotonic()))
                    time.sleep(pause_seconds)
            at = (at + 1) % len(group.lives)
            time.sleep(0.01)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        written.stop.set()
        thread.join()


def numbers(group: Served, life: object) -> set[int]:
    return {row["n"] for row in group.ask(life, "SELECT n FROM app.numbers")}
