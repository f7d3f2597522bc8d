"""A member that cannot come back by itself beside an arbiter, which holds no copy."""

from dataclasses import replace

from moorage.core import names
from moorage.core.facts import Known, MemberFacts, MemberReport, Role
from moorage.core.history import rejected
from moorage.core.plan import plan
from moorage.core.rebuild_rule import EMPTY_MEMBER
from moorage.core.step import ClearRequest, Order, RenewVolume, Wait
from tests.unit.build import target
from tests.unit.core.rebuilds import NOW, PODS, WHY, looked, reporting


def _with_arbiter(second: MemberFacts, *, configured: tuple[str, ...] = PODS) -> tuple[MemberFacts, ...]:
    arbiter = replace(reporting(2, Role.ARBITER, configured=configured), is_arbiter=True, name="arbiter")
    return reporting(0, Role.PRIMARY, configured=configured), second, arbiter


def test_two_that_wait_to_join_do_not_wait_for_each_other() -> None:
    alone, waits = reporting(0, Role.PRIMARY, configured=PODS[:1]), reporting(2, Role.UNINITIALIZED, has_data=False)
    damaged = looked(alone, reporting(1, Role.DOWN, damage=WHY), waits)
    asked = looked(alone, reporting(1, Role.UNINITIALIZED), waits, annotations={names.ANNOTATION_REBUILD: f"datanode1@{NOW}"})
    for seen in (damaged, asked):
        step = plan(seen, target())
        assert isinstance(step, Order)
        assert (step.member.name, step.action) == ("datanode1", EMPTY_MEMBER)


def test_an_arbiter_holds_no_copy_so_a_healthy_one_of_two_is_not_rebuilt() -> None:
    seen = looked(*_with_arbiter(reporting(1, Role.SECONDARY)), annotations={names.ANNOTATION_REBUILD: f"datanode1@{NOW}"})
    step = plan(seen, target())
    assert isinstance(step, ClearRequest)
    assert step.why.endswith("only datanode0 would hold everything meanwhile, which is no majority of 2 data members")


def test_a_useless_one_of_two_stays_in_the_cluster_so_that_nothing_is_acknowledged_by_one_member_alone() -> None:
    step = plan(looked(*_with_arbiter(reporting(1, Role.DOWN, damage=WHY))), target())
    assert isinstance(step, Order)
    assert (step.member.name, step.action) == ("datanode1", EMPTY_MEMBER)
    volume = names.claim("orders", 1, 1)
    lost = looked(*_with_arbiter(reporting(1, Role.SECONDARY)), lost_claims=(volume,))
    assert isinstance(plan(lost, target()), RenewVolume)


def test_an_arbiter_whose_volume_is_lost_gets_another_one_where_it_is_once_all_others_know_the_term() -> None:
    lost = (names.claim("orders", 1, 2),)
    members = _with_arbiter(reporting(1, Role.SECONDARY))
    assert isinstance(plan(looked(*members, lost_claims=lost), target()), RenewVolume)
    late = looked(*_with_arbiter(reporting(1, Role.SECONDARY, mark="4:2")), lost_claims=lost)
    step = plan(late, target())
    assert "arbiter is not rebuilt: datanode1 must first know who is primary" in rejected(late)[0].why
    assert not isinstance(step, RenewVolume)


def test_an_arbiter_has_nothing_to_rebuild() -> None:
    step = plan(
        looked(*_with_arbiter(reporting(1, Role.SECONDARY)), annotations={names.ANNOTATION_REBUILD: f"arbiter@{NOW}"}), target()
    )
    assert step == ClearRequest(names.ANNOTATION_REBUILD, "arbiter cannot be rebuilt now: it is an arbiter and holds no data")


def test_a_useless_one_of_two_is_left_alone_while_the_arbiter_is_down() -> None:
    members = _with_arbiter(reporting(1, Role.DOWN, damage=WHY))
    down = replace(members[2], report=Known(MemberReport(role=Role.DOWN)))
    step = plan(looked(*members[:2], down), target())
    assert isinstance(step, Wait)
    assert "datanode1 is not rebuilt: all others must be normal, and arbiter is down" in step.why
