"""What people see of a service whose size changes."""

from dataclasses import replace
from typing import Any

import pytest

from moorage.api.dataservice import DataServiceStatus
from moorage.core.facts import MemberReport, Role
from moorage.core.health import judge
from moorage.core.plan import plan
from moorage.engines.registry import load
from moorage.operator.status import patch_of, status
from tests.unit.core.model import World

CARD = load()["mongodb"].card


def seen(world: World, old: DataServiceStatus | None = None) -> DataServiceStatus:
    snapshot = world.snapshot()
    if old is not None:
        snapshot = replace(snapshot, service=snapshot.service.model_copy(update={"status": old}))
    goal = world.target(snapshot)
    return status(snapshot, judge(snapshot), plan(snapshot, goal), goal, CARD, "2026-11-01T00:00:00Z")


def merged(stored: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """As the API server applies a merge patch."""
    out = dict(stored)
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merged(out.get(key) or {}, value) if isinstance(value, dict) else value
    return out


def test_members_that_are_asked_for_and_missing_are_counted_as_missing() -> None:
    world = World.running(3)
    world.wanted = 5
    found = seen(world)
    assert (found.expected_nodes, found.cluster_nodes, found.members_ready) == (5, 3, "3/5")


def test_members_that_are_on_their_way_out_are_counted_as_long_as_the_engine_counts_them() -> None:
    world = World.running(3)
    world.wanted = 1
    found = seen(world)
    assert (found.expected_nodes, found.cluster_nodes, found.members_ready) == (1, 3, "3/1")
    assert found.repair is not None
    assert found.repair.reason.startswith("datanode2 leaves the cluster")


def test_a_member_that_is_gone_is_gone_from_the_status() -> None:
    world = World.running(3)
    stored = seen(world).to_dict()
    world.wanted = 1
    world.settle()
    fresh = seen(world)
    after = merged(stored, patch_of(DataServiceStatus.model_validate(stored), fresh))
    assert DataServiceStatus.model_validate(after) == fresh
    assert list(after["healthInstances"]) == ["datanode0"]


@pytest.mark.parametrize(("said", "kept", "shown"), [("7.0", "6.0", "7.0"), ("", "6.0", "6.0"), ("", None, None)])
def test_what_the_data_is_usable_for_is_remembered_while_no_primary_says_it(
    said: str, kept: str | None, shown: str | None
) -> None:
    world = World.running(1)
    world.reported[0] = MemberReport(role=Role.PRIMARY if said else Role.SECONDARY, compatibility=said)
    assert seen(world, DataServiceStatus(compatibility=kept)).compatibility == shown
