"""The last drills of a service: how far each is and what it showed. Pure: from the history before and this look."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from moorage.api.dataservice import Health
from moorage.api.drill import DRILLS_MAX, MESSAGE_LENGTH_MAX, Drill, DrillKind, DrillPhase
from moorage.core import drill, drill_rule
from moorage.core.drill_words import GOES_ON, ORDER_GONE, POD_REPLACED
from moorage.core.facts import Known, MemberFacts, Snapshot
from moorage.core.health import judge
from moorage.core.step import Step

GREEN_SECONDS_MAX = 300.0
COPY_SECONDS_MAX = 3600.0
"""After a loss of data everything is copied."""
SETTLED_SECONDS = 5.0
"""Green for so long is green again, since its beginning."""
CHECK_SECONDS_MAX = 120.0


def drills(before: Sequence[Drill], snapshot: Snapshot, step: Step, *, was_done: bool) -> list[Drill]:
    """`was_done`: the step was taken, or is one that only waits."""
    if not snapshot.now_exact or snapshot.is_beside:
        return list(before)
    found = [d if d.is_over else _went_on(d, snapshot, step, was_done=was_done) for d in before]
    wish = drill_rule.asked(snapshot)
    if wish is not None and step == drill.prepare(snapshot):
        found.append(Drill(kind=DrillKind(wish[0]), requested=wish[1]))
    return found[-DRILLS_MAX:]


def _went_on(one: Drill, snapshot: Snapshot, step: Step, *, was_done: bool) -> Drill:
    match one.phase:
        case DrillPhase.PREPARING:
            return _prepared(one, snapshot, step, was_done=was_done)
        case DrillPhase.RUNNING:
            return _ran(one, snapshot)
        case _:
            return _checked(one, snapshot)


def _prepared(one: Drill, snapshot: Snapshot, step: Step, *, was_done: bool) -> Drill:
    carrier = drill.carrier(one, snapshot)
    is_made = was_done and step == drill.fault(one, snapshot)
    member = carrier or (drill_rule.hit(one.kind, snapshot) if is_made else None)
    if member is not None:
        order = carrier.pod.order_id if carrier is not None and carrier.pod is not None else ""
        term = drill.term_of(one, order) if order else drill.term(snapshot)
        facts = {"member": member.name, "term": term, "start_time": snapshot.now_exact}
        return one.model_copy(update={"phase": DrillPhase.RUNNING, **facts})
    why = _why_given_up(one, snapshot)
    return one if why is None else _failed(one, snapshot, why)


def _why_given_up(one: Drill, snapshot: Snapshot) -> str | None:
    writer = snapshot.drill_writer
    if drill_rule.asked(snapshot) != (one.kind, one.requested):
        return "it was taken back"
    if writer is not None and (writer.failure or writer.has_succeeded):
        return f"its writer ended before: {writer.failure or 'without a word'}"
    if drill_rule.why_too_late(one.requested, snapshot) is not None:
        trouble = f": {writer.trouble}" if writer is not None and writer.trouble else ""
        return f"its writer did not write within {drill_rule.START_SECONDS:.0f} s{trouble}"
    return drill_rule.why_refused(snapshot)


def _ran(one: Drill, snapshot: Snapshot) -> Drill:
    carrier = drill.carrier(one, snapshot)
    report = carrier.report if carrier is not None else None
    if carrier is not None and isinstance(report, Known) and drill.is_order_of(one, report.value.order_refused):
        why = f"{carrier.name} refused: {report.value.order_error}"
        return _failed(one.model_copy(update={"member": ""}), snapshot, why)
    seconds = _since(one.start_time, snapshot)
    checks = {"phase": DrillPhase.CHECKING, "check_time": snapshot.now_exact}
    if (spoiled := _why_spoiled(one, snapshot)) is not None:
        return one.model_copy(update={"message": spoiled, "green_time": None, "seconds_to_green": None, **checks})
    if has_happened(one, snapshot) and judge(snapshot).colour is Health.GREEN:
        return _green(one, snapshot, seconds, checks)
    limit = COPY_SECONDS_MAX if one.kind is DrillKind.MEMBER_DATA_LOSS else GREEN_SECONDS_MAX
    return one.model_copy(update={"green_time": None, "seconds_to_green": None, **(checks if seconds > limit else {})})


def _green(one: Drill, snapshot: Snapshot, seconds: float, checks: Mapping[str, object]) -> Drill:
    """Green that lasts: a primary that lost its role is started anew a moment later, so that its clients go elsewhere."""
    if one.green_time is None:
        return one.model_copy(update={"green_time": snapshot.now_exact, "seconds_to_green": round(seconds, 3)})
    return one.model_copy(update=checks) if _since(one.green_time, snapshot) >= SETTLED_SECONDS else one


def _why_spoiled(one: Drill, snapshot: Snapshot) -> str | None:
    """Why nobody can tell any more whether the fault was made, or whatever follows is not the fault's alone; or None."""
    if _is_pod_replaced(one, snapshot):
        return POD_REPLACED.format(member=one.member)
    member = snapshot.member(one.member)
    is_gone = member is not None and member.pod is not None and not drill.stands_on(one, member)
    return ORDER_GONE.format(member=one.member) if is_gone else None


