"""Everything at once: whatever is damaged, asked for, silent, full or lost in whatever mixture, the one step risks nothing."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from moorage.api.drill import Drill, DrillKind
from moorage.core import names
from moorage.core.facts import AddressFacts, Known, MemberFacts, MemberReport, Role, Snapshot
from moorage.core.health import why_member_abnormal, why_red
from moorage.core.plan import plan
from moorage.core.rebuild_rule import EMPTY_MEMBER
from moorage.core.resize import REMOVE_MEMBER, Join, grow, majority
from moorage.core.step import ClearRequest, Discard, DropClaim, Exclude, Order, RenewVolume, ReplacePod, StartAnew, Step, Wait
from moorage.core.task import Task, TaskKind, TaskPhase, TaskReport
from moorage.core.volume import Level, VolumeState
from moorage.core.workers import WorkerFacts
from tests.unit.build import TEMPLATE, member, service, snapshot, target

NOW = "2026-12-01T10:00:30Z"
ASKED = "2026-12-01T10:00:00Z"
PODS = tuple(names.pod("orders", 1, i) for i in range(4))
NAMES = tuple(f"datanode{i}" for i in range(3))
HELD = '{"until": "2026-12-01T11:00:00Z"}'
CLAIMS = tuple(names.claim("orders", 1, i) for i in range(3))

often_well = st.sampled_from([None, None, None, *Role])
"""None: as it is in a whole cluster."""
seldom = st.sampled_from([False] * 5 + [True])


@st.composite
def members(draw: st.DrawFn, ordinal: int, configured: tuple[str, ...]) -> MemberFacts:
    role = draw(often_well) or (Role.PRIMARY if ordinal == 0 else Role.SECONDARY)
    known: dict[str, Any] = {"configured": configured, "configuration": draw(st.sampled_from(["5:2", "5:2", "5:2", "5:1"]))}
    if role in (Role.DOWN, Role.REMOVED, Role.UNINITIALIZED):
        known = {}
    report = MemberReport(
        role=role,
        term=5 if role is Role.PRIMARY else 0,
        damage="its data is damaged" if draw(seldom) else "",
        excluded=role is Role.REMOVED and draw(st.booleans()),
        has_data=draw(st.booleans()) or role not in (Role.REMOVED, Role.UNINITIALIZED),
        peers_down=(PODS[(ordinal + 1) % 3],) if draw(seldom) else (),
        volume=VolumeState(900, 97, Level.FULL) if draw(seldom) else VolumeState(),
        **known,
    )
    pod: dict[str, Any] = {"template": draw(st.sampled_from([TEMPLATE, TEMPLATE, "old"]))}
    if draw(seldom):
        pod["trouble"] = "no node can take it"
    if draw(seldom):
        pod["deleting"] = True
    is_heard = not draw(seldom)
    bare = member(ordinal, role if is_heard else None, **pod)
    return replace(bare, report=Known(report)) if is_heard else bare


@st.composite
def looks(draw: st.DrawFn) -> Snapshot:
    configured = tuple(sorted(draw(st.sampled_from([PODS[:3], PODS[:3], PODS[:2], PODS, (PODS[0], PODS[2])]))))
    each = [draw(members(i, configured)) for i in range(4)]
    asks = {
        names.ANNOTATION_RESTART: f"all@{ASKED}",
        names.ANNOTATION_REBUILD: f"{draw(st.sampled_from(NAMES))}@{ASKED}",
        names.ANNOTATION_PROMOTE: f"{draw(st.sampled_from(NAMES))}@{ASKED}",
        names.ANNOTATION_DRILL: f"{draw(st.sampled_from(DrillKind))}@2026-12-01T10:00:00.000Z",
        names.ANNOTATION_MAINTENANCE: HELD,
    }
    found = service(annotations={key: text for key, text in asks.items() if draw(seldom)}, drills={"allowed": True})
    kind = draw(st.sampled_from(DrillKind))
    drill = Drill(kind=kind, requested="2026-12-01T10:00:00.000Z")
    if draw(seldom):
        found = found.model_copy(update={"status": found.status.model_copy(update={"drills": [drill]})})
    task = Task("0123456789ab-w1", TaskKind.DRILL)
    writer = WorkerFacts("w", task, report=TaskReport(TaskPhase.RUNNING, "", result={"acknowledged": 99}))
    seen = snapshot(
        *each[:3],
        of=found,
        now=NOW,
        now_exact="2026-12-01T10:00:30.000Z",
        drill_writer=writer,
        leaving=(each[3],) if draw(seldom) or PODS[3] in configured else (),
        lost_claims=tuple(c for c in CLAIMS if draw(seldom)),
        replicas=4 if PODS[3] in configured else 3,
        free_nodes=draw(st.integers(0, 1)),
    )
    primary = seen.primary()
    excluded = frozenset(p for p in PODS if draw(seldom)) if draw(seldom) else frozenset[str]()
    holder = primary.pod_name if primary is not None and not draw(seldom) else PODS[0]
    return replace(seen, address=AddressFacts(holder=holder, term=5, excluded=excluded))


def victim(step: Step) -> str | None:
    """The Pod name of the member that a step takes out, stops or empties; None: nobody's."""
    if isinstance(step, ReplacePod | RenewVolume):
        return step.member.pod_name
    if isinstance(step, Order) and step.action == REMOVE_MEMBER:
        return str(step.body["member"])
    is_taken = isinstance(step, Order) and step.action in (EMPTY_MEMBER, "drill", "recover")
    return step.member.pod_name if is_taken and isinstance(step, Order) else None


