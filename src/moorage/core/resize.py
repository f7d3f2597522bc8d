"""The change of the number of members, one member at a time.

Growing: the Pod first, then the engine's configuration. Shrinking: the engine's configuration first, then the Pod. So the
engine never counts on a member that we took away, and what it refuses changes nothing.
"""

from dataclasses import dataclass

from moorage.api.quantity import parse
from moorage.core import names, requests
from moorage.core.facts import Known, MemberFacts, MemberReport, Role, Snapshot
from moorage.core.health import why_member_abnormal, why_red
from moorage.core.orders import order
from moorage.core.promotion import hand_over, heir, why_no_heir
from moorage.core.step import Step, Target, Wait

ADD_MEMBER = "add-member"
REMOVE_MEMBER = "remove-member"


@dataclass(frozen=True)
class Join:
    """A member that runs becomes part of the cluster."""

    member: MemberFacts
    why: str


@dataclass(frozen=True)
class Leave:
    """A member is no longer part of the cluster."""

    member: MemberFacts
    why: str


@dataclass(frozen=True)
class HandOver:
    """The primary is to leave: another member takes its role first."""

    to: MemberFacts
    why: str


@dataclass(frozen=True)
class NotYet:
    """A change is due and something is waited for."""

    why: str


Change = Join | Leave | HandOver | NotYet


def majority(members: int) -> int:
    return members // 2 + 1


def order_id(action: str, member: MemberFacts, configuration: str) -> str:
    """Names the configuration that the order was made for: an order for another one is out of date, and does nothing."""
    return f"{action}-{member.pod_name}-{configuration}"


def replicas(snapshot: Snapshot) -> int:
    """How many Pods there must be: those of the wanted members, and of every one that the engine counts or may soon count.

    While a cluster that exists has no primary, nobody knows for sure what it counts: nothing is taken away. While a member of
    it has no place, members that never joined have none either: the node that it left is for nobody but it.
    """
    held = [m.ordinal + 1 for m in snapshot.everyone() if is_held(m, snapshot)]
    exists = snapshot.service.status.init.phase == "Succeeded" or bool(snapshot.configured())
    if exists and snapshot.primary() is None:
        held.append(snapshot.replicas)
    if held and not all(map(_has_place, snapshot.cluster())):
        return max(held)
    return max(len(snapshot.members), *held, 0)


def _has_place(member: MemberFacts) -> bool:
    is_unplaced = member.pod is not None and member.pod.trouble and member.role() is None
    return member.pod is not None and not member.pod.deleting and not is_unplaced


def is_held(member: MemberFacts, snapshot: Snapshot) -> bool:
    """Whether the engine counts it, or may count it before its primary is heard again.

    An order may be done already and not reported yet. A report with another mark than the order's is from after that.
    """
    primary, report = snapshot.primary(), primary_report(snapshot)
    if member.pod_name in snapshot.configured():
        return True
    if primary is None or primary.pod is None or report is None:
        return False
    open_orders = {order_id(action, member, report.configuration) for action in (ADD_MEMBER, REMOVE_MEMBER)}
    return primary.pod.order_id in open_orders


def primary_report(snapshot: Snapshot) -> MemberReport | None:
    """What the primary says; None also when its agent is of a version that says nothing about configurations."""
    primary = snapshot.primary()
    if primary is None or not isinstance(primary.report, Known) or not primary.report.value.configuration:
        return None
    return primary.report.value


def step(change: Change | None, snapshot: Snapshot, target: Target) -> Step | None:
    """The step of a change. Orders go to the primary, for the configuration that it has now."""
    primary, report = snapshot.primary(), primary_report(snapshot)
    if change is None or primary is None or report is None:
        return None
    match change:
        case Join(member, why):
            body = {**target.joins[member.pod_name], "member": member.pod_name, "configuration": report.configuration}
            return order(primary, order_id(ADD_MEMBER, member, report.configuration), ADD_MEMBER, body, why)
        case Leave(member, why):
            body = {"member": member.pod_name, "configuration": report.configuration}
            return order(primary, order_id(REMOVE_MEMBER, member, report.configuration), REMOVE_MEMBER, body, why)
        case HandOver(heir, why):
            return hand_over(primary, heir, why, snapshot)
        case NotYet(why):
            return Wait(why)


