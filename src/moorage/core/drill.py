"""A drill, step by step: a writer begins, the fault is made, the service is green again, the writer reads back what it wrote.

Nothing here repairs: what a fault needs, the rules for every other day do. `drill_history` keeps what was seen.
"""

from datetime import datetime, timedelta

from moorage.api.drill import Drill, DrillKind, DrillPhase
from moorage.api.drill_kinds import DRILL
from moorage.core import drill_rule, names
from moorage.core.drill_words import report, what
from moorage.core.facts import Known, MemberFacts, Snapshot
from moorage.core.orders import order
from moorage.core.promotion import HAND_OVER, hand_over, heir
from moorage.core.step import ClearRequest, Order, ReplacePod, Step, Wait

WRITES_BEFORE = 20
"""So many acknowledged writes before the fault: the writer is warm."""
FREEZE_SECONDS, SILENT_SECONDS = 10.0, 15.0
"""Shorter than it takes the kubelet to restart a container that does not answer."""


def answer(snapshot: Snapshot) -> Step | None:
    """Takes a request away that is over or cannot be had, with the sentence that says so. Before all other steps."""
    if snapshot.is_beside or not snapshot.now_exact or (found := drill_rule.asked(snapshot)) is None:
        return None
    drill = drill_rule.of_request(snapshot)
    if drill is not None:
        return ClearRequest(names.ANNOTATION_DRILL, report(drill, snapshot.service.metadata.name)) if drill.is_over else None
    why = _why_not_begun(*found, snapshot)
    return ClearRequest(names.ANNOTATION_DRILL, f"no drill: {why}") if why is not None else None


def _why_not_begun(kind: str, requested: str, snapshot: Snapshot) -> str | None:
    other = drill_rule.under_way(snapshot)
    if other is not None:
        return f"{other.kind} is under way: one at a time"
    unreadable = drill_rule.why_unreadable(kind, requested)
    return unreadable or drill_rule.why_refused(snapshot) or drill_rule.why_too_late(requested, snapshot)


def step(snapshot: Snapshot) -> Step | None:
    """The next step of the drill. Last of all: a fault is made only where there is nothing else to do."""
    if snapshot.is_beside or not snapshot.now_exact:
        return None
    drill = drill_rule.under_way(snapshot)
    if drill is None:
        return prepare(snapshot)
    if drill.phase is DrillPhase.PREPARING:
        return fault(drill, snapshot) or Wait(f"the drill {drill.kind} is prepared: waits for its writer")
    if drill.phase is DrillPhase.RUNNING:
        return Wait(f"the drill {drill.kind} has hit {drill.member}: waits until all is well again")
    return Wait(f"the drill {drill.kind} is checked: its writer reads back what was acknowledged")


def prepare(snapshot: Snapshot) -> Wait | None:
    """A request that may be begun; it is in the history from now on."""
    found = drill_rule.asked(snapshot)
    if found is None or drill_rule.of_request(snapshot) is not None or _why_not_begun(*found, snapshot) is not None:
        return None
    return Wait(f"the drill {found[0]} begins: a worker is to write")


def fault(drill: Drill, snapshot: Snapshot) -> Step | None:
    """What breaks something; None while it must not be done, or not yet."""
    member = drill_rule.hit(drill.kind, snapshot)
    is_late = drill_rule.why_too_late(drill.requested, snapshot) is not None
    if member is None or carrier(drill, snapshot) is not None or not writes(snapshot) or is_late:
        return None
    if drill_rule.why_refused(snapshot) is not None:
        return None
    why = f"the drill {drill.kind}, which a person asked for: {what(drill.kind, member.name)}"
    match drill.kind:
        case DrillKind.POD_DELETE:
            return ReplacePod(member, why)
        case DrillKind.PRIMARY_HANDOVER:
            to = heir(snapshot)
            return hand_over(member, to, why, snapshot) if to is not None else None
        case _:
            return order(member, order_id(drill, term(snapshot)), DRILL, _body(drill), why)


def writes(snapshot: Snapshot) -> bool:
    """Whether the writer has begun, and goes on."""
    writer = snapshot.drill_writer
    if writer is None or writer.report is None or writer.failure or writer.has_succeeded:
        return False
    return int(writer.report.result.get("acknowledged") or 0) >= WRITES_BEFORE


def _prefix(drill: Drill) -> str:
    return f"{DRILL}-{drill.kind}-{drill.requested}-"


def order_id(drill: Drill, term: int) -> str:
    """Holds the term before the fault: who deletes the status makes nobody forget what was done when."""
    return f"{_prefix(drill)}{term}"


def is_order_of(drill: Drill, order_id: str) -> bool:
    return order_id.startswith(_prefix(drill))


def term_of(drill: Drill, order_id: str) -> int:
    """The term before its fault."""
    text = order_id.removeprefix(_prefix(drill))
    return int(text) if text.isdigit() else 0  # somebody wrote the order by hand


def term(snapshot: Snapshot) -> int:
    """The primary's; 0 when there is none."""
    primary = snapshot.primary()
    return primary.report.value.term if primary is not None and isinstance(primary.report, Known) else 0


def _body(drill: Drill) -> dict[str, object]:
    """`until`: an agent that hears of it later refuses."""
    until = datetime.fromisoformat(drill.requested) + timedelta(seconds=drill_rule.START_SECONDS)
    seconds = {DrillKind.PRIMARY_FREEZE: FREEZE_SECONDS, DrillKind.NODE_LOSS: SILENT_SECONDS}.get(drill.kind, 0.0)
    return {"kind": str(drill.kind), "seconds": seconds, "until": until.isoformat()}


def carrier(drill: Drill, snapshot: Snapshot) -> MemberFacts | None:
    """The member on whose Pod the order stands."""
    return next((m for m in snapshot.members if m.pod is not None and is_order_of(drill, m.pod.order_id)), None)


def stands_on(drill: Drill, member: MemberFacts) -> bool:
    """Whether its order is still the one on the member's Pod; one that deletes the Pod has none."""
    order = member.pod.order_id if member.pod is not None else ""
    if drill.kind is DrillKind.PRIMARY_HANDOVER:
        return order.startswith(f"{HAND_OVER}-")
    return drill.kind is DrillKind.POD_DELETE or is_order_of(drill, order)


def is_fault(step: Step) -> bool:
    """Whether an order breaks something on purpose."""
    return isinstance(step, Order) and step.action == DRILL
