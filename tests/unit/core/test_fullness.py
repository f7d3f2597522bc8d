"""What people are told of volumes that fill up."""

from dataclasses import replace
from typing import Any

import pytest

from moorage.api.dataservice import Health
from moorage.core.facts import Known, MemberFacts, Snapshot
from moorage.core.health import judge, needs_somebody
from moorage.core.plan import plan
from moorage.core.step import ReplacePod
from moorage.core.volume import Level, VolumeState
from tests.unit.build import NORMAL, service, snapshot, target
from tests.unit.core.test_autogrow import NEARLY, ROOMY, filled, with_volume

FULL = VolumeState(size_mib=9973, used_percent=97, level=Level.FULL)
RAISE = "raise storage.size, have Moorage do it (storage.autoGrow), or delete data"


def without_policy(*states: VolumeState, **facts: Any) -> Snapshot:
    return replace(filled(*states, **facts), service=service(storage={"size": "10Gi"}))


def stopped(member: MemberFacts) -> MemberFacts:
    assert isinstance(member.report, Known)
    return replace(member, report=Known(replace(member.report.value, are_writes_stopped=True)))


def test_a_nearly_full_volume_is_yellow_with_how_soon_and_what_can_be_done() -> None:
    found = judge(without_policy())
    assert found.colour is Health.YELLOW
    assert found.message == f"datanode1's volume of 10Gi is 86 % full, and full in about 3 h; {RAISE}"
    assert found.members == {"datanode0": Health.GREEN, "datanode1": Health.YELLOW, "datanode2": Health.GREEN}


def test_several_are_one_sentence() -> None:
    calm = replace(NEARLY, full_in_hours=0)
    assert judge(filled(calm, calm, ROOMY)).message == (
        "the volumes of datanode0 (86 %) and datanode1 (86 %) are nearly full; Moorage lets the volumes grow"
    )


def test_what_somebody_must_do_is_said_as_that_and_is_the_same_while_the_volume_fills() -> None:
    first, later = (needs_somebody(without_policy(ROOMY, replace(NEARLY, used_percent=p), ROOMY)) for p in (86, 91))
    assert [cause.gist for cause in first] == [cause.gist for cause in later] == [RAISE]
    assert needs_somebody(filled()) == [], "Moorage does it"


def test_a_class_that_does_not_let_them_grow_is_named() -> None:
    why = "StorageClass 'fixed' does not let volumes grow: set allowVolumeExpansion: true on it"
    assert judge(filled(why_fixed=why)).message.endswith(f"they cannot grow: {why}")


def test_a_service_that_takes_no_writes_is_red_and_says_how_to_make_room() -> None:
    members = [with_volume(m, FULL) for m in NORMAL]
    members[0] = stopped(members[0])
    found = judge(snapshot(*members))
    assert found.colour is Health.RED
    assert found.message == (
        "the volumes of datanode0 (97 %), datanode1 (97 %) and datanode2 (97 %) are full; applications can read and not write "
        f"until the volumes have room; an administrator can delete (moorage connect orders --admin); {RAISE}"
    )


@pytest.mark.parametrize("seen", [NEARLY, FULL], ids=lambda s: str(s.level))
def test_a_full_volume_keeps_no_member_from_being_replaced(seen: VolumeState) -> None:
    assert isinstance(plan(filled(seen, seen, seen, why_fixed="no"), target(template="t2")), ReplacePod)
