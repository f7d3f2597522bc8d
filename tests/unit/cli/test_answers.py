"""What the operator said of a request reaches the person who made it, also when it comes a moment late."""

from typing import Any

import pytest

from moorage.cli import follow
from moorage.cli.errors import ExitCode
from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import FakeClient, Object, service

REFUSED = "datanode1 cannot be rebuilt now: it is the primary: promote another member first"
DONE = "datanode1 was emptied, as asked for, and copies everything anew"


def event(message: str, number: int) -> Object:
    """All at the same second: the clocks of those who write and read them need not agree."""
    return {
        "kind": "Event",
        "metadata": {"name": f"e{number}", "namespace": "shop", "creationTimestamp": "2026-11-06T18:30:00Z"},
        "involvedObject": {"kind": "DataService", "name": "orders"},
        "reason": "RequestDone",
        "message": message,
    }


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[Object]:
    """An operator that takes each request away at once, and says these Events two looks later."""
    coming: list[Object] = []
    looks = 0

    def merge(self: FakeClient, kind: str, name: str, patch: Object, namespace: str, **_: Any) -> Object:
        del patch
        return self.get(kind, name, namespace)

    def listed(self: FakeClient, kind: str, namespace: str | None, labels: Any) -> list[Object]:
        nonlocal looks
        looks += kind == "Event"
        if kind == "Event" and looks == 4:
            self.objects |= {("Event", "shop", e["metadata"]["name"]): e for e in coming}
        return own(self, kind, namespace, labels)

    own = FakeClient.all
    monkeypatch.setattr(FakeClient, "merge", merge)
    monkeypatch.setattr(FakeClient, "all", listed)
    return coming


def green() -> Object:
    found = service(status={"healthCluster": "green", "observedGeneration": 1})
    found["metadata"]["resourceVersion"] = "1"
    return found


def test_a_refusal_that_comes_after_the_request_was_taken_away_is_no_success(moorage: Moorage, answered: list[Object]) -> None:
    answered.append(event(REFUSED, 2))
    ran = moorage("rebuild", "orders", "datanode1", "--timeout", "5s", having=[green(), event(DONE, 1)])
    assert (ran.code, REFUSED in " ".join(ran.err.split())) == (ExitCode.CONFLICT, True)
    assert "was rebuilt" not in ran.out


def test_what_was_said_of_an_earlier_request_is_no_answer_to_this_one(
    moorage: Moorage, answered: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    del answered
    monkeypatch.setattr(follow, "ANSWER_SECONDS_MAX", 0)
    ran = moorage("rebuild", "orders", "datanode1", "--timeout", "5s", having=[green(), event(DONE, 1)])
    assert (ran.code, "cannot be read" in " ".join(ran.err.split())) == (ExitCode.CONFLICT, True)


def test_a_request_that_was_carried_out_is_said_so(moorage: Moorage, answered: list[Object]) -> None:
    answered.append(event(DONE, 2))
    ran = moorage("rebuild", "orders", "datanode1", "--timeout", "5s", having=[green(), event(REFUSED, 1)])
    assert (ran.code, ran.out.strip()) == (0, "datanode1 of orders was rebuilt")


def test_who_may_not_read_events_hears_nothing_and_no_error(moorage: Moorage) -> None:
    assert moorage("rebuild", "orders", "datanode1", "--no-wait", having=[service()], forbidden={"Event"}).code == 0
