"""A member becomes primary because somebody wants it to: the one that is primary hands over."""

from datetime import timedelta
from typing import Any

from moorage.core import names, requests
from moorage.core.facts import Known, MemberFacts, Role, Snapshot
from moorage.core.health import why_red
from moorage.core.orders import order
from moorage.core.step import ClearRequest, Order, Step, Wait
from moorage.core.volume import Level

HAND_OVER = "hand-over"
REQUEST_SECONDS = 45.0
"""A member is promoted within this time after somebody asked for it, or not: whoever asks waits for the answer, and so does the
rest that is to be done. Less than `moorage promote` waits."""
TRY_SECONDS = 45.0
"""So long one member is asked to take over before another one is; where there is no other, it is asked again."""
_ASKED = names.ANNOTATION_PROMOTE


def why_not_promotable(member: MemberFacts | None, snapshot: Snapshot) -> str | None:
    """The reason why a member cannot become primary, or None."""
    if member is None:
        return "the service has no such member"
    if member.is_arbiter:
        return f"{member.name} is an arbiter and holds no data"
    if member.role() is not Role.SECONDARY:
        return f"{member.name} is not a healthy secondary"
    primary = snapshot.primary()
    if primary is not None and _level(member) is Level.FULL and _level(primary) is not Level.FULL:
        return f"the volume of {member.name} is full, and it would refuse the writes that {primary.name} takes"
    return None


def heir(snapshot: Snapshot) -> MemberFacts | None:
    """Who takes over when the primary is to go; None: nobody.

    One that was asked last and did not take over comes after the others, then one with room in its volume before one that is
    nearly full."""
    primary = snapshot.primary()
    others = [m for m in snapshot.members if m in snapshot.cluster() and m != primary]
    fit = [m for m in others if why_not_promotable(m, snapshot) is None]
    refused = _refused(primary)
    return min(fit, key=lambda m: (refused.startswith(_prefix(m)), _level(m) is not Level.OK), default=None)


def why_no_heir(snapshot: Snapshot) -> str:
    """What keeps those from taking over that could but for want of room; empty: there are none."""
    others = [m for m in snapshot.members if m.role() is Role.SECONDARY]
    return "; ".join(why for m in others if (why := why_not_promotable(m, snapshot)) is not None)


def _level(member: MemberFacts) -> Level:
    """How full its volume is, as it said last."""
    return member.report.value.volume.level if isinstance(member.report, Known) else Level.OK


def promote(snapshot: Snapshot) -> Step | None:
    """The next step of a promotion that a person asked for; what cannot be had in time is answered and taken away."""
    text = snapshot.service.metadata.annotations.get(_ASKED)
    if not text:
        return None
    wanted, when = requests.asked(snapshot.service, _ASKED)
    if requests.moment(when) is None:
        return ClearRequest(_ASKED, f"nobody is promoted: '{text[:80]}' is not MEMBER@TIME, as moorage promote writes it")
    left = requests.left_seconds(when, REQUEST_SECONDS, snapshot.now)
    if left is not None and left > 2 * REQUEST_SECONDS:
        return ClearRequest(_ASKED, f"nobody is promoted: {when} is in the future; ask again, by the clock of the API server")
    step = _next(wanted, when, snapshot)
    if isinstance(step, ClearRequest) or left is None or left > 0:
        return step
    why = f": {step.why}" if isinstance(step, Wait) else ", since something else was to be done first"
    again = "the primary stays who it is; ask again once moorage why says that nothing is in the way"
    return ClearRequest(_ASKED, f"{wanted} was not made the primary within {REQUEST_SECONDS:.0f} s{why}; {again}")


def _next(wanted: str, when: str, snapshot: Snapshot) -> Step:
    primary, member = snapshot.primary(), snapshot.member(wanted)
    if member is not None and _is_taking_over(member, snapshot):
        return Wait(f"{wanted} is taking over")
    if primary is not None and primary == member:
        if why_red(snapshot) is not None:
            return Wait(f"{wanted} is primary; waits for the address to lead to it")
        return ClearRequest(_ASKED, f"{wanted} is the primary, as asked for")
    reason = why_not_promotable(member, snapshot)
    if reason is not None or member is None:
        return ClearRequest(_ASKED, f"{wanted} cannot be promoted: {reason}")
    if primary is None:
        return Wait("a promotion was asked for; waits for the engine to have a primary")
    order_id = f"{_prefix(member)}{_term(primary)}-{when}"
    if isinstance(primary.report, Known) and _refused(primary) == order_id:
        return ClearRequest(_ASKED, f"{wanted} was not made the primary: {primary.report.value.order_error}")
    body: dict[str, Any] = {"to": member.pod_name, "term": _term(primary)}
    if (since := requests.moment(when)) is not None:
        body["until"] = (since + timedelta(seconds=REQUEST_SECONDS)).isoformat()
    return order(primary, order_id, HAND_OVER, body, f"a person asked for {wanted} to be the primary")


def _is_taking_over(member: MemberFacts, snapshot: Snapshot) -> bool:
    """Elected by our order, and not ready for writes yet."""
    ordered = any(m.pod is not None and m.pod.order_id.startswith(_prefix(member)) for m in snapshot.members)
    return ordered and member.role() is Role.CATCHING_UP


def hand_over(primary: MemberFacts, to: MemberFacts, why: str, snapshot: Snapshot) -> Order | Wait:
    """What Moorage wants itself. The time in the order tells one try from the next; how long it is tried is by the agent's own
    clock, which may be wrong, but goes."""
    same = f"{_prefix(to)}{_term(primary)}"
    standing = primary.pod.order_id if primary.pod is not None else ""
    goes_on = standing.startswith(f"{same}-") and standing != _refused(primary)
    order_id = standing if goes_on else f"{same}-{snapshot.now}"
    body = {"to": to.pod_name, "term": _term(primary), "give_up_seconds": TRY_SECONDS}
    return order(primary, order_id, HAND_OVER, body, why)


def _prefix(to: MemberFacts) -> str:
    """How every order begins that has this member take over."""
    return f"{HAND_OVER}-{to.pod_name}-"


def _refused(primary: MemberFacts | None) -> str:
    """The order that it will not carry out any more; empty: none."""
    return primary.report.value.order_refused if primary is not None and isinstance(primary.report, Known) else ""


def _term(primary: MemberFacts) -> int:
    return max(primary.term(), 0)
