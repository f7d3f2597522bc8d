"""The one next step of a service: a value with the sentence that explains it. The first rule that applies wins.

The sentence is at once log line, Event, `status.repair`, test assertion and what `moorage why` prints.
"""

from dataclasses import replace
from typing import Any

from moorage.api.dataservice import Health
from moorage.api.quantity import parse
from moorage.core import maintenance, names, rebuild, resize, turnover
from moorage.core.facts import Known, MemberFacts, Role, Snapshot
from moorage.core.health import Verdict, judge, why_member_abnormal, why_red
from moorage.core.step import (
    Apply,
    ClearRequest,
    DropClaim,
    GrowClaim,
    Order,
    RenewVolume,
    ReplacePod,
    Rest,
    StartAnew,
    Step,
    Target,
    Wait,
)

INITIATE = "initiate"
HAND_OVER = "hand-over"
FINISH_UPGRADE = "finish-upgrade"


def plan(snapshot: Snapshot, target: Target) -> Step:
    """The next step. Never a destructive one while a member is not heard from."""
    verdict = judge(snapshot)
    return (
        turnover.acknowledge(snapshot)
        or turnover.move_address(snapshot)
        or turnover.retire(snapshot)
        or maintenance.rest(snapshot)
        or _start_anew(snapshot)
        or _objects(snapshot, target)
        or turnover.await_restore(snapshot)
        or _replace_stuck(snapshot, target)
        or _initiate(snapshot, target)
        or _grow(snapshot)
        or _promote(snapshot, verdict)
        or _rebuild(snapshot)
        or _resize(None if target.refused else resize.shrink(snapshot), snapshot, target)
        or _roll_out(snapshot, target, verdict)
        or _finish_restart(snapshot)
        or _resize(None if target.refused else resize.grow(snapshot), snapshot, target)
        or _finish_upgrade(snapshot, target, verdict)
        or turnover.discard(snapshot)
        or _drop(snapshot)
        or _idle(snapshot, target, verdict)
    )


def _idle(snapshot: Snapshot, target: Target, verdict: Verdict) -> Step:
    if verdict.colour is not Health.GREEN:
        return Wait("; ".join(filter(None, (verdict.message, snapshot.growing, *rebuild.left_alone(snapshot).values()))))
    if refused := target.refused or snapshot.growth_trouble:
        return Wait(f"what runs stays as it is: {refused}")
    return Wait(snapshot.growing) if snapshot.growing else Rest()


def _start_anew(snapshot: Snapshot) -> Step | None:
    """Volume templates are immutable, so what asked for the wrong volumes is made again; only where no volume ever was."""
    if snapshot.service.status.init.phase == "Succeeded":
        return None
    if snapshot.stale_claims:
        return StartAnew(snapshot.stale_claims, "its members never had volumes, and other volumes are asked for now")
    if snapshot.leaving_claims:
        return Wait(f"waits for {', '.join(snapshot.leaving_claims)} to be gone")
    return None


def _objects(snapshot: Snapshot, target: Target) -> Step | None:
    for desired in target.objects:
        found = snapshot.applied.get(desired.key)
        if found is None and snapshot.awaits_restore and desired.kind == "StatefulSet":
            continue
        if found is None and target.refused and desired.kind == "StatefulSet":  # members would start with bad settings
            return Wait(f"no member is started: {target.refused}")
        if found is None:
            return Apply(desired, f"{desired.key} does not exist")
        if target.refused and desired.kind == "StatefulSet":
            continue
        if desired.kind == "StatefulSet" and target.replicas not in (None, snapshot.replicas):
            verb = "is" if target.replicas == 1 else "are"
            return Apply(desired, f"{desired.key} has {snapshot.replicas} Pods, and {target.replicas} {verb} needed")
        if desired.digest and found != desired.digest:
            return Apply(desired, desired.why or f"{desired.key} differs from what the spec asks for")
    return None


