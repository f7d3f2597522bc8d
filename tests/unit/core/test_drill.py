"""A drill breaks something on purpose: only of a service that says so, only while all is well, once, and soon or never."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.api.dataservice import DataService
from moorage.api.drill import Drill, DrillKind, DrillPhase
from moorage.core import drill_history, drill_rule, drill_words, names
from moorage.core.drill import WRITES_BEFORE, order_id
from moorage.core.facts import Known, MemberFacts, MemberReport, Role, Snapshot
from moorage.core.health import judge
from moorage.core.plan import plan
from moorage.core.step import ClearRequest, Order, ReplacePod, Step, Wait
from moorage.core.task import Task, TaskKind, TaskPhase, TaskReport
from moorage.core.workers import WorkerFacts
from tests.unit.build import member, service, snapshot, target

ASKED = "2026-12-01T10:00:00.000Z"
START = datetime(2026, 12, 1, 10, 0, 0, tzinfo=UTC)
PODS = tuple(names.pod("orders", 1, i) for i in range(3))
ROLES = [*Role, None]


def _member(ordinal: int, role: Role | None, *, term: int = 5, **report: Any) -> MemberFacts:
    order = report.pop("order_id", "")
    bare = member(ordinal, role, order_id=order)
    if role is None:
        return bare
    of_set = role in (Role.PRIMARY, Role.SECONDARY, Role.CATCHING_UP)
    known: dict[str, Any] = {"configured": PODS, "configuration": f"{term}:1", "term": term} if of_set else {}
    return replace(bare, report=Known(MemberReport(role=role, **{**known, **report})))


WELL = (_member(0, Role.PRIMARY), _member(1, Role.SECONDARY), _member(2, Role.SECONDARY))


def _service(kind: str, *drills: Drill, allowed: bool = True, asked: str | None = ASKED, **status: Any) -> DataService:
    annotations = {names.ANNOTATION_DRILL: f"{kind}@{asked}"} if asked is not None else {}
    found = service(annotations=annotations, drills={"allowed": allowed})
    seen = type(found.status).model_validate({"init": {"phase": "Succeeded"}, **status})
    return found.model_copy(update={"status": seen.model_copy(update={"drills": list(drills)})})


def _seen(
    of: DataService, *members: MemberFacts, after: float = 5.0, writer: WorkerFacts | None = None, **facts: Any
) -> Snapshot:
    exact = (START + timedelta(seconds=after)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    running = next((d for d in of.status.drills if d.phase is DrillPhase.RUNNING), None)
    carrying = [_carrying(m, running) if running is not None and m.name == running.member else m for m in members or WELL]
    return snapshot(*carrying, of=of, now=f"{exact[:19]}Z", now_exact=exact, drill_writer=writer, **facts)


def _carrying(found: MemberFacts, running: Drill) -> MemberFacts:
    """With the order of the drill on its Pod, unless another one stands there."""
    assert found.pod is not None
    handed = f"hand-over-{PODS[1]}-5"
    order = handed if running.kind is DrillKind.PRIMARY_HANDOVER else order_id(running, 5)
    return found if found.pod.order_id else replace(found, pod=replace(found.pod, order_id=order))


def _writer(phase: TaskPhase = TaskPhase.RUNNING, message: str = "", **result: Any) -> WorkerFacts:
    task = Task("0123456789ab-w1", TaskKind.DRILL)
    told = {"acknowledged": WRITES_BEFORE, "errors": 0, "longestGapSeconds": 0.1, **result}
    return WorkerFacts("moorage-drill-0123456789ab-w1", task, report=TaskReport(phase, message, result=told))


def _drill(kind: DrillKind = DrillKind.PRIMARY_CRASH, phase: DrillPhase = DrillPhase.PREPARING, **facts: Any) -> Drill:
    return Drill(kind=kind, requested=ASKED, phase=phase, **facts)


def _ran(kind: DrillKind = DrillKind.PRIMARY_CRASH, **facts: Any) -> Drill:
    return _drill(kind, DrillPhase.RUNNING, **{"member": "datanode0", "term": 5, "start_time": ASKED, **facts})


def _went_on(seen: Snapshot) -> list[Drill]:
    return drill_history.drills(seen.service.status.drills, seen, plan(seen, target()), was_done=True)


def _breaks(step: Step) -> bool:
    """Whether it is the fault of a drill, whatever kind of step that is."""
    return isinstance(step, Order | ReplacePod) and step.why.startswith("the drill ")


@pytest.mark.parametrize("kind", DrillKind)
def test_a_request_is_begun_by_a_writer_and_breaks_nothing_yet(kind: DrillKind) -> None:
    seen = _seen(_service(kind))
    assert plan(seen, target()) == Wait(f"the drill {kind} begins: a worker is to write")
    assert _went_on(seen) == [_drill(kind)]
    assert not _breaks(plan(_seen(_service(kind, _drill(kind))), target())), "nobody writes yet"


@pytest.mark.parametrize("kind", [k for k in DrillKind if k not in (DrillKind.POD_DELETE, DrillKind.PRIMARY_HANDOVER)])
def test_the_fault_is_an_order_to_the_members_own_agent(kind: DrillKind) -> None:
    step = plan(_seen(_service(kind, _drill(kind)), writer=_writer()), target())
    assert isinstance(step, Order)
    hit = "datanode2" if kind in (DrillKind.SECONDARY_CRASH, DrillKind.MEMBER_DATA_LOSS) else "datanode0"
    assert (step.member.name, step.action, step.body["kind"]) == (hit, "drill", kind)
    assert step.body["until"] == "2026-12-01T10:01:00+00:00"
    assert step.why == f"the drill {kind}, which a person asked for: {drill_words.what(kind, hit)}"


def test_a_deleted_pod_and_a_hand_over_are_those_of_every_other_day() -> None:
    step = plan(_seen(_service("pod-delete", _drill(DrillKind.POD_DELETE)), writer=_writer()), target())
    assert isinstance(step, ReplacePod)
    assert step.member.name == "datanode0"
    moved = plan(_seen(_service("primary-handover", _drill(DrillKind.PRIMARY_HANDOVER)), writer=_writer()), target())
    assert isinstance(moved, Order)
    assert (moved.action, moved.body["to"], moved.body["term"]) == ("hand-over", PODS[1], 5)


@given(
    kind=st.sampled_from(DrillKind),
    roles=st.lists(st.sampled_from(ROLES), min_size=3, max_size=3),
    deaf=st.booleans(),
    damage=st.booleans(),
)
def test_a_drill_never_breaks_anything_while_a_member_is_abnormal(
    kind: DrillKind, roles: list[Role | None], deaf: bool, damage: bool
) -> None:
    facts: dict[str, Any] = {"peers_down": (PODS[1],)} if deaf else {}
    members = [_member(0, roles[0], **facts), _member(1, roles[1]), _member(2, roles[2], damage="it is old" if damage else "")]
    seen = _seen(_service(kind, _drill(kind)), *members, writer=_writer())
    # two arbiters are no secondaries, and nobody can hand over to them
    is_there_one = drill_rule.hit(kind, seen) is not None and (kind != DrillKind.PRIMARY_HANDOVER or Role.SECONDARY in roles)
    assert _breaks(plan(seen, target())) == (judge(seen).colour == "green" and is_there_one)


@given(kind=st.sampled_from(DrillKind), has_entry=st.booleans(), acknowledged=st.integers(0, 1000))
def test_a_service_that_does_not_say_so_is_never_drilled(kind: DrillKind, has_entry: bool, acknowledged: int) -> None:
    of = _service(kind, *([_drill(kind)] if has_entry else []), allowed=False)
    step = plan(_seen(of, writer=_writer(acknowledged=acknowledged)), target())
    assert not _breaks(step)
    if not has_entry:
        says = "no drill: orders does not say that it may be drilled; its owner allows it with spec.drills.allowed: true"
        assert step == ClearRequest(names.ANNOTATION_DRILL, says)


@given(kind=st.sampled_from(DrillKind), after=st.floats(60.5, 1e6))
def test_a_fault_that_was_not_made_within_a_minute_is_never_made(kind: DrillKind, after: float) -> None:
    seen = _seen(_service(kind, _drill(kind)), writer=_writer(), after=after)
    assert not _breaks(plan(seen, target()))
    (given_up,) = _went_on(seen)
    assert given_up.phase is DrillPhase.FAILED
    late = plan(_seen(_service(kind), after=after), target())
    assert late == ClearRequest(
        names.ANNOTATION_DRILL,
        "no drill: it could not be begun within 60 s: there was something else to do first; ask for it again",
    )


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (_service("meteor"), "'meteor' is no drill; allowed: primary-crash, secondary-crash, "),
        (_service("primary-crash", asked="noon"), "'noon' is not the time at which it was asked for"),
        (_service("primary-crash", asked="2026-12-01T10:00:00"), "is not the time at which it was asked for"),
        (_service("primary-crash", asked="2026-12-24T10:00:00Z"), "it was asked for in the future"),
        (_service("primary-crash", backup={"phase": "Running", "name": "b1"}), "backup b1 is being taken: wait for its end"),
        (
            _service("primary-crash", repairs=[{"kind": "resync", "member": "datanode1", "startTime": ASKED}]),
            "a repair is under way: resync of datanode1",
        ),
        (
            _service("primary-crash", Drill(kind=DrillKind.NODE_LOSS, requested="2026-12-01T09:59:00Z")),
            "node-loss is under way: one at a time",
        ),
    ],
    ids=["unknown", "no time", "no zone", "future", "backup", "repair", "another drill"],
)
def test_a_request_that_cannot_be_had_is_refused_with_a_sentence(of: DataService, why: str) -> None:
    step = plan(_seen(of), target())
    assert isinstance(step, ClearRequest)
    assert step.why.startswith("no drill: ")
    assert why in step.why


def test_neither_during_maintenance_nor_a_restore_nor_without_a_third_member_with_data() -> None:
    seen = _seen(_service("primary-crash"))
    held = seen.service.metadata.annotations | {names.ANNOTATION_MAINTENANCE: '{"until": "2026-12-01T11:00:00Z"}'}
    quiet = seen.service.model_copy(update={"metadata": seen.service.metadata.model_copy(update={"annotations": held})})
    assert "no drill: maintenance until" in plan(replace(seen, service=quiet), target()).why
    restoring = replace(seen, restore=replace(seen.restore, running="orders is restored"))
    assert plan(restoring, target()).why == "no drill: a restore is under way: orders is restored"
    two = (*WELL[:2], replace(WELL[2], is_arbiter=True))
    assert plan(_seen(_service("primary-crash"), *two), target()).why == (
        "no drill: orders has 2 members with data, and a drill needs 3 or more"
    )


def test_a_fault_waits_for_everything_else_that_is_to_be_done() -> None:
    old = (WELL[0], WELL[1], replace(WELL[2], pod=replace(WELL[2].pod or member(2, None).pod, template="old")))  # type: ignore[type-var]
    step = plan(_seen(_service("primary-crash", _drill()), *old, writer=_writer()), target())
    assert isinstance(step, ReplacePod)
    assert step.member.name == "datanode2", "the roll-out goes first"


def test_a_fault_is_made_once_however_often_it_is_looked_at() -> None:
    drill = _drill()
    seen = _seen(_service("primary-crash", drill), writer=_writer())
    (made,) = _went_on(seen)
    assert (made.phase, made.member, made.term) == (DrillPhase.RUNNING, "datanode0", 5)
    assert not _breaks(plan(_seen(_service("primary-crash", made), writer=_writer()), target()))
    stands = (_member(0, Role.PRIMARY, order_id=order_id(drill, 5)), *WELL[1:])
    again = _seen(_service("primary-crash", drill), *stands, writer=_writer())
    assert not _breaks(plan(again, target())), "the status was not written, and the order stands"
    assert _went_on(again)[0].phase is DrillPhase.RUNNING


def test_what_is_seen_from_before_the_fault_is_not_green_again() -> None:
    assert _went_on(_seen(_service("primary-crash", _ran()), writer=_writer()))[0].phase is DrillPhase.RUNNING
    hit = _ran(DrillKind.SECONDARY_CRASH, member="datanode2")
    assert _went_on(_seen(_service("secondary-crash", hit), writer=_writer()))[0].phase is DrillPhase.RUNNING


NEW_PRIMARY = (_member(0, Role.SECONDARY, term=6), _member(1, Role.PRIMARY, term=6), _member(2, Role.SECONDARY, term=6))


def test_green_again_is_the_end_of_the_fault_and_its_time_is_kept() -> None:
    (green,) = _went_on(_seen(_service("primary-crash", _ran()), *NEW_PRIMARY, after=4.2, writer=_writer()))
    assert (green.phase, green.seconds_to_green) == (DrillPhase.RUNNING, 4.2)
    (still,) = _went_on(_seen(_service("primary-crash", green), *NEW_PRIMARY, after=9.1, writer=_writer()))
    assert still == green
    (checked,) = _went_on(_seen(_service("primary-crash", green), *NEW_PRIMARY, after=9.2, writer=_writer()))
    assert (checked.phase, checked.seconds_to_green) == (DrillPhase.CHECKING, 4.2)
    hit = _ran(DrillKind.MEMBER_DATA_LOSS, member="datanode2")
    done = (*WELL[:2], _member(2, Role.SECONDARY, order_done=order_id(hit, 5)))
    assert _went_on(_seen(_service("member-data-loss", hit), *done))[0].seconds_to_green == 5.0


def test_green_that_does_not_last_is_not_green_again() -> None:
    (green,) = _went_on(_seen(_service("primary-handover", _ran()), *NEW_PRIMARY, after=1.0, writer=_writer()))
    cut = (_member(0, Role.DOWN), *NEW_PRIMARY[1:])
    (again,) = _went_on(_seen(_service("primary-handover", green), *cut, after=2.0, writer=_writer()))
    assert (again.phase, again.green_time, again.seconds_to_green) == (DrillPhase.RUNNING, None, None)


def _checking(**facts: Any) -> Drill:
    checks = {"phase": DrillPhase.CHECKING, "check_time": ASKED, "green_time": ASKED, "seconds_to_green": 4.2, **facts}
    return _ran().model_copy(update=checks)


def test_the_report_says_what_clients_noticed() -> None:
    ended = _writer(TaskPhase.SUCCEEDED, acknowledged=1240, lost=0, errors=2, longestGapSeconds=0.64)
    (over,) = _went_on(_seen(_service("primary-crash", _checking()), writer=ended))
    assert (over.phase, over.acknowledged, over.lost, over.errors) == (DrillPhase.SUCCEEDED, 1240, 0, 2)
    said = (
        "primary-crash on orders (datanode0): writes stood still for 0.6 s, 0 of 1,240 acknowledged writes lost, "
        "green again after 4.2 s"
    )
    assert plan(_seen(_service("primary-crash", over)), target()) == ClearRequest(names.ANNOTATION_DRILL, said)


@pytest.mark.parametrize(
    ("writer", "facts", "says"),
    [
        (_writer(TaskPhase.SUCCEEDED, lost=3), {}, "3 of 20 acknowledged writes lost, green again after 4.2 s; an acknowledged"),
        (_writer(TaskPhase.SUCCEEDED, lost=0), {"seconds_to_green": None}, "not green again in time; the normal repair goes on"),
        (_writer(TaskPhase.FAILED, "nobody answers"), {}, "how many acknowledged writes were lost is not known"),
        (None, {}, "how many acknowledged writes were lost is not known, green again after 4.2 s; its writer is gone"),
    ],
    ids=["lost", "not green", "not read", "writer gone"],
)
def test_what_went_wrong_or_is_not_known_is_no_success(writer: WorkerFacts | None, facts: dict[str, Any], says: str) -> None:
    (over,) = _went_on(_seen(_service("primary-crash", _checking(**facts)), writer=writer))
    assert over.phase is DrillPhase.FAILED
    assert says in drill_words.report(over, "orders")


def test_a_service_that_is_not_green_in_time_ends_the_drill_and_not_the_repair() -> None:
    down = (_member(0, Role.DOWN), _member(1, Role.PRIMARY, term=6), _member(2, Role.SECONDARY, term=6))
    early = _went_on(_seen(_service("primary-crash", _ran()), *down, after=299.0, writer=_writer()))
    assert early[0].phase is DrillPhase.RUNNING
    (late,) = _went_on(_seen(_service("primary-crash", _ran()), *down, after=301.0, writer=_writer()))
    assert (late.phase, late.seconds_to_green) == (DrillPhase.CHECKING, None)


def test_an_agent_that_refuses_ends_the_drill_with_its_reason() -> None:
    refused: dict[str, Any] = {
        "order_id": order_id(_ran(), 5),
        "order_refused": order_id(_ran(), 5),
        "order_error": "it is old",
    }
    members = (_member(0, Role.PRIMARY, **refused), *WELL[1:])
    (over,) = _went_on(_seen(_service("primary-crash", _ran()), *members, writer=_writer()))
    assert (over.phase, over.message) == (DrillPhase.FAILED, "datanode0 refused: it is old")
    assert drill_words.report(over, "orders") == "primary-crash on orders was broken off: datanode0 refused: it is old"


@pytest.mark.parametrize(("kind", "hit"), [(DrillKind.PRIMARY_CRASH, 0), (DrillKind.MEMBER_DATA_LOSS, 2)])
def test_a_drill_whose_pod_is_replaced_ends_at_once_and_is_no_success_but_its_writes_are_read_back(
    kind: DrillKind, hit: int
) -> None:
    ran = _ran(kind, member=f"datanode{hit}")
    new = list(NEW_PRIMARY)
    new[hit] = replace(new[hit], pod=replace(member(hit, None).pod, created="2026-12-01T10:00:03Z"))  # type: ignore[type-var]
    (checked,) = _went_on(_seen(_service(kind, ran), *new, after=4.0, writer=_writer()))
    assert (checked.phase, checked.check_time) == (DrillPhase.CHECKING, "2026-12-01T10:00:04.000Z")
    ended = _writer(TaskPhase.SUCCEEDED, acknowledged=1240, lost=0, errors=2, longestGapSeconds=0.64)
    (over,) = _went_on(_seen(_service(kind, checked), *new, after=6.0, writer=ended))
    assert over.phase is DrillPhase.FAILED
    assert drill_words.report(over, "orders") == (
        f"{kind} on orders (datanode{hit}): writes stood still for 0.6 s, 0 of 1,240 acknowledged writes lost, "
        f"not waited for until green; the Pod of datanode{hit} was replaced meanwhile, so this does not show what the fault "
        "alone does, if it was made at all: ask for it again"
    )


@pytest.mark.parametrize("kind", [k for k in DrillKind if k is not DrillKind.POD_DELETE])
@pytest.mark.parametrize("seen", [WELL, NEW_PRIMARY], ids=["before anything was seen of it", "after a new primary"])
@pytest.mark.parametrize("order", ["remove-member-orders-g1-2-5:1", ""])
def test_a_drill_whose_order_is_overwritten_or_taken_away_ends_at_once_and_says_so(
    kind: DrillKind, seen: tuple[MemberFacts, ...], order: str
) -> None:
    ran = _ran(kind)
    looked = _seen(_service(kind, ran), *seen, after=4.0, writer=_writer())
    other = replace(looked.members[0], pod=replace(looked.members[0].pod, order_id=order))  # type: ignore[type-var]
    (checked,) = _went_on(replace(looked, members=(other, *seen[1:])))
    assert (checked.phase, checked.seconds_to_green) == (DrillPhase.CHECKING, None)
    ended = _writer(TaskPhase.SUCCEEDED, acknowledged=1240, lost=0, errors=2, longestGapSeconds=0.64)
    (over,) = _went_on(_seen(_service(kind, checked), *seen, after=6.0, writer=ended))
    assert over.phase is DrillPhase.FAILED
    assert drill_words.report(over, "orders").endswith(
        "not waited for until green; the order for it was overwritten or taken from the Pod of datanode0, so this does not show "
        "what the fault alone does, if it was made at all: ask for it again"
    )


def test_a_drill_that_deletes_a_pod_waits_for_the_next_one() -> None:
    new = (replace(NEW_PRIMARY[0], pod=replace(member(0, None).pod, created="2026-12-01T10:00:03Z")), *NEW_PRIMARY[1:])  # type: ignore[type-var]
    (green,) = _went_on(_seen(_service("pod-delete", _ran(DrillKind.POD_DELETE)), *new, after=4.0, writer=_writer()))
    assert (green.phase, green.seconds_to_green) == (DrillPhase.RUNNING, 4.0)


def test_a_drill_that_is_taken_back_before_its_fault_makes_none() -> None:
    seen = _seen(_service("primary-crash", _drill(), asked=None), writer=_writer())
    (over,) = drill_history.drills(seen.service.status.drills, seen, Wait("something else"), was_done=True)
    assert (over.phase, over.message) == (DrillPhase.FAILED, "it was taken back")


def test_the_last_twenty_drills_are_kept() -> None:
    past = [
        Drill(kind=DrillKind.NODE_LOSS, requested=f"2026-11-{d:02}T10:00:00Z", phase=DrillPhase.SUCCEEDED) for d in range(1, 21)
    ]
    found = _went_on(_seen(_service("primary-crash", *past)))
    assert (len(found), found[-1], found[0].requested[:10]) == (20, _drill(), "2026-11-02")
