"""Volumes that are nearly full grow by themselves: by one step, all of a service alike, never beyond what the spec allows.

The spec is never written: what the claims ask for is what was decided, and `storage.size` stays the least that a person wants.
"""

from datetime import datetime, timedelta

from moorage.api.dataservice import AutoGrow, DataService
from moorage.api.quantity import parse, to_bytes, written
from moorage.core.facts import Known, MemberFacts, Snapshot
from moorage.core.step import GrowClaim
from moorage.core.volume import GIB, MIB, Level

PAUSE_SECONDS = 300.0
"""Between two steps. What a member says of its volume is older than a growth for a minute or two."""
SHARED_FACTOR = 1.25
"""A file system that is so much larger than its volume is not the volume's own: to let that grow would not help."""


def size_to_have(service: DataService) -> str:
    """What another volume for the same data must have: what the spec asks for, or more where volumes have grown beyond it."""
    return max(filter(None, (service.spec.storage.size, service.status.volume_size)), key=parse)


def with_its_size(service: DataService) -> DataService:
    """As somebody must declare it to have room for the same data."""
    size, storage = size_to_have(service), service.spec.storage
    policy = storage.auto_grow
    if policy is not None:
        policy = policy.model_copy(update={"max": max(policy.max, size, key=parse)})
    spec = service.spec.model_copy(update={"storage": storage.model_copy(update={"size": size, "auto_grow": policy})})
    return service.model_copy(update={"spec": spec})


def step(snapshot: Snapshot) -> GrowClaim | None:
    """One claim at a time: first those that are smaller than others, so that all are alike."""
    policy = snapshot.service.spec.storage.auto_grow
    claims = {
        snapshot.claim_of(m): m for m in snapshot.members if not m.is_arbiter and snapshot.claim_of(m) in snapshot.claim_sizes
    }
    if policy is None or not claims or snapshot.growth_trouble or snapshot.why_fixed:
        return None
    sizes = {claim: to_bytes(snapshot.claim_sizes[claim]) for claim in claims}
    goal = min(max(sizes.values()), to_bytes(policy.max))
    behind = next((claim for claim in sorted(sizes) if sizes[claim] < goal), None)
    if behind is not None:
        return _grow(behind, goal, snapshot, "like those of the other members")
    why = _why_due(snapshot)
    wanted = min(next_size(goal, policy), to_bytes(policy.max))
    if why is None or wanted <= goal or not _is_settled(snapshot):
        return None
    return _grow(min(sizes), wanted, snapshot, why)


def _grow(claim: str, goal: int, snapshot: Snapshot, why: str) -> GrowClaim:
    says = f"volume {claim} grows from {snapshot.claim_sizes[claim]} to {written(goal)}: {why}"
    return GrowClaim(claim, written(goal), says, snapshot.now)


def next_size(size_bytes: int, policy: AutoGrow) -> int:
    """After one step. A share is rounded up to whole GiB, as volumes are sold."""
    if not policy.step.endswith("%"):
        return size_bytes + to_bytes(policy.step)
    wanted = size_bytes + size_bytes * int(policy.step.removesuffix("%")) // 100
    return -(-max(wanted, size_bytes + 1) // GIB) * GIB


def _why_due(snapshot: Snapshot) -> str | None:
    for member in snapshot.members:
        if member.is_arbiter or not isinstance(member.report, Known) or is_shared(member, snapshot):
            continue
        volume = member.report.value.volume
        if volume.level is not Level.OK:
            soon = f", and full in about {volume.full_in_hours} h" if volume.full_in_hours else ""
            return f"that of {member.name} is {volume.used_percent} % full{soon}"
    return None


def _is_settled(snapshot: Snapshot) -> bool:
    """No growth is under way, and what the members say of their volumes is younger than the last one."""
    for claim, asked in snapshot.claim_sizes.items():
        if parse(snapshot.capacities.get(claim, "0")) < parse(asked):
            return False
    if not snapshot.grown_at or not snapshot.now:
        return True
    passed = datetime.fromisoformat(snapshot.now) - datetime.fromisoformat(snapshot.grown_at)
    return passed >= timedelta(seconds=PAUSE_SECONDS)


def is_shared(member: MemberFacts, snapshot: Snapshot) -> bool:
    """Whether its file system holds more than its volume."""
    has = snapshot.volume_of(member)
    if has is None or not isinstance(member.report, Known):
        return False
    return member.report.value.volume.size_mib * MIB > to_bytes(has) * SHARED_FACTOR
