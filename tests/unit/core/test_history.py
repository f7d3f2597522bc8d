"""What is remembered of repairs: when each began, why, and what became of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from moorage.api.dataservice import REPAIRS_MAX, Repair
from moorage.core import names
from moorage.core.facts import Known, MemberFacts, MemberReport, Role, Snapshot
from moorage.core.history import repairs
from moorage.core.plan import plan
from moorage.core.step import EDITED, Apply, Desired, ReplacePod, Rest, Step, Wait
from tests.unit.build import NORMAL, OBJECTS, member, service, snapshot, target

THEN, NOW, LATER = "2026-12-01T10:00:00Z", "2026-12-01T10:00:05Z", "2026-12-01T10:05:00Z"
WHY = "its data is damaged: WiredTiger.wt is corrupted"
PODS = tuple(names.pod("orders", 1, i) for i in range(3))
FRONT = Desired("Service", "orders", "d1")
PUT_BACK = Apply(FRONT, "Service/orders does not exist")
STANDS = {d.key: d.digest for d in OBJECTS}
GONE = {key: digest for key, digest in STANDS.items() if key != FRONT.key}
NOTHING = Wait("nothing may be done now")


def repair(number: int = 0, outcome: str = "Succeeded", kind: str = "restore-object", of: str = FRONT.key) -> Repair:
    return Repair.model_validate({"kind": kind, "member": of, "why": f"the {number}th", "startTime": THEN, "outcome": outcome})


def seen(third: MemberFacts, *, configured: tuple[str, ...] = PODS, mark: str = "5:2", **facts: Any) -> Snapshot:
    """Two that are normal, and a third one."""
    well = [
        replace(member(i, role), report=Known(MemberReport(role=role, term=5, configured=configured, configuration=mark)))
        for i, role in enumerate((Role.PRIMARY, Role.SECONDARY))
    ]
    return snapshot(*well, third, now=NOW, **facts)


def third(role: Role, order_id: str = "", **report: Any) -> MemberFacts:
    return replace(member(2, role, order_id=order_id), report=Known(MemberReport(role=role, **report)))


def after(before: Sequence[Repair], found: Snapshot, step: Step | None = None, now: str = LATER) -> list[Repair]:
    return repairs(before, found, step or plan(found, target(joins={PODS[2]: {"entry": {}}})), now, was_done=True)


DAMAGED, WELL = third(Role.DOWN, damage=WHY), third(Role.SECONDARY)


def test_a_rebuild_lasts_from_its_first_step_until_the_member_is_normal() -> None:
    begun = after([], seen(DAMAGED), now=NOW)
    assert [(r.kind, r.member, r.outcome) for r in begun] == [("resync", "datanode2", "Running")]
    assert after(begun, seen(DAMAGED, configured=PODS[:2], mark="5:3")) == begun
    (done,) = after(begun, seen(WELL), Rest())
    assert (done.outcome, done.start_time, done.end_time) == ("Succeeded", NOW, LATER)


def test_a_rebuild_that_is_due_once_more_failed_and_another_one_begins() -> None:
    begun = [repair(0, "Running", "resync", "datanode2")]
    again = third(Role.DOWN, "empty-member-x", damage=WHY, order_done="empty-member-x")
    first, second = after(begun, seen(again, mark="5:4"))
    assert (first.outcome, first.end_time) == ("Failed", LATER)
    assert (second.outcome, second.start_time) == ("Running", LATER)


def test_a_rebuild_does_not_fail_by_the_order_of_the_one_before() -> None:
    again = third(Role.DOWN, "empty-member-x", damage=WHY, order_done="empty-member-x")
    begun = after([repair(0, "Succeeded", "resync", "datanode2")], seen(again, mark="5:4"), now=NOW)
    assert after(begun, seen(again, mark="5:4"), NOTHING) == begun


def test_a_rebuild_that_is_refused_failed_and_says_why() -> None:
    order_id = f"empty-member-{PODS[2]}-5:3"
    refused = third(Role.DOWN, order_id, damage=WHY, order_refused=order_id, order_error="its volume has 3 MiB left")
    (found,) = after([repair(0, "Running", "resync", "datanode2")], seen(refused, configured=PODS[:2], mark="5:3"))
    assert (found.outcome, found.why) == ("Failed", "the 0th; it was refused: its volume has 3 MiB left")


def test_a_member_whose_volume_is_lost_is_not_repaired_while_it_still_runs_on_it() -> None:
    lost = seen(WELL, lost_claims=(names.claim("orders", 1, 2),))
    begun = after([], lost, now=NOW)
    assert [(r.kind, r.outcome) for r in begun] == [("replace-volume", "Running")]
    assert after(begun, lost, NOTHING) == begun


def test_an_object_that_was_put_back_is_a_repair_with_an_end() -> None:
    begun = after([], snapshot(applied=GONE), PUT_BACK, NOW)
    assert begun == [Repair(kind="restore-object", member="Service/orders", why="Service/orders does not exist", start_time=NOW)]
    assert after(begun, snapshot(applied=GONE), NOTHING) == begun
    (done,) = after(begun, snapshot(applied=STANDS), NOTHING)
    assert (done.outcome, done.start_time, done.end_time) == ("Succeeded", NOW, LATER)


def test_an_object_that_was_edited_by_hand_is_corrected() -> None:
    edited = snapshot(applied={**STANDS, FRONT.key: EDITED})
    (begun,) = after([], edited, Apply(FRONT, "Service/orders differs from what the spec asks for"), NOW)
    assert (begun.kind, begun.member) == ("correct-object", "Service/orders")
    assert after([begun], edited, NOTHING) == [begun]
    (done,) = after([begun], snapshot(applied=STANDS), NOTHING)
    assert done.outcome == "Succeeded"


def test_a_step_that_failed_begins_no_repair() -> None:
    assert repairs([], snapshot(applied=GONE), PUT_BACK, NOW, was_done=False) == []


@pytest.mark.parametrize(
    "found",
    [
        snapshot(of=service(initialized=False), applied=GONE),
        snapshot(applied={**STANDS, FRONT.key: "another digest"}),
    ],
)
def test_the_making_of_a_service_and_what_a_person_asked_for_are_no_repairs(found: Snapshot) -> None:
    assert after([], found, PUT_BACK, NOW) == []


def test_a_member_that_could_not_run_is_repaired_when_it_is_normal_again() -> None:
    stuck = member(2, None, trouble="image 'x' cannot be pulled")
    (begun,) = after([], snapshot(*NORMAL[:2], stuck), ReplacePod(stuck, "datanode2 is replaced"), NOW)
    assert (begun.kind, begun.member) == ("replace-member", "datanode2")
    assert after([begun], snapshot(*NORMAL[:2], member(2, Role.CATCHING_UP)), NOTHING) == [begun]
    (done,) = after([begun], snapshot(), NOTHING)
    assert done.outcome == "Succeeded"


def test_a_member_that_is_replaced_for_new_settings_is_not_repaired() -> None:
    assert after([], snapshot(), ReplacePod(NORMAL[2], "its settings changed"), NOW) == []


def test_a_repair_of_a_member_that_is_not_wanted_any_more_was_given_up() -> None:
    (found,) = after([repair(0, "Running", "replace-member", "datanode2")], snapshot(*NORMAL[:2]), NOTHING)
    assert (found.outcome, found.end_time) == ("GivenUp", LATER)


def test_only_the_last_ones_are_kept() -> None:
    kept = after([repair(number) for number in range(REPAIRS_MAX)], snapshot(applied=GONE), PUT_BACK)
    assert len(kept) == REPAIRS_MAX
    assert (kept[0].why, kept[-1].why) == ("the 1th", PUT_BACK.why)


def test_a_long_reason_is_cut() -> None:
    (found,) = after([], snapshot(applied=GONE), replace(PUT_BACK, why="x" * 9000), NOW)
    assert len(found.why) == 1024
