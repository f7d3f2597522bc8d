"""What the members run changes: one Pod at a time while all is well, the primary last. Then the data follows."""

from dataclasses import replace

from moorage.api.dataservice import Health
from moorage.core import names, rebuild_rule, requests
from moorage.core.facts import Known, MemberFacts, Role, Snapshot
from moorage.core.health import Verdict, judge, why_member_abnormal, why_red
from moorage.core.orders import order
from moorage.core.promotion import hand_over, heir, why_no_heir
from moorage.core.step import ClearRequest, ReplacePod, Step, Target, Wait

FINISH_UPGRADE = "finish-upgrade"


def roll_out(snapshot: Snapshot, target: Target, verdict: Verdict) -> Step | None:
    """One member at a time and only while green; secondaries first, the primary last after a hand-over."""
    due = [m for m in snapshot.members if m.pod is not None and _why_replace(m, snapshot, target) is not None]
    if not due or rebuild_rule.is_under_way(snapshot):  # its member is to be back before another one goes
        return None
    primary = snapshot.primary()
    if not _is_green_so_far(snapshot, verdict):
        return Wait(f"{due[0].name} is to be replaced as soon as the service is green")
    coming = next((m for m in snapshot.members if m not in snapshot.cluster() and _is_coming(m)), None)
    if coming is not None:
        return Wait(f"{due[0].name} is to be replaced as soon as {coming.name} runs, which was replaced before")
    others = [m for m in due if m != primary]
    if others:
        member = others[-1]
        return ReplacePod(member, f"{member.name} is replaced: {_why_replace(member, snapshot, target)}")
    to = heir(snapshot)
    if primary is not None and to is not None:
        return hand_over(primary, to, f"{primary.name} is to be replaced and hands over first", snapshot)
    if (why := why_no_heir(snapshot)) and primary is not None:
        return Wait(f"{primary.name} is to be replaced as soon as another member can take over: {why}")
    return ReplacePod(due[0], f"{due[0].name} is replaced; there is no other member to hand over to")


def _is_coming(member: MemberFacts) -> bool:
    """A node has its Pod, and nothing is in its way. One that somebody must act for is waited for by nobody."""
    pod = member.pod
    if pod is None or pod.deleting:
        return pod is not None
    return bool(pod.node) and member.role() is None and not pod.trouble and not member.slow


def replace_stuck(snapshot: Snapshot, target: Target) -> Step | None:
    """A member that does not run has nothing to lose, so it waits for no colour."""
    for member in snapshot.members:
        reason = _why_stuck(member, snapshot)
        if reason is not None and _why_replace(member, snapshot, target):
            return ReplacePod(member, f"{member.name} is replaced: it cannot run as it was asked for before: {reason}")
    return None


def _why_stuck(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """Kubernetes cannot run its Pod; or its engine does not run and all others are normal: they do without it already."""
    stuck = member.pod is not None and (member.pod.trouble or member.slow)
    if stuck and member.role() is None:
        return stuck
    if not isinstance(member.report, Known) or member.role() is not Role.DOWN:
        return None
    others = [m for m in snapshot.cluster() if m != member]
    if others and (why_red(snapshot) or any(why_member_abnormal(m, snapshot) for m in others)):
        return None
    return member.report.value.message or "its engine does not run"


def _why_replace(member: MemberFacts, snapshot: Snapshot, target: Target) -> str | None:
    if member.pod is None or member.pod.deleting:
        return None
    if not target.refused and member.pod.template != target.template:
        return "its settings, image or resources changed"
    if _restart_due(member, snapshot):
        return "a person asked for a restart"
    return None


def finish_restart(snapshot: Snapshot) -> Step | None:
    if names.ANNOTATION_RESTART not in snapshot.service.metadata.annotations:
        return None
    asked = [m for m in snapshot.members if _is_asked_to_restart(m, snapshot)]
    if any(m.pod is None or m.pod.deleting or m.role() is None or _restart_due(m, snapshot) for m in asked):
        return None
    return ClearRequest(names.ANNOTATION_RESTART, "every member that was to be restarted runs anew")


def _is_asked_to_restart(member: MemberFacts, snapshot: Snapshot) -> bool:
    who, _ = requests.asked(snapshot.service, names.ANNOTATION_RESTART)
    return who in ("all", member.name)


def _restart_due(member: MemberFacts, snapshot: Snapshot) -> bool:
    """Whether a person's request (`MEMBER@TIME` or `all@TIME`) is younger than the member's Pod."""
    who, when = requests.asked(snapshot.service, names.ANNOTATION_RESTART)
    return member.pod is not None and who in ("all", member.name) and member.pod.created < when


def finish_upgrade(snapshot: Snapshot, target: Target, verdict: Verdict) -> Step | None:
    """Only when every member runs the version: from then on the data is no longer usable for the one before."""
    primary = snapshot.primary()
    if target.refused or primary is None or not isinstance(primary.report, Known) or not _is_green_so_far(snapshot, verdict):
        return None
    now = primary.report.value
    if now.compatibility not in target.versions_before or not all(_runs(m, target.version) for m in snapshot.cluster()):
        return None
    body = {"version": target.version, "term": now.term}
    why = f"every member runs {target.version}: the data, usable for {now.compatibility} until now, follows"
    return order(primary, f"{FINISH_UPGRADE}-{target.version}-{now.term}", FINISH_UPGRADE, body, why)


def _is_green_so_far(snapshot: Snapshot, verdict: Verdict) -> bool:
    """Green, but for members that never joined, and for volumes that fill up: what depends on neither need not wait for them."""
    if verdict.colour is Health.GREEN:
        return True
    cluster = snapshot.cluster()
    joined = replace(snapshot, members=tuple(m for m in snapshot.members if m in cluster), claim_trouble="")
    return judge(joined, heeds_volumes=False).colour is Health.GREEN


def _runs(member: MemberFacts, version: str) -> bool:
    return isinstance(member.report, Known) and f"{member.report.value.engine_version}.".startswith(f"{version}.")
