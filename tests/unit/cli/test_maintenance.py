"""Requests of a person who looks after a service."""

import json
from datetime import datetime

import pytest

from moorage.core import names
from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import service


def test_maintenance_says_until_when_the_service_is_left_alone(moorage: Moorage) -> None:
    ran = moorage("maintenance", "on", "orders", "--for", "2h", "--reason", "a switch is replaced", having=[service()])
    assert ran.code == 0, ran.err
    assert "orders is left alone until " in ran.out
    assert moorage("maintenance", "off", "orders", having=[service()]).code == 0


@pytest.mark.parametrize("duration", ["0s", "169h", "soon"])
def test_a_length_that_cannot_be_had_is_refused(moorage: Moorage, duration: str) -> None:
    ran = moorage("maintenance", "on", "orders", "--for", duration, having=[service()])
    assert ran.code == 2
    assert "allowed" in ran.err


def test_a_rebuild_can_be_asked_for_without_waiting(moorage: Moorage) -> None:
    ran = moorage("rebuild", "orders", "datanode1", "--no-wait", having=[service()])
    assert ran.code == 0, ran.err
    assert "asked for datanode1 of orders to be rebuilt" in ran.out


def test_a_rebuild_is_asked_for_with_its_time_so_that_it_can_be_told_from_the_one_before(moorage: Moorage) -> None:
    ran = moorage("rebuild", "orders", "datanode1", "--no-wait", having=[service()])
    wish = ran.client.get("DataService", "orders", "shop")["metadata"]["annotations"][names.ANNOTATION_REBUILD]
    who, _, when = wish.partition("@")
    assert (who, datetime.fromisoformat(when).tzinfo is not None) == ("datanode1", True)


MAINTENANCE = {"maintenance": {"until": "2026-11-06T20:00:00Z", "reason": "disks are moved"}}


@pytest.mark.parametrize("verb", [("status", "orders"), ("list",)])
def test_maintenance_is_shown_wherever_a_service_is_looked_at(moorage: Moorage, verb: tuple[str, ...]) -> None:
    green = service(status={"healthCluster": "green", **MAINTENANCE})
    found = json.loads(moorage(*verb, "-o", "json", having=[green]).out)
    (view,) = found if isinstance(found, list) else [found]
    assert view["maintenance"] == MAINTENANCE["maintenance"]
    assert "2026-11-06T20:00:00Z" in " ".join(moorage(*verb, having=[green]).out.split())


def test_why_tells_the_last_repairs_and_how_long_they_took(moorage: Moorage) -> None:
    repair = {
        "kind": "restore-object",
        "member": "Service/orders",
        "why": "Service/orders does not exist",
        "startTime": "2026-11-06T18:00:00Z",
        "endTime": "2026-11-06T18:00:04Z",
        "outcome": "Succeeded",
    }
    repaired = service(status={"repairs": [repair]})
    repaired["metadata"]["uid"] = "u1"
    said = " ".join(moorage("why", "orders", having=[repaired]).out.split())
    assert "restore-object of Service/orders worked after 4.0 s: Service/orders does not exist" in said
