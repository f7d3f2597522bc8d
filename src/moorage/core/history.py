"""The last repairs of a service: when each began, why, and what became of it. Pure: from the history before and this look.

What a person asked for (a roll-out, another size) is no repair, and neither is the making of a service.
"""

from collections.abc import Sequence

from moorage.api.dataservice import REPAIRS_MAX, Rejected, Repair
from moorage.core import fullness, maintenance, rebuild_rule, recovery, stand_in
from moorage.core.facts import Known, MemberFacts, Snapshot
from moorage.core.health import why_member_abnormal
from moorage.core.kinds import COPYING, REPLACE_VOLUME, RESYNC, STAND_IN
from moorage.core.resize import ADD_MEMBER, REMOVE_MEMBER
from moorage.core.step import EDITED, Apply, Exclude, Order, RenewVolume, ReplacePod, Step

RESTORE_OBJECT, CORRECT_OBJECT, REPLACE_MEMBER = "restore-object", "correct-object", "replace-member"
_OF_OBJECTS, _REBUILDS = (RESTORE_OBJECT, CORRECT_OBJECT), (RESYNC, REPLACE_VOLUME)
_CHANGES = (ADD_MEMBER, REMOVE_MEMBER)
TEXT_MAX = 1024


def kind_of(step: Step, snapshot: Snapshot) -> str | None:
    """Which repair a step belongs to, in kebab case; None: it is none."""
    found = _repair_of(step, snapshot)
    return found[0] if found is not None else None


def begins_copy(step: Step, snapshot: Snapshot) -> bool:
    """Whether it takes one of the places of repairs that copy data: a stand-in takes it with the Pod that is made for it."""
    if isinstance(step, Apply):
        return step.desired.kind == "StatefulSet" and stand_in.begins(snapshot) is not None
    return kind_of(step, snapshot) in COPYING


def _repair_of(step: Step, snapshot: Snapshot) -> tuple[str, str] | None:
    """The kind, and the member or object that it is done to."""
    match step:
        case RenewVolume(member):
            return REPLACE_VOLUME, member.name
        case Exclude(_, _, MemberFacts() as kept) | Order(kept, _, recovery.RECOVER):
            return recovery.RECOVER, kept.name
        case Order(member, _, rebuild_rule.EMPTY_MEMBER):
            return RESYNC, member.name
        case Order(_, _, action, body) if action in _CHANGES and (of := stand_in.is_for(body["member"], snapshot)) is not None:
            return STAND_IN, of
        case Order(_, _, action, body) if action == REMOVE_MEMBER:
            leaver = next((m for m in snapshot.members if m.pod_name == body["member"]), None)
            return None if leaver is None else (_kind_of_rebuild(leaver, snapshot), leaver.name)
        case _ if snapshot.service.status.init.phase != "Succeeded":
            return None
        case Apply(desired) if desired.kind == "StatefulSet" and (lost := stand_in.begins(snapshot)) is not None:
            return STAND_IN, lost
        case Apply(desired) if desired.key not in snapshot.applied:
            return RESTORE_OBJECT, desired.key
        case Apply(desired) if snapshot.applied[desired.key] == EDITED:
            return CORRECT_OBJECT, desired.key
        case ReplacePod(member) if why_member_abnormal(member, snapshot) is not None:
            return REPLACE_MEMBER, member.name
    return None


def _kind_of_rebuild(member: MemberFacts, snapshot: Snapshot) -> str:
    return REPLACE_VOLUME if snapshot.has_lost_volume(member) else RESYNC


def repairs(before: Sequence[Repair], snapshot: Snapshot, step: Step, now: str, *, was_done: bool) -> list[Repair]:
    """`was_done`: the step was taken. A repair is over when its member or object is normal; it failed when it is begun anew."""
    found = [_went_on(repair, snapshot, now) for repair in before]
    begun = _repair_of(step, snapshot) if was_done else None
    if begun is None:
        return found
    if _is_begun_anew(begun, snapshot):
        found = [_ended(r, "Failed", now) if _is_running(r, begun) else r for r in found]
    if not any(_is_running(r, begun) for r in found):
        kind, of = begun
        found.append(Repair(kind=kind, member=of, why=step.why[:TEXT_MAX], start_time=now))
    return found[-REPAIRS_MAX:]


