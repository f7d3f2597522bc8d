"""The majority is lost for good: what is done on a person's word, in which order, and above all when nothing is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import moorage
from moorage.core import names
from moorage.core.facts import AddressFacts, Known, MemberFacts, MemberReport, PodFacts, Role, Snapshot, Unknown
from moorage.core.health import judge
from moorage.core.history import rejected, repairs
from moorage.core.plan import plan
from moorage.core.rebuild_rule import EMPTY_MEMBER
from moorage.core.recovery import KEPT, RECOVER, outlook, wish
from moorage.core.recovery_rule import why_not
from moorage.core.resize import majority
from moorage.core.step import ClearRequest, Exclude, Order, Step, Wait
from tests.unit.build import OBJECTS, TEMPLATE, service, target

PODS = tuple(names.pod("orders", 1, i) for i in range(5))
MARK, NOW = "7:3", "2026-12-01T10:00:00.000Z"
ASKED = {names.ANNOTATION_RECOVER: wish("datanode2", MARK, NOW)}
UNTIL, LATE, TOO_LATE = "2026-12-01T10:05:00+00:00", "2026-12-01T10:05:01Z", "2026-12-01T10:06:01Z"
ORDER_ID = f"{RECOVER}-datanode2-{MARK}-{NOW}"
GIVEN_UP = frozenset(PODS[:2])


def member(
    ordinal: int, role: Role | None, *, node: str | None = "", order_id: str = "", total: int = 3, **report: Any
) -> MemberFacts:
    """`role` None: it is not heard from. `node`: None for no Pod, "" for a Pod that no node took when it is not heard."""
    known: dict[str, Any] = {}
    if role in (Role.PRIMARY, Role.SECONDARY, Role.ARBITER, Role.CATCHING_UP):
        known = {"term": 7, "configured": PODS[:total], "configuration": MARK}
    where = node if role is None else f"n{ordinal}"
    pod = PodFacts(name=PODS[ordinal], ready=role is not None, node=where or "", template=TEMPLATE, order_id=order_id)
    said = Unknown("its node is not heard from") if role is None else Known(MemberReport(role=role, **(known | report)))
    return MemberFacts(f"datanode{ordinal}", ordinal, PODS[ordinal], pod=None if node is None else pod, report=said)


GONE = (member(0, None), member(1, None, node=None))
LEFT = member(2, Role.SECONDARY)
STOPPED: Any = {"excluded": True, "message": "it was given up"}


def seen(
    *members: MemberFacts, asked: dict[str, str] | None = None, excluded: frozenset[str] = frozenset(), holder: str = ""
) -> Snapshot:
    of = service(annotations=ASKED if asked is None else asked, members=len(members) if len(members) in (1, 3, 5, 7) else 3)
    address = AddressFacts(holder=holder or PODS[0], term=7, external="10.89.1.1", excluded=excluded)
    return Snapshot(
        service=of,
        members=members,
        replicas=len(members),
        address=address,
        applied={d.key: d.digest for d in OBJECTS},
        now="2026-12-01T10:00:05Z",
    )


def answer(step: Step) -> str:
    assert isinstance(step, ClearRequest), step
    return step.why


def test_those_that_are_given_up_are_fenced_before_anything_is_forced() -> None:
    step = plan(seen(*GONE, LEFT), target())
    assert isinstance(step, Exclude)
    assert (step.pods, step.kept) == (tuple(sorted(GIVEN_UP)), LEFT)


def test_engines_that_are_only_down_are_not_given_up_and_nobody_is_led_to_it() -> None:
    crashed = (member(0, Role.DOWN, message="the engine died"), member(1, Role.DOWN, message="the engine died"))
    said = answer(plan(seen(*crashed, LEFT), target()))
    assert "datanode0 is only down (the engine died) and has its data" in said
    assert "delete its claim data-orders-g1-0 and its Pod first" in said
    assert "moorage recover" not in outlook(seen(*crashed, LEFT, asked={}))


@pytest.mark.parametrize("useless", [{"damage": "its data is damaged"}, {"has_data": False}])
def test_those_whose_data_is_of_no_use_may_be_given_up(useless: dict[str, Any]) -> None:
    step = plan(seen(*(member(i, Role.DOWN, **useless) for i in range(2)), LEFT), target())
    assert isinstance(step, Exclude)


def test_then_the_one_that_is_kept_goes_on_alone_with_the_configuration_that_the_request_names() -> None:
    step = plan(seen(*GONE, LEFT, excluded=GIVEN_UP), target())
    assert isinstance(step, Order)
    assert (step.member, step.id, step.action, step.body) == (LEFT, ORDER_ID, RECOVER, {"configuration": MARK, "until": UNTIL})
    assert "what only datanode0, datanode1 hold is lost" in step.why


def test_a_member_that_is_heard_has_to_say_that_it_is_stopped_before_another_one_is_kept() -> None:
    runs = member(0, Role.DOWN)
    step = plan(seen(runs, GONE[1], LEFT, excluded=GIVEN_UP), target())
    assert step == Wait("waits for datanode0 to stop before datanode2 is kept alone")
    stopped = member(0, Role.REMOVED, **STOPPED)
    assert isinstance(plan(seen(stopped, GONE[1], LEFT, excluded=GIVEN_UP), target()), Order)


def test_the_order_is_given_once() -> None:
    ordered = member(2, Role.SECONDARY, order_id=ORDER_ID)
    assert isinstance(plan(seen(*GONE, ordered, excluded=GIVEN_UP), target()), Wait)


@pytest.mark.parametrize("asked", [ASKED, {}], ids=["asked", "the request was taken away by hand"])
def test_while_the_order_is_not_answered_neither_the_fence_nor_the_request_is_taken_back(asked: dict[str, str]) -> None:
    """Who is not heard from may carry it out at any time."""
    unheard = member(2, None, node="n2", order_id=ORDER_ID)
    other = member(0, Role.REMOVED, **STOPPED)
    assert isinstance(plan(seen(other, GONE[1], unheard, asked=asked, excluded=GIVEN_UP), target()), Wait)


@pytest.mark.parametrize(
    ("first", "excluded", "why"),
    [
        (member(0, Role.DOWN), GIVEN_UP, "waits for datanode0 to stop before datanode2 is kept alone"),
        (GONE[0], GIVEN_UP, "something else was to be done first"),
        (GONE[0], frozenset[str](), "something else was to be done first"),
    ],
    ids=["somebody does not stop", "not ordered in time", "not fenced in time"],
)
def test_what_was_not_ordered_within_five_minutes_is_not_forced_any_more(
    first: MemberFacts, excluded: frozenset[str], why: str
) -> None:
    looked = seen(first, GONE[1], LEFT, excluded=excluded)
    assert not isinstance(plan(looked, target()), ClearRequest)
    said = answer(plan(replace(looked, now=LATE), target()))
    assert said == f"datanode2 was not kept alone within 5 minutes, and nothing was forced: {why}; ask again"


@pytest.mark.parametrize("other", [GONE[0], member(0, Role.REMOVED, **STOPPED)], ids=["nobody is heard", "another one is heard"])
def test_one_that_does_not_answer_is_waited_for_six_minutes_and_the_fence_stays(other: MemberFacts) -> None:
    unheard = member(2, None, node="n2", order_id=ORDER_ID)
    looked = replace(seen(other, GONE[1], unheard, excluded=GIVEN_UP), now=LATE)
    assert isinstance(plan(looked, target()), Wait), "its clock may be behind"
    said = answer(plan(replace(looked, now=TOO_LATE), target()))
    assert said == (
        "datanode2 has not answered within 5 minutes (not heard from: its node is not heard from): whether it goes on alone is "
        "not known, so the others stay stopped until it is heard; if it is gone for good, say so (kubectl delete node n2), and "
        "ask for another one to be kept"
    )
    after = replace(seen(other, GONE[1], unheard, asked={}, excluded=GIVEN_UP), now=TOO_LATE)
    assert isinstance(plan(after, target()), Wait), "neither the fence nor anybody behind it is touched"


def test_once_the_one_that_did_not_answer_is_gone_another_one_may_be_kept() -> None:
    asked = {names.ANNOTATION_RECOVER: wish("datanode1", MARK, "2026-12-01T10:06:00.000Z")}
    left = member(1, Role.SECONDARY)
    silent = member(2, None, node="n2", order_id=ORDER_ID)
    others = replace(seen(GONE[0], left, silent, asked=asked, excluded=frozenset()), now=TOO_LATE)
    assert answer(plan(others, target())).endswith("an earlier recovery keeps datanode2, which has not answered yet")
    gone = replace(seen(GONE[0], left, member(2, None, node=None), asked=asked, excluded=frozenset()), now=TOO_LATE)
    assert isinstance(plan(gone, target()), Exclude)


def test_one_that_goes_on_alone_and_is_not_elected_is_not_waited_for_without_end() -> None:
    alone = member(2, Role.SECONDARY, order_id=ORDER_ID, order_done=ORDER_ID, configured=PODS[2:3])
    looked = seen(*GONE, alone, excluded=GIVEN_UP)
    assert isinstance(plan(looked, target()), Wait)
    said = answer(plan(replace(looked, now=TOO_LATE), target()))
    assert said == "datanode2 goes on alone and is not primary after 5 minutes: see what its engine says"
    after = replace(seen(*GONE, alone, asked={}, excluded=GIVEN_UP), now=TOO_LATE)
    assert not isinstance(plan(after, target()), Exclude)


def test_the_request_ends_when_the_one_that_is_kept_is_primary_and_the_address_leads_to_it() -> None:
    alone: dict[str, Any] = {"configured": PODS[2:3], "configuration": "-1:5003", "order_done": ORDER_ID}
    elected = member(2, Role.PRIMARY, order_id=ORDER_ID, **alone)
    assert not isinstance(plan(seen(*GONE, elected, excluded=GIVEN_UP), target()), ClearRequest)
    step = plan(seen(*GONE, elected, excluded=GIVEN_UP, holder=PODS[2]), target())
    assert answer(step).startswith(f"datanode2 {KEPT}: datanode2 is the primary")


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ((member(0, Role.PRIMARY), GONE[1], LEFT), "datanode0 is the primary, and nothing is lost"),
        ((member(0, Role.SECONDARY), GONE[1], LEFT), "they elect among themselves: datanode0, datanode2 are 2 of 3 members"),
        ((member(0, Role.CATCHING_UP), GONE[1], LEFT), "they elect among themselves: datanode0, datanode2 are 2 of 3 members"),
        ((member(0, None, node="n0"), GONE[1], LEFT), "datanode0 may still run on node n0, which is not heard from"),
        ((*GONE, member(2, None, node="n2")), "it is not heard from"),
        ((*GONE, member(2, Role.CATCHING_UP)), "it is catching-up, and only a secondary"),
        ((*GONE, member(2, Role.DOWN)), "it is down, and only a secondary"),
        ((*GONE, member(2, Role.UNINITIALIZED, has_data=False)), "it is uninitialized, and only a secondary"),
        ((*GONE, member(2, Role.SECONDARY, damage="its data is damaged")), "its data is damaged"),
        ((*GONE, member(2, Role.SECONDARY, configuration="7:4")), "is 7:4 by now, and the request was for 7:3"),
        ((member(0, None), replace(GONE[1], is_arbiter=True), LEFT), "had an arbiter beside it: restore a backup"),
    ],
)
def test_else_it_is_refused_and_nothing_is_changed(members: tuple[MemberFacts, ...], why: str) -> None:
    said = answer(plan(seen(*members), target()))
    assert said.startswith("datanode2 cannot be kept alone: ")
    assert why in said


def test_another_member_that_knows_another_configuration_is_looked_into_first() -> None:
    five = (*(member(i, None, total=5) for i in range(3)), member(3, Role.SECONDARY, total=5, configuration="7:4"))
    asked = {names.ANNOTATION_RECOVER: wish("datanode4", MARK, NOW)}
    said = answer(plan(seen(*five, member(4, Role.SECONDARY, total=5), asked=asked), target()))
    assert said == "datanode4 cannot be kept alone: datanode3 knows another configuration than datanode4"


@pytest.mark.parametrize("text", ["datanode2", "datanode2@7:3", "@7:3@now", "datanode2@7:3@", "datanode2@7:3@now"])
def test_a_request_that_cannot_be_read_is_said_so(text: str) -> None:
    said = answer(plan(seen(*GONE, LEFT, asked={names.ANNOTATION_RECOVER: text}), target()))
    assert f"'{text}' is not MEMBER@CONFIGURATION@TIME" in said


def test_a_member_that_there_is_not_cannot_be_kept() -> None:
    said = answer(plan(seen(*GONE, LEFT, asked={names.ANNOTATION_RECOVER: wish("datanode8", MARK, NOW)}), target()))
    assert "there are: datanode0, datanode1, datanode2" in said


def test_what_the_agent_refuses_is_the_answer_and_the_fence_is_taken_back() -> None:
    refused = member(2, Role.SECONDARY, order_id=ORDER_ID, order_refused=ORDER_ID, order_error="it sees the primary orders-g1-0")
    assert answer(plan(seen(*GONE, refused, excluded=GIVEN_UP), target())).endswith("it sees the primary orders-g1-0")
    step = plan(seen(*GONE, refused, excluded=GIVEN_UP, asked={}), target())
    assert isinstance(step, Exclude)
    assert (step.pods, step.kept) == ((), None)
    assert "nothing was forced" in step.why


def _kept(**facts: Any) -> MemberFacts:
    return member(2, Role.PRIMARY, configured=PODS[2:3], configuration="-1:5003", voters=1, **facts)


def _after(*others: MemberFacts, excluded: frozenset[str] = GIVEN_UP, **facts: Any) -> Step:
    return plan(seen(*others, _kept(**facts), asked={}, excluded=excluded, holder=PODS[2]), target(joins={p: {} for p in PODS}))


def test_what_comes_back_is_emptied_before_it_may_start() -> None:
    step = _after(member(0, Role.REMOVED, **STOPPED), GONE[1])
    assert isinstance(step, Order)
    assert (step.member.name, step.action) == ("datanode0", EMPTY_MEMBER)
    assert "it was given up in a recovery" in step.why


def test_only_once_it_is_empty_it_may_start_and_the_others_stay_given_up() -> None:
    step = _after(member(0, Role.REMOVED, has_data=False, **STOPPED), GONE[1])
    assert isinstance(step, Exclude)
    assert (step.pods, step.kept) == ((PODS[1],), None)


def test_one_that_holds_old_data_never_joins_and_an_empty_one_does() -> None:
    empty = [member(i, Role.UNINITIALIZED, has_data=False) for i in range(2)]
    assert isinstance(_after(*empty, excluded=frozenset()), Order)
    assert not isinstance(_after(*empty, excluded=GIVEN_UP), Order)


@pytest.mark.parametrize("runs", [None, member(2, None, node="n2"), member(2, Role.DOWN)], ids=["no Pod", "unheard", "down"])
def test_where_nobody_says_whether_anything_was_forced_the_fence_stays(runs: MemberFacts | None) -> None:
    others = (member(0, Role.REMOVED, **STOPPED), GONE[1])
    step = plan(seen(*others, runs or member(2, None, node=None), asked={}, excluded=GIVEN_UP), target())
    assert not isinstance(step, Exclude)


def test_while_no_majority_is_left_the_lost_ones_are_named_and_the_command_when_it_would_be_carried_out() -> None:
    allowed = outlook(seen(*GONE, LEFT, asked={}))
    assert allowed.startswith(
        "without datanode0, datanode1 no majority is left, and nothing is forced; if they are gone for good: "
    )
    assert (
        "moorage recover orders --keep datanode2 -n shop (writes that were acknowledged and that datanode2 does not hold"
        in allowed
    )
    unseen = seen(member(0, None, node="n0"), GONE[1], LEFT, asked={})
    assert outlook(unseen) == "without datanode0, datanode1 no majority is left, and nothing is forced"
    assert [r.why for r in rejected(unseen) if r.action == RECOVER and "kubectl delete node n0" in r.why]


def test_while_a_majority_is_left_or_a_primary_is_heard_nothing_of_it_is_said() -> None:
    assert outlook(seen(member(0, None), member(1, Role.SECONDARY), LEFT, asked={})) == ""
    assert outlook(seen(*GONE, member(2, Role.PRIMARY), asked={})) == ""


def test_a_recovery_is_a_repair_that_lasts_until_the_one_that_is_kept_is_primary() -> None:
    first = seen(*GONE, LEFT)
    begun = repairs([], first, plan(first, target()), NOW, was_done=True)
    assert [(r.kind, r.member, r.outcome) for r in begun] == [(RECOVER, "datanode2", "Running")]
    then = seen(*GONE, LEFT, excluded=GIVEN_UP)
    assert repairs(begun, then, plan(then, target()), NOW, was_done=True) == begun
    led = seen(*GONE, _kept(), excluded=GIVEN_UP, holder=PODS[2])
    assert [r.outcome for r in repairs(begun, led, Wait(""), NOW, was_done=True)] == ["Succeeded"]
    refused = seen(*GONE, LEFT, asked={})
    assert [r.outcome for r in repairs(begun, refused, Wait(""), NOW, was_done=True)] == ["GivenUp"]


ROLES = st.sampled_from([None, *Role])


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Any service of three or five of which anything is seen, and somebody may have asked for anything."""
    total = draw(st.sampled_from([3, 5]))
    members = []
    for ordinal in range(total):
        role = draw(ROLES)
        is_given_up = draw(st.booleans())
        marks: dict[str, Any] = {"excluded": is_given_up, "has_data": draw(st.booleans())} if role is Role.REMOVED else {}
        node = draw(st.sampled_from([None, "", f"n{ordinal}"]))
        order_id = draw(st.sampled_from(["", ORDER_ID]))
        done = {"order_done": order_id} if draw(st.booleans()) else {}
        members.append(member(ordinal, role, node=node, order_id=order_id, total=total, **marks, **done))
    asked = draw(st.sampled_from([{}, ASKED, {names.ANNOTATION_RECOVER: wish("datanode0", "7:2", NOW)}]))
    excluded = draw(st.sets(st.sampled_from(PODS[:total])))
    return seen(*members, asked=asked, excluded=frozenset(excluded))


