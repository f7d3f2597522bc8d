"""Clocks that differ, said and no more: the engine's own time is logical, so no member is abnormal for it."""

from moorage.core.facts import Known, MemberFacts, Snapshot


def outlook(snapshot: Snapshot) -> list[str]:
    """A sentence for each member whose agent finds that its clock differs from those of the others."""
    return [said for m in snapshot.counted() if (said := _said(m))]


def _said(member: MemberFacts) -> str:
    if not isinstance(member.report, Known) or not member.report.value.clock:
        return ""
    node = f"node {member.pod.node}" if member.pod is not None and member.pod.node else "its node"
    why = "certificates, TTL indexes and timestamps go by it"
    return f"{member.name}: {member.report.value.clock}: have {node} set it (chrony, systemd-timesyncd); {why}"
