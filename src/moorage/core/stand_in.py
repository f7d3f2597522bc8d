"""A member whose node stays silent is stood in for: one more member, elsewhere and on a volume of its own, takes its place.

Nobody here can tell a silent node from one that is gone, so its Pod and its volume are left as they are: no volume is ever
written by two engines. The stand-in joins, holds everything and has a vote before the silent member leaves the cluster, and it
leaves when that one is back. That a node is gone for good somebody else must say: then Kubernetes itself makes the Pod anew.
"""

from moorage.api.dataservice import MEMBERS_MAX
from moorage.core import resize
from moorage.core.facts import Known, MemberFacts, Role, Snapshot
from moorage.core.health import why_member_abnormal, why_red
from moorage.core.step import Step, Target, Wait

LOST_NODE_SECONDS = 600.0
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"


def is_lost(member: MemberFacts, snapshot: Snapshot) -> bool:
    """Its node has been silent for as long as is waited for it."""
    return member.pod is not None and bool(member.pod.lost_at) and member.pod.lost_at <= snapshot.now


def stand_in(snapshot: Snapshot) -> MemberFacts | None:
    """The member after the wanted ones, once there is to be one."""
    return next((m for m in snapshot.leaving if m.ordinal == len(snapshot.members)), None)


def replicas(snapshot: Snapshot) -> int:
    """How many Pods there must be, a stand-in's among them. Once begun it is kept while there is somebody to stand in for."""
    needed, most = resize.replicas(snapshot), len(snapshot.members) + 1
    lost = [m for m in snapshot.members if is_lost(m, snapshot)]
    has_begun = snapshot.replicas >= most and stand_in(snapshot) is not None
    return max(needed, most) if any(has_begun or why_nobody(m, snapshot) is None for m in lost) else needed


