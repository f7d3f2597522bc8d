"""Whether a member may be rebuilt: what it has must be of no use any more, or a person asks; and nothing else may be at risk.

The others must all be normal, and those of them that hold data must hold everything that was ever acknowledged without it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from moorage.api.dataservice import Repair
from moorage.core import maintenance, names, requests
from moorage.core.facts import Known, MemberFacts, Snapshot
from moorage.core.health import why_member_abnormal, why_red
from moorage.core.kinds import REPLACE_VOLUME, RESYNC
from moorage.core.promotion import heir, why_no_heir
from moorage.core.resize import is_held, majority, primary_report

EMPTY_MEMBER = "empty-member"
"""The order: the agent puts the member's data aside inside its volume, and starts the engine with an empty folder."""
IS_PRIMARY = "it is the primary: promote another member first"
TRIES_MAX, TRIES_HOURS = 3, 1
COPIES_MIN = 2
"""What is acknowledged while a member is out of the cluster is to be held by so many."""


def why_due(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """Why it cannot come back by itself, or None."""
    has_lost_volume = snapshot.has_lost_volume(member)
    if member.is_arbiter and not has_lost_volume:
        return None
    if isinstance(member.report, Known) and member.report.value.damage:
        return member.report.value.damage
    if is_given_up(member, snapshot):
        return "it was given up in a recovery, and what it holds may differ from what was kept"
    return "its volume is lost" if has_lost_volume else None


def is_given_up(member: MemberFacts, snapshot: Snapshot) -> bool:
    """In a recovery that was carried out, while it still holds what it had then."""
    report = primary_report(snapshot)
    if member.pod_name not in snapshot.address.excluded or report is None or member.pod_name in report.configured:
        return False
    return isinstance(member.report, Known) and member.report.value.excluded and member.report.value.has_data


def is_asked_for(member: MemberFacts, snapshot: Snapshot) -> bool:
    return requests.asked(snapshot.service, names.ANNOTATION_REBUILD)[0] == member.name


def why_not_now(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """What would be at stake, or stands in the way; None: it may be done."""
    return why_unsafe(member, snapshot) or _why_primary(member, snapshot) or why_no_place(member, snapshot)


def _why_primary(member: MemberFacts, snapshot: Snapshot) -> str | None:
    if member != snapshot.primary():
        return None
    nobody = why_no_heir(snapshot) if heir(snapshot) is None else ""
    return f"it is the primary, and nobody can take over: {nobody}" if nobody else IS_PRIMARY


def why_no_place(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """Too many other services are repaired. What has begun goes on, and what a person asks for waits for nobody."""
    is_free = is_out(member, snapshot) or is_asked_for(member, snapshot) or _has_order(member)
    return None if is_free else snapshot.no_place or None


def why_unsafe(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """As `why_not_now`, but for its being the primary: that can be changed."""
    if member.is_arbiter and why_due(member, snapshot) is None:
        return "it is an arbiter and holds no data"
    at_stake = why_red(snapshot) or _why_not_said(snapshot) or snapshot.restore.running or _why_others_needed(member, snapshot)
    if at_stake:
        return at_stake
    if is_out(member, snapshot):
        late = _why_not_all_know(snapshot.cluster(), snapshot, "that it left the cluster")
        return late or _why_no_answer(member, snapshot) or why_refused(member, snapshot)
    if member.pod_name not in snapshot.configured():
        return "it is joining the cluster"
    if not is_asked_for(member, snapshot) and tries(member.name, snapshot) >= TRIES_MAX:
        return f"it was rebuilt {TRIES_MAX} times within an hour, and that did not help; somebody must look at it"
    if is_emptied_in_place(member, snapshot):
        late = _why_not_all_know([m for m in snapshot.cluster() if m != member], snapshot, "who is primary")
        return late or _why_no_answer(member, snapshot) or why_refused(member, snapshot)
    return None


def _why_not_said(snapshot: Snapshot) -> str | None:
    report = primary_report(snapshot)
    if report is None:
        return "the primary does not say which members it counts"
    return "a member of the cluster has no vote yet" if 0 < report.voters < len(report.configured) else None


def _why_others_needed(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """All the others are normal, they elect without it, and those that hold data hold everything without it.

    With one that is out only those in the cluster are asked: another one outside holds nothing that counts, and may wait for it.
    """
    cluster, is_counted = snapshot.cluster(), not is_out(member, snapshot)
    others = [m for m in (*(snapshot.members if is_counted else ()), *cluster) if m != member]
    abnormal = next((why for m in others if (why := why_member_abnormal(m, snapshot)) is not None), None)
    if abnormal is not None:
        return f"all others must be normal, and {abnormal}"
    if sum(m != member for m in cluster) < majority(len(cluster)):
        return "without it the others are no majority"
    holders = other_holders(member, snapshot)
    if not holders:
        return "no other member holds data"
    return _why_too_few_copies(member, holders, snapshot) if is_counted else None


def _why_too_few_copies(member: MemberFacts, holders: list[MemberFacts], snapshot: Snapshot) -> str | None:
    """Arbiters hold nothing. A member whose data is of no use holds nothing either, so that nothing is lost with it."""
    if member.is_arbiter or why_due(member, snapshot) is not None or len(holders) >= majority(len(holders) + 1):
        return None
    left = ", ".join(m.name for m in holders)
    return f"only {left} would hold everything meanwhile, which is no majority of {len(holders) + 1} data members"


def other_holders(member: MemberFacts, snapshot: Snapshot) -> list[MemberFacts]:
    """The members of the cluster that hold data, without this one."""
    return [m for m in snapshot.cluster() if m != member and not m.is_arbiter]


def is_emptied_in_place(member: MemberFacts, snapshot: Snapshot) -> bool:
    """Beside an arbiter nobody leaves: MongoDB would acknowledge what a single member holds, and would not let it join again.

    That is safe there: a vote that it forgot was for a term that all others know of, so nobody stands for election in it any
    more; and data that it forgot can help nobody to be elected but the only other one that holds data, which has everything.
    """
    return member.is_arbiter or len(other_holders(member, snapshot)) < COPIES_MIN


def _why_not_all_know(members: Iterable[MemberFacts], snapshot: Snapshot, what: str) -> str | None:
    """A configuration that not all have may yet be undone by the next primary; its mark tells the term, too."""
    report = primary_report(snapshot)
    mark = report.configuration if report is not None else ""
    behind = [m.name for m in members if not isinstance(m.report, Known) or m.report.value.configuration != mark]
    return f"{', '.join(behind)} must first know {what}" if behind else None


def _why_no_answer(member: MemberFacts, snapshot: Snapshot) -> str | None:
    if snapshot.has_lost_volume(member) or isinstance(member.report, Known):
        return None
    return f"it is not heard from: {member.report.why}"


def is_out(member: MemberFacts, snapshot: Snapshot) -> bool:
    """The engine does not count it, and no order that stands may make it do so."""
    return bool(snapshot.configured()) and not is_held(member, snapshot)


def empty_order_id(member: MemberFacts, snapshot: Snapshot) -> str:
    """One for each wish. Without a wish: one for each configuration and size of the volume, which may change the answer."""
    who, when = requests.asked(snapshot.service, names.ANNOTATION_REBUILD)
    report = primary_report(snapshot)
    mark = report.configuration if report is not None else ""
    of = when if who == member.name else f"{mark}-{snapshot.volume_of(member) or ''}".rstrip("-")
    return f"{EMPTY_MEMBER}-{member.pod_name}-{of}"


def why_refused(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """Its agent will never carry out the order that is due now, and says why. None: it was not asked, or did not refuse."""
    if not isinstance(member.report, Known) or member.report.value.order_refused != empty_order_id(member, snapshot):
        return None
    return member.report.value.order_error or "its agent refuses"


def is_done(member: MemberFacts, snapshot: Snapshot) -> bool:
    """Whether the order that is due now was carried out."""
    return isinstance(member.report, Known) and member.report.value.order_done == empty_order_id(member, snapshot)


def tries(member: str, snapshot: Snapshot) -> int:
    """How often it was rebuilt within the last hour, as far as the status tells."""
    if not snapshot.now:
        return 0
    since = datetime.fromisoformat(snapshot.now) - timedelta(hours=TRIES_HOURS)
    return sum(1 for r in snapshot.service.status.repairs if _is_of(r, member) and datetime.fromisoformat(r.start_time) > since)


def _is_of(repair: Repair, member: str) -> bool:
    return repair.member == member and repair.kind in (RESYNC, REPLACE_VOLUME)


def is_under_way(snapshot: Snapshot) -> bool:
    """Whether a member is out of the cluster only to come back."""
    running = {r.member for r in snapshot.service.status.repairs if r.outcome == "Running"}
    out = [m for m in snapshot.members if is_out(m, snapshot)]
    return any(m.name in running or _has_order(m) or is_asked_for(m, snapshot) or why_due(m, snapshot) is not None for m in out)


def _has_order(member: MemberFacts) -> bool:
    """Its last order was to be emptied: who deletes the status makes nobody forget that."""
    return member.pod is not None and member.pod.order_id.startswith(f"{EMPTY_MEMBER}-")


def left_alone(snapshot: Snapshot) -> dict[str, str]:
    """Member that needs a rebuild → why it gets none now, as a sentence."""
    due = [m for m in snapshot.members if why_due(m, snapshot) is not None or is_asked_for(m, snapshot)]
    reasons = {m.name: why_not_now(m, snapshot) for m in due}
    return {name: f"{name} is not rebuilt: {why}" for name, why in reasons.items() if why is not None}


def renews_volumes(snapshot: Snapshot) -> bool:
    """Whether every volume that is lost is made anew without anybody's help."""
    if (held := maintenance.of(snapshot)) is not None and not held.trouble:
        return False
    running = {r.member for r in snapshot.service.status.repairs if r.outcome == "Running"}
    lost = [m for m in snapshot.members if snapshot.has_lost_volume(m)]
    return all(m.name in running or why_unsafe(m, snapshot) is None for m in lost)
