"""A member whose data is of no use any more is rebuilt from the others: it is taken out of the cluster, emptied, and joins anew.

Out first, so that the engine never counts the vote of a member that has just forgotten what it held. What would be destroyed is
destroyed only while every other member is normal: they hold all that was ever acknowledged. One member at a time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from moorage.api.dataservice import Repair
from moorage.core import generations, names
from moorage.core.facts import Known, MemberFacts, Snapshot
from moorage.core.health import why_member_abnormal, why_red
from moorage.core.resize import Leave, is_held, majority

RESYNC = "resync"
REPLACE_VOLUME = "replace-volume"
EMPTY_MEMBER = "empty-member"
"""The order: the agent puts the member's data aside inside its volume, and starts the engine with an empty folder."""
TRIES_MAX, TRIES_HOURS = 3, 1


@dataclass(frozen=True)
class Empty:
    """The member is no longer counted: its data is put aside. `mark`: the configuration that does not name it."""

    member: MemberFacts
    mark: str
    why: str


@dataclass(frozen=True)
class NewVolume:
    """The member is no longer counted: its claim and its Pod go, so that new ones are made."""

    member: MemberFacts
    claim: str
    why: str


@dataclass(frozen=True)
class Refuse:
    """A person asked for it, and it may not be done; or it is done."""

    why: str


Rebuild = Leave | Empty | NewVolume | Refuse


def next_step(snapshot: Snapshot) -> Rebuild | None:
    """The next step of the rebuild that is due, when it may be done now."""
    for member in snapshot.members:
        why, is_asked = why_due(member, snapshot), is_asked_for(member, snapshot)
        if (why is None and not is_asked) or snapshot.is_beside:
            continue
        is_out = _is_out(member, snapshot)
        if is_out and is_asked and why is None and _is_emptied(member, snapshot):
            return Refuse(f"{member.name} was emptied, as asked for, and copies everything anew")
        if (reason := why_not_now(member, snapshot)) is not None:
            if is_asked and not is_out:
                return Refuse(f"{member.name} cannot be rebuilt now: {reason}")
            continue
        return _step(member, why or "a person asked for it", snapshot, is_out=is_out)
    asked = snapshot.service.metadata.annotations.get(names.ANNOTATION_REBUILD)
    if asked and snapshot.member(asked) is None:
        known = ", ".join(m.name for m in snapshot.members)
        return Refuse(f"{asked} cannot be rebuilt: the service has no such member; there are: {known}")
    return None


def _step(member: MemberFacts, why: str, snapshot: Snapshot, *, is_out: bool) -> Rebuild | None:
    primary = snapshot.primary()
    if primary is None or not isinstance(primary.report, Known):
        return None
    mark = primary.report.value.configuration
    if not is_out:
        return Leave(member, f"{member.name} is rebuilt from the others and leaves the cluster until it is empty: {why}")
    if (claim := _lost_claim(member, snapshot)) is not None:
        return NewVolume(member, claim, f"{member.name} gets a new volume, and copies everything from the others: {why}")
    kept = "its old data is kept beside the new for a day, or for as long as there is room"
    return Empty(member, mark, f"{member.name} is emptied and copies everything from the others: {why}; {kept}")