def why_nobody(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """Why nobody begins to stand in for a lost member; None: somebody does."""
    return _why_never(member, snapshot) or _why_not_now(member, snapshot)


def _why_never(member: MemberFacts, snapshot: Snapshot) -> str | None:
    if snapshot.service.spec.arbiter:
        return "beside an arbiter nobody leaves the cluster"
    if len(snapshot.members) == 1:
        return "it is the only member, and nobody else has its data"
    if len(snapshot.members) >= MEMBERS_MAX:
        return f"a service has {MEMBERS_MAX} members at most"
    if snapshot.is_beside:
        return "its generation does not serve yet"
    if member not in snapshot.cluster():
        return "it is not part of the cluster"
    return None


def _why_not_now(member: MemberFacts, snapshot: Snapshot) -> str | None:
    others = [m for m in snapshot.members if m != member]
    abnormal = next((why for m in others if (why := why_member_abnormal(m, snapshot)) is not None), None)
    if red := why_red(snapshot):
        return red
    if abnormal is not None:
        return f"all others must be normal, and {abnormal}"
    if snapshot.restore.running:
        return snapshot.restore.running
    if not snapshot.free_nodes:
        return "no other node is free: each that takes Pods has a member already"
    return snapshot.no_place or None


def step(snapshot: Snapshot, target: Target) -> Step | None:
    """It joins; and once it is as good as the others, the member that it stands in for leaves."""
    lost = next((m for m in snapshot.members if _is_away(m, snapshot) and m in snapshot.cluster()), None)
    standing = stand_in(snapshot)
    if lost is None or standing is None or _why_never(lost, snapshot) is not None:
        return None
    others = [m for m in snapshot.cluster() if m not in (lost, standing)]
    if why_red(snapshot) or any(why_member_abnormal(m, snapshot) for m in others):
        return None
    node = _node(lost)
    if standing not in snapshot.cluster():
        if not _can_join(standing, snapshot):
            return None
        why = f"{standing.name} joins the cluster and is to stand in for {lost.name}, whose node {node} stays silent"
        return resize.step(resize.Join(standing, why), snapshot, target)
    if why_member_abnormal(standing, snapshot) or not _all_have_votes(snapshot):
        return Wait(f"{_of_stand_in(standing, lost, snapshot)}; {lost.name} leaves the cluster after that")
    kept = f"its volume {snapshot.claim_of(lost)} is left as it is"
    back = f"its node {node} is back" if node else "it has a node again"
    why = f"{lost.name} leaves the cluster until {back}: {standing.name} stands in for it; {kept}"
    return resize.step(resize.Leave(lost, why), snapshot, target)


def _is_away(member: MemberFacts, snapshot: Snapshot) -> bool:
    """Lost; or made anew without a place while somebody is already to stand in for it: an even number is not stayed at."""
    pod = member.pod
    if is_lost(member, snapshot):
        return True
    has_no_place = pod is not None and not pod.node and bool(pod.trouble)
    return has_no_place and len(snapshot.cluster()) > len(snapshot.members) and stand_in(snapshot) in snapshot.cluster()


def _can_join(member: MemberFacts, snapshot: Snapshot) -> bool:
    return resize.can_join(member, snapshot) and member.role() in (Role.UNINITIALIZED, Role.REMOVED)


def _all_have_votes(snapshot: Snapshot) -> bool:
    report = resize.primary_report(snapshot)
    return report is not None and report.voters in (0, len(report.configured))


def outlook(snapshot: Snapshot) -> list[str]:
    """What becomes of members whose nodes are silent or gone, a sentence for each; the same for as long as nothing changes."""
    return [said for m in snapshot.members if (said := _outlook(m, snapshot))]


def _outlook(member: MemberFacts, snapshot: Snapshot) -> str:
    pod = member.pod
    if pod is None or not pod.node:
        return ""
    if pod.is_node_gone:
        return f"node {pod.node} was declared gone: Kubernetes makes {member.name} anew as soon as it has taken its old Pod away"
    if not pod.silent_since:
        return ""
    standing = stand_in(snapshot)
    if is_lost(member, snapshot) and standing is not None:
        return "; ".join((_of_stand_in(standing, member, snapshot), _how_to_say_so(pod.node)))
    return "; ".join((_what_comes(member, pod.lost_at, snapshot), _how_to_say_so(pod.node)))


def _of_stand_in(standing: MemberFacts, member: MemberFacts, snapshot: Snapshot) -> str:
    abnormal = None if standing not in snapshot.cluster() else why_member_abnormal(standing, snapshot)
    if standing in snapshot.cluster() and member not in snapshot.cluster() and abnormal is None:
        return f"{standing.name} stands in for {member.name} until node {_node(member)} is back"
    unplaced = f": {standing.pod.trouble}" if standing.pod is not None and standing.pod.trouble else ""
    return f"{standing.name} is to stand in for {member.name}" + (f": {abnormal}" if abnormal else unplaced)


def _what_comes(member: MemberFacts, lost_at: str, snapshot: Snapshot) -> str:
    said = f"node {_node(member)} is waited for"
    if not lost_at:
        return said
    if never := _why_never(member, snapshot):
        return f"{said}, and nobody stands in for {member.name}: {never}"
    if not is_lost(member, snapshot):
        return f"{said} until {lost_at}; then another member is to stand in for {member.name}"
    return f"nobody stands in for {member.name} yet: {_why_not_now(member, snapshot) or 'it begins'}"


def _how_to_say_so(node: str) -> str:
    taint = f"kubectl taint nodes {node} {OUT_OF_SERVICE}=nodeshutdown:NoExecute"
    return f"if that node is switched off for good, say so with: {taint}"


def _node(member: MemberFacts) -> str:
    return member.pod.node if member.pod is not None else ""


def is_for(pod: str, snapshot: Snapshot) -> str | None:
    """The lost member that an order which adds or removes `pod` is given for; None: it is about something else."""
    lost = next((m for m in snapshot.members if _is_away(m, snapshot)), None)
    standing = stand_in(snapshot)
    return lost.name if lost is not None and standing is not None and pod in (lost.pod_name, standing.pod_name) else None


def begins(snapshot: Snapshot) -> str | None:
    """The member that one more Pod is about to be made for; None: for nobody."""
    if snapshot.replicas > len(snapshot.members) or replicas(snapshot) <= len(snapshot.members):
        return None
    return next((m.name for m in snapshot.members if is_lost(m, snapshot)), None)


def is_over(member: MemberFacts, snapshot: Snapshot) -> bool:
    """Somebody stands in for it, or it is back."""
    standing = stand_in(snapshot)
    if why_member_abnormal(member, snapshot) is None:
        return True
    is_in_place = standing is not None and standing in snapshot.cluster() and member not in snapshot.cluster()
    return is_in_place and standing is not None and isinstance(standing.report, Known) and _all_have_votes(snapshot)
