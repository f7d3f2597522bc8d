"""A member that cannot come back by itself: what is done, in which order, and when nothing is."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.core import names
from moorage.core.facts import Known, MemberFacts, MemberReport, PodFacts, Role, Snapshot
from moorage.core.health import why_member_abnormal
from moorage.core.history import rejected
from moorage.core.plan import plan
from moorage.core.rebuild_rule import EMPTY_MEMBER, renews_volumes, why_due
from moorage.core.step import ClearRequest, Order, RenewVolume, Step, Wait
from tests.unit.build import member, service, snapshot, target
from tests.unit.core.rebuilds import NOW, PODS, WHY, looked, maintained, one_damaged, one_out, reporting


def test_a_damaged_member_is_taken_out_of_the_cluster_before_its_data_is_put_aside() -> None:
    step = plan(looked(*one_damaged()), target())
    assert isinstance(step, Order)
    assert (step.member.name, step.action) == ("datanode0", "remove-member")
    assert step.body == {"member": PODS[2], "configuration": "5:2"}
    assert step.why == f"datanode2 is rebuilt from the others and leaves the cluster until it is empty: {WHY}"


def test_then_it_is_emptied_and_its_old_data_is_kept() -> None:
    step = plan(looked(*one_out()), target())
    assert isinstance(step, Order)
    assert (step.member.name, step.action) == ("datanode2", EMPTY_MEMBER)
    assert "its old data is kept" in step.why


def test_then_it_joins_like_a_new_one() -> None:
    empty = reporting(2, Role.UNINITIALIZED, has_data=False)
    step = plan(looked(*one_out()[:2], empty), target(joins={PODS[2]: {"entry": {}}}))
    assert isinstance(step, Order)
    assert (step.member.name, step.action) == ("datanode0", "add-member")


def test_it_is_not_emptied_before_every_member_knows_that_it_left() -> None:
    late = reporting(1, Role.SECONDARY)
    step = plan(looked(one_out()[0], late, one_out()[2]), target())
    assert isinstance(step, Wait)
    assert step.why.endswith("datanode2 is not rebuilt: datanode1 must first know that it left the cluster")


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (reporting(1, Role.DOWN), "all others must be normal, and datanode1 is down"),
        (reporting(1, Role.CATCHING_UP), "all others must be normal, and datanode1 is catching up"),
        (member(1, None), "all others must be normal, and datanode1 is not heard from: its node is not heard from"),
    ],
    ids=["down", "catching up", "not heard"],
)
def test_nothing_is_destroyed_while_another_member_is_abnormal(other: MemberFacts, why: str) -> None:
    step = plan(looked(one_damaged()[0], other, one_damaged()[2]), target())
    assert isinstance(step, Wait)
    assert f"datanode2 is not rebuilt: {why}" in step.why


def test_nobody_leaves_while_another_member_has_no_vote_yet() -> None:
    primary = reporting(0, Role.PRIMARY, voters=2)
    step = plan(looked(primary, *one_damaged()[1:]), target())
    assert isinstance(step, Wait)
    assert "datanode2 is not rebuilt: a member of the cluster has no vote yet" in step.why


def test_nothing_is_destroyed_while_a_restore_runs_or_without_a_primary() -> None:
    restoring = looked(*one_damaged())
    restoring = replace(restoring, restore=replace(restoring.restore, running="a restore runs"))
    assert isinstance(plan(restoring, target()), Wait)
    assert isinstance(plan(looked(reporting(0, Role.SECONDARY), *one_damaged()[1:]), target()), Wait)


def test_the_only_member_is_never_emptied() -> None:
    alone = replace(reporting(0, Role.PRIMARY, configured=PODS[:1]), report=Known(MemberReport(role=Role.DOWN, damage=WHY)))
    assert isinstance(plan(snapshot(alone, of=service(members=1), now=NOW), target()), Wait)


def test_after_three_rebuilds_within_an_hour_it_is_left_and_that_is_said() -> None:
    seen = looked(*one_damaged())
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
    assert isinstance(plan(looked(*one_damaged(), lost_claims=(claim,)), target()), Order)
    step = plan(looked(*one_out(), lost_claims=(claim,)), target())
    assert isinstance(step, RenewVolume)
    assert step.claim == claim


def test_what_comes_after_a_lost_volume_is_not_deleted_with_it() -> None:
    claim = names.claim("orders", 1, 2)
    leaving: dict[str, Any] = {"lost_claims": (claim,), "lost_leaving_claims": (claim,)}
    step = plan(looked(*one_out(), **leaving), target())
    assert isinstance(step, RenewVolume)
    assert step.claim is None, "an operator that died in between left the Pod"
    two = one_out()[:2]
    going = replace(one_out()[2], pod=replace(member(2, None).pod or PodFacts(PODS[2]), deleting=True))
    assert isinstance(plan(looked(*two, going, **leaving), target()), Wait)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("datanode0", "datanode0 cannot be rebuilt now: it is the primary: promote another member first"),
        ("nobody", "nobody cannot be rebuilt: the service has no such member; there are: datanode0, datanode1, datanode2"),
    ],
)
def test_a_request_that_cannot_be_had_is_refused_with_a_sentence(asked: str, says: str) -> None:
    well = (*one_damaged()[:2], reporting(2, Role.SECONDARY))
    step = plan(looked(*well, annotations={names.ANNOTATION_REBUILD: f"{asked}@{NOW}"}), target())
    assert step == ClearRequest(names.ANNOTATION_REBUILD, says)


@pytest.mark.parametrize("text", ["datanode2", "", "@"])
def test_a_request_without_a_time_is_refused_for_it_cannot_be_told_from_the_one_before(text: str) -> None:
    step = plan(looked(*one_damaged()[:2], reporting(2, Role.SECONDARY), annotations={names.ANNOTATION_REBUILD: text}), target())
    assert isinstance(step, ClearRequest)
    assert step.why == f"nobody is rebuilt: '{text}' is not MEMBER@TIME, as moorage rebuild writes it"


def test_a_healthy_member_is_rebuilt_when_a_person_asks() -> None:
    well = (*one_damaged()[:2], reporting(2, Role.SECONDARY))
    step = plan(looked(*well, annotations={names.ANNOTATION_REBUILD: f"datanode2@{NOW}"}), target())
    assert isinstance(step, Order)
    assert step.action == "remove-member"


ASKED = {names.ANNOTATION_REBUILD: f"datanode2@{NOW}"}
ORDER = f"{EMPTY_MEMBER}-{PODS[2]}-{NOW}"


def _healthy_and_out(**facts: Any) -> tuple[MemberFacts, ...]:
    return *one_out()[:2], reporting(2, Role.REMOVED, order_id=ORDER, **facts)


def test_a_request_is_over_when_the_member_was_emptied_for_it() -> None:
    step = plan(looked(*_healthy_and_out(order_done=ORDER), annotations=ASKED), target())
    assert step == ClearRequest(names.ANNOTATION_REBUILD, "datanode2 was emptied, as asked for, and copies everything anew")


def test_what_was_done_for_another_request_is_not_done_for_this_one() -> None:
    seen = looked(*_healthy_and_out(order_done=ORDER), annotations={names.ANNOTATION_REBUILD: "datanode2@2026-12-01T11:00:00Z"})
    step = plan(seen, target())
    assert isinstance(step, Order)
    assert step.id == f"{EMPTY_MEMBER}-{PODS[2]}-2026-12-01T11:00:00Z"


def test_a_request_that_the_agent_refuses_ends_with_its_sentence_and_the_member_joins_with_what_it_has() -> None:
    refused = _healthy_and_out(order_refused=ORDER, order_error="its volume has 3 MiB left")
    step = plan(looked(*refused, annotations=ASKED), target())
    assert step == ClearRequest(names.ANNOTATION_REBUILD, "datanode2 cannot be rebuilt: its volume has 3 MiB left")
    step = plan(looked(*refused), target(joins={PODS[2]: {"entry": {}}}))
    assert isinstance(step, Order)
    assert step.action == "add-member"


def _refused_for_room(**facts: Any) -> Snapshot:
    order_id = f"{EMPTY_MEMBER}-{PODS[2]}-5:3-10Gi"
    members = one_out(order_id=order_id, order_refused=order_id, order_error="its volume has 3 MiB left")
    return looked(*members, **facts)


def test_damaged_data_for_which_there_is_no_room_is_left_and_that_is_said() -> None:
    step = plan(_refused_for_room(capacities={names.claim("orders", 1, 2): "10Gi"}), target())
    assert isinstance(step, Wait)
    assert "datanode2 is not rebuilt: its volume has 3 MiB left" in step.why


def test_on_a_larger_volume_or_when_a_person_asks_it_is_tried_anew() -> None:
    volume = names.claim("orders", 1, 2)
    for seen in (
        _refused_for_room(capacities={volume: "20Gi"}),
        _refused_for_room(capacities={volume: "10Gi"}, annotations=ASKED),
    ):
        step = plan(seen, target())
        assert isinstance(step, Order)
        assert step.action == EMPTY_MEMBER


def test_a_lost_volume_needs_somebody_only_where_it_may_not_be_made_anew() -> None:
    lost = (names.claim("orders", 1, 2),)
    well = (*one_damaged()[:2], reporting(2, Role.SECONDARY))
    assert renews_volumes(looked(*well, lost_claims=lost))
    assert not renews_volumes(looked(well[0], reporting(1, Role.DOWN), well[2], lost_claims=lost))
    assert not renews_volumes(looked(*well, lost_claims=lost, annotations=maintained("2026-12-01T12:00:00Z")))


def test_a_primary_that_cannot_be_counted_on_hands_over_while_it_can() -> None:
    volume = names.claim("orders", 1, 0)
    well = (reporting(0, Role.PRIMARY), reporting(1, Role.SECONDARY), reporting(2, Role.SECONDARY))
    step = plan(looked(*well, lost_claims=(volume,)), target())
    assert isinstance(step, Order)
    assert (step.action, step.body["to"]) == ("hand-over", PODS[1])
    assert "hands over first: its volume is lost" in step.why
    damaged_too = looked(well[0], reporting(1, Role.DOWN), well[2], lost_claims=(volume,))
    assert isinstance(plan(damaged_too, target()), Wait)


def _takes_away(step: Step) -> bool:
    return isinstance(step, RenewVolume) or (isinstance(step, Order) and step.action == EMPTY_MEMBER)


ROLES = st.sampled_from([*Role, None])


@given(
    roles=st.tuples(ROLES, ROLES, ROLES),
    damage=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    configured=st.sampled_from([PODS, PODS[:2], PODS[1:], PODS[:1]]),
    asked=st.sampled_from(["", "datanode0", "datanode1", "datanode2"]),
    lost=st.booleans(),
    has_arbiter=st.booleans(),
)
def test_no_data_is_taken_away_but_from_one_whom_nobody_counts_while_all_others_are_normal(
    roles: tuple[Role | None, ...],
    damage: tuple[bool, ...],
    configured: tuple[str, ...],
    asked: str,
    lost: bool,
    has_arbiter: bool,
) -> None:
    members = [
        member(i, None) if role is None else reporting(i, role, configured=configured, damage=WHY if damage[i] else "")
        for i, role in enumerate(roles)
    ]
    annotations = {names.ANNOTATION_REBUILD: f"{asked}@{NOW}"} if asked else {}
    members[2] = replace(members[2], is_arbiter=has_arbiter)
    seen = looked(*members, annotations=annotations, lost_claims=(names.claim("orders", 1, 2),) if lost else ())
    step = plan(seen, target(joins={pod: {"entry": {}} for pod in PODS}))
    if _takes_away(step):
        assert isinstance(step, Order | RenewVolume)
        if step.member.pod_name in seen.configured():  # beside an arbiter, or it is the arbiter, and what it has is of no use
            assert any(m.is_arbiter for m in seen.members)
            assert why_due(step.member, seen) is not None
        is_counted = step.member.pod_name in seen.configured()
        others = [m for m in (seen.members if is_counted else seen.cluster()) if m != step.member]
        assert [m.name for m in others if why_member_abnormal(m, seen)] == []
        assert seen.primary() not in (None, step.member)
        holders = [m for m in seen.members if m != step.member and not m.is_arbiter and m.pod_name in seen.configured()]
        assert holders, "somebody else has everything"
        if why_due(step.member, seen) is None:
            data_members = [pod for m in seen.members if not m.is_arbiter and (pod := m.pod_name) in seen.configured()]
            assert 2 * len(holders) > len(data_members), "a copy that counts is not given up for a single one"


def test_nobody_is_replaced_while_an_emptied_member_is_not_back_although_the_status_was_deleted() -> None:
    emptied = reporting(2, Role.UNINITIALIZED, order_id=ORDER, order_done=ORDER)
    seen = looked(*one_out()[:2], emptied)
    step = plan(seen, target(template="t2", joins={PODS[2]: {"entry": {}}}))
    assert isinstance(step, Order)
    assert step.action == "add-member"


def test_nobody_is_replaced_while_a_rebuilt_member_is_not_back() -> None:
    seen = looked(*one_out()[:2], member(2, None), annotations={names.ANNOTATION_REBUILD: f"datanode2@{NOW}"})
    step = plan(seen, target(template="t2"))
    assert isinstance(step, Wait)
    assert "datanode2 is not rebuilt: it is not heard from" in step.why


FULL = "it waits: 3 other services are being repaired, and 3 at once are the limit"


def test_while_enough_other_services_are_repaired_a_member_that_is_still_counted_waits_and_that_is_said() -> None:
    seen = looked(*one_damaged(), no_place=FULL)
    step = plan(seen, target())
    assert isinstance(step, Wait)
    assert f"datanode2 is not rebuilt: {FULL}" in step.why
    assert [r.why for r in rejected(seen)] == [f"datanode2 is not rebuilt: {FULL}"]


def test_what_has_begun_goes_on_and_what_a_person_asks_for_waits_for_nobody() -> None:
    begun = plan(looked(*one_out(), no_place=FULL), target())
    assert isinstance(begun, Order)
    assert begun.action == EMPTY_MEMBER
    asked = looked(*one_damaged(), no_place=FULL, annotations={names.ANNOTATION_REBUILD: f"datanode2@{NOW}"})
    step = plan(asked, target())
    assert isinstance(step, Order)
    assert step.action == "remove-member"


def test_fail_over_is_never_limited() -> None:
    promoted = looked(reporting(0, Role.PRIMARY), reporting(1, Role.SECONDARY), reporting(2, Role.SECONDARY), no_place=FULL)
    promoted = replace(promoted, service=service(annotations={names.ANNOTATION_PROMOTE: f"datanode1@{NOW}"}))
    step = plan(promoted, target())
    assert isinstance(step, Order)
    assert step.action == "hand-over"
