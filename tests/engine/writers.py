"""Somebody who writes all the time, and knows what was acknowledged when."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.engine.replica import ReplicaSet


@dataclass
class Written:
    """Numbers in the order in which they were acknowledged by a majority, with the moment of each."""

    acknowledged: list[tuple[int, datetime]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def writing(replica_set: ReplicaSet, *, collection: str = "numbers", deletes_behind: int | None = None) -> Iterator[Written]:
    written = Written()

    def write() -> None:
        with replica_set.client(w="majority") as client:
            target, number = client["shop"][collection], 0
            while not written.stop.is_set():
                number += 1
                target.insert_one({"_id": number, "text": "x" * 200})
                written.acknowledged.append((number, datetime.now(UTC)))
                if deletes_behind is not None and number > deletes_behind:
                    target.delete_one({"_id": number - deletes_behind})

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        written.stop.set()
        thread.join()
