"""Every member runs, and no cluster is left: of an engine that forms one only when it is told to. Who may form it again.

The one that holds everything that any other does, once everybody has been heard who could hold more. Nothing is ever forced, and
a member without data is never asked.
"""

from moorage.core.facts import Known, MemberFacts, MemberReport, Role, Snapshot
from moorage.core.orders import order
from moorage.core.resize import majority
from moorage.core.step import Step, Target, Wait

FORM_AGAIN = "form-again"
"""The order: this member forms the cluster anew from what it has, and the others join it."""


def positions(snapshot: Snapshot) -> dict[str, str]:
    """Pod name → what it holds, of every member that is apart."""
    found = {m.pod_name: m.report.value for m in snapshot.everyone() if isinstance(m.report, Known)}
    return {pod: report.position for pod, report in found.items() if report.role is Role.APART and report.position}


def step(snapshot: Snapshot, target: Target) -> Step | None:
    """The next step while members are apart and nobody is primary, or None."""
    apart = [m for m in snapshot.everyone() if m.role() is Role.APART]
    if not apart or snapshot.primary() is not None:
        return None
    if (others := _in_a_cluster(snapshot)) is not None:
        return Wait(f"waits for {others.name}, which is in a cluster, before one is formed again")
    if target.fullest.at_stake:
        return Wait(f"no cluster is formed again: {target.fullest.at_stake}; somebody must choose")
    first = next((m for m in apart if m.pod_name == target.fullest.pod), None)
    if first is None or not isinstance(first.report, Known):
        return Wait("waits for the members that run apart to say what they hold")
    report = first.report.value
    if (why := _why_not_yet(report, snapshot)) is not None:
        return Wait(f"no cluster is formed again yet: {why}")
    body = {"configuration": report.configuration, "positions": positions(snapshot)}
    why = f"no cluster is left, and {first.name} holds everything that any member does: it forms one again, and the others join"
    return order(first, f"{FORM_AGAIN}-{first.pod_name}-{report.configuration}", FORM_AGAIN, body, why)


def _in_a_cluster(snapshot: Snapshot) -> MemberFacts | None:
    """It may be in one that still has its majority, or gets it back."""
    return next((m for m in snapshot.everyone() if m.role() in (Role.SECONDARY, Role.CATCHING_UP)), None)


def _why_not_yet(first: MemberReport, snapshot: Snapshot) -> str | None:
    """`first`: of the fullest of those that are apart. Its configuration is the newest of theirs."""
    counted = [m for m in snapshot.everyone() if m.pod_name in first.configured]
    named = {m.pod_name for m in counted}
    behind = provably_behind(first, snapshot)
    unknown = sorted(set(first.configured) - named - behind)
    if unknown:
        return f"{', '.join(unknown)} is counted and is no member any more that could be asked"
    waits = {m.name: why for m in counted if m.pod_name not in behind and (why := _why_it_may_hold_more(m, snapshot)) is not None}
    if waits:
        return "; ".join(f"{name} {why}" for name, why in waits.items())
    holders = [m for m in counted if m.role() is Role.APART]
    if not behind and len(holders) < majority(len(counted)):
        return f"only {len(holders)} of {len(counted)} members have any data left, which is no majority: somebody must choose"
    return None


def provably_behind(first: MemberReport, snapshot: Snapshot) -> frozenset[str]:
    """Pod names of counted members that cannot hold more than `first` does, whether or not they are heard.

    After the last meeting of the cluster that `first` took part in no other could come about without one of those who were
    there. When all of these are apart now, and none of them met anybody else since, nobody else has gone on.
    """
    met = frozenset(first.companions)
    reports = {m.pod_name: m.report.value for m in snapshot.everyone() if isinstance(m.report, Known)}
    there = [reports.get(pod) for pod in met]
    if not met or any(r is None or r.role is not Role.APART for r in there):
        return frozenset()
    seen = met.union(*(r.companions for r in there if r is not None))
    return frozenset(first.configured) - seen


def _why_it_may_hold_more(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """None: what it holds is known, or it holds nothing."""
    if snapshot.has_lost_volume(member):
        return None
    if not isinstance(member.report, Known):
        return f"may hold writes that the others lack, and is not heard from: {member.report.why}"
    report = member.report.value
    if report.role is Role.APART:
        return None if report.position else "does not say yet what it holds"
    if report.role is Role.UNINITIALIZED and not report.has_data:
        return None
    if report.damage:
        return f"may hold writes that the others lack, and {report.damage}"
    return f"may hold writes that the others lack, and is {report.role}" + (f": {report.message}" if report.message else "")
