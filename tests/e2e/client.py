"""A client as a user writes one: it writes through the address with `w: majority` and keeps a history."""

import base64
import itertools
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.e2e.cluster import get


def entry(service: str, key: str) -> str:
    """Of the Secret that applications mount."""
    return base64.b64decode(get("secret", f"{service}-app")["data"][key]).decode()


def uri(service: str, key: str = "direct-uri") -> str:
    return entry(service, key)


def tls_uri(service: str, folder: Path, key: str = "tls-direct-uri") -> str:
    """A URI that encrypts and trusts the service's own authority, which is put into `folder`."""
    authority = folder / f"{service}.crt"
    authority.write_text(entry(service, "ca.crt"))
    return f"{uri(service, key)}&tlsCAFile={authority}"


def connect(service: str) -> MongoClient[dict[str, Any]]:
    return open_client(uri(service))


def open_client(address: str) -> MongoClient[dict[str, Any]]:
    """With what the URI says and nothing else, but for a wait that a test can afford."""
    return MongoClient(address, serverSelectionTimeoutMS=2000)


@dataclass
class History:
    """What was tried and what was acknowledged; times from one monotonic clock, in seconds."""

    acknowledged: dict[int, float] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def longest_gap_seconds(self) -> float:
        times = sorted(self.acknowledged.values())
        return max((b - a for a, b in itertools.pairwise(times)), default=float("inf"))


class Writer:
    """Writes one document after the other in the background until the block ends. `address`: a MongoDB URI."""

    def __init__(self, address: str, collection: str) -> None:
        self.history = History()
        self._address, self._collection = address, collection
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Writer":
        self._thread.start()
        self.wait_for_more(20)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(30)

    def wait_for_more(self, count: int, seconds: float = 30.0) -> None:
        """Until `count` more writes were acknowledged."""
        wanted, deadline = len(self.history.acknowledged) + count, time.monotonic() + seconds
        while len(self.history.acknowledged) < wanted:
            assert time.monotonic() < deadline, f"writes do not go on: {self.history.errors[-3:]}"
            time.sleep(0.01)  # the pace of a bounded wait for a condition

    def lost(self) -> set[int]:
        """Acknowledged writes that a majority read does not find. Must be empty."""
        with open_client(self._address) as client:
            found = {d["_id"] for d in client["app"][self._collection].find({}, {"_id": 1})}
        return set(self.history.acknowledged) - found

    def _run(self) -> None:
        client, number = open_client(self._address), 0
        while not self._stop.is_set():
            number += 1
            try:
                client["app"][self._collection].insert_one({"_id": number})
                self.history.acknowledged[number] = time.monotonic()
            except PyMongoError as error:
                self.history.errors.append(f"{type(error).__name__}: {str(error)[:120]}")
        client.close()
