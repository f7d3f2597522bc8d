"""A member that cannot come back by itself: what is done, in which order, and when nothing is."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.core import names
from moorage.core.facts import Known, MemberFacts, MemberReport, Role, Snapshot
from moorage.core.health import why_member_abnormal
from moorage.core.history import repairs
from moorage.core.plan import plan
from moorage.core.rebuild import EMPTY_MEMBER
from moorage.core.step import ClearRequest, Order, RenewVolume, Rest, Step, Wait
from tests.unit.build import member, service, snapshot, target

NOW = "2026-12-01T10:00:00Z"
WHY = "its data is damaged: WiredTiger.wt is corrupted"
PODS = tuple(names.pod("orders", 1, i) for i in range(3))


def _member(ordinal: int, role: Role, *, configured: tuple[str, ...] = PODS, mark: str = "5:2", **facts: Any) -> MemberFacts:
    order = facts.pop("order_id", "")
    of_set = role not in (Role.DOWN, Role.REMOVED, Role.UNINITIALIZED)
    known: dict[str, Any] = {"configured": configured, "configuration": mark} if of_set else {}
    report = MemberReport(role=role, term=5 if role is Role.PRIMARY else 0, **known, **facts)
    return replace(member(ordinal, role, order_id=order), report=Known(report))


def _seen(*members: MemberFacts, annotations: dict[str, str] | None = None, **facts: Any) -> Snapshot:
    return snapshot(*members, of=service(annotations=annotations), now=NOW, **facts)


def _damaged(**facts: Any) -> tuple[MemberFacts, ...]:
    return _member(0, Role.PRIMARY, **facts), _member(1, Role.SECONDARY, **facts), _member(2, Role.DOWN, damage=WHY)


def _out(**facts: Any) -> tuple[MemberFacts, ...]:
    known: Any = {"configured": PODS[:2], "mark": "5:3"}
    return _member(0, Role.PRIMARY, **known), _member(1, Role.SECONDARY, **known), _member(2, Role.DOWN, damage=WHY, **facts)


def test_a_damaged_member_is_taken_out_of_the_cluster_before_its_data_is_put_aside() -> None:
    step = plan(_seen(*_damaged()), target())
    assert isinstance(step, Order)
    assert (step.member.name, step.action) == ("datanode0", "remove-member")
    assert step.body == {"member": PODS[2], "configuration": "5:2"}
    assert step.why == f"datanode2 is rebuilt from the others and leaves the cluster until it is empty: {WHY}"


def test_then_it_is_emptied_and_its_old_data_is_kept() -> None:
    step = plan(_seen(*_out()), target())
    assert isinstance(step, Order)
    assert (step.member.name, step.action) == ("datanode2", EMPTY_MEMBER)
    assert "its old data is kept" in step.why


def test_then_it_joins_like_a_new_one() -> None:
    empty = _member(2, Role.UNINITIALIZED, has_data=False)
    step = plan(_seen(*_out()[:2], empty), target(joins={PODS[2]: {"entry": {}}}))
    assert isinstance(step, Order)
    assert (step.member.name, step.action) == ("datanode0", "add-member")


def test_it_is_not_emptied_before_every_member_knows_that_it_left() -> None:
    late = _member(1, Role.SECONDARY)
    step = plan(_seen(_out()[0], late, _out()[2]), target())
    assert isinstance(step, Wait)
    assert step.why.endswith("datanode2 is not rebuilt: datanode1 must first know that it left the cluster")


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (_member(1, Role.DOWN), "all others must be normal, and datanode1 is down"),
        (_member(1, Role.CATCHING_UP), "all others must be normal, and datanode1 is catching up"),
        (member(1, None), "all others must be normal, and datanode1 is not heard from: its node is not heard from"),
    ],
    ids=["down", "catching up", "not heard"],
)
def test_nothing_is_destroyed_while_another_member_is_abnormal(other: MemberFacts, why: str) -> None:
    step = plan(_seen(_damaged()[0], other, _damaged()[2]), target())
    assert isinstance(step, Wait)
    assert f"datanode2 is not rebuilt: {why}" in step.why


def test_nothing_is_destroyed_while_a_restore_runs_or_without_a_primary() -> None:
    restoring = _seen(*_damaged())
    restoring = replace(restoring, restore=replace(restoring.restore, running="a restore runs"))
    assert isinstance(plan(restoring, target()), Wait)
    assert isinstance(plan(_seen(_member(0, Role.SECONDARY), *_damaged()[1:]), target()), Wait)


def test_the_only_member_is_never_emptied() -> None:
    alone = replace(_member(0, Role.PRIMARY, configured=PODS[:1]), report=Known(MemberReport(role=Role.DOWN, damage=WHY)))
    assert isinstance(plan(snapshot(alone, of=service(members=1), now=NOW), target()), Wait)


def test_after_three_rebuilds_within_an_hour_it_is_left_and_that_is_said() -> None:
    seen = _seen(*_damaged())
    past = [
        {"kind": "resync", "member": "datanode2", "startTime": f"2026-12-01T09:{m}:00Z", "outcome": "Failed"}
        for m in (10, 20, 30)
    ]
    status = type(seen.service.status).model_validate({"init": {"phase": "Succeeded"}, "repairs": past})
    step = plan(replace(seen, service=seen.service.model_copy(update={"status": status})), target())
    assert isinstance(step, Wait)
    assert "it was rebuilt 3 times within an hour" in step.why


def test_a_lost_volume_is_made_anew_with_the_same_proof() -> None:
    claim = names.claim("orders", 1, 2)
    assert isinstance(plan(_seen(*_damaged(), lost_claims=(claim,)), target()), Order)
    step = plan(_seen(*_out(), lost_claims=(claim,)), target())
    assert isinstance(step, RenewVolume)
    assert step.claim == claim


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("datanode0", "datanode0 cannot be rebuilt now: it is the primary: promote another member first"),
        ("nobody", "nobody cannot be rebuilt: the service has no such member; there are: datanode0, datanode1, datanode2"),
    ],
)
def test_a_request_that_cannot_be_had_is_refused_with_a_sentence(asked: str, says: str) -> None:
    well = (*_damaged()[:2], _member(2, Role.SECONDARY))
    step = plan(_seen(*well, annotations={names.ANNOTATION_REBUILD: asked}), target())
    assert step == ClearRequest(names.ANNOTATION_REBUILD, says)


def test_a_healthy_member_is_rebuilt_when_a_person_asks() -> None:
    well = (*_damaged()[:2], _member(2, Role.SECONDARY))
    step = plan(_seen(*well, annotations={names.ANNOTATION_REBUILD: "datanode2"}), target())
    assert isinstance(step, Order)
    assert step.action == "remove-member"


def _maintenance(until: str) -> dict[str, str]:
    return {names.ANNOTATION_MAINTENANCE: json.dumps({"until": until, "reason": "a switch is replaced"})}


def test_during_maintenance_nothing_is_repaired_and_that_is_said() -> None:
    step = plan(_seen(*_damaged(), annotations=_maintenance("2026-12-01T12:00:00Z")), target(template="t2"))
    assert step == Wait(
        "maintenance until 2026-12-01T12:00:00Z (a switch is replaced): nothing is repaired and nothing is rolled out"
    )


def test_maintenance_ends_by_itself() -> None:
    step = plan(_seen(*_damaged(), annotations=_maintenance(NOW)), target())
    assert step == ClearRequest(names.ANNOTATION_MAINTENANCE, "the maintenance is over: repairs and roll-outs go on")


@pytest.mark.parametrize(
    "text", ["for ever", "{}", "[]", '{"until": "2026-12-01T12:00:00"}', '{"until": "2027-12-01T12:00:00Z"}']
)
def test_a_maintenance_that_cannot_be_read_holds_nothing_up(text: str) -> None:
    assert isinstance(plan(_seen(*_damaged(), annotations={names.ANNOTATION_MAINTENANCE: text}), target()), Order)


def test_a_repair_is_kept_with_what_became_of_it() -> None:
    seen = _seen(*_damaged())
    begun = repairs([], seen, plan(seen, target()), NOW, was_done=True)
    assert [(r.kind, r.member, r.outcome) for r in begun] == [("resync", "datanode2", "Running")]
    assert repairs(begun, _seen(*_out()), plan(_seen(*_out()), target()), "later", was_done=True) == begun
    well = _seen(*_damaged()[:2], _member(2, Role.SECONDARY))
    (done,) = repairs(begun, well, Rest(), "2026-12-01T10:05:00Z", was_done=True)
    assert (done.outcome, done.start_time, done.end_time) == ("Succeeded", NOW, "2026-12-01T10:05:00Z")


def _takes_away(step: Step) -> bool:
    return isinstance(step, RenewVolume) or (isinstance(step, Order) and step.action == EMPTY_MEMBER)


ROLES = st.sampled_from([*Role, None])


@given(
    roles=st.tuples(ROLES, ROLES, ROLES),
    damage=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    configured=st.sampled_from([PODS, PODS[:2], PODS[1:], PODS[:1]]),
    asked=st.sampled_from(["", "datanode0", "datanode1", "datanode2"]),
    lost=st.booleans(),
)
def test_no_data_is_taken_away_but_from_one_whom_nobody_counts_while_all_others_are_normal(
    roles: tuple[Role | None, ...], damage: tuple[bool, ...], configured: tuple[str, ...], asked: str, lost: bool
) -> None:
    members = [
        member(i, None) if role is None else _member(i, role, configured=configured, damage=WHY if damage[i] else "")
        for i, role in enumerate(roles)
    ]
    annotations = {names.ANNOTATION_REBUILD: asked} if asked else {}
    seen = _seen(*members, annotations=annotations, lost_claims=(names.claim("orders", 1, 2),) if lost else ())
    step = plan(seen, target(joins={pod: {"entry": {}} for pod in PODS}))
    if _takes_away(step):
        assert isinstance(step, Order | RenewVolume)
        assert step.member.pod_name not in seen.configured()
        assert [m.name for m in seen.members if m != step.member and why_member_abnormal(m, seen)] == []
        assert seen.primary() not in (None, step.member)


def test_nobody_is_replaced_while_a_rebuilt_member_is_not_back() -> None:
    seen = _seen(*_out()[:2], member(2, None), annotations={names.ANNOTATION_REBUILD: "datanode2"})
    step = plan(seen, target(template="t2"))
    assert isinstance(step, Wait)
    assert "datanode2 is not rebuilt: it is not heard from" in step.why
