"""The one next step of a service: a value with the sentence that explains it. The first rule that applies wins.

The sentence is at once log line, Event, `status.repair`, test assertion and what `moorage why` prints.
"""

from moorage.api.dataservice import Health
from moorage.api.quantity import parse
from moorage.core import (
    autogrow,
    beginning,
    drill,
    livesettings,
    maintenance,
    outage,
    ownmetrics,
    promotion,
    rebuild,
    rebuild_rule,
    recovery,
    resize,
    rollout,
    stand_in,
    takeover,
    turnover,
)
from moorage.core.facts import Snapshot
from moorage.core.health import SERVING, Verdict, judge
from moorage.core.step import Apply, DropClaim, GrowClaim, Rest, Step, Target, Wait


def plan(snapshot: Snapshot, target: Target) -> Step:
    """The next step. Never a destructive one while a member is not heard from."""
    verdict = judge(snapshot)
    return (
        turnover.acknowledge(snapshot)
        or turnover.move_address(snapshot)
        or turnover.retire(snapshot)
        or recovery.step(snapshot)
        or outage.step(snapshot, target)
        or drill.answer(snapshot)
        or _in_maintenance(snapshot)
        or beginning.start_anew(snapshot)
        or _objects(snapshot, target)
        or takeover.step(snapshot)
        or livesettings.tell(snapshot, target)
        or ownmetrics.tell(snapshot, target)
        or turnover.await_restore(snapshot)
        or rollout.replace_stuck(snapshot, target)
        or beginning.initiate(snapshot, target)
        or _grow(snapshot)
        or promotion.promote(snapshot)
        or rebuild.step(snapshot, target)
        or stand_in.step(snapshot, target)
        or resize.step(None if target.refused else resize.shrink(snapshot), snapshot, target)
        or resize.step(None if target.refused else resize.outgrow_even(snapshot), snapshot, target)
        or rollout.roll_out(snapshot, target, verdict)
        or rollout.finish_restart(snapshot)
        or resize.step(None if target.refused else resize.grow(snapshot), snapshot, target)
        or rollout.finish_upgrade(snapshot, target, verdict)
        or turnover.discard(snapshot)
        or _drop(snapshot)
        or drill.step(snapshot)
        or _idle(snapshot, target, verdict)
    )


def _in_maintenance(snapshot: Snapshot) -> Step | None:
    """Only what a person asks for by name is done: a hand-over. What a restore has decided was carried out before."""
    rest = maintenance.rest(snapshot)
    return (promotion.promote(snapshot) or rest) if isinstance(rest, Wait) else rest


def _idle(snapshot: Snapshot, target: Target, verdict: Verdict) -> Step:
    if verdict.colour is not Health.GREEN:
        said = (verdict.message, recovery.outlook(snapshot), snapshot.growing, *_left_alone(snapshot))
        return Wait("; ".join(filter(None, said)))
    if refused := target.refused or snapshot.growth_trouble:
        return Wait(f"what runs stays as it is: {refused}")
    return Wait(snapshot.growing) if snapshot.growing else Rest()


def _left_alone(snapshot: Snapshot) -> list[str]:
    """What could be done for abnormal members and is not, or not yet, and why."""
    return [*rebuild_rule.left_alone(snapshot).values(), *stand_in.outlook(snapshot)]


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
    return _grow_like_the_others(snapshot) or autogrow.step(snapshot)


def _grow_like_the_others(snapshot: Snapshot) -> Step | None:
    """A new volume is made as small as the spec says, and the others may be larger: their data is to find room in it."""
    for member in snapshot.members:
        claim, others = snapshot.claim_of(member), [m for m in snapshot.cluster() if m != member]
        needs = min((size for m in others if (size := snapshot.volume_of(m)) is not None), key=parse, default=None)
        size = snapshot.claim_sizes.get(claim)
        if size is None or needs is None or member.role() in SERVING or parse(size) >= parse(needs):
            continue
        return GrowClaim(claim, needs, f"volume {claim} grows from {size} to {needs}, which those of all others have at least")
    return None


def _drop(snapshot: Snapshot) -> Step | None:
    """Last: nothing waits for it, so that nothing else has to wait where it is refused."""
    if not snapshot.unused_claims:
        return None
    claim = snapshot.unused_claims[0]
    return DropClaim(claim, f"claim {claim} never had a volume, and its member is not wanted any more")