def _is_pod_replaced(one: Drill, snapshot: Snapshot) -> bool:
    """By somebody else: no other fault takes the Pod away. `created` has no milliseconds."""
    member = snapshot.member(one.member)
    if one.kind is DrillKind.POD_DELETE or member is None or member.pod is None or one.start_time is None:
        return False
    return member.pod.created[:19] >= one.start_time[:19]


def has_happened(one: Drill, snapshot: Snapshot) -> bool:
    """Whether what is seen is from after the fault: a report from before it would call the service green."""
    if one.kind not in drill_rule.OF_A_SECONDARY:
        return drill.term(snapshot) > one.term
    member = snapshot.member(one.member)
    return member is not None and _is_done(one, member)


def _is_done(one: Drill, member: MemberFacts) -> bool:
    return isinstance(member.report, Known) and drill.is_order_of(one, member.report.value.order_done)


def _checked(one: Drill, snapshot: Snapshot) -> Drill:
    writer = snapshot.drill_writer
    if writer is None:
        return _failed(one, snapshot, "its writer is gone")
    if writer.has_succeeded and writer.report is not None:
        return _ended(_with_figures(one, writer.report.result), snapshot)
    if writer.failure:
        result = writer.report.result if writer.report is not None else {}
        return _failed(_with_figures(one, {**result, "lost": None}), snapshot, f"its writer failed: {writer.failure}")
    if _since(one.check_time, snapshot) > CHECK_SECONDS_MAX:
        return _failed(one, snapshot, f"its writer did not end within {CHECK_SECONDS_MAX:.0f} s")
    return one


def _with_figures(one: Drill, result: dict[str, object]) -> Drill:
    counts = {key: _whole(result.get(key)) for key in ("acknowledged", "lost", "errors")}
    gap = result.get("longestGapSeconds")
    return one.model_copy(update={**counts, "gap_seconds": float(gap) if isinstance(gap, int | float) else None})


def _whole(found: object) -> int | None:
    return found if isinstance(found, int) else None


def _ended(one: Drill, snapshot: Snapshot) -> Drill:
    """Green in time and nothing lost, or what was not so."""
    why = [one.message] if one.message else []
    if one.lost is None:
        why.append("nobody could look whether a write was lost")
    elif one.lost:
        why.append("an acknowledged write was lost: please report it")
    if one.seconds_to_green is None and not one.message:
        why.append(GOES_ON)
    if why:
        return _failed(one, snapshot, "; ".join(why))
    return one.model_copy(update={"phase": DrillPhase.SUCCEEDED, "end_time": snapshot.now_exact})


def _failed(one: Drill, snapshot: Snapshot, why: str) -> Drill:
    said = {"phase": DrillPhase.FAILED, "end_time": snapshot.now_exact, "message": why[:MESSAGE_LENGTH_MAX]}
    return one.model_copy(update=said)


def _since(start: str | None, snapshot: Snapshot) -> float:
    if start is None:
        return 0.0
    return (datetime.fromisoformat(snapshot.now_exact) - datetime.fromisoformat(start)).total_seconds()
