"""Health is a rule that can be read.

red: cannot serve (no primary, no address leads to it, or it takes no writes). yellow: serves, but some member is abnormal, or
its volume nearly full. green: no member is abnormal. Member colours first, the service's colour computed from them. A member that
is not heard from is not healthy.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from moorage.api.dataservice import Health
from moorage.core import fullness, generations
from moorage.core.facts import Known, MemberFacts, Role, Snapshot

SERVING = {Role.PRIMARY, Role.SECONDARY, Role.ARBITER}
_IN_WORDS = {
    Role.CATCHING_UP: "is catching up",
    Role.UNINITIALIZED: "is still empty and part of no cluster",
    Role.REMOVED: "is not part of the cluster",
    Role.APART: "runs apart from the others",
    Role.DOWN: "is down",
}
_PLURAL = {"is": "are", "has": "have", "says": "say", "does": "do", "runs": "run", "its": "their"}


@dataclass(frozen=True)
class Verdict:
    """Colour of the service and of each member, and the sentence that says why."""

    colour: Health
    message: str
    members: dict[str, Health]


@dataclass(frozen=True)
class Cause:
    """Something that stands in the way, as a sentence; `gist`: the same without the members that it concerns."""

    says: str
    gist: str


def why_member_abnormal(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """The reason why a member is not green, or None."""
    pod = member.pod
    if pod is None:
        return f"{member.name} has no Pod" + _because(member.refused or member.slow)
    if pod.trouble:
        return f"{member.name} cannot run: {pod.trouble}"
    if member.slow:
        return f"{member.name} does not run yet: {member.slow}"
    if not isinstance(member.report, Known):
        return f"{member.name} is not heard from: {member.report.why}"
    if pod.deleting:
        return f"{member.name} is stopping"
    report = member.report.value
    if report.role not in SERVING:
        return f"{member.name} {_IN_WORDS[report.role]}" + _because(report.damage or report.message)
    if report.damage:
        return f"{member.name} cannot be counted on: {report.damage}"
    if report.role is Role.PRIMARY and member != snapshot.primary():
        return f"{member.name} says it is primary in an older term"
    configured = snapshot.configured()
    if configured and member.pod_name not in configured:
        return f"{member.name} is not part of the cluster"
    deaf = [m.name for m in snapshot.cluster() if m is not member and _cannot_hear(m, member)]
    if deaf:
        return f"{member.name} is not heard by {', '.join(deaf)}"
    return None


def _because(why: str) -> str:
    return f": {why}" if why else ""


def _cannot_hear(witness: MemberFacts, member: MemberFacts) -> bool:
    """Only a member that can be heard itself is a witness."""
    if not isinstance(witness.report, Known) or witness.report.value.role not in SERVING:
        return False
    return member.pod_name in witness.report.value.peers_down


def why_address_moves(snapshot: Snapshot) -> str | None:
    """Another generation is to serve, and the one before does so until the address has moved; None: the address need not move."""
    serves, leads = generations.serving(snapshot.service), snapshot.address.generation
    if snapshot.is_beside or serves == leads or not snapshot.address.holder:
        return None
    return f"the address moves from generation {leads} to {serves}"


def why_red(snapshot: Snapshot) -> str | None:
    """The reason why the service cannot serve, or None."""
    primary = snapshot.primary()
    if primary is None:
        return "there is no primary"
    if snapshot.is_beside or why_address_moves(snapshot) is not None:
        return None
    if snapshot.address.holder != primary.pod_name:
        return f"the address does not lead to the primary {primary.name} yet"
    return None


def leads_unheard(snapshot: Snapshot) -> MemberFacts | None:
    """A primary that only its peers hear, because its agent or its node's kubelet hangs: clients are served.

    The address leads to it since the term that its peers are in, and all who can be asked follow and hear it; they are a majority
    together with it.
    """
    holder = next((m for m in snapshot.cluster() if m.pod_name == snapshot.address.holder), None)
    if holder is None or snapshot.primary() is not None or holder.pod is None or holder.pod.deleting:
        return None
    if isinstance(holder.report, Known) or holder.report.never_was:
        return None
    followers = [m for m in snapshot.cluster() if m != holder and isinstance(m.report, Known)]
    agree = [m for m in followers if m.role() in SERVING and m.term() == snapshot.address.term and not _cannot_hear(m, holder)]
    are_witnesses = bool(agree) and agree == followers
    return holder if are_witnesses and 2 * (len(agree) + 1) > len(snapshot.cluster()) else None


def why_not_serving(snapshot: Snapshot) -> str | None:
    """As `why_red`, for people. A rule that breaks or replaces anything wants to hear the primary itself."""
    return None if leads_unheard(snapshot) is not None else why_red(snapshot)


def needs_somebody(snapshot: Snapshot) -> list[Cause]:
    """What Kubernetes will not do for the service until somebody acts."""
    stuck = _of_members([m for m in snapshot.counted() if _is_stuck(m)], snapshot)
    volumes = [Cause(said, said) for said in (snapshot.claim_trouble, snapshot.lost_volumes) if said]
    growth = [Cause(said, said) for said in (snapshot.growth_trouble,) if said]
    helps = fullness.what_helps(snapshot)
    short = [Cause(fullness.why_short(snapshot) or helps, helps)] if helps else []
    return [*volumes, *stuck, *growth, *short, *settings_not_used(snapshot)]


def settings_not_used(snapshot: Snapshot) -> list[Cause]:
    """Members run well without them. Whoever asked for them is to know."""
    heard = {m.name: m.report.value.settings for m in snapshot.counted() if isinstance(m.report, Known)}
    return alike({name: f"{name} {why}" if why else None for name, why in heard.items()}, len(snapshot.counted()))


def takes_long(snapshot: Snapshot) -> list[Cause]:
    """What may yet come by itself, and takes longer than it should."""
    return _of_members([m for m in snapshot.counted() if m.slow and not _is_stuck(m)], snapshot)


def _of_members(members: list[MemberFacts], snapshot: Snapshot) -> list[Cause]:
    return alike({m.name: why_member_abnormal(m, snapshot) for m in members}, len(snapshot.counted()))


def _is_stuck(member: MemberFacts) -> bool:
    return bool(member.refused if member.pod is None else member.pod.trouble)


def judge(snapshot: Snapshot, *, heeds_volumes: bool = True) -> Verdict:
    """The colours and the sentence; a pure function of the snapshot. `heeds_volumes`: how full they are counts, too."""
    counted = snapshot.counted()
    reasons = {m.name: why_member_abnormal(m, snapshot) for m in counted}
    short = {m.name for m, _ in fullness.short_of_room(snapshot)} if heeds_volumes else set()
    members = {m.name: _member_colour(m, is_normal=reasons[m.name] is None and m.name not in short) for m in counted}
    abnormal = (cause.says for cause in alike(reasons, len(counted)))
    of_all = (why_address_moves(snapshot), snapshot.claim_trouble, snapshot.lost_volumes)
    fills = fullness.why_short(snapshot) if heeds_volumes else None
    silent = leads_unheard(snapshot)
    leads = f"{silent.name} leads, as the others hear, and serves" if silent is not None else None
    causes = [*filter(None, (*of_all, *abnormal, leads, fills, snapshot.expose_trouble))]
    red = why_not_serving(snapshot)
    if red is not None:
        return Verdict(Health.RED, _sentence([red, *causes]), members)
    if heeds_volumes and fullness.why_no_writes(snapshot) is not None:
        return Verdict(Health.RED, _sentence(causes), members)
    if causes:
        return Verdict(Health.YELLOW, _sentence(causes), members)
    return Verdict(
        Health.GREEN, f"all {len(members)} members are normal" if len(members) > 1 else "its member is normal", members
    )


def alike(reasons: Mapping[str, str | None], total: int) -> list[Cause]:
    """The members' reasons; what is the same for several is said once: `datanode0 and datanode1 have no Pod`."""
    told: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        if reason is not None:
            told.setdefault(reason.removeprefix(name), []).append(name)
    return [Cause(_together(who, what, total), what.partition(": ")[2] or what) for what, who in told.items()]


def _together(who: list[str], what: str, total: int) -> str:
    if len(who) == 1:
        return who[0] + what
    subject = f"all {total} members" if len(who) == total else ", ".join(who[:-1]) + f" and {who[-1]}"
    verb, _, rest = what.lstrip().partition(" ")
    return f"{subject} {_PLURAL.get(verb, verb)} {rest}".strip()


def _member_colour(member: MemberFacts, *, is_normal: bool) -> Health:
    if is_normal:
        return Health.GREEN
    if not isinstance(member.report, Known):
        return Health.UNKNOWN if member.pod is None else Health.RED
    return Health.RED if member.report.value.role is Role.DOWN else Health.YELLOW


def _sentence(causes: list[str]) -> str:
    return "; ".join(dict.fromkeys(causes))
