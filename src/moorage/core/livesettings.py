"""Settings that a running engine takes: every member is told at once, and none is replaced for them."""

from moorage.core.facts import Snapshot
from moorage.core.step import Step, Target, TellSettings


def tell(snapshot: Snapshot, target: Target) -> Step | None:
    """One member after the other, whatever its colour: nothing stops for it."""
    if target.refused:
        return None
    for member in snapshot.everyone():
        if member.pod is not None and not member.pod.deleting and member.pod.settings != target.settings:
            return TellSettings(member, target.settings, f"{member.name} is told its settings, which need no restart")
    return None
