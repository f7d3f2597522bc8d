"""A drill from the command line: it is confirmed, followed, and its report decides the exit code."""

from typing import Any

import pytest

from moorage.cli.errors import ExitCode
from moorage.core import names
from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import FakeClient, Object, service

REQUESTED = "2026-11-06T18:30:05.000Z"


def drill(phase: str, **facts: Any) -> Object:
    return {"kind": "primary-crash", "requested": REQUESTED, "phase": phase, "member": "datanode1", **facts}


OVER = {"gapSeconds": 0.64, "acknowledged": 1240, "lost": 0, "errors": 2, "secondsToGreen": 4.2, "startTime": REQUESTED}
REPORT = (
    "primary-crash on orders (datanode1): writes stood still for 0.6 s, 0 of 1,240 acknowledged writes lost, "
    "green again after 4.2 s"
)


def allowed(status: Object | None = None) -> Object:
    return service(status={"healthCluster": "green", "primary": "datanode1", **(status or {})}, drills={"allowed": True})


@pytest.fixture(autouse=True)
def _merges(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an API server does: what is not said stays."""

    def merge(self: FakeClient, kind: str, name: str, patch: Object, namespace: str, **_: Any) -> Object:
        found = self.objects[kind, namespace, name]
        found["metadata"].setdefault("annotations", {}).update(patch["metadata"]["annotations"])
        return found

    monkeypatch.setattr(FakeClient, "merge", merge)


def ran(moorage: Moorage, *drills: Object, **how: Any) -> Any:
    """The service is looked at before the request and at each step of it."""
    said = {"DataService": [{}, {}, *({"drills": [one]} for one in drills)]}
    return moorage("drill", "orders", "primary-crash", "--yes", "orders", having=[allowed()], said=said, **how)


def test_a_drill_is_followed_to_its_report(moorage: Moorage) -> None:
    found = ran(moorage, drill("Preparing", member=""), drill("Running"), drill("Checking"), drill("Succeeded", **OVER))
    assert (found.code, found.out.strip()) == (0, REPORT)
    assert [line for line in found.err.splitlines() if "next" not in line] == [
        "the operator has not begun it",
        "a worker begins to write",
        "primary-crash has hit datanode1: waiting until all is well again",
        "well again; the worker reads back what was acknowledged",
    ]
    wish = found.client.get("DataService", "orders", "shop")["metadata"]["annotations"][names.ANNOTATION_DRILL]
    assert wish == f"primary-crash@{REQUESTED}"


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (
            {**OVER, "lost": 3, "message": "an acknowledged write was lost"},
            "3 of 1,240 acknowledged writes lost",
        ),
        ({**OVER, "secondsToGreen": None, "message": "the normal repair goes on"}, "not green again in time; the normal repair"),
        ({"member": "", "message": "it was taken back"}, "primary-crash on orders was broken off: it was taken back"),
    ],
    ids=["lost", "not green", "no fault"],
)
def test_what_went_wrong_is_the_exit_code(moorage: Moorage, facts: Object, says: str) -> None:
    found = ran(moorage, drill("Failed", **facts))
    assert (found.code, says in " ".join(found.err.split())) == (ExitCode.ERROR, True)


def test_a_service_that_does_not_say_so_is_refused_with_how_to_allow_it(moorage: Moorage) -> None:
    found = moorage("drill", "orders", "primary-crash", "--yes", "orders", having=[service()])
    assert found.code == ExitCode.CONFLICT
    assert "orders does not say that it may be drilled (spec.drills.allowed)" in found.err
    assert 'kubectl patch mds orders -n shop --type merge -p \'{"spec":{"drills":{"allowed":true}}}\'' in found.err
    assert names.ANNOTATION_DRILL not in found.client.get("DataService", "orders", "shop")["metadata"].get("annotations", {})


def test_nothing_is_broken_unless_the_name_is_said(moorage: Moorage) -> None:
    for yes in ([], ["--yes", "other"]):
        found = moorage("drill", "orders", "primary-crash", *yes, having=[allowed()])
        assert (found.code, "--yes orders" in found.err) == (ExitCode.USAGE, True)
        assert "annotations" not in found.client.get("DataService", "orders", "shop")["metadata"]


def test_one_drill_at_a_time(moorage: Moorage) -> None:
    found = moorage("drill", "orders", "node-loss", "--yes", "orders", having=[allowed({"drills": [drill("Running")]})])
    assert (found.code, "orders is being drilled: primary-crash is under way" in found.err) == (ExitCode.CONFLICT, True)


def test_an_unknown_kind_is_refused_with_those_that_there_are(moorage: Moorage) -> None:
    found = moorage("drill", "orders", "meteor", "--yes", "orders", having=[allowed()])
    assert (found.code, "member-data-loss" in found.err) == (ExitCode.USAGE, True)


def test_the_last_drills_are_listed_newest_first(moorage: Moorage) -> None:
    older = drill("Failed", requested="2026-11-05T18:30:05Z", member="", message="it was taken back")
    found = moorage("drills", "orders", having=[allowed({"drills": [older, drill("Succeeded", **OVER)]})])
    lines = found.out.splitlines()
    assert ("0 of 1,240" in lines[1], "4.2 s" in lines[1], "it was taken back" in lines[2]) == (True, True, True)
    assert "orders was not drilled yet" in moorage("drills", "orders", having=[service()]).err