def why_due(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """Why it cannot come back by itself, or None."""
    if member.is_arbiter and _lost_claim(member, snapshot) is None:
        return None
    if isinstance(member.report, Known) and member.report.value.damage:
        return member.report.value.damage
    if _lost_claim(member, snapshot) is not None:
        return "its volume is lost"
    return None


def why_not_now(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """What would be at stake, or stands in the way; None: every other member is normal and holds everything."""
    if (red := why_red(snapshot)) is not None:
        return red
    primary = snapshot.primary()
    if member == primary:
        return "it is the primary: promote another member first"
    if primary is None or not isinstance(primary.report, Known) or not primary.report.value.configuration:
        return "the primary does not say which members it counts"
    if snapshot.restore.running:
        return snapshot.restore.running
    others = [m for m in (*snapshot.members, *snapshot.cluster()) if m != member]
    abnormal = next((why for m in others if (why := why_member_abnormal(m, snapshot)) is not None), None)
    if abnormal is not None:
        return f"all others must be normal, and {abnormal}"
    cluster = snapshot.cluster()
    if sum(m != member for m in cluster) < majority(len(cluster)):
        return "without it the others are no majority"
    if _is_out(member, snapshot):
        return _why_not_emptied(member, primary.report.value.configuration, snapshot)
    if member.pod_name not in snapshot.configured():
        return "it is joining the cluster"
    if not is_asked_for(member, snapshot) and tries(member.name, snapshot) >= TRIES_MAX:
        return f"it was rebuilt {TRIES_MAX} times within an hour, and that did not help; somebody must look at it"
    return None


def _why_not_emptied(member: MemberFacts, mark: str, snapshot: Snapshot) -> str | None:
    """A configuration that not all have may yet be undone by the next primary, and the member would count again."""
    behind = [m.name for m in snapshot.cluster() if not isinstance(m.report, Known) or m.report.value.configuration != mark]
    if behind:
        return f"{', '.join(behind)} must first know that it left the cluster"
    if _lost_claim(member, snapshot) is None and not isinstance(member.report, Known):
        return f"it is not heard from: {member.report.why}"
    return None


def tries(member: str, snapshot: Snapshot) -> int:
    """How often it was rebuilt within the last hour, as far as the status tells."""
    if not snapshot.now:
        return 0
    since = datetime.fromisoformat(snapshot.now) - timedelta(hours=TRIES_HOURS)
    return sum(1 for r in snapshot.service.status.repairs if _is_of(r, member) and datetime.fromisoformat(r.start_time) > since)


def _is_of(repair: Repair, member: str) -> bool:
    return repair.member == member and repair.kind in (RESYNC, REPLACE_VOLUME)


def empty_order_id(member: MemberFacts, mark: str) -> str:
    """Names the configuration that does not name the member: an order of an earlier time is not this one."""
    return f"{EMPTY_MEMBER}-{member.pod_name}-{mark}"


def is_asked_for(member: MemberFacts, snapshot: Snapshot) -> bool:
    return snapshot.service.metadata.annotations.get(names.ANNOTATION_REBUILD) == member.name


def _is_out(member: MemberFacts, snapshot: Snapshot) -> bool:
    """The engine does not count it, and no order that stands may make it do so."""
    return bool(snapshot.configured()) and not is_held(member, snapshot)


def _is_emptied(member: MemberFacts, snapshot: Snapshot) -> bool:
    primary = snapshot.primary()
    if primary is None or not isinstance(primary.report, Known) or not isinstance(member.report, Known) or member.pod is None:
        return False
    wanted = empty_order_id(member, primary.report.value.configuration)
    return member.pod.order_id == wanted == member.report.value.order_done


def _lost_claim(member: MemberFacts, snapshot: Snapshot) -> str | None:
    meta, generation = snapshot.service.metadata, generations.serving(snapshot.service)
    claim = names.claim(meta.name, generation, member.ordinal)
    return claim if claim in snapshot.lost_claims else None


def has_lost_volume(member: MemberFacts, snapshot: Snapshot) -> bool:
    return _lost_claim(member, snapshot) is not None


def is_under_way(snapshot: Snapshot) -> bool:
    """Whether a member is out of the cluster only to come back."""
    running = {r.member for r in snapshot.service.status.repairs if r.outcome == "Running"}
    out = [m for m in snapshot.members if _is_out(m, snapshot)]
    return any(m.name in running or is_asked_for(m, snapshot) or why_due(m, snapshot) is not None for m in out)


def left_alone(snapshot: Snapshot) -> dict[str, str]:
    """Member that needs a rebuild → why it gets none now, as a sentence."""
    due = [m for m in snapshot.members if why_due(m, snapshot) is not None or is_asked_for(m, snapshot)]
    reasons = {m.name: why_not_now(m, snapshot) for m in due}
    return {name: f"{name} is not rebuilt: {why}" for name, why in reasons.items() if why is not None}