@given(snapshots())
def test_never_forced_but_for_the_request_as_it_was_made_while_nobody_else_can_elect_or_run(found: Snapshot) -> None:
    step = plan(found, target())
    if not (isinstance(step, Order) and step.action == RECOVER):
        return
    kept, others = step.member, [m for m in found.members if m != step.member]
    assert found.service.metadata.annotations[names.ANNOTATION_RECOVER] == wish(kept.name, step.body["configuration"], NOW)
    assert isinstance(kept.report, Known)
    assert kept.report.value.configuration == step.body["configuration"], "of another configuration it is out of date"
    assert found.primary() is None
    electors = [m for m in found.members if m.role() in (Role.SECONDARY, Role.ARBITER, Role.CATCHING_UP, Role.PRIMARY)]
    assert len(electors) < majority(len(found.members)), "a majority could elect"
    for other in others:
        assert other.pod_name in found.address.excluded, "the fence comes first"
        if isinstance(other.report, Known):
            assert other.report.value.excluded, "one that is heard says that it is stopped"
        else:
            assert other.pod is None or not other.pod.node, "one that is not heard may run"
    assert kept.pod is not None
    assert kept.pod.order_id != step.id, "never twice"


@given(snapshots())
def test_nobody_is_given_up_unless_a_person_asked_and_the_rule_allows_it(found: Snapshot) -> None:
    step = plan(found, target())
    if isinstance(step, Exclude) and set(step.pods) - found.address.excluded:
        assert step.kept is not None
        assert why_not(step.kept, found) is None
        assert names.ANNOTATION_RECOVER in found.service.metadata.annotations
        assert judge(found).colour == "red"


@given(snapshots())
def test_nobody_that_still_holds_what_it_had_starts_again_beside_one_that_was_kept(found: Snapshot) -> None:
    step = plan(found, target())
    primary = found.primary()
    if not isinstance(step, Exclude) or step.kept is not None or primary is None:
        return
    assert isinstance(primary.report, Known)
    for pod in found.address.excluded - set(step.pods):
        back = next(m for m in found.members if m.pod_name == pod)
        is_empty = isinstance(back.report, Known) and back.report.value.excluded and not back.report.value.has_data
        assert is_empty or pod in primary.report.value.configured


def test_force_stands_in_one_module_alone() -> None:
    """DESIGN: no automatic step ever uses an engine's force."""
    package = Path(moorage.__file__).parent
    found = [
        str(p.relative_to(package)) for p in package.rglob("*.py") if '"force"' in p.read_text() or "'force'" in p.read_text()
    ]
    assert found == ["engines/mongodb/membership.py"]
    assert (package / found[0]).read_text().count('"force"') == 1
