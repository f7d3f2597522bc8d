"""Whether a member may be kept alone: nobody else can elect, nobody else runs or may run, and it holds what it ever had."""

from moorage.core.facts import Known, MemberFacts, MemberReport, Role, Snapshot, Unknown
from moorage.core.resize import majority

ELECTS = {Role.PRIMARY, Role.SECONDARY, Role.ARBITER, Role.CATCHING_UP}


def why_not(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """What forbids it that this member is kept alone, or None. Pure, and the same for the operator and for who asks."""
    primary = snapshot.primary()
    if primary is not None:
        return f"{primary.name} is the primary, and nothing is lost"
    if snapshot.restore.running:
        return snapshot.restore.running
    return why_not_fit(member, snapshot) or _why_they_elect(member, snapshot) or _why_others_may_run(member, snapshot)


def why_not_fit(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """It must hold data, as far as anybody can tell, and be able to become primary at once."""
    if member.is_arbiter:
        return "it is an arbiter and holds no data"
    if isinstance(member.report, Unknown):
        return f"it is not heard from: {member.report.why}"
    report = member.report.value
    if member.pod_name in snapshot.address.excluded:
        return "it was given up itself"
    if report.damage:
        return report.damage
    if report.role not in (Role.SECONDARY, Role.APART):
        return f"it is {report.role}, and only a secondary holds everything that it ever had" + (
            f"; it says: {report.message}" if report.message else ""
        )
    if any(m.is_arbiter and m.pod_name in report.configured for m in snapshot.everyone()):
        return "the engine does not let a member go on alone that had an arbiter beside it: restore a backup"
    return None


def _why_they_elect(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """Whoever can elect needs no force. Members that know different configurations may not know their majority yet."""
    assert isinstance(member.report, Known), "it was heard"
    report = member.report.value
    heard = [m for m in snapshot.everyone() if isinstance(m.report, Known) and m.report.value.role in ELECTS]
    other = next((m for m in heard if isinstance(m.report, Known) and m.report.value.configuration != report.configuration), None)
    if other is not None:
        return f"{other.name} knows another configuration than {member.name}"
    electors = [m.name for m in heard if m.pod_name in report.configured]
    needed = majority(len(report.configured))
    if len(electors) >= needed:
        return f"they elect among themselves: {', '.join(electors)} are {len(electors)} of {len(report.configured)} members"
    return None


def _why_others_may_run(member: MemberFacts, snapshot: Snapshot) -> str | None:
    for other in others(member, snapshot):
        if isinstance(other.report, Known):
            if (why := _why_not_given_up(other, other.report.value, snapshot)) is not None:
                return why
            continue
        if other.pod is None or not other.pod.node:
            continue
        node = other.pod.node
        return (
            f"{other.name} may still run on node {node}, which is not heard from, and take writes: power it off and say so, "
            f"by kubectl delete node {node} or by the taint node.kubernetes.io/out-of-service=nodeshutdown:NoExecute, "
            "which removes the Pod"
        )
    return None


def _why_not_given_up(other: MemberFacts, report: MemberReport, snapshot: Snapshot) -> str | None:
    """An engine that is only down has its data, and mostly starts again within seconds: nobody is to be led to give that up."""
    if report.role is not Role.DOWN or not report.has_data or report.damage or snapshot.has_lost_volume(other):
        return None
    if other.pod_name in snapshot.address.excluded:
        return None  # it is about to say that it is stopped
    because = f" ({report.message})" if report.message else ""
    return (
        f"{other.name} is only down{because} and has its data: see what keeps it down; if its data is of no use any more, delete "
        f"its claim {snapshot.claim_of(other)} and its Pod first"
    )


def others(member: MemberFacts, snapshot: Snapshot) -> list[MemberFacts]:
    return [m for m in snapshot.everyone() if m != member]