def _initiate(snapshot: Snapshot, target: Target) -> Step | None:
    """A new cluster is made only when every member was heard and none holds data, but for what a restore brought to the first."""
    if snapshot.service.status.init.phase == "Succeeded":
        return None
    if snapshot.configured():
        return None  # there is one
    reports = [m.report.value for m in snapshot.members if isinstance(m.report, Known)]
    if snapshot.is_seeded and _is_first_to_begin_alone(snapshot):
        why = f"{snapshot.members[0].name} holds what was restored and begins alone: {_why_others_cannot_run(snapshot)}"
        return _order(snapshot.members[0], "initiate-1", INITIATE, target.initiate_first, why)
    if len(reports) < len(snapshot.members):
        missing = [m.name for m in snapshot.members if not isinstance(m.report, Known)]
        return Wait(f"waits for {', '.join(missing)} to be heard from before anything is decided")
    first = snapshot.members[0]
    empty = reports[1:] if snapshot.is_seeded else reports
    if any(r.role is not Role.UNINITIALIZED for r in reports) or any(r.has_data for r in empty):
        return None
    why = f"all members run, {first.name} holds what was restored" if snapshot.is_seeded else "all members run and are empty"
    return _order(first, "initiate-1", INITIATE, target.initiate, f"{why}: they become one cluster")


def _is_first_to_begin_alone(snapshot: Snapshot) -> bool:
    """Some member cannot run until somebody acts; the data that was restored need not wait for that. Empty ones join later."""
    first, *others = snapshot.members
    is_ready = isinstance(first.report, Known) and first.role() is Role.UNINITIALIZED
    heard = [m for m in others if isinstance(m.report, Known)]
    cannot = [m for m in others if cannot_run(m)]
    are_empty = all(isinstance(m.report, Known) and not m.report.value.has_data for m in heard)
    return is_ready and bool(cannot) and are_empty and len(heard) + len(cannot) == len(others)


def cannot_run(member: MemberFacts) -> bool:
    """Until somebody acts: no node takes it, or Kubernetes may not make it."""
    if isinstance(member.report, Known):
        return False
    return bool(member.refused if member.pod is None else member.pod.trouble)


def _why_others_cannot_run(snapshot: Snapshot) -> str:
    reasons = {m.name: m.refused or (m.pod.trouble if m.pod is not None else "") for m in snapshot.members if cannot_run(m)}
    return "; ".join(f"{name} cannot run: {why}" for name, why in reasons.items())


def _order(member: MemberFacts, order_id: str, action: str, body: dict[str, Any], why: str) -> Step:
    if member.pod is not None and member.pod.order_id == order_id:
        error = member.report.value.order_error if isinstance(member.report, Known) else ""
        return Wait(f"waits for {member.name} to carry out {action}" + (f"; it says: {error}" if error else ""))
    return Order(member, order_id, action, body, why)


def _grow(snapshot: Snapshot) -> Step | None:
    """A claim may ask for less again only where its volume can never have what it asks for: volumes themselves never shrink."""
    wanted = snapshot.service.spec.storage.size
    for claim, has in sorted(snapshot.infeasible_claims.items()):
        asked = snapshot.claim_sizes[claim]
        if parse(has) < parse(wanted) < parse(asked):
            return GrowClaim(claim, wanted, f"volume {claim} cannot grow to {asked} and is asked to grow to {wanted} instead")
    if snapshot.growth_trouble:
        return None
    for claim, size in sorted(snapshot.claim_sizes.items()):
        if parse(size) < parse(wanted):
            return GrowClaim(claim, wanted, f"volume {claim} grows from {size} to {wanted}")
    return None


def _drop(snapshot: Snapshot) -> Step | None:
    """Last: nothing waits for it, so that nothing else has to wait where it is refused."""
    if not snapshot.unused_claims:
        return None
    claim = snapshot.unused_claims[0]
    return DropClaim(claim, f"claim {claim} never had a volume, and its member is not wanted any more")


def why_not_promotable(member: MemberFacts | None) -> str | None:
    """The reason why a member cannot become primary, or None."""
    if member is None:
        return "the service has no such member"
    if member.is_arbiter:
        return f"{member.name} is an arbiter and holds no data"
    if member.role() is not Role.SECONDARY:
        return f"{member.name} is not a healthy secondary"
    return None


