"""The observer tells who acknowledged, and never hides that it could not look."""

import time
from pathlib import Path
from typing import Any, cast

from pymongo import MongoClient
from pymongo.errors import AutoReconnect

from tests.chaos.addresses import Addresses
from tests.chaos.observer import Observer

NOWHERE = Addresses("", "", {})


class Engine:
    """Answers what it was told to; an error is raised."""

    def __init__(self, hello: Any, done: Any = None) -> None:
        self._answers = {"hello": hello, "insert": done}
        self.admin = self

    def __getitem__(self, _database: str) -> "Engine":
        return self

    def command(self, body: Any) -> Any:
        answer = self._answers["hello" if body == "hello" else "insert"]
        if isinstance(answer, Exception):
            raise answer
        return answer


def asked(observer: Observer, engine: Engine, member: str = "datanode0") -> str:
    return observer._ask_once(member, cast("MongoClient[dict[str, Any]]", engine))


PRIMARY = {"isWritablePrimary": True, "me": "ledger-g1-0.ledger-members:27017"}
DONE = {"opTime": {"t": 7}}


def test_a_write_that_a_majority_acknowledged_is_noted_with_its_term(tmp_path: Path) -> None:
    observer = Observer(NOWHERE, tmp_path)
    assert asked(observer, Engine(PRIMARY, DONE)) == "primary"
    assert [(t.member, t.term) for t in observer.taken] == [("datanode0", 7)]


def test_what_another_member_acknowledged_at_this_ones_port_is_noted_as_that_ones(tmp_path: Path) -> None:
    observer = Observer(NOWHERE, tmp_path)
    assert asked(observer, Engine(PRIMARY, DONE), "datanode2") == "other"
    assert [t.member for t in observer.taken] == ["datanode0"]


def test_a_write_that_no_majority_acknowledged_is_not_noted(tmp_path: Path) -> None:
    observer = Observer(NOWHERE, tmp_path)
    assert asked(observer, Engine(PRIMARY, {**DONE, "writeConcernError": {"code": 64}})) == "primary"
    assert asked(observer, Engine(PRIMARY, AutoReconnect("lost"))) == ""
    assert observer.taken == []


def test_a_secondary_is_not_written_to(tmp_path: Path) -> None:
    assert asked(Observer(NOWHERE, tmp_path), Engine({"secondary": True, "me": PRIMARY["me"]}, AssertionError())) == "secondary"


def test_an_observer_that_broke_says_what_it_saw_no_more(tmp_path: Path) -> None:
    observer = Observer(NOWHERE, tmp_path)

    def breaks() -> None:
        raise KeyError("opTime")

    thread = observer._watched(observer.blind, "who asks datanode1", breaks)
    thread.start()
    thread.join(5)
    assert observer.blind == ["who asks datanode1 saw no more: KeyError: 'opTime'"]


def test_a_member_that_never_answered_was_not_seen(tmp_path: Path) -> None:
    observer = Observer(Addresses("", "", {"datanode0": "mongodb://nowhere", "datanode1": "mongodb://nowhere"}), tmp_path)
    observer._threads = []
    observer._set_role("datanode0", "secondary")
    observer._set_role("datanode1", "")
    observer.stop()
    assert observer.blind == ["datanode1 never answered"]


def test_a_service_that_could_not_be_looked_at_in_the_end_was_not_seen(tmp_path: Path) -> None:
    observer = Observer(NOWHERE, tmp_path)
    observer._threads = []
    observer._last_look_ns, observer._why_not = time.monotonic_ns() - 30_000_000_000, "ApiError: 503"
    observer.stop()
    assert observer.unseen == ["the service could not be looked at for the last 30 s: ApiError: 503"]
