"""What is said of volumes that are nearly full or full: of which members, how soon, and what is done or can be done. Pure.

A member whose volume is nearly full is abnormal to people, so that the service is yellow, and red once it takes no writes. It is
none to the rules that move, rebuild or replace members: nothing of that needs the room, and some of it makes room.
"""

from collections.abc import Sequence

from moorage.api.quantity import to_bytes, written
from moorage.core import autogrow
from moorage.core.facts import Known, MemberFacts, MemberReport, Snapshot
from moorage.core.volume import MIB, Level


def short_of_room(snapshot: Snapshot) -> list[tuple[MemberFacts, MemberReport]]:
    """The members whose volumes are nearly full, or full, as they say themselves."""
    heard = ((m, m.report.value) for m in snapshot.counted() if isinstance(m.report, Known))
    return [(m, report) for m, report in heard if report.volume.level is not Level.OK]


def why_no_writes(snapshot: Snapshot) -> str | None:
    """Why applications may read and not write, or None."""
    primary = snapshot.primary()
    if primary is None or not isinstance(primary.report, Known) or not primary.report.value.are_writes_stopped:
        return None
    admin = f"moorage connect {snapshot.service.metadata.name} --admin"
    return f"applications can read and not write until the volumes have room; an administrator can delete ({admin})"


def why_short(snapshot: Snapshot) -> str | None:
    """One sentence for all members, with what is done about it or can be done; None: there is room."""
    short = short_of_room(snapshot)
    if not short:
        return why_no_writes(snapshot)
    said = (_how_full(short, snapshot), why_no_writes(snapshot), what_helps(snapshot) or _helps_itself(snapshot))
    return "; ".join(filter(None, said))


def _helps_itself(snapshot: Snapshot) -> str:
    """A growth that is under way is said elsewhere."""
    return "" if snapshot.growing or snapshot.growth_trouble else "Moorage lets the volumes grow"


def _how_full(short: Sequence[tuple[MemberFacts, MemberReport]], snapshot: Snapshot) -> str:
    soonest = min((r.volume.full_in_hours for _, r in short if r.volume.full_in_hours), default=0)
    is_full = any(r.volume.level is Level.FULL for _, r in short)
    soon = f", and full in about {soonest} h" if soonest and not is_full else ""
    if len(short) == 1:
        member, report = short[0]
        size = snapshot.volume_of(member) or written(report.volume.size_mib * MIB)
        how = f"full ({report.volume.used_percent} %)" if is_full else f"{report.volume.used_percent} % full"
        return f"{member.name}'s volume of {size} is {how}{soon}"
    *most, last = (f"{member.name} ({report.volume.used_percent} %)" for member, report in short)
    return f"the volumes of {', '.join(most)} and {last} are {'full' if is_full else 'nearly full'}{soon}"


def what_helps(snapshot: Snapshot) -> str:
    """What somebody must do, because Moorage cannot or may not; empty when it can. The same words for as long as that is so."""
    short = short_of_room(snapshot)
    if not short or snapshot.growing or snapshot.growth_trouble:
        return ""
    shared = [m.name for m, _ in short if autogrow.is_shared(m, snapshot)]
    if shared:
        return f"the file system of {', '.join(shared)} is larger than the volume: others fill it, too, so make room there"
    policy = snapshot.service.spec.storage.auto_grow
    if policy is None:
        return "raise storage.size, have Moorage do it (storage.autoGrow), or delete data"
    if snapshot.why_fixed:
        return f"they cannot grow: {snapshot.why_fixed}"
    largest = max(map(to_bytes, snapshot.claim_sizes.values()), default=0)
    if largest >= to_bytes(policy.max):
        return f"they are as large as storage.autoGrow.max allows ({policy.max}): raise it, or delete data"
    return ""