def shrink(snapshot: Snapshot) -> Change | None:
    """A primary that is to leave hands over before anybody leaves, while most can be lost: its engine then starts anew.

    After that the abnormal members first, then the highest ordinal.
    The member that leaves may be abnormal itself: without it as many of the others may be lost as with it. Those that stay
    must all be normal, and so must a majority: what is a majority now is one after an abnormal member left, too.
    """
    held = [m for m in snapshot.leaving if is_held(m, snapshot)]
    if not held or primary_report(snapshot) is None:
        return None
    primary = snapshot.primary()
    leaver = max(held, key=lambda m: (m == primary, why_member_abnormal(m, snapshot) is not None, m.ordinal))
    if leaver in snapshot.cluster() and len(snapshot.cluster()) <= len(snapshot.members):
        return None  # it stands in for a wanted one that is not part of the cluster, until that one is
    reason = _why_nobody_leaves(snapshot)
    if reason is not None:
        return NotYet(f"{leaver.name} leaves the cluster later: {reason}")
    if leaver == primary:
        return _hand_over(leaver, snapshot)
    kept = f"its volume {snapshot.claim_of(leaver)} is kept"
    return Leave(leaver, f"{leaver.name} leaves the cluster: {_asked_for(len(snapshot.members))}; {kept}")


def _hand_over(leaver: MemberFacts, snapshot: Snapshot) -> Change | None:
    to = heir(snapshot)
    if to is None and any(can_join(m, snapshot) for m in snapshot.members if m not in snapshot.cluster()):
        return None  # it joins first: it was emptied, and is to be the one that stays
    if to is None:
        because = f": {why}" if (why := why_no_heir(snapshot)) else ""
        return NotYet(
            f"{leaver.name} leaves the cluster later: it is the primary, and no member that stays can take over{because}"
        )
    return HandOver(to, f"{leaver.name} is to leave the cluster and hands over first")


def _asked_for(count: int) -> str:
    return f"{count} members are asked for" if count > 1 else "1 member is asked for"


def _why_nobody_leaves(snapshot: Snapshot) -> str | None:
    red = why_red(snapshot)
    if red is not None:
        return red
    reasons = {m: why_member_abnormal(m, snapshot) for m in snapshot.cluster()}
    abnormal = next((reason for m, reason in reasons.items() if reason is not None and m in snapshot.members), None)
    if abnormal is not None:
        return abnormal
    normal = sum(reason is None for reason in reasons.values())
    if normal < majority(len(reasons)):
        return f"only {normal} of {len(reasons)} members are normal"
    return None


def grow(snapshot: Snapshot) -> Change | None:
    """The lowest ordinal first; the next one only when all members of the cluster are normal, the one before among them.

    An even number of members is passed through and never stayed at: no more of them may be lost than of the odd number below.
    So the step to an even number waits until the step after it can follow.
    """
    configured = snapshot.configured()
    if not configured or primary_report(snapshot) is None:
        return None
    outside = [m for m in snapshot.members if m.pod_name not in configured]
    ready = [m for m in outside if can_join(m, snapshot)]
    if not ready:
        return None  # what keeps them is said by the service's health
    joiner, cluster = ready[0], snapshot.cluster()
    reason = why_red(snapshot) or next(filter(None, (why_member_abnormal(m, snapshot) for m in cluster)), None)
    if reason is not None:
        return NotYet(f"{joiner.name} joins the cluster later: {reason}")
    missing = [m for m in outside if m not in ready]
    if missing and len(ready) == 1 and (len(configured) + 1) % 2 == 0:
        odd = f"{len(configured) + 1} members could lose no more than {len(configured)}"
        return NotYet(f"{joiner.name} joins the cluster together with {missing[0].name}, which cannot yet: {odd}")
    return Join(joiner, f"{joiner.name} joins the cluster: {_asked_for(len(snapshot.members))}")


def outgrow_even(snapshot: Snapshot) -> Join | None:
    """Out of an even number, once that is possible: of two members both are needed, of three one may be replaced."""
    change = grow(snapshot) if len(snapshot.configured()) % 2 == 0 else None
    return change if isinstance(change, Join) else None


def can_join(member: MemberFacts, snapshot: Snapshot) -> bool:
    """Heard, and its engine runs, on a volume that holds what the others' do: a new one is made as small as the first were.

    Its data, if it has any, is the engine's business. One that is to be emptied (`rebuild.py`) does not join before it is.
    """
    if not isinstance(member.report, Known) or member.report.value.damage or member.pod_name in snapshot.address.excluded:
        return False
    is_asked_for, _ = requests.asked(snapshot.service, names.ANNOTATION_REBUILD)
    if snapshot.has_lost_volume(member) or is_asked_for == member.name:
        return False
    is_placed = member.pod is not None and not member.pod.deleting and not member.pod.trouble
    has, needs = snapshot.volume_of(member), snapshot.smallest_volume()
    is_large_enough = has is None or needs is None or parse(has) >= parse(needs)
    return is_placed and is_large_enough and member.role() not in (None, Role.DOWN, Role.PRIMARY)
