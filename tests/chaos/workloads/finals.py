"""The strong reads at the end: of the primary, and of every member directly.

First something is written with `w: majority` by whoever leads; each member is then read as of that moment or later, at majority
read concern. So a member that lags is waited for, and one that led before and does not know that it is over cannot answer.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from tests.chaos.addresses import Addresses
from tests.chaos.history import History

Mongo = MongoClient[dict[str, Any]]
ReadAll = Callable[[Mongo, ClientSession], Any]
WITHIN_SECONDS = 60.0
"""A member that was away knows neither users nor keys of what it has not copied yet, and refuses who asks."""
OPTIONS: dict[str, Any] = {"serverSelectionTimeoutMS": 5_000, "socketTimeoutMS": 30_000}


def final_collection(mongo: Mongo, database: str, name: str) -> Any:
    """Read from the primary, or from whatever member a direct connection leads to."""
    return mongo[database].get_collection(name, read_concern=ReadConcern("majority"))


def read_everywhere(addresses: Addresses, uri: str, history: History, read_all: ReadAll) -> None:
    """Appends a `final-read` of the primary (node "primary") and of each data member. Raises what a member says to the end."""
    passed: list[ClientSession] = []

    def of_primary() -> Any:
        with _session(uri) as (mongo, session):
            concern = WriteConcern(w="majority", j=True, wtimeout=20_000)
            barrier = mongo["chaos"].get_collection("barrier", write_concern=concern)
            barrier.update_one({"_id": 0}, {"$inc": {"passed": 1}}, upsert=True, session=session)
            passed[:] = [session]
            return read_all(mongo, session)

    def of_member(member_uri: str) -> Any:
        with _session(member_uri) as (mongo, session):
            assert passed[0].cluster_time is not None
            assert passed[0].operation_time is not None
            session.advance_cluster_time(passed[0].cluster_time)
            session.advance_operation_time(passed[0].operation_time)
            return read_all(mongo, session)

    _read("primary", history, of_primary)
    for name, member_uri in sorted(addresses.admin_uris.items()):
        _read(name, history, lambda at=member_uri: of_member(at))  # type: ignore[misc]


@contextlib.contextmanager
def _session(uri: str) -> Iterator[tuple[Mongo, ClientSession]]:
    with (
        contextlib.closing(MongoClient[dict[str, Any]](uri, **OPTIONS)) as mongo,
        mongo.start_session(causal_consistency=True) as session,
    ):
        yield mongo, session


def _read(node: str, history: History, action: Callable[[], Any]) -> None:
    process, deadline = history.new_process(), time.monotonic() + WITHIN_SECONDS
    while True:
        token = history.invoke(process, "final-read", node)
        try:
            history.complete(token, "ok", action(), node=node)
            return
        except PyMongoError as error:
            history.complete(token, "fail", None, node=node, error=f"{type(error).__name__}: {str(error)[:200]}")
            if time.monotonic() > deadline:
                raise
        time.sleep(0.5)  # the pace of a bounded wait for a condition
