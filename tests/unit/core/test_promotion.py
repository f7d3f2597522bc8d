"""A promotion that a person asks for: carried out in its time, or answered with what was in the way."""

from dataclasses import replace
from typing import Any

import pytest

from moorage.api.dataservice import DataService
from moorage.core import names
from moorage.core.facts import Known, MemberFacts, MemberReport, PodFacts, Role
from moorage.core.plan import plan
from moorage.core.rebuild_rule import left_alone
from moorage.core.resize import NotYet, shrink
from moorage.core.step import ClearRequest, Order, Wait
from moorage.core.volume import Level, VolumeState
from tests.unit.build import NORMAL, member, service, snapshot, target

ASKED, SOON, LATE = "2026-12-01T10:00:00.250Z", "2026-12-01T10:00:30Z", "2026-12-01T10:00:46Z"
LATER = "2026-12-01T10:01:32Z"
ORDER = f"hand-over-orders-g1-2-5-{ASKED}"


def _asked(who: str, when: str = ASKED) -> DataService:
    return service(annotations={names.ANNOTATION_PROMOTE: f"{who}@{when}"})


def _ordered(role: Role = Role.PRIMARY, **report: Any) -> MemberFacts:
    """datanode0, which was told to hand over to datanode2."""
    found = member(0, role, order_id=ORDER)
    return replace(found, report=Known(MemberReport(role=role, term=5, **report)))


def test_a_promotion_is_an_order_to_the_primary_in_its_term_that_holds_for_a_while() -> None:
    step = plan(snapshot(of=_asked("datanode2"), now=SOON), target())
    assert isinstance(step, Order)
    assert (step.member.name, step.action, step.id) == ("datanode0", "hand-over", ORDER)
    assert step.body == {"to": "orders-g1-2", "term": 5, "until": "2026-12-01T10:00:45.250000+00:00"}


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("datanode9", "datanode9 cannot be promoted: the service has no such member"),
        ("datanode0", "datanode0 is the primary, as asked for"),
    ],
)
@pytest.mark.parametrize("now", [SOON, LATE])
def test_a_promotion_that_is_done_or_cannot_be_is_cleared_with_the_reason(who: str, why: str, now: str) -> None:
    assert plan(snapshot(of=_asked(who), now=now), target()) == ClearRequest(names.ANNOTATION_PROMOTE, why)


@pytest.mark.parametrize("old", [Role.PRIMARY, Role.SECONDARY], ids=["old primary not yet heard", "no primary"])
def test_a_promotion_is_not_given_up_while_the_new_primary_gets_ready(old: Role) -> None:
    step = plan(snapshot(_ordered(old), NORMAL[1], member(2, Role.CATCHING_UP), of=_asked("datanode2"), now=SOON), target())
    assert step == Wait("datanode2 is taking over")


@pytest.mark.parametrize("text", ["datanode2", "datanode2@", "datanode2@soon", "datanode2@2026-12-01T10:00:00"])
def test_a_request_without_a_time_is_none_and_holds_nothing_up(text: str) -> None:
    asked = service(annotations={names.ANNOTATION_PROMOTE: text})
    why = f"nobody is promoted: '{text}' is not MEMBER@TIME, as moorage promote writes it"
    assert plan(snapshot(of=asked, now=SOON), target()) == ClearRequest(names.ANNOTATION_PROMOTE, why)


def test_a_request_from_the_future_is_none() -> None:
    step = plan(snapshot(of=_asked("datanode2", "2026-12-01T11:00:00Z"), now=SOON), target())
    assert isinstance(step, ClearRequest)
    assert "is in the future" in step.why


AFTER = "the primary stays who it is; ask again once moorage why says that nothing is in the way"


