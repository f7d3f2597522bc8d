"""The command that gives data up: nothing is written before a person was told what is at stake and said the name."""

from typing import Any

import pytest

from moorage.cli import follow
from moorage.cli.errors import ExitCode
from moorage.core import names
from moorage.core.recovery import Request, asked
from moorage.core.report import MemberReport, Role
from tests.unit.build import service as model
from tests.unit.cli.conftest import Moorage, Ran
from tests.unit.cli.fake import FakeClient, Object, service

LOST = {"datanode0": "red", "datanode1": "unknown", "datanode2": "yellow"}
DONE = "datanode2 was kept alone, as asked for: datanode2 is the primary, and the others join once their data is put aside"
REFUSED = "datanode2 cannot be kept alone: datanode0 may still run on node n0"


def pod(ordinal: int, **report: Any) -> Object:
    text = MemberReport(**report).to_json()
    meta = {"name": f"orders-g1-{ordinal}", "namespace": "shop", "annotations": {names.ANNOTATION_REPORT: text}}
    return {"kind": "Pod", "metadata": meta}


KEPT, GONE = pod(2, role=Role.SECONDARY, term=7, configuration="7:3"), pod(0, role=Role.PRIMARY, term=7, configuration="7:3")


def orders(**status: Any) -> Object:
    found = service(status={"healthCluster": "red", "observedGeneration": 1, "generation": 1, "healthInstances": LOST, **status})
    found["metadata"]["resourceVersion"] = "1"
    return found


def recover(moorage: Moorage, *more: str, having: list[Object] | None = None) -> Ran:
    return moorage("recover", "orders", "--keep", "datanode2", *more, having=having or [orders(), KEPT, GONE])


def wished(ran: Ran) -> str | None:
    found = ran.client.get("DataService", "orders", "shop")["metadata"].get("annotations") or {}
    return found.get(names.ANNOTATION_RECOVER)


def test_without_a_terminal_and_without_the_name_nothing_is_asked_for(moorage: Moorage) -> None:
    ran = recover(moorage, "--no-wait")
    assert (ran.code, wished(ran)) == (ExitCode.USAGE, None)
    assert "--yes orders" in ran.err


def test_another_name_is_no_yes(moorage: Moorage) -> None:
    ran = recover(moorage, "--no-wait", "--yes", "order")
    assert (ran.code, wished(ran)) == (ExitCode.USAGE, None)


def test_what_is_at_stake_is_said_with_what_each_member_said_last(moorage: Moorage) -> None:
    said = " ".join(recover(moorage, "--no-wait", "--yes", "orders").err.split())
    assert "datanode2 is kept and goes on alone; it last said: secondary in term 7" in said
    assert "datanode0 is given up; it last said: primary in term 7" in said
    assert "datanode1 is given up; it has no Pod that said anything" in said
    assert "writes that were acknowledged and that datanode2 does not hold would be lost" in said


def test_the_request_names_the_member_its_configuration_and_the_time(moorage: Moorage) -> None:
    text = wished(recover(moorage, "--no-wait", "--yes", "orders"))
    assert text is not None
    assert asked(model(annotations={names.ANNOTATION_RECOVER: text})) == Request("datanode2", "7:3", "2026-11-06T18:30:05.000Z")


def test_beside_a_primary_nothing_is_asked_for(moorage: Moorage) -> None:
    ran = recover(moorage, "--yes", "orders", having=[orders(primary="datanode0"), KEPT, GONE])
    assert (ran.code, wished(ran)) == (ExitCode.CONFLICT, None)
    assert "datanode0 is the primary of orders, and nothing is lost" in ran.err


@pytest.mark.parametrize("kept", [[], [pod(2, role=Role.DOWN)]], ids=["no Pod", "down"])
def test_a_member_that_names_no_configuration_cannot_be_kept(moorage: Moorage, kept: list[Object]) -> None:
    ran = recover(moorage, "--yes", "orders", having=[orders(), *kept])
    assert (ran.code, wished(ran)) == (ExitCode.CONFLICT, None)
    assert "datanode2 of orders cannot be kept" in ran.err


def test_a_member_that_there_is_not_is_named_with_those_that_there_are(moorage: Moorage) -> None:
    ran = moorage("recover", "orders", "--keep", "datanode9", "--yes", "orders", having=[orders()])
    assert (ran.code, "datanode0, datanode1, datanode2" in ran.err) == (ExitCode.NOT_FOUND, True)


def event(message: str) -> Object:
    return {
        "kind": "Event",
        "metadata": {"name": "e1", "namespace": "shop", "creationTimestamp": "2026-11-06T18:30:00Z"},
        "involvedObject": {"kind": "DataService", "name": "orders"},
        "reason": "RequestDone",
        "message": message,
    }


@pytest.mark.parametrize(("answer", "code"), [(DONE, 0), (REFUSED, ExitCode.CONFLICT)], ids=["done", "refused"])
def test_what_the_operator_answers_is_the_end_of_the_command(
    moorage: Moorage, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    def merge(self: FakeClient, kind: str, name: str, patch: Object, namespace: str, **_: Any) -> Object:
        """An operator that takes the request away at once."""
        del patch
        self.objects["Event", "shop", "e1"] = event(answer)
        return self.get(kind, name, namespace)

    monkeypatch.setattr(FakeClient, "merge", merge)
    monkeypatch.setattr(follow, "ANSWER_SECONDS_MAX", 1.0)
    ran = recover(moorage, "--yes", "orders", "--timeout", "5s")
    assert ran.code == code
    assert ("goes on alone and is the primary" in ran.out) == (answer == DONE)
    assert (answer in " ".join(ran.err.split())) == (answer == REFUSED)
