"""Given facts, the next step: tables that a database person can read."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.api.dataservice import Health
from moorage.core import names
from moorage.core.facts import Known, MemberFacts, MemberReport, PodFacts, Role
from moorage.core.health import judge
from moorage.core.plan import plan
from moorage.core.step import (
    Apply,
    ClearRequest,
    Desired,
    DropClaim,
    GrowClaim,
    Order,
    ReplacePod,
    Rest,
    StartAnew,
    TakeOver,
    Wait,
)
from tests.unit.build import NORMAL, OBJECTS, member, service, snapshot, target


def test_a_green_service_is_left_alone() -> None:
    assert plan(snapshot(), target()) == Rest()


@pytest.mark.parametrize("missing", OBJECTS, ids=lambda d: d.kind)
def test_an_object_that_was_deleted_by_hand_comes_back(missing: Any) -> None:
    applied = {d.key: d.digest for d in OBJECTS if d != missing}
    step = plan(snapshot(applied=applied), target())
    assert step == Apply(missing, f"{missing.key} does not exist")


def test_a_pod_that_a_deleted_stateful_set_left_is_taken_over_and_not_that_of_a_service_that_never_ran() -> None:
    left = replace(NORMAL[1], pod=None, left_behind="uid-1")
    seen = snapshot(NORMAL[0], left, NORMAL[2])
    assert plan(seen, target()) == TakeOver(
        left, "Pod orders-g1-1 runs and the StatefulSet that made it is gone: the one in its place takes it over"
    )
    of = seen.service
    new = of.model_copy(
        update={"status": of.status.model_copy(update={"init": of.status.init.model_copy(update={"phase": "Pending"})})}
    )
    assert not isinstance(plan(replace(seen, service=new), target()), TakeOver)


def test_an_object_that_was_edited_is_corrected_and_one_that_is_only_created_is_not() -> None:
    edited = {d.key: "edited" for d in OBJECTS}
    assert plan(snapshot(applied=edited), target()) == Apply(
        OBJECTS[0], "StatefulSet/orders-g1 differs from what the spec asks for"
    )
    only_slice = {d.key: d.digest for d in OBJECTS} | {OBJECTS[2].key: "edited"}
    assert plan(snapshot(applied=only_slice), target()) == Rest()


def test_a_renewal_says_why_it_is_due_and_not_that_the_spec_changed() -> None:
    renewed = Desired("Secret", "orders-tls", "d2", why="the certificate does not name 10.89.1.2")
    step = plan(snapshot(applied={d.key: d.digest for d in OBJECTS} | {renewed.key: "d1"}), target(objects=(*OBJECTS, renewed)))
    assert step == Apply(renewed, "the certificate does not name 10.89.1.2")


def _empty(ordinal: int) -> MemberFacts:
    return replace(member(ordinal, Role.DOWN), report=Known(MemberReport(role=Role.UNINITIALIZED, has_data=False)))


def test_a_new_cluster_is_made_when_all_members_are_heard_and_empty() -> None:
    step = plan(snapshot(*map(_empty, range(3)), of=service(initialized=False)), target())
    assert isinstance(step, Order)
    assert (step.member.name, step.action, step.body) == ("datanode0", "initiate", {"_id": "orders"})


def test_no_cluster_is_made_while_one_member_is_not_heard() -> None:
    step = plan(snapshot(_empty(0), _empty(1), member(2, None), of=service(initialized=False)), target())
    assert step == Wait("waits for datanode2 to be heard from before anything is decided")


@pytest.mark.parametrize(
    "other",
    [member(1, Role.SECONDARY), replace(_empty(1), report=Known(MemberReport(role=Role.UNINITIALIZED, has_data=True)))],
    ids=["belongs to a cluster", "has data"],
)
def test_no_cluster_is_made_over_data(other: MemberFacts) -> None:
    step = plan(snapshot(_empty(0), other, _empty(2), of=service(initialized=False)), target())
    assert not isinstance(step, Order)


def test_a_cluster_is_made_only_once() -> None:
    assert isinstance(plan(snapshot(*map(_empty, range(3))), target()), Wait)


def test_an_order_that_stands_is_waited_for_with_what_the_agent_says() -> None:
    report = MemberReport(role=Role.UNINITIALIZED, has_data=False, order_error="no DNS yet")
    first = replace(member(0, Role.DOWN, order_id="initiate-1"), report=Known(report))
    step = plan(snapshot(first, _empty(1), _empty(2), of=service(initialized=False)), target())
    assert step == Wait("waits for datanode0 to carry out initiate; it says: no DNS yet")


def test_a_volume_grows_and_never_shrinks() -> None:
    grown = service(storage={"size": "20Gi"})
    step = plan(snapshot(of=grown, claim_sizes={"data-orders-g1-0": "10Gi"}), target())
    assert step == GrowClaim("data-orders-g1-0", "20Gi", "volume data-orders-g1-0 grows from 10Gi to 20Gi")
    assert plan(snapshot(of=grown, claim_sizes={"data-orders-g1-0": "30Gi"}), target()) == Rest()


def test_volumes_that_may_not_grow_keep_nothing_else_from_being_done() -> None:
    grown = service(annotations={names.ANNOTATION_PROMOTE: "datanode2@2026-12-01T10:00:00Z"}, storage={"size": "20Gi"})
    facts: Any = {"claim_sizes": {"data-orders-g1-0": "10Gi"}, "growth_trouble": "the volumes stay at 10Gi: no"}
    assert isinstance(plan(snapshot(of=grown, **facts), target()), Order)
    step = plan(snapshot(of=service(storage={"size": "20Gi"}), **facts), target())
    assert step == Wait("what runs stays as it is: the volumes stay at 10Gi: no")


def test_a_volume_that_grows_is_waited_for_and_stops_no_rollout() -> None:
    assert plan(snapshot(growing="volume x grows"), target()) == Wait("volume x grows")
    assert isinstance(plan(snapshot(growing="volume x grows"), target(template="t2")), ReplacePod)


@pytest.mark.parametrize(("wanted", "asks"), [("15Gi", True), ("10Gi", False), ("20Gi", False), ("9Gi", False)])
def test_only_a_claim_that_can_never_have_its_size_asks_for_less_and_for_more_than_it_has(wanted: str, asks: bool) -> None:
    facts: Any = {"claim_sizes": {"data-orders-g1-0": "20Gi"}, "growth_trouble": "x" if wanted == "20Gi" else ""}
    of = service(storage={"size": wanted})
    step = plan(snapshot(of=of, infeasible_claims={"data-orders-g1-0": "10Gi"}, **facts), target())
    assert isinstance(step, GrowClaim) is asks
    assert not isinstance(plan(snapshot(of=of, **facts), target()), GrowClaim)


def _pod_of(found: MemberFacts) -> PodFacts:
    assert found.pod is not None
    return found.pod


def test_a_restart_is_done_when_the_member_is_heard_again() -> None:
    asked = service(annotations={names.ANNOTATION_RESTART: "datanode2@2026-11-02T00:00:00Z"})
    silent = member(2, None, created="2026-11-03T00:00:00Z")
    assert isinstance(plan(snapshot(*NORMAL[:2], silent, of=asked), target()), Wait)


def test_a_rollout_takes_the_last_secondary_first() -> None:
    step = plan(snapshot(), target(template="t2"))
    assert step == ReplacePod(NORMAL[2], "datanode2 is replaced: its settings, image or resources changed")


def test_a_rollout_waits_while_any_member_is_abnormal() -> None:
    step = plan(snapshot(*NORMAL[:2], member(2, Role.CATCHING_UP)), target(template="t2"))
    assert isinstance(step, Wait)


def test_the_primary_comes_last_and_hands_over_first() -> None:
    done = (NORMAL[0], *(member(i, Role.SECONDARY, template="t2") for i in (1, 2)))
    step = plan(snapshot(*done), target(template="t2"))
    assert isinstance(step, Order)
    assert step.why == "datanode0 is to be replaced and hands over first"


def test_a_refused_spec_leaves_what_runs_as_it_is() -> None:
    applied = {d.key: d.digest for d in OBJECTS} | {OBJECTS[0].key: "old"}
    step = plan(snapshot(applied=applied), target(template="t2", refused="parameter 'x' cannot be set"))
    assert step == Wait("what runs stays as it is: parameter 'x' cannot be set")


def test_no_member_is_started_with_refused_settings() -> None:
    applied = {d.key: d.digest for d in OBJECTS[1:]}
    step = plan(snapshot(applied=applied, of=service(initialized=False)), target(refused="parameter 'x' cannot be set"))
    assert step == Wait("no member is started: parameter 'x' cannot be set")


def test_a_member_that_cannot_run_with_the_old_template_is_replaced_at_once() -> None:
    stuck = member(1, None, trouble="ErrImagePull: image nosuch: not found")
    step = plan(snapshot(NORMAL[0], stuck, NORMAL[2]), target(template="t2"))
    assert isinstance(step, ReplacePod)
    assert step.member.name == "datanode1"


def test_a_member_whose_engine_does_not_run_gets_settings_that_were_put_right() -> None:
    """It is what keeps the service from green."""
    broken = member(2, Role.DOWN)
    step = plan(snapshot(*NORMAL[:2], broken), target(template="t2"))
    assert step == ReplacePod(broken, "datanode2 is replaced: it cannot run as it was asked for before: its engine does not run")
    assert isinstance(plan(snapshot(NORMAL[0], member(1, Role.CATCHING_UP), broken), target(template="t2")), Wait)


def test_a_primary_that_just_died_is_left_to_its_agent_until_another_one_leads() -> None:
    dead = member(0, Role.DOWN)
    assert isinstance(plan(snapshot(dead, *NORMAL[1:]), target(template="t2")), Wait)


def test_an_image_that_is_put_right_before_the_service_ever_ran_is_used() -> None:
    stuck = tuple(member(i, None, trouble="image 'mongo:nosuch' cannot be pulled") for i in range(3))
    step = plan(snapshot(*stuck, of=service(initialized=False)), target(template="t2"))
    assert isinstance(step, ReplacePod)
    assert isinstance(plan(snapshot(*stuck, of=service(initialized=False)), target()), Wait)


def test_a_member_whose_registry_does_not_answer_is_replaced_at_once_when_another_image_is_asked_for() -> None:
    hangs = replace(member(1, None), slow="image 'mongo:6.0' is still being pulled after 15 s")
    step = plan(snapshot(NORMAL[0], hangs, NORMAL[2]), target(template="t2"))
    assert isinstance(step, ReplacePod)
    assert step.member.name == "datanode1"
    assert isinstance(plan(snapshot(NORMAL[0], hangs, NORMAL[2]), target()), Wait)


def test_members_that_never_had_volumes_are_made_again_when_other_volumes_are_asked_for() -> None:
    step = plan(snapshot(of=service(initialized=False), stale_claims=("data-orders-g1-0",)), target())
    assert isinstance(step, StartAnew)
    assert step.claims == ("data-orders-g1-0",)


def test_a_service_that_ran_is_never_started_anew() -> None:
    assert plan(snapshot(stale_claims=("data-orders-g1-0",)), target()) == Rest()


def test_the_new_members_wait_until_the_old_claims_are_gone() -> None:
    step = plan(snapshot(of=service(initialized=False), leaving_claims=("data-orders-g1-0",), applied={}), target())
    assert step == Wait("waits for data-orders-g1-0 to be gone")


@pytest.mark.parametrize("who", ["datanode1", "all"])
def test_a_restart_touches_only_pods_older_than_the_request(who: str) -> None:
    asked = service(annotations={names.ANNOTATION_RESTART: f"{who}@2026-11-02T00:00:00Z"})
    assert isinstance(plan(snapshot(of=asked), target()), ReplacePod)
    young = tuple(replace(m, pod=replace(m.pod, created="2026-11-03T00:00:00Z")) for m in NORMAL if m.pod is not None)
    assert isinstance(plan(snapshot(*young, of=asked), target()), ClearRequest)


def test_a_leftover_claim_keeps_nothing_else_from_being_done() -> None:
    """Its deletion may be refused."""
    asked = service(annotations={names.ANNOTATION_PROMOTE: "datanode9"})
    assert isinstance(plan(snapshot(of=asked, unused_claims=("data-orders-g1-3",)), target()), ClearRequest)


def _with_newcomer() -> tuple[MemberFacts, ...]:
    """Three members that the engine counts, in old settings, and a fourth that has no volume yet."""
    configured = tuple(names.pod("orders", 1, i) for i in range(3))
    heard = [m.report.value for m in NORMAL if isinstance(m.report, Known)]
    counted = (
        replace(member(i, Role.SECONDARY, template="t0"), report=Known(replace(report, configured=configured)))
        for i, report in enumerate(heard)
    )
    return (*counted, member(3, None, data_members=4, node=""))


def test_a_volume_that_a_new_member_cannot_have_holds_up_no_new_settings_for_the_others() -> None:
    step = plan(snapshot(*_with_newcomer(), claim_trouble="the volume of datanode3 cannot be made: no room"), target())
    assert isinstance(step, ReplacePod)
    assert step.member.name == "datanode2"


@pytest.mark.parametrize("on_its_way", [{"node": "n3"}, {"deleting": True}])
def test_nobody_is_replaced_while_one_that_never_joined_comes_back_from_being_replaced(on_its_way: dict[str, Any]) -> None:
    step = plan(snapshot(*_with_newcomer()[:3], member(3, None, data_members=4, **on_its_way)), target())
    assert step == Wait("datanode0 is to be replaced as soon as datanode3 runs, which was replaced before")


def test_no_member_is_replaced_while_a_volume_would_be_lost_with_it() -> None:
    step = plan(snapshot(*_with_newcomer(), lost_volumes="claim data-orders-g1-2 was deleted"), target())
    assert step == Wait("datanode0 is to be replaced as soon as the service is green")


def _running(version: str, *, compatibility: str = "", members: int = 3) -> tuple[MemberFacts, ...]:
    """Members that run this version; the primary says what the data is kept usable for."""

    def report(i: int) -> MemberReport:
        role = Role.SECONDARY if i else Role.PRIMARY
        return MemberReport(role=role, term=5, engine_version=version, compatibility="" if i else compatibility)

    return tuple(replace(member(i, Role.SECONDARY), report=Known(report(i))) for i in range(members))


UPGRADED = {"version": "7.0", "versions_before": ("6.0",)}


def test_the_data_follows_when_every_member_runs_the_new_version() -> None:
    step = plan(snapshot(*_running("7.0.14", compatibility="6.0")), target(**UPGRADED))
    assert isinstance(step, Order)
    assert (step.member.name, step.action, step.body) == ("datanode0", "finish-upgrade", {"version": "7.0", "term": 5})
    assert step.why == "every member runs 7.0: the data, usable for 6.0 until now, follows"


@pytest.mark.parametrize(
    ("members", "asked"),
    [
        (_running("7.0.14", compatibility="7.0"), UPGRADED),
        (_running("7.0.14"), UPGRADED),
        ((*_running("7.0.14", compatibility="6.0")[:2], _running("6.0.5")[2]), UPGRADED),
        (_running("7.0.14", compatibility="7.0"), {"version": "6.0", "versions_before": ()}),
        (_running("70.1", compatibility="6.0"), UPGRADED),
    ],
    ids=["done", "not said", "one runs the old version", "never down", "another version"],
)
def test_the_data_follows_neither_too_early_nor_back(members: tuple[MemberFacts, ...], asked: dict[str, Any]) -> None:
    assert plan(snapshot(*members), target(**asked)) == Rest()


def test_the_data_does_not_follow_while_a_member_is_abnormal() -> None:
    found = (*_running("7.0.14", compatibility="6.0")[:2], member(2, Role.CATCHING_UP))
    assert isinstance(plan(snapshot(*found), target(**UPGRADED)), Wait)


def test_a_claim_that_never_had_a_volume_goes_with_its_member() -> None:
    step = plan(snapshot(unused_claims=("data-orders-g1-3",)), target())
    assert step == DropClaim(
        "data-orders-g1-3", "claim data-orders-g1-3 never had a volume, and its member is not wanted any more"
    )


roles = st.sampled_from([*Role, None])


@given(st.tuples(roles, roles, roles), st.sampled_from(["t1", "t2"]), st.booleans())
def test_no_member_that_runs_is_replaced_unless_the_service_is_green(
    drawn: tuple[Role | None, ...], template: str, initialized: bool
) -> None:
    found = snapshot(*(member(i, role) for i, role in enumerate(drawn)), of=service(initialized=initialized))
    step = plan(found, target(template=template))
    if isinstance(step, ReplacePod) and step.member.role() is not Role.DOWN:
        assert judge(found).colour is Health.GREEN


def test_the_volume_of_a_member_that_is_still_empty_grows_to_what_all_others_have() -> None:
    claims = {names.claim("orders", 1, i): "16Gi" for i in range(2)} | {names.claim("orders", 1, 2): "10Gi"}
    empty = snapshot(*NORMAL[:2], member(2, Role.UNINITIALIZED), claim_sizes=claims, capacities=claims)
    step = plan(empty, target())
    assert isinstance(step, GrowClaim)
    assert (step.claim, step.size) == (names.claim("orders", 1, 2), "16Gi")
    assert plan(snapshot(claim_sizes=claims, capacities=claims), target()) == Rest(), "one that serves has room"


@given(st.tuples(roles, roles, roles), st.sampled_from(["t1", "t2"]))
def test_every_step_says_why(drawn: tuple[Role | None, ...], template: str) -> None:
    assert plan(snapshot(*(member(i, role) for i, role in enumerate(drawn))), target(template=template)).why