@pytest.mark.parametrize(
    ("members", "why"),
    [
        (
            (_ordered(order_error="nobody votes"), *NORMAL[1:]),
            "waits for datanode0 to carry out hand-over; it says: nobody votes",
        ),
        ((member(0, None), *NORMAL[1:]), "a promotion was asked for; waits for the engine to have a primary"),
        ((_ordered(), NORMAL[1], member(2, Role.CATCHING_UP)), "datanode2 is taking over"),
    ],
)
def test_a_promotion_that_does_not_succeed_is_over_after_its_time_and_what_was_in_the_way_is_said(
    members: tuple[MemberFacts, ...], why: str
) -> None:
    assert isinstance(plan(snapshot(*members, of=_asked("datanode2"), now=SOON), target()), Wait)
    step = plan(snapshot(*members, of=_asked("datanode2"), now=LATE), target())
    assert step == ClearRequest(names.ANNOTATION_PROMOTE, f"datanode2 was not made the primary within 45 s: {why}; {AFTER}")


def test_a_promotion_that_was_not_begun_in_its_time_is_not_begun_any_more() -> None:
    step = plan(snapshot(of=_asked("datanode2"), now=LATE), target())
    why = f"datanode2 was not made the primary within 45 s, since something else was to be done first; {AFTER}"
    assert step == ClearRequest(names.ANNOTATION_PROMOTE, why)


def test_a_promotion_that_the_agent_refuses_is_over_at_once() -> None:
    refused = _ordered(order_refused=ORDER, order_error="it could not be carried out in time")
    step = plan(snapshot(refused, *NORMAL[1:], of=_asked("datanode2"), now=SOON), target())
    why = "datanode2 was not made the primary: it could not be carried out in time"
    assert step == ClearRequest(names.ANNOTATION_PROMOTE, why)


def test_an_order_of_a_promotion_that_is_over_keeps_nobody_from_handing_over_to_the_same_member_later() -> None:
    stale = _ordered(order_refused=ORDER, order_error="it could not be carried out in time")
    due = (replace(stale, pod=PodFacts("orders-g1-0", template="t2", order_id=ORDER)), *NORMAL[1:])
    step = plan(snapshot(*due, now=LATE), target(replicas=None))
    assert isinstance(step, Order)
    assert step.id == f"hand-over-orders-g1-1-5-{LATE}"


def _due(order_id: str = "", **report: Any) -> tuple[MemberFacts, ...]:
    """All are normal, and the primary alone is to be replaced."""
    primary = replace(member(0, Role.PRIMARY), report=Known(MemberReport(role=Role.PRIMARY, term=5, **report)))
    return (replace(primary, pod=PodFacts("orders-g1-0", template="t2", order_id=order_id)), *NORMAL[1:])


def _next_order(*seen: MemberFacts, now: str = LATE) -> Order:
    step = plan(snapshot(*seen, now=now), target(replicas=None))
    assert isinstance(step, Order)
    return step


def test_while_a_member_is_asked_to_take_over_nobody_else_is() -> None:
    first = _next_order(*_due(), now=SOON)
    assert (first.id, first.body["give_up_seconds"]) == (f"hand-over-orders-g1-1-5-{SOON}", 45.0)
    seen = _due(first.id, order_error="orders-g1-1 was not elected")
    assert plan(snapshot(*seen, now=LATE), target(replicas=None)) == Wait(
        "waits for datanode0 to carry out hand-over; it says: orders-g1-1 was not elected"
    )


def test_one_that_does_not_take_over_keeps_nobody_from_handing_over_to_another_one() -> None:
    first = _next_order(*_due(), now=SOON)
    second = _next_order(*_due(first.id, order_refused=first.id), now=LATE)
    assert second.id == f"hand-over-orders-g1-2-5-{LATE}"
    third = _next_order(*_due(second.id, order_refused=second.id), now=LATER)
    assert third.id == f"hand-over-orders-g1-1-5-{LATER}"


def test_where_nobody_else_can_take_over_the_same_member_is_asked_anew() -> None:
    first = _next_order(*_due()[:2], now=SOON)
    assert _next_order(*_due(first.id, order_refused=first.id)[:2]).id == f"hand-over-orders-g1-1-5-{LATE}"


