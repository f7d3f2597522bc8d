"""Whether a service may be drilled now, and whom a drill hits: whoever asks for a fault gets it only where nothing is at risk."""

from datetime import datetime

from moorage.api.dataservice import DataService, Health
from moorage.api.drill import Drill, DrillKind
from moorage.core import maintenance, names, requests
from moorage.core.facts import MemberFacts, Role, Snapshot
from moorage.core.health import judge
from moorage.core.resize import primary_report

START_SECONDS = 60.0
"""A fault is made within this time after it was asked for, or never: what the person saw then may not hold any more."""
HOLDERS_MIN = 3
"""Members with data: while one is hit, a majority of them has everything."""
OF_A_SECONDARY = frozenset({DrillKind.SECONDARY_CRASH, DrillKind.MEMBER_DATA_LOSS})
"""The others hit the primary."""


def asked(snapshot: Snapshot) -> tuple[str, str] | None:
    """The kind and the time of the request that stands, as they were written; None: nobody asks."""
    if names.ANNOTATION_DRILL not in snapshot.service.metadata.annotations:
        return None
    return requests.asked(snapshot.service, names.ANNOTATION_DRILL)


def under_way(snapshot: Snapshot) -> Drill | None:
    """The drill that is not over yet."""
    return going_on(snapshot.service)


def going_on(service: DataService) -> Drill | None:
    """As above."""
    return next((d for d in service.status.drills if not d.is_over), None)


def of_request(snapshot: Snapshot) -> Drill | None:
    """What became of the request that stands; None: nothing yet."""
    found = asked(snapshot)
    drills = snapshot.service.status.drills
    return next((d for d in drills if found == (d.kind, d.requested)), None)


def age_seconds(requested: str, snapshot: Snapshot) -> float:
    """How long ago it was asked for. `requested`: checked before."""
    return (datetime.fromisoformat(snapshot.now_exact) - datetime.fromisoformat(requested)).total_seconds()


def why_unreadable(kind: str, requested: str) -> str | None:
    """The reason why this is no request, or None."""
    if kind not in list(DrillKind):
        return f"'{kind[:40]}' is no drill; allowed: {', '.join(DrillKind)}"
    if requests.moment(requested) is None:
        return f"'{requested[:40]}' is not the time at which it was asked for; allowed: KIND@TIME, as moorage drill writes it"
    return None


def why_too_late(requested: str, snapshot: Snapshot) -> str | None:
    """The reason why it is not begun any more, or None."""
    seconds = age_seconds(requested, snapshot)
    if seconds > START_SECONDS:
        return f"it could not be begun within {START_SECONDS:.0f} s: there was something else to do first; ask for it again"
    if seconds < -START_SECONDS:
        return "it was asked for in the future: ask for it again, by the clock of the API server"
    return None


def why_refused(snapshot: Snapshot) -> str | None:
    """The reason why a fault must not be made now, or None. The first one is the person's to change, the others pass."""
    service = snapshot.service
    name, holders = service.metadata.name, _holders(snapshot)
    if not service.spec.drills.allowed:
        return f"{name} does not say that it may be drilled; its owner allows it with spec.drills.allowed: true"
    if len(holders) < HOLDERS_MIN:
        return f"{name} has {len(holders)} members with data, and a drill needs {HOLDERS_MIN} or more"
    if service.status.init.phase != "Succeeded":
        return f"{name} was never green yet"
    return _why_abnormal(snapshot) or _why_busy(snapshot)


def _holders(snapshot: Snapshot) -> list[MemberFacts]:
    return [m for m in snapshot.cluster() if not m.is_arbiter]


def _why_abnormal(snapshot: Snapshot) -> str | None:
    verdict, report = judge(snapshot), primary_report(snapshot)
    if verdict.colour is not Health.GREEN:
        return f"a drill begins only while all is well, and it is {verdict.colour}: {verdict.message}"
    if report is None:
        return "the primary does not say which members it counts"
    if set(report.configured) != {m.pod_name for m in snapshot.members} or snapshot.leaving:
        return "members join or leave"
    return "a member has no vote yet" if 0 < report.voters < len(report.configured) else None


def _why_busy(snapshot: Snapshot) -> str | None:
    """What a fault would get in the way of."""
    status, held = snapshot.service.status, maintenance.of(snapshot)
    if held is not None and not held.trouble:
        return maintenance.sentence(held)
    if snapshot.restore.running or snapshot.awaits_restore:
        return f"a restore is under way: {snapshot.restore.running or snapshot.awaits_restore}"
    if status.backup.phase == "Running":
        return f"backup {status.backup.name} is being taken: wait for its end"
    running = next((r for r in status.repairs if r.outcome == "Running"), None)
    return f"a repair is under way: {running.kind} of {running.member}" if running is not None else None


def hit(kind: DrillKind, snapshot: Snapshot) -> MemberFacts | None:
    """The member that the fault hits; of several secondaries the last one."""
    if kind not in OF_A_SECONDARY:
        return snapshot.primary()
    secondaries = [m for m in snapshot.members if m.role() is Role.SECONDARY and not m.is_arbiter]
    return max(secondaries, key=lambda m: m.ordinal, default=None)