def _promote(snapshot: Snapshot, verdict: Verdict) -> Step | None:
    wanted = snapshot.service.metadata.annotations.get(names.ANNOTATION_PROMOTE)
    if not wanted:
        return None
    primary, member = snapshot.primary(), snapshot.member(wanted)
    if member is not None and _is_taking_over(member, snapshot):
        return Wait(f"{wanted} is taking over")
    if primary is not None and primary == member:
        if verdict.colour is Health.RED:
            return Wait(f"{wanted} is primary; waits for the address to lead to it")
        return ClearRequest(names.ANNOTATION_PROMOTE, f"{wanted} is the primary, as asked for")
    reason = why_not_promotable(member)
    if reason is not None or member is None:
        return ClearRequest(names.ANNOTATION_PROMOTE, f"{wanted} cannot be promoted: {reason}")
    if primary is None:
        return Wait("a promotion was asked for; waits for the engine to have a primary")
    return _hand_over(primary, member, f"a person asked for {wanted} to be the primary")


def _is_taking_over(member: MemberFacts, snapshot: Snapshot) -> bool:
    """Elected by our order, and not ready for writes yet."""
    ordered = any(m.pod is not None and m.pod.order_id.startswith(f"{HAND_OVER}-{member.pod_name}-") for m in snapshot.members)
    return ordered and member.role() is Role.CATCHING_UP


def _hand_over(primary: MemberFacts, to: MemberFacts, why: str) -> Step:
    term = primary.report.value.term if isinstance(primary.report, Known) else 0
    body = {"to": to.pod_name, "term": term}
    return _order(primary, f"{HAND_OVER}-{to.pod_name}-{term}", HAND_OVER, body, why)


def _resize(change: resize.Change | None, snapshot: Snapshot, target: Target) -> Step | None:
    """The step of a change of the number of members. Orders go to the primary, for the configuration that it has now."""
    primary = snapshot.primary()
    if change is None or primary is None or not isinstance(primary.report, Known):
        return None
    mark = primary.report.value.configuration
    match change:
        case resize.Join(member, why):
            body = {**target.joins[member.pod_name], "member": member.pod_name, "configuration": mark}
            return _order(primary, resize.order_id(resize.ADD_MEMBER, member, mark), resize.ADD_MEMBER, body, why)
        case resize.Leave(member, why):
            body = {"member": member.pod_name, "configuration": mark}
            return _order(primary, resize.order_id(resize.REMOVE_MEMBER, member, mark), resize.REMOVE_MEMBER, body, why)
        case resize.HandOver(heir, why):
            return _hand_over(primary, heir, why)
        case resize.NotYet(why):
            return Wait(why)


def _rebuild(snapshot: Snapshot) -> Step | None:
    """What a rebuild takes away it takes away last: the vote first, then the data."""
    match rebuild.next_step(snapshot):
        case resize.Leave(member, why):
            primary = snapshot.primary()
            assert primary is not None, "nobody is rebuilt without one"
            assert isinstance(primary.report, Known)
            mark = primary.report.value.configuration
            body = {"member": member.pod_name, "configuration": mark}
            return _order(primary, resize.order_id(resize.REMOVE_MEMBER, member, mark), resize.REMOVE_MEMBER, body, why)
        case rebuild.Empty(member, mark, why):
            order_id = rebuild.empty_order_id(member, mark)
            return _order(member, order_id, rebuild.EMPTY_MEMBER, {"order": order_id, "configuration": mark}, why)
        case rebuild.NewVolume(member, claim, why):
            return RenewVolume(member, claim, why)
        case rebuild.Refuse(why):
            return ClearRequest(names.ANNOTATION_REBUILD, why)
    return None


def _is_green_so_far(snapshot: Snapshot, verdict: Verdict) -> bool:
    """Green, but for members that never joined: what does not depend on them or their volumes need not wait for them."""
    if verdict.colour is Health.GREEN:
        return True
    cluster = snapshot.cluster()
    joined = replace(snapshot, members=tuple(m for m in snapshot.members if m in cluster), claim_trouble="")
    return judge(joined).colour is Health.GREEN


