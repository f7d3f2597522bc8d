"""Pods whose StatefulSet somebody deleted are taken over by the one that was made in its place. Nobody has to stop for that.

Kubernetes removes such Pods as soon as its garbage collector comes to them, which may be at once or, after an outage of the
API server, never; until then no StatefulSet looks after them and none can make others of the same names.
"""

from moorage.core.facts import Snapshot
from moorage.core.step import TakeOver


def step(snapshot: Snapshot) -> TakeOver | None:
    """Not of a service that never ran: what an earlier one of its name left is not its own."""
    if snapshot.service.status.init.phase != "Succeeded":
        return None
    left = next((m for m in (*snapshot.members, *snapshot.leaving) if m.left_behind), None)
    if left is None:
        return None
    return TakeOver(
        left, f"Pod {left.pod_name} runs and the StatefulSet that made it is gone: the one in its place takes it over"
    )