def _of_volume(ordinal: int, level: Level, **pod: Any) -> MemberFacts:
    role = Role.PRIMARY if ordinal == 0 else Role.SECONDARY
    report = MemberReport(role=role, term=5, volume=VolumeState(level=level))
    return replace(member(ordinal, role, **pod), report=Known(report))


FULL = "the volume of {} is full, and it would refuse the writes that datanode0 takes"


def test_nobody_is_promoted_whose_volume_is_full_while_the_primarys_has_room() -> None:
    seen = (NORMAL[0], _of_volume(1, Level.NEARLY_FULL), _of_volume(2, Level.FULL))
    step = plan(snapshot(*seen, of=_asked("datanode2"), now=SOON), target())
    why = f"datanode2 cannot be promoted: {FULL.format('datanode2')}"
    assert step == ClearRequest(names.ANNOTATION_PROMOTE, why)
    assert isinstance(plan(snapshot(*seen, of=_asked("datanode1"), now=SOON), target()), Order)


def test_where_the_primary_is_full_as_well_nothing_is_lost_by_a_promotion() -> None:
    seen = (_of_volume(0, Level.FULL), _of_volume(1, Level.OK), _of_volume(2, Level.FULL))
    assert isinstance(plan(snapshot(*seen, of=_asked("datanode2"), now=SOON), target()), Order)


@pytest.mark.parametrize(
    ("levels", "to"),
    [
        ((Level.FULL, Level.OK), "orders-g1-2"),
        ((Level.NEARLY_FULL, Level.OK), "orders-g1-2"),
        ((Level.OK, Level.OK), "orders-g1-1"),
    ],
)
def test_before_a_planned_move_the_primary_hands_over_to_one_with_room(levels: tuple[Level, Level], to: str) -> None:
    due = _of_volume(0, Level.OK, template="t0")
    step = plan(snapshot(due, *(_of_volume(i, level) for i, level in enumerate(levels, 1))), target())
    assert isinstance(step, Order)
    assert step.body["to"] == to


def test_a_primary_that_is_to_be_replaced_waits_while_nobody_else_has_room_and_says_so() -> None:
    due = _of_volume(0, Level.OK, template="t0")
    step = plan(snapshot(due, _of_volume(1, Level.FULL), _of_volume(2, Level.FULL)), target())
    who = "; ".join(FULL.format(name) for name in ("datanode1", "datanode2"))
    assert step == Wait(f"datanode0 is to be replaced as soon as another member can take over: {who}")


def test_a_primary_that_is_to_leave_waits_while_nobody_that_stays_has_room_and_says_so() -> None:
    pods = tuple(names.pod("orders", 1, i) for i in range(2))
    heard: dict[str, Any] = {"configured": pods, "configuration": "5:1"}
    stays, leaves = _with(_of_volume(1, Level.FULL), **heard), _with(_of_volume(0, Level.OK), **heard)
    held = snapshot(stays, of=service(members=1))
    found = shrink(replace(held, members=(stays,), leaving=(leaves,), address=replace(held.address, holder=leaves.pod_name)))
    assert found == NotYet(
        "datanode0 leaves the cluster later: it is the primary, and no member that stays can take over: "
        + FULL.format("datanode1")
    )


def test_a_damaged_primary_is_not_rebuilt_while_nobody_else_has_room_and_that_is_said() -> None:
    pods = tuple(names.pod("orders", 1, i) for i in range(3))
    heard: dict[str, Any] = {"configured": pods, "configuration": "5:1"}
    damaged = _with(_of_volume(0, Level.OK), damage="its data is damaged", **heard)
    seen = snapshot(damaged, *(_with(_of_volume(i, Level.FULL), **heard) for i in (1, 2)))
    assert not isinstance(plan(seen, target()), Order)
    who = "; ".join(FULL.format(name) for name in ("datanode1", "datanode2"))
    assert left_alone(seen) == {"datanode0": f"datanode0 is not rebuilt: it is the primary, and nobody can take over: {who}"}


def _with(found: MemberFacts, **report: Any) -> MemberFacts:
    assert isinstance(found.report, Known)
    return replace(found, report=Known(replace(found.report.value, **report)))
