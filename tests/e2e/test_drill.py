"""A game day on a running service: one thing is broken on purpose, and what clients notice is measured."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.cluster import get, kubectl, moorage, status, wait_green


def _allow(service: str, allowed: str) -> None:
    kubectl("patch", "mds", service, "--type", "merge", "-p", f'{{"spec":{{"drills":{{"allowed":{allowed}}}}}}}')


@pytest.fixture
def drilled(orders: str) -> Iterator[str]:
    _allow(orders, "true")
    wait_green(orders)
    yield orders
    _allow(orders, "false")


def _drill(service: str, kind: str) -> dict[str, Any]:
    done = moorage("drill", service, kind, "--yes", service, "-o", "json")
    found: dict[str, Any] = json.loads(done.stdout)
    print(kind, json.dumps(found))
    return found


def test_a_service_that_does_not_say_so_is_not_drilled(orders: str) -> None:
    done = moorage("drill", orders, "primary-crash", "--yes", orders, check=False)
    assert (done.returncode, "does not say that it may be drilled" in done.stderr) == (5, True)


def test_a_drill_of_a_primary_crash_says_what_clients_noticed(drilled: str) -> None:
    before = status(drilled)["primary"]
    found = _drill(drilled, "primary-crash")
    assert (found["phase"], found["member"], found["lost"]) == ("Succeeded", before, 0)
    assert found["acknowledged"] >= 20
    assert 0.05 < found["gapSeconds"] < 7
    assert 0.1 < found["secondsToGreen"] < 60
    assert status(drilled)["primary"] != before
    assert "moorage.dev/drill" not in get("mds", drilled)["metadata"].get("annotations", {})


def test_a_drill_of_a_lost_data_folder_ends_with_a_full_copy(drilled: str) -> None:
    found = _drill(drilled, "member-data-loss")
    assert (found["phase"], found["lost"]) == ("Succeeded", 0)
    assert found["member"] != status(drilled)["primary"]
    assert "put aside" in moorage("events", drilled).stdout
