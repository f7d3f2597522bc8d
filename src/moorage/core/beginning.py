"""The first steps of a service: its members become one cluster, once, and only when none of them can hold anything else."""

from moorage.core.facts import Known, MemberFacts, Role, Snapshot
from moorage.core.orders import order
from moorage.core.step import StartAnew, Step, Target, Wait

INITIATE = "initiate"


def start_anew(snapshot: Snapshot) -> Step | None:
    """Volume templates are immutable, so what asked for the wrong volumes is made again; only where no volume ever was."""
    if snapshot.service.status.init.phase == "Succeeded":
        return None
    if snapshot.stale_claims:
        return StartAnew(snapshot.stale_claims, "its members never had volumes, and other volumes are asked for now")
    if snapshot.leaving_claims:
        return Wait(f"waits for {', '.join(snapshot.leaving_claims)} to be gone")
    return None


def initiate(snapshot: Snapshot, target: Target) -> Step | None:
    """A new cluster is made only when every member was heard and none holds data, but for what a restore brought to the first."""
    if snapshot.service.status.init.phase == "Succeeded":
        return None
    if snapshot.configured():
        return None  # there is one
    reports = [m.report.value for m in snapshot.members if isinstance(m.report, Known)]
    if snapshot.is_seeded and _is_first_to_begin_alone(snapshot):
        why = f"{snapshot.members[0].name} holds what was restored and begins alone: {_why_others_cannot_run(snapshot)}"
        return order(snapshot.members[0], "initiate-1", INITIATE, target.initiate_first, why)
    if len(reports) < len(snapshot.members):
        missing = [m.name for m in snapshot.members if not isinstance(m.report, Known)]
        return Wait(f"waits for {', '.join(missing)} to be heard from before anything is decided")
    first = snapshot.members[0]
    empty = reports[1:] if snapshot.is_seeded else reports
    if any(r.role is not Role.UNINITIALIZED for r in reports) or any(r.has_data for r in empty):
        return None
    why = f"all members run, {first.name} holds what was restored" if snapshot.is_seeded else "all members run and are empty"
    return order(first, "initiate-1", INITIATE, target.initiate, f"{why}: they become one cluster")


def _is_first_to_begin_alone(snapshot: Snapshot) -> bool:
    """Some member cannot run until somebody acts; the data that was restored need not wait for that. Empty ones join later."""
    first, *others = snapshot.members
    is_ready = isinstance(first.report, Known) and first.role() is Role.UNINITIALIZED
    heard = [m for m in others if isinstance(m.report, Known)]
    cannot = [m for m in others if cannot_run(m)]
    are_empty = all(isinstance(m.report, Known) and not m.report.value.has_data for m in heard)
    return is_ready and bool(cannot) and are_empty and len(heard) + len(cannot) == len(others)


def cannot_run(member: MemberFacts) -> bool:
    """Until somebody acts: no node takes it, or Kubernetes may not make it."""
    if isinstance(member.report, Known):
        return False
    return bool(member.refused if member.pod is None else member.pod.trouble)


def _why_others_cannot_run(snapshot: Snapshot) -> str:
    reasons = {m.name: m.refused or (m.pod.trouble if m.pod is not None else "") for m in snapshot.members if cannot_run(m)}
    return "; ".join(f"{name} cannot run: {why}" for name, why in reasons.items())
