"""An order to a member's agent, given once: while it stands on the Pod it is waited for."""

from typing import Any

from moorage.core.facts import Known, MemberFacts
from moorage.core.step import Order, Wait


def order(member: MemberFacts, order_id: str, action: str, body: dict[str, Any], why: str) -> Order | Wait:
    """The order, or what is said while it stands on the member's Pod already."""
    if member.pod is not None and member.pod.order_id == order_id:
        error = member.report.value.order_error if isinstance(member.report, Known) else ""
        return Wait(f"waits for {member.name} to carry out {action}" + (f"; it says: {error}" if error else ""))
    return Order(member, order_id, action, body, why)
