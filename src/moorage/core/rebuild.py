"""A member whose data is of no use any more is rebuilt from the others: it is taken out of the cluster, emptied, and joins anew.

Out first, so that the engine never counts the vote of a member that has just forgotten what it held. One member at a time, and
only as `rebuild_rule` allows it.
"""

from moorage.core import names, requests, resize
from moorage.core.facts import MemberFacts, Snapshot
from moorage.core.orders import order
from moorage.core.promotion import hand_over, heir
from moorage.core.rebuild_rule import (
    EMPTY_MEMBER,
    empty_order_id,
    is_asked_for,
    is_done,
    is_emptied_in_place,
    is_out,
    why_due,
    why_not_now,
    why_refused,
    why_unsafe,
)
from moorage.core.step import ClearRequest, RenewVolume, Step, Target, Wait

_ASKED = names.ANNOTATION_REBUILD
EMPTIED = "was emptied, as asked for, and copies everything anew"
"""What a person is told whose request was carried out; every other answer is a refusal."""


def step(snapshot: Snapshot, target: Target) -> Step | None:
    """The next step of the rebuild that is due, when it may be done now."""
    if snapshot.is_beside:
        return None
    if (refusal := _why_no_request(snapshot)) is not None:
        return ClearRequest(_ASKED, refusal)
    return next((found for m in snapshot.members if (found := _of(m, snapshot, target)) is not None), None)


def _why_no_request(snapshot: Snapshot) -> str | None:
    if (text := snapshot.service.metadata.annotations.get(_ASKED)) is None:
        return None
    who, when = requests.asked(snapshot.service, _ASKED)
    if not when:
        return f"nobody is rebuilt: '{text[:80]}' is not MEMBER@TIME, as moorage rebuild writes it"
    if snapshot.member(who) is None:
        return (
            f"{who} cannot be rebuilt: the service has no such member; there are: {', '.join(m.name for m in snapshot.members)}"
        )
    return None


def _of(member: MemberFacts, snapshot: Snapshot, target: Target) -> Step | None:
    why, is_asked = why_due(member, snapshot), is_asked_for(member, snapshot)
    if why is None and not is_asked:
        return None
    if is_asked and (answer := _answer(member, snapshot)) is not None:
        return ClearRequest(_ASKED, answer)
    if (reason := why_not_now(member, snapshot)) is None:
        return _next(member, why or "a person asked for it", snapshot, target)
    if is_asked and not is_out(member, snapshot):
        return ClearRequest(_ASKED, f"{member.name} cannot be rebuilt now: {reason}")
    return _make_it_no_primary(member, why, snapshot) if why is not None else None


def _answer(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """What a person is told in the end; None: it is not over."""
    if is_done(member, snapshot):
        return f"{member.name} {EMPTIED}"
    refused = why_refused(member, snapshot)
    return None if refused is None else f"{member.name} cannot be rebuilt: {refused}"


def _next(member: MemberFacts, why: str, snapshot: Snapshot, target: Target) -> Step | None:
    """What a rebuild takes away it takes away last: the vote first, then the data."""
    if not is_out(member, snapshot) and not is_emptied_in_place(member, snapshot):
        says = f"{member.name} is rebuilt from the others and leaves the cluster until it is empty: {why}"
        return resize.step(resize.Leave(member, says), snapshot, target)
    if snapshot.has_lost_volume(member):
        return _renew_volume(member, why, snapshot)
    report = resize.primary_report(snapshot)
    assert report is not None, "nobody is rebuilt without one"
    order_id = empty_order_id(member, snapshot)
    body = {"order": order_id, "configuration": report.configuration}
    kept = "its old data is kept beside the new until it has caught up, then for a day or while there is room"
    says = f"{member.name} is emptied and copies everything from the others: {why}; {kept}"
    return order(member, order_id, EMPTY_MEMBER, body, says)


def _renew_volume(member: MemberFacts, why: str, snapshot: Snapshot) -> Step:
    """Once: what comes after the claim and the Pod has the same names."""
    claim, says = snapshot.claim_of(member), f"{member.name} gets a new volume, and copies everything from the others: {why}"
    if claim not in snapshot.lost_leaving_claims:
        return RenewVolume(member, claim, says)
    if member.pod is not None and not member.pod.deleting:
        return RenewVolume(member, None, says)
    return Wait(f"waits for {claim} to be gone, so that {member.name} gets another one")


def _make_it_no_primary(member: MemberFacts, why: str, snapshot: Snapshot) -> Step | None:
    """A primary that cannot be counted on hands over while it can."""
    to = heir(snapshot)
    if member != snapshot.primary() or to is None or why_unsafe(member, snapshot) is not None:
        return None
    return hand_over(member, to, f"{member.name} is to be rebuilt and hands over first: {why}", snapshot)
