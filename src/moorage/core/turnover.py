"""One generation after the other: the address moves, what served before is put aside, and what nobody needs is removed."""

from moorage.core import generations
from moorage.core.facts import Snapshot
from moorage.core.step import Acknowledge, Discard, MoveAddress, Retire, Step, Wait


def acknowledge(snapshot: Snapshot) -> Step | None:
    """Before the address leads to a generation for the first time: from then on its volumes are nothing to throw away."""
    if snapshot.is_beside or snapshot.primary() is None or not snapshot.marked_claims:
        return None
    return Acknowledge(
        snapshot.marked_claims, f"generation {generations.serving(snapshot.service)} serves: its volumes are in use"
    )


def move_address(snapshot: Snapshot) -> Step | None:
    """Another generation serves than the address leads to: what was decided is carried out, whoever began it."""
    serves, leads = generations.serving(snapshot.service), snapshot.address.generation
    if snapshot.is_beside or serves == leads:
        return None
    primary = snapshot.primary()
    if primary is None:
        return None  # the generation that the address leads to goes on serving
    return MoveAddress(primary, serves, f"the address moves from generation {leads} to {serves}: to {primary.name}")


def retire(snapshot: Snapshot) -> Step | None:
    """Not before the address has left it. What never served is not kept."""
    serves = generations.serving(snapshot.service)
    if snapshot.is_beside or snapshot.address.generation != serves:
        return None
    for other in snapshot.others:
        if other.is_in_use or other.is_unfinished or (other.kept_until is not None and not other.replicas):
            continue
        since, until = other.retired or snapshot.now, other.kept_until or snapshot.undo_until
        why = f"generation {other.number} stops: generation {serves} serves; its volumes are kept until {until}"
        if other.claims or other.replicas:
            return Retire(other.number, other.claims, since, until, why)
    return None


def discard(snapshot: Snapshot) -> Step | None:
    serves = generations.serving(snapshot.service)
    for other in snapshot.others:
        is_left = bool(other.claims) or other.replicas is not None
        if snapshot.is_beside or other.is_in_use or other.number == serves or not is_left:
            continue
        if other.is_unfinished:
            why = f"generation {other.number} is removed: the restore that made it came to nothing, and it never served"
            return Discard(other.number, other.claims, why)
        if other.is_expired:
            why = f"generation {other.number} is removed: it was kept until {other.kept_until} and serves no more"
            return Discard(other.number, other.claims, why)
    return None


def await_restore(snapshot: Snapshot) -> Step | None:
    """No member starts on an empty volume where a restore is to bring the data."""
    if not snapshot.awaits_restore:
        return None
    if snapshot.unfinished_claims:
        generation = generations.serving(snapshot.service)
        return Discard(generation, snapshot.unfinished_claims, f"its unfinished volume is removed: {snapshot.awaits_restore}")
    return Wait(snapshot.awaits_restore)
