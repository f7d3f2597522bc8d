"""Health is a rule that can be read.

red: cannot serve (no primary, or no address leads to it). yellow: serves, but some member is abnormal. green: no member
is abnormal. Member colours first, the service's colour computed from them. A member that is not heard from is not healthy.
"""

from dataclasses import dataclass

from moorage.api.dataservice import Health
from moorage.core.facts import Known, MemberFacts, Role, Snapshot

_SERVING = {Role.PRIMARY, Role.SECONDARY, Role.ARBITER}
_IN_WORDS = {
    Role.CATCHING_UP: "is catching up",
    Role.UNINITIALIZED: "is still empty and part of no cluster",
    Role.REMOVED: "is not part of the cluster",
    Role.DOWN: "is down",
}
_PLURAL = {"is": "are", "has": "have", "says": "say", "its": "their"}


@dataclass(frozen=True)
class Verdict:
    """Colour of the service and of each member, and the sentence that says why."""

    colour: Health
    message: str
    members: dict[str, Health]


def why_member_abnormal(member: MemberFacts, snapshot: Snapshot) -> str | None:
    """The reason why a member is not green, or None."""
    pod = member.pod
    if pod is None:
        return f"{member.name} has no Pod"
    if pod.trouble:
        return f"{member.name} cannot run: {pod.trouble}"
    if not isinstance(member.report, Known):
        return f"{member.name} is not heard from: {member.report.why}"
    if pod.deleting:
        return f"{member.name} is stopping"
    report = member.report.value
    if report.role not in _SERVING:
        return f"{member.name} {_IN_WORDS[report.role]}" + (f": {report.message}" if report.message else "")
    if report.role is Role.PRIMARY and member != snapshot.primary():
        return f"{member.name} says it is primary in an older term"
    configured = snapshot.configured()
    if configured and member.pod_name not in configured:
        return f"{member.name} is not part of the cluster"
    deaf = [m.name for m in snapshot.cluster() if m is not member and _cannot_hear(m, member)]
    if deaf:
        return f"{member.name} is not heard by {', '.join(deaf)}"
    return None


def _cannot_hear(witness: MemberFacts, member: MemberFacts) -> bool:
    """Only a member that can be heard itself is a witness."""
    if not isinstance(witness.report, Known) or witness.report.value.role not in _SERVING:
        return False
    return member.pod_name in witness.report.value.peers_down


def why_red(snapshot: Snapshot) -> str | None:
    """The reason why the service cannot serve, or None."""
    primary = snapshot.primary()
    if primary is None:
        return "there is no primary"
    if snapshot.address.holder != primary.pod_name:
        return f"the address does not lead to the primary {primary.name} yet"
    return None


def judge(snapshot: Snapshot) -> Verdict:
    """The colours and the sentence; a pure function of the snapshot."""
    counted = snapshot.counted()
    reasons = {m.name: why_member_abnormal(m, snapshot) for m in counted}
    members = {m.name: _member_colour(m, reasons[m.name]) for m in counted}
    causes = [*filter(None, (snapshot.claim_trouble, *_alike(reasons, len(counted)), snapshot.expose_trouble))]
    red = why_red(snapshot)
    if red is not None:
        return Verdict(Health.RED, _sentence([red, *causes]), members)
    if causes:
        return Verdict(Health.YELLOW, _sentence(causes), members)
    return Verdict(
        Health.GREEN, f"all {len(members)} members are normal" if len(members) > 1 else "its member is normal", members
    )


def _alike(reasons: dict[str, str | None], total: int) -> list[str]:
    """The members' reasons; what is the same for several is said once: `datanode0 and datanode1 have no Pod`."""
    told: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        if reason is not None:
            told.setdefault(reason.removeprefix(name), []).append(name)
    return [_together(who, what, total) for what, who in told.items()]


def _together(who: list[str], what: str, total: int) -> str:
    if len(who) == 1:
        return who[0] + what
    subject = f"all {total} members" if len(who) == total else ", ".join(who[:-1]) + f" and {who[-1]}"
    verb, _, rest = what.lstrip().partition(" ")
    return f"{subject} {_PLURAL.get(verb, verb)} {rest}".strip()


def _member_colour(member: MemberFacts, reason: str | None) -> Health:
    if reason is None:
        return Health.GREEN
    if not isinstance(member.report, Known):
        return Health.UNKNOWN if member.pod is None else Health.RED
    return Health.RED if member.report.value.role is Role.DOWN else Health.YELLOW


def _sentence(causes: list[str]) -> str:
    return "; ".join(dict.fromkeys(causes))
