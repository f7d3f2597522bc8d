"""Which generation serves, and what becomes of the others."""

from dataclasses import replace
from typing import Any

import pytest

from moorage.api.dataservice import Health
from moorage.core import generations, names
from moorage.core.beginning import INITIATE
from moorage.core.facts import AddressFacts, Known, MemberFacts, MemberReport, Role, Snapshot
from moorage.core.generations import Generation
from moorage.core.health import judge
from moorage.core.plan import plan
from moorage.core.step import Acknowledge, Discard, MoveAddress, Order, Rest, Retire, Wait
from tests.unit.build import NORMAL, member, service, snapshot, target

OLD = Generation(1, replicas=3, pods=("orders-g1-0",), claims=("data-orders-g1-0", "data-orders-g1-1"))
KEPT = replace(OLD, replicas=0, pods=(), retired="2026-11-25T02:00:00Z", kept_until="2026-11-28T02:00:00Z")
SECOND = service(annotations={names.ANNOTATION_GENERATION: "2"})


def seen(leads: int = 2, *others: Generation, **facts: Any) -> Snapshot:
    found = snapshot(of=SECOND, others=others, now="2026-11-25T02:00:00Z", undo_until="2026-11-28T02:00:00Z", **facts)
    return replace(found, address=replace(found.address, generation=leads))


@pytest.mark.parametrize("text", ["", "0", "-1", "two", "2.0", "99999999999"])
def test_what_is_no_generation_is_the_first(text: str) -> None:
    assert names.generation_of({names.ANNOTATION_GENERATION: text}) == 1


def test_a_generation_is_known_by_the_names_of_its_objects_and_of_no_others() -> None:
    for name in ("orders-g2", "orders-g2-0", "data-orders-g2-6"):
        assert names.generation_named("orders", name) == 2
    for name in (
        "orders",
        "orders-members",
        "orders-g2-0-x",
        "my-orders-g2",
        "data-orders-g2-0-old",
        "orders-g0",
        "moorage-seed-1",
    ):
        assert names.generation_named("orders", name) is None


def test_the_address_follows_what_the_service_says_to_its_primary() -> None:
    step = plan(seen(1, OLD), target())
    assert isinstance(step, MoveAddress)
    assert (step.member.name, step.generation) == ("datanode0", 2)


def test_the_address_stays_until_the_other_generation_has_a_primary() -> None:
    members = tuple(member(i, Role.SECONDARY) for i in range(3))
    step = plan(replace(seen(1, OLD), members=members), target())
    assert not isinstance(step, MoveAddress | Retire | Discard)


def test_what_served_goes_on_while_the_address_moves_so_the_service_is_not_red() -> None:
    moving = replace(seen(1, OLD), address=AddressFacts(holder="orders-g1-0", term=5, generation=1))
    assert judge(moving).colour is Health.YELLOW


def test_volumes_are_in_use_before_the_address_leads_to_them() -> None:
    assert isinstance(plan(seen(1, OLD, marked_claims=("data-orders-g2-0",)), target()), Acknowledge)


def test_what_served_is_put_aside_after_the_address_has_left_it_and_not_before() -> None:
    step = plan(seen(2, OLD), target())
    assert isinstance(step, Retire)
    assert (step.claims, step.until) == (OLD.claims, "2026-11-28T02:00:00Z")
    assert isinstance(plan(seen(1, OLD), target()), MoveAddress)


def test_an_undo_that_was_broken_off_is_put_aside_again_for_as_long_as_it_was_promised() -> None:
    step = plan(seen(2, replace(KEPT, replicas=3)), target())
    assert isinstance(step, Retire)
    assert (step.since, step.until) == (KEPT.retired, KEPT.kept_until)


def test_what_a_restore_works_with_is_left_alone() -> None:
    for other in (OLD, replace(OLD, is_unfinished=True), replace(KEPT, is_expired=True)):
        assert isinstance(plan(seen(2, replace(other, is_in_use=True)), target()), Rest)


def test_what_is_kept_stays_until_its_time_is_over() -> None:
    assert isinstance(plan(seen(2, KEPT), target()), Rest)
    assert plan(seen(2, replace(KEPT, is_expired=True)), target()).__class__ is Discard


def test_what_never_served_is_removed_and_what_nobody_knows_is_not() -> None:
    unfinished = replace(OLD, number=3, is_unfinished=True)
    step = plan(seen(2, unfinished), target())
    assert isinstance(step, Discard)
    assert step.generation == 3
    assert not isinstance(plan(seen(2, replace(OLD, number=3)), target()), Discard)


def test_the_members_beside_need_no_address_to_be_well() -> None:
    beside = replace(snapshot(), is_beside=True, address=AddressFacts(holder="orders-g1-2", generation=7))
    assert judge(beside).colour is Health.GREEN
    assert isinstance(plan(beside, target()), Rest)


def _empty(ordinal: int, *, has_data: bool = False) -> MemberFacts:
    report = Known(MemberReport(role=Role.UNINITIALIZED, has_data=has_data))
    return replace(member(ordinal, Role.UNINITIALIZED), report=report)


def _new(*members: MemberFacts, **facts: Any) -> Snapshot:
    return snapshot(*members, of=service(initialized=False), holder=None, **facts)


def test_data_on_the_first_member_is_used_only_when_a_restore_brought_it() -> None:
    members = (_empty(0, has_data=True), _empty(1), _empty(2))
    assert not isinstance(plan(_new(*members), target()), Order)
    step = plan(_new(*members, is_seeded=True), target())
    assert isinstance(step, Order)
    assert (step.action, step.member.name) == (INITIATE, "datanode0")


def test_data_on_another_member_is_never_overwritten() -> None:
    members = (_empty(0, has_data=True), _empty(1, has_data=True), _empty(2))
    assert not isinstance(plan(_new(*members, is_seeded=True), target()), Order)


def test_what_was_restored_does_not_wait_for_a_member_that_cannot_run() -> None:
    lost = replace(member(2, None), pod=replace(member(2, None).pod, trouble="no node can take it"))  # type: ignore[type-var]
    members = (_empty(0, has_data=True), _empty(1), lost)
    step = plan(_new(*members, is_seeded=True), target(initiate_first={"_id": "alone"}))
    assert isinstance(step, Order)
    assert step.body == {"_id": "alone"}
    assert isinstance(plan(_new(*members), target()), Wait)


def test_a_service_that_waits_for_its_data_starts_no_member() -> None:
    waiting = replace(_new(*NORMAL), applied={}, awaits_restore="waits for restore back to bring its data")
    assert "StatefulSet" not in plan(waiting, target()).why
    made = replace(waiting, applied={"Service/orders": "d1", "EndpointSlice/orders": ""})
    assert plan(made, target()) == Wait("waits for restore back to bring its data")


def test_a_service_is_looked_at_as_another_generation_without_what_people_asked_of_its_members() -> None:
    asked = service(annotations={names.ANNOTATION_PROMOTE: "datanode1"})
    beside = generations.seen_as(asked, 2, has_run=False)
    assert generations.serving(beside) == 2
    assert names.ANNOTATION_PROMOTE not in beside.metadata.annotations
    assert generations.serving(asked) == 1
