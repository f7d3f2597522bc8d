"""Requests of a person who looks after a service."""

import pytest

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
