"""The last repairs of a service: when each began, why, and what became of it. Pure: from the history before and this look."""

from collections.abc import Sequence

from moorage.api.dataservice import Rejected, Repair
from moorage.core import maintenance, rebuild
from moorage.core.facts import Known, MemberFacts, Snapshot
from moorage.core.health import why_member_abnormal
from moorage.core.resize import REMOVE_MEMBER
from moorage.core.step import GrowClaim, Order, RenewVolume, ReplacePod, Step

KEPT_MAX = 50
TEXT_MAX = 1024
_KINDS: dict[type, str] = {ReplacePod: "replace-member", RenewVolume: rebuild.REPLACE_VOLUME, GrowClaim: "grow-volume"}


def kind_of(step: Step, snapshot: Snapshot) -> str | None:
    """Which repair a step belongs to, in kebab case; None: it is none, as what a person asked for is none."""
    if isinstance(step, Order):
        if step.action == rebuild.EMPTY_MEMBER:
            return rebuild.RESYNC
        leaver = _leaver(step, snapshot)
        return None if leaver is None else _kind_of_rebuild(leaver, snapshot)
    return _KINDS.get(type(step))


def _leaver(step: Order, snapshot: Snapshot) -> MemberFacts | None:
    """The wanted member that is taken out of the cluster only to come back."""
    if step.action != REMOVE_MEMBER:
        return None
    return next((m for m in snapshot.members if m.pod_name == step.body["member"]), None)


def _kind_of_rebuild(member: MemberFacts, snapshot: Snapshot) -> str:
    return rebuild.REPLACE_VOLUME if rebuild.has_lost_volume(member, snapshot) else rebuild.RESYNC


def repairs(before: Sequence[Repair], snapshot: Snapshot, step: Step, now: str, *, was_done: bool) -> list[Repair]:
    """`was_done`: the step was taken. A repair is over when its member is normal; it failed when it is due once more."""
    found = [_went_on(repair, snapshot, now) for repair in before]
    begun = _begun(step, snapshot, now) if was_done else None
    if begun is not None and not any(_is_same(r, begun) for r in found):
        found.append(begun)
    return found[-KEPT_MAX:]


def _begun(step: Step, snapshot: Snapshot, now: str) -> Repair | None:
    """Only rebuilds: they take long, and what came of them is worth knowing later."""
    kind = kind_of(step, snapshot)
    if kind not in (rebuild.RESYNC, rebuild.REPLACE_VOLUME):
        return None
    member = _leaver(step, snapshot) if isinstance(step, Order) and step.action == REMOVE_MEMBER else None
    of = member or (step.member if isinstance(step, Order | RenewVolume) else None)
    return Repair(kind=kind, member=of.name if of is not None else "", why=step.why[:TEXT_MAX], start_time=now)


def _is_same(repair: Repair, begun: Repair) -> bool:
    return repair.outcome == "Running" and (repair.kind, repair.member) == (begun.kind, begun.member)


def _went_on(repair: Repair, snapshot: Snapshot, now: str) -> Repair:
    if repair.outcome != "Running":
        return repair
    member = snapshot.member(repair.member)
    if member is None:
        return repair.model_copy(update={"outcome": "GivenUp", "end_time": now})
    is_counted = member.pod_name in snapshot.configured()
    if is_counted and rebuild.why_due(member, snapshot) is not None and _was_emptied(member):
        return repair.model_copy(update={"outcome": "Failed", "end_time": now})
    is_asked = rebuild.is_asked_for(member, snapshot)
    if is_counted and not is_asked and why_member_abnormal(member, snapshot) is None:
        return repair.model_copy(update={"outcome": "Succeeded", "end_time": now})
    return repair


def _was_emptied(member: MemberFacts) -> bool:
    """Its Pod still carries the order that was done: what is wrong with the data came after it."""
    pod, report = member.pod, member.report
    if pod is None or not isinstance(report, Known) or not pod.order_id.startswith(f"{rebuild.EMPTY_MEMBER}-"):
        return False
    return report.value.order_done == pod.order_id


def facts(snapshot: Snapshot) -> list[str]:
    """What is seen, a sentence for each member that is abnormal."""
    return [why[:TEXT_MAX] for m in snapshot.counted() if (why := why_member_abnormal(m, snapshot)) is not None]


def rejected(snapshot: Snapshot) -> list[Rejected]:
    """What could be done and is not, and why."""
    kinds = {m.name: _kind_of_rebuild(m, snapshot) for m in snapshot.members}
    found = rebuild.left_alone(snapshot)
    held = maintenance.of(snapshot)
    if held is not None and not held.trouble:
        due = [m.name for m in snapshot.members if rebuild.why_due(m, snapshot) is not None]
        found = dict.fromkeys(due, maintenance.sentence(held))
    return [Rejected(action=kinds[name], why=why[:TEXT_MAX]) for name, why in found.items()]