def abnormal(seen: Snapshot, but: str) -> list[str]:
    """Members that count and are abnormal."""
    return [m.name for m in seen.cluster() if m.pod_name != but and why_member_abnormal(m, seen) is not None]


TARGET = target(joins={pod: {"entry": {}} for pod in PODS})


@settings(max_examples=600)
@given(looks())
def test_nobody_that_runs_is_taken_while_another_one_is_abnormal_or_the_service_is_red(seen: Snapshot) -> None:
    step = plan(seen, TARGET)
    pod = victim(step)
    if pod is None:
        return
    taken = next(m for m in seen.everyone() if m.pod_name == pod)
    if isinstance(step, ReplacePod) and not isinstance(taken.report, Known):
        return  # it does not run
    assert why_red(seen) is None, step.why
    if isinstance(step, Order) and step.action == REMOVE_MEMBER and taken in seen.leaving:
        normal = len(seen.cluster()) - len(abnormal(seen, but=""))
        assert normal >= majority(len(seen.cluster())), step.why
        assert not [name for name in abnormal(seen, but=pod) if name in NAMES], step.why
        return
    assert not abnormal(seen, but=pod), step.why
    if isinstance(step, ReplacePod):  # it is back soon: a cluster of two has no other way, when nobody can join it
        is_running = any(m.pod_name == pod for m in seen.cluster()) and taken.role() is not Role.DOWN
        assert not (is_running and len(seen.configured()) % 2 == 0 and isinstance(grow(seen), Join)), step.why
        return
    others = [m for m in seen.cluster() if m.pod_name != pod]
    assert len(others) >= majority(len(seen.cluster())), step.why


@settings(max_examples=200)
@given(looks())
def test_nothing_is_forced_given_up_or_made_anew_unless_a_person_asked_or_nothing_was_there(seen: Snapshot) -> None:
    step = plan(seen, TARGET)
    assert not isinstance(step, StartAnew | Discard | DropClaim)
    assert not (isinstance(step, Order) and step.action in ("recover", "initiate"))
    if isinstance(step, Exclude):
        assert set(step.pods) < seen.address.excluded, "without a request somebody may only start again"


@settings(max_examples=200)
@given(looks())
def test_in_maintenance_only_requests_end_and_the_role_moves_when_asked(seen: Snapshot) -> None:
    if names.ANNOTATION_MAINTENANCE not in seen.service.metadata.annotations:
        return
    step = plan(seen, TARGET)
    assert isinstance(step, Wait | ClearRequest | Exclude) or (isinstance(step, Order) and step.action == "hand-over")


@settings(max_examples=200)
@given(looks())
def test_a_drill_breaks_only_what_nothing_else_is_to_be_done_for(seen: Snapshot) -> None:
    step = plan(seen, TARGET)
    if isinstance(step, Order) and step.action == "drill":
        calm = seen.service.model_copy(update={"status": seen.service.status.model_copy(update={"drills": []})})
        bare = calm.metadata.model_copy(update={"annotations": {}})
        assert not isinstance(plan(replace(seen, service=calm.model_copy(update={"metadata": bare})), TARGET), Order | ReplacePod)