def _finish_upgrade(snapshot: Snapshot, target: Target, verdict: Verdict) -> Step | None:
    """Only when every member runs the version: from then on the data is no longer usable for the one before."""
    primary = snapshot.primary()
    if target.refused or primary is None or not isinstance(primary.report, Known) or not _is_green_so_far(snapshot, verdict):
        return None
    now = primary.report.value
    if now.compatibility not in target.versions_before or not all(_runs(m, target.version) for m in snapshot.cluster()):
        return None
    body = {"version": target.version, "term": now.term}
    why = f"every member runs {target.version}: the data, usable for {now.compatibility} until now, follows"
    return _order(primary, f"{FINISH_UPGRADE}-{target.version}-{now.term}", FINISH_UPGRADE, body, why)


def _runs(member: MemberFacts, version: str) -> bool:
    return isinstance(member.report, Known) and f"{member.report.value.engine_version}.".startswith(f"{version}.")


def _restart_due(member: MemberFacts, snapshot: Snapshot) -> bool:
    """Whether a person's request (`MEMBER@TIME` or `all@TIME`) is younger than the member's Pod."""
    who, _, when = snapshot.service.metadata.annotations.get(names.ANNOTATION_RESTART, "").partition("@")
    return member.pod is not None and who in ("all", member.name) and member.pod.created < when


def _roll_out(snapshot: Snapshot, target: Target, verdict: Verdict) -> Step | None:
    """One member at a time and only while green; secondaries first, the primary last after a hand-over."""
    due = [m for m in snapshot.members if m.pod is not None and _why_replace(m, snapshot, target) is not None]
    if not due or rebuild.is_under_way(snapshot):  # its member is to be back before another one goes
        return None
    primary = snapshot.primary()
    if not _is_green_so_far(snapshot, verdict):
        return Wait(f"{due[0].name} is to be replaced as soon as the service is green")
    others = [m for m in due if m != primary]
    if others:
        member = others[-1]
        return ReplacePod(member, f"{member.name} is replaced: {_why_replace(member, snapshot, target)}")
    heir = next((m for m in snapshot.members if m != primary and why_not_promotable(m) is None), None)
    if primary is not None and heir is not None:
        return _hand_over(primary, heir, f"{primary.name} is to be replaced and hands over first")
    return ReplacePod(due[0], f"{due[0].name} is replaced; there is no other member to hand over to")


def _replace_stuck(snapshot: Snapshot, target: Target) -> Step | None:
    """A member that does not run has nothing to lose, so it waits for no colour."""
    for member in snapshot.members:
        reason = _why_stuck(member, snapshot)
        if reason is not None and _why_replace(member, snapshot, target):
            return ReplacePod(member, f"{member.name} is replaced: it cannot run as it was asked for before: {reason}")
    return None


def _why_stuck(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """Kubernetes cannot run its Pod; or its engine does not run and all others are normal: they do without it already."""
    stuck = member.pod is not None and (member.pod.trouble or member.slow)
    if stuck and member.role() is None:
        return stuck
    if not isinstance(member.report, Known) or member.role() is not Role.DOWN:
        return None
    others = [m for m in snapshot.cluster() if m != member]
    if others and (why_red(snapshot) or any(why_member_abnormal(m, snapshot) for m in others)):
        return None
    return member.report.value.message or "its engine does not run"


def _why_replace(member: MemberFacts, snapshot: Snapshot, target: Target) -> str | None:
    if member.pod is None or member.pod.deleting:
        return None
    if not target.refused and member.pod.template != target.template:
        return "its settings, image or resources changed"
    if _restart_due(member, snapshot):
        return "a person asked for a restart"
    return None


def _finish_restart(snapshot: Snapshot) -> Step | None:
    if names.ANNOTATION_RESTART not in snapshot.service.metadata.annotations:
        return None
    asked = [m for m in snapshot.members if _is_asked_to_restart(m, snapshot)]
    if any(m.pod is None or m.pod.deleting or m.role() is None or _restart_due(m, snapshot) for m in asked):
        return None
    return ClearRequest(names.ANNOTATION_RESTART, "every member that was to be restarted runs anew")


def _is_asked_to_restart(member: MemberFacts, snapshot: Snapshot) -> bool:
    who, _, _ = snapshot.service.metadata.annotations[names.ANNOTATION_RESTART].partition("@")
    return who in ("all", member.name)
