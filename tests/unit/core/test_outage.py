"""No cluster is left, and every engine waits to be told: nothing is formed that anybody's acknowledged write is not in."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.core import outage
from moorage.core.facts import Known, MemberFacts, MemberReport, Role, Snapshot, Unknown
from moorage.core.step import Fullest, Order, Step, Wait
from tests.unit.build import member, snapshot, target

PODS = tuple(f"orders-g1-{i}" for i in range(3))


def apart(ordinal: int, position: str = "1-10", **more: object) -> MemberFacts:
    report = MemberReport(role=Role.APART, position=position, configured=PODS, configuration="4:2", companions=PODS, term=4)
    return replace(member(ordinal, Role.APART), report=Known(replace(report, **more)))  # type: ignore[arg-type]


def said(*members: MemberFacts, chosen: str = "orders-g1-0", at_stake: str = "") -> Step | None:
    found = snapshot(*members, holder=None)
    return outage.step(found, target(fullest=Fullest(pod="" if at_stake else chosen, at_stake=at_stake)))


def test_the_fullest_forms_it_again_once_all_are_heard() -> None:
    step = said(apart(0), apart(1), apart(2))
    assert isinstance(step, Order)
    assert (step.member.name, step.action, step.id) == ("datanode0", "form-again", "form-again-orders-g1-0-4:2")
    assert step.body == {"configuration": "4:2", "positions": dict.fromkeys(PODS, "1-10")}
    assert "holds everything that any member does" in step.why


def test_while_somebody_is_primary_nothing_is_formed() -> None:
    assert said(apart(0), member(1, Role.PRIMARY), apart(2)) is None


@pytest.mark.parametrize("role", [Role.SECONDARY, Role.CATCHING_UP])
def test_while_somebody_is_in_a_cluster_nothing_is_formed(role: Role) -> None:
    step = said(apart(0), apart(1), member(2, role))
    assert isinstance(step, Wait)
    assert "waits for datanode2, which is in a cluster" in step.why


def test_one_that_is_not_heard_may_hold_more() -> None:
    step = said(apart(0), apart(1), member(2, None))
    assert isinstance(step, Wait)
    assert "datanode2 may hold writes that the others lack, and is not heard from" in step.why


def test_one_that_only_starts_yet_may_hold_more() -> None:
    step = said(apart(0), apart(1), member(2, Role.DOWN))
    assert isinstance(step, Wait)
    assert "datanode2 may hold writes that the others lack, and is down" in step.why


def test_one_whose_data_is_damaged_may_have_held_more() -> None:
    broken = replace(member(2, Role.DOWN), report=Known(MemberReport(role=Role.DOWN, damage="its data is damaged: a page")))
    step = said(apart(0), apart(1), broken)
    assert isinstance(step, Wait)
    assert "datanode2 may hold writes that the others lack, and its data is damaged" in step.why


def test_an_empty_one_holds_nothing_and_is_not_waited_for() -> None:
    empty = replace(member(2, Role.UNINITIALIZED), report=Known(MemberReport(role=Role.UNINITIALIZED, has_data=False)))
    assert isinstance(said(apart(0), apart(1), empty), Order)


def test_one_that_is_left_of_three_is_no_majority() -> None:
    empty = [
        replace(member(i, Role.UNINITIALIZED), report=Known(MemberReport(role=Role.UNINITIALIZED, has_data=False)))
        for i in (1, 2)
    ]
    step = said(apart(0), *empty)
    assert isinstance(step, Wait)
    assert "only 1 of 3 members have any data left, which is no majority" in step.why


def test_sets_that_differ_are_said_and_nobody_is_chosen() -> None:
    step = said(apart(0), apart(1), apart(2), at_stake="the members hold different transactions: …")
    assert isinstance(step, Wait)
    assert "the members hold different transactions" in step.why


def test_one_that_the_last_cluster_went_on_without_is_not_waited_for() -> None:
    """The two others met without it, so nothing was acknowledged since that they do not hold."""
    two = ("orders-g1-0", "orders-g1-1")
    assert isinstance(said(apart(0, companions=two), apart(1, companions=two), member(2, None)), Order)


def test_one_that_somebody_met_later_is_waited_for() -> None:
    step = said(apart(0, companions=("orders-g1-0", "orders-g1-1")), apart(1), member(2, None))
    assert isinstance(step, Wait)


def test_the_last_of_them_goes_on_alone_when_it_had_gone_on_alone() -> None:
    alone = ("orders-g1-0",)
    assert isinstance(said(apart(0, companions=alone), member(1, None), member(2, None)), Order)


roles = st.sampled_from((Role.APART, Role.UNINITIALIZED, Role.DOWN, Role.SECONDARY, Role.PRIMARY, Role.CATCHING_UP, None))
met = st.frozensets(st.sampled_from(PODS))


@given(st.tuples(roles, roles, roles), st.tuples(met, met, met))
def test_nothing_is_ever_formed_while_somebody_who_may_hold_more_is_not_asked(
    found: tuple[Role | None, ...], companions: tuple[frozenset[str], ...]
) -> None:
    members = [
        apart(i, companions=tuple({*companions[i], PODS[i]})) if role is Role.APART else _other(i, role)
        for i, role in enumerate(found)
    ]
    step = said(*members)
    if not isinstance(step, Order):
        return
    assert step.member.role() is Role.APART, "never one without data"
    assert not {Role.PRIMARY, Role.SECONDARY} & set(found)
    missing = [i for i, role in enumerate(found) if role in (Role.DOWN, None)]
    for i in missing:
        assert all(PODS[i] not in companions[j] for j, role in enumerate(found) if role is Role.APART and _was_met(j, members))


def _was_met(ordinal: int, members: list[MemberFacts]) -> bool:
    first = members[0].report
    assert isinstance(first, Known)
    return PODS[ordinal] in first.value.companions


def _other(ordinal: int, role: Role | None) -> MemberFacts:
    found = member(ordinal, role)
    if role is Role.UNINITIALIZED:
        return replace(found, report=Known(MemberReport(role=role, has_data=False)))
    return found


def test_positions_are_those_of_members_that_are_apart() -> None:
    found: Snapshot = snapshot(apart(0), replace(apart(1), report=Unknown("…")), member(2, Role.DOWN), holder=None)
    assert outage.positions(found) == {"orders-g1-0": "1-10"}
