"""A member whose node stays silent: who stands in for it, when, and when nobody does."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.core import history, names, stand_in
from moorage.core.facts import Known, MemberFacts, MemberReport, PodFacts, Role, Snapshot, Unknown
from moorage.core.plan import plan
from moorage.core.resize import majority
from moorage.core.step import Order, Rest, Step
from tests.unit.build import TEMPLATE, member, service, snapshot, target

NOW, BEFORE, LATER = "2026-12-01T10:00:00Z", "2026-12-01T09:59:59Z", "2026-12-01T10:00:01Z"
PODS = tuple(names.pod("orders", 1, i) for i in range(4))


def _member(ordinal: int, role: Role, configured: tuple[str, ...], voters: int = 0) -> MemberFacts:
    known: dict[str, Any] = {"configured": configured, "configuration": "5:2", "voters": voters}
    of_set = known if role not in (Role.UNINITIALIZED, Role.REMOVED, Role.DOWN) else {}
    report = MemberReport(role=role, term=5 if role is Role.PRIMARY else 0, **of_set)
    return replace(member(ordinal, role, data_members=4), report=Known(report))


def _silent(ordinal: int, lost_at: str = NOW) -> MemberFacts:
    return member(ordinal, None, silent_since="2026-12-01T09:50:00Z", lost_at=lost_at, deleting=True)


def _seen(
    *,
    lost: MemberFacts | None = None,
    stands: Role | None = None,
    configured: tuple[str, ...] = PODS[:3],
    voters: int = 0,
    of: Any = None,
    **facts: Any,
) -> Snapshot:
    """datanode2 is silent; `stands`: what datanode3 says; None: there is none."""
    two = _member(0, Role.PRIMARY, configured, voters), _member(1, Role.SECONDARY, configured, voters)
    standing = () if stands is None else (_member(3, stands, configured, voters),)
    known: dict[str, Any] = {"now": NOW, "free_nodes": 1, "replicas": 3 + len(standing), "leaving": standing}
    return snapshot(*two, lost or _silent(2), of=of or service(members=3), **{**known, **facts})


def _target() -> Any:
    return target(joins={PODS[3]: {"entry": {"_id": 3}}})


def test_a_stand_in_is_made_when_the_wait_is_over_and_not_before() -> None:
    assert stand_in.replicas(_seen()) == 4
    assert stand_in.replicas(_seen(lost=_silent(2, BEFORE))) == 4
    assert stand_in.replicas(_seen(lost=_silent(2, LATER))) == 3
    assert stand_in.replicas(_seen(lost=_silent(2, ""))) == 3


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (_seen(free_nodes=0), "no other node is free: each that takes Pods has a member already"),
        (_seen(of=service(members=2, arbiter=True)), "beside an arbiter nobody leaves the cluster"),
        (_seen(configured=PODS[:2]), "it is not part of the cluster"),
        (
            _seen(no_place="it waits: 3 other services are being repaired, and 3 at once are the limit"),
            "it waits: 3 other services",
        ),
        (_seen(holder=None), "the address does not lead to the primary datanode0 yet"),
    ],
    ids=["no free node", "arbiter", "never joined", "the limit", "red"],
)
def test_when_nobody_stands_in_the_reason_is_said(seen: Snapshot, why: str) -> None:
    assert stand_in.replicas(seen) == 3
    assert any(why in said for said in stand_in.outlook(seen))


def test_nobody_stands_in_while_another_member_is_abnormal() -> None:
    seen = _seen()
    down = _member(1, Role.DOWN, PODS[:3])
    seen = replace(seen, members=(seen.members[0], down, seen.members[2]))
    assert stand_in.replicas(seen) == 3
    assert "all others must be normal, and datanode1 is down" in stand_in.outlook(seen)[0]


def test_one_that_has_begun_stays_although_its_node_is_no_longer_free() -> None:
    assert stand_in.replicas(_seen(stands=Role.UNINITIALIZED, free_nodes=0)) == 4


def test_one_that_has_not_joined_goes_when_the_node_is_back() -> None:
    back = _member(2, Role.SECONDARY, PODS[:3])
    assert stand_in.replicas(_seen(lost=back, stands=Role.UNINITIALIZED)) == 3


def test_it_joins_before_the_silent_member_leaves() -> None:
    step = plan(_seen(stands=Role.UNINITIALIZED), _target())
    assert isinstance(step, Order)
    assert (step.action, step.body["member"], step.member.name) == ("add-member", PODS[3], "datanode0")


@pytest.mark.parametrize(("role", "voters"), [(Role.CATCHING_UP, 3), (Role.SECONDARY, 3)], ids=["copies", "has no vote yet"])
def test_nobody_leaves_before_the_stand_in_is_as_good_as_the_others(role: Role, voters: int) -> None:
    step = plan(_seen(stands=role, configured=PODS, voters=voters), _target())
    assert not isinstance(step, Order)
    assert "datanode3 is to stand in for datanode2" in step.why


def test_then_the_silent_member_leaves_and_its_volume_stays() -> None:
    step = plan(_seen(stands=Role.SECONDARY, configured=PODS, voters=4), _target())
    assert isinstance(step, Order)
    assert (step.action, step.body["member"]) == ("remove-member", PODS[2])
    assert "its volume data-orders-g1-2 is left as it is" in step.why


def test_while_it_stands_in_nothing_is_to_be_done_and_that_is_said() -> None:
    seen = _seen(stands=Role.SECONDARY, configured=(*PODS[:2], PODS[3]), voters=3)
    step = plan(seen, _target())
    assert not isinstance(step, Order | Rest)
    assert "datanode3 stands in for datanode2 until node n2 is back" in step.why
    assert "kubectl taint nodes n2 node.kubernetes.io/out-of-service=nodeshutdown:NoExecute" in step.why
    assert stand_in.replicas(seen) == 4


def test_the_member_that_is_back_joins_before_the_stand_in_leaves() -> None:
    of_four = (*PODS[:2], PODS[3])
    back = replace(member(2, Role.REMOVED), report=Known(MemberReport(role=Role.REMOVED)))
    step = plan(_seen(lost=back, stands=Role.SECONDARY, configured=of_four, voters=3), target(joins={PODS[2]: {"entry": {}}}))
    assert isinstance(step, Order)
    assert (step.action, step.body["member"]) == ("add-member", PODS[2])
    again = _member(2, Role.SECONDARY, PODS, 4)
    step = plan(_seen(lost=again, stands=Role.SECONDARY, configured=PODS, voters=4), _target())
    assert isinstance(step, Order)
    assert (step.action, step.body["member"]) == ("remove-member", PODS[3])


def test_made_anew_without_a_place_it_leaves_rather_than_that_an_even_number_stays() -> None:
    pod = PodFacts(name=PODS[2], trouble="no node can take it", template=TEMPLATE)
    unplaced = replace(member(2, None), pod=pod, report=Unknown("the agent has not reported yet"))
    step = plan(_seen(lost=unplaced, stands=Role.SECONDARY, configured=PODS, voters=4), _target())
    assert isinstance(step, Order)
    assert (step.action, step.body["member"]) == ("remove-member", PODS[2])


ROLES = st.sampled_from((Role.PRIMARY, Role.SECONDARY, Role.CATCHING_UP, Role.DOWN, Role.REMOVED, Role.UNINITIALIZED, None))


@given(
    st.lists(ROLES, min_size=4, max_size=4),
    st.sets(st.sampled_from(PODS), min_size=1),
    st.sampled_from((NOW, LATER, "")),
    st.integers(0, 4),
    st.integers(0, 2),
)
def test_no_step_takes_a_member_out_unless_a_majority_and_as_many_as_are_wanted_are_normal_after_it(
    roles: list[Role | None], counted: set[str], lost_at: str, voters: int, free: int
) -> None:
    configured = tuple(sorted(counted))
    each = [
        _silent(i, lost_at) if role is None else replace(_member(i, role, configured, voters)) for i, role in enumerate(roles)
    ]
    seen = snapshot(*each[:3], of=service(members=3), now=NOW, free_nodes=free, replicas=4, leaving=(each[3],))
    step: Step | None = stand_in.step(seen, _target())
    if not isinstance(step, Order) or step.action != "remove-member":
        return
    left = [m for m in seen.cluster() if m.pod_name != step.body["member"]]
    normal = [m for m in left if m.role() in (Role.PRIMARY, Role.SECONDARY)]
    assert len(normal) == len(left) >= min(3, majority(len(configured)))
    assert step.body["member"] != step.member.pod_name


def test_its_pod_begins_the_repair_and_takes_its_place_in_the_fleet() -> None:
    members = target(replicas=stand_in.replicas(_seen()))
    step = plan(_seen(), members)
    assert (history.kind_of(step, _seen()), history.begins_copy(step, _seen())) == ("stand-in", True)
    (repair,) = history.repairs([], _seen(), step, NOW, was_done=True)
    assert (repair.kind, repair.member, repair.outcome) == ("stand-in", "datanode2", "Running")