def _is_running(repair: Repair, begun: tuple[str, str]) -> bool:
    return repair.outcome == "Running" and (repair.kind, repair.member) == begun


def _is_begun_anew(begun: tuple[str, str], snapshot: Snapshot) -> bool:
    """The engine counts a member again that was emptied, and it is to be rebuilt once more."""
    member = snapshot.member(begun[1])
    return begun[0] in _REBUILDS and member is not None and member.pod_name in snapshot.configured() and _was_emptied(member)


def _went_on(repair: Repair, snapshot: Snapshot, now: str) -> Repair:
    """One that runs, by what is seen now; the others stay as they are."""
    if repair.outcome != "Running":
        return repair
    if repair.kind in _OF_OBJECTS:
        return _ended(repair, "Succeeded", now) if snapshot.applied.get(repair.member, EDITED) != EDITED else repair
    member = snapshot.member(repair.member)
    if member is None:
        return _ended(repair, "GivenUp", now)  # it is not wanted any more
    if repair.kind == STAND_IN:
        return _ended(repair, "Succeeded", now) if stand_in.is_over(member, snapshot) else repair
    if repair.kind == recovery.RECOVER:
        outcome = recovery.outcome(member, snapshot)
        return repair if outcome is None else _ended(repair, outcome, now)
    if repair.kind in _REBUILDS:
        return _rebuild_went_on(repair, member, snapshot, now)
    return repair if why_member_abnormal(member, snapshot) is not None else _ended(repair, "Succeeded", now)


def _rebuild_went_on(repair: Repair, member: MemberFacts, snapshot: Snapshot, now: str) -> Repair:
    if refusal := rebuild_rule.why_refused(member, snapshot):
        why = f"{repair.why}; it was refused: {refusal}"
        return _ended(repair.model_copy(update={"why": why[:TEXT_MAX]}), "Failed", now)
    is_wanted = rebuild_rule.why_due(member, snapshot) is not None or rebuild_rule.is_asked_for(member, snapshot)
    is_back = member.pod_name in snapshot.configured() and why_member_abnormal(member, snapshot) is None
    return _ended(repair, "Succeeded", now) if is_back and not is_wanted else repair


def _ended(repair: Repair, outcome: str, now: str) -> Repair:
    return repair.model_copy(update={"outcome": outcome, "end_time": now})


def _was_emptied(member: MemberFacts) -> bool:
    """Its Pod still carries the order that was done: what is wrong with its data now came after it."""
    pod, report = member.pod, member.report
    if pod is None or not isinstance(report, Known) or not pod.order_id.startswith(f"{rebuild_rule.EMPTY_MEMBER}-"):
        return False
    return report.value.order_done == pod.order_id


def facts(snapshot: Snapshot) -> list[str]:
    """What is seen, a sentence for each member that is abnormal."""
    said = [why_member_abnormal(m, snapshot) for m in snapshot.counted()]
    return [why[:TEXT_MAX] for why in (*said, fullness.why_short(snapshot)) if why is not None]


def rejected(snapshot: Snapshot) -> list[Rejected]:
    """What could be done and is not, and why."""
    kinds = {m.name: _kind_of_rebuild(m, snapshot) for m in snapshot.members}
    found = rebuild_rule.left_alone(snapshot)
    held = maintenance.of(snapshot)
    if held is not None and not held.trouble:
        due = [m.name for m in snapshot.members if rebuild_rule.why_due(m, snapshot) is not None]
        found = dict.fromkeys(due, maintenance.sentence(held))
    refused = [Rejected(action=kinds[name], why=why[:TEXT_MAX]) for name, why in found.items()]
    why_not_recovered = recovery.left_alone(snapshot)
    return refused + ([Rejected(action=recovery.RECOVER, why=why_not_recovered[:TEXT_MAX])] if why_not_recovered else [])
