"""A member becomes primary because somebody wants it to: the one that is primary hands over."""

from moorage.core import names
from moorage.core.facts import Known, MemberFacts, Role, Snapshot
from moorage.core.health import why_red
from moorage.core.orders import order
from moorage.core.step import ClearRequest, Step, Wait

HAND_OVER = "hand-over"


def why_not_promotable(member: MemberFacts | None) -> str | None:
    """The reason why a member cannot become primary, or None."""
    if member is None:
        return "the service has no such member"
    if member.is_arbiter:
        return f"{member.name} is an arbiter and holds no data"
    if member.role() is not Role.SECONDARY:
        return f"{member.name} is not a healthy secondary"
    return None


def promote(snapshot: Snapshot) -> Step | None:
    wanted = snapshot.service.metadata.annotations.get(names.ANNOTATION_PROMOTE)
    if not wanted:
        return None
    primary, member = snapshot.primary(), snapshot.member(wanted)
    if member is not None and _is_taking_over(member, snapshot):
        return Wait(f"{wanted} is taking over")
    if primary is not None and primary == member:
        if why_red(snapshot) is not None:
            return Wait(f"{wanted} is primary; waits for the address to lead to it")
        return ClearRequest(names.ANNOTATION_PROMOTE, f"{wanted} is the primary, as asked for")
    reason = why_not_promotable(member)
    if reason is not None or member is None:
        return ClearRequest(names.ANNOTATION_PROMOTE, f"{wanted} cannot be promoted: {reason}")
    if primary is None:
        return Wait("a promotion was asked for; waits for the engine to have a primary")
    return hand_over(primary, member, f"a person asked for {wanted} to be the primary")


def _is_taking_over(member: MemberFacts, snapshot: Snapshot) -> bool:
    """Elected by our order, and not ready for writes yet."""
    ordered = any(m.pod is not None and m.pod.order_id.startswith(f"{HAND_OVER}-{member.pod_name}-") for m in snapshot.members)
    return ordered and member.role() is Role.CATCHING_UP


def hand_over(primary: MemberFacts, to: MemberFacts, why: str) -> Step:
    term = primary.report.value.term if isinstance(primary.report, Known) else 0
    body = {"to": to.pod_name, "term": term}
    return order(primary, f"{HAND_OVER}-{to.pod_name}-{term}", HAND_OVER, body, why)
