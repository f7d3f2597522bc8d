"""What is said of drills: sentences that stay the same while what they say does."""

from moorage.api.drill import Drill, DrillKind

_WHAT = {
    DrillKind.PRIMARY_CRASH: "the engine of {member}, the primary, is killed",
    DrillKind.SECONDARY_CRASH: "the engine of {member} is killed",
    DrillKind.PRIMARY_FREEZE: "the engine of {member}, the primary, stands still for 10 s",
    DrillKind.PRIMARY_HANDOVER: "{member}, the primary, hands over",
    DrillKind.POD_DELETE: "the Pod of {member}, the primary, is deleted",
    DrillKind.NODE_LOSS: "{member}, the primary, and its agent fall silent for 15 s and start anew",
    DrillKind.AGENT_CRASH: "the agent of {member}, the primary, is killed, and the engine with it",
    DrillKind.MEMBER_DATA_LOSS: "the engine of {member} is killed and finds an empty data folder; its data is put aside",
}


GOES_ON = "the normal repair goes on: moorage why says how far it is"
_SPOILED = "so this does not show what the fault alone does, if it was made at all: ask for it again"
POD_REPLACED = "the Pod of {member} was replaced meanwhile, " + _SPOILED
ORDER_GONE = "the order for it was overwritten or taken from the Pod of {member}, " + _SPOILED


def what(kind: DrillKind, member: str) -> str:
    """What is done to whom."""
    return _WHAT[kind].format(member=member)


def sentence(drill: Drill) -> str:
    """For everybody who looks at the service meanwhile."""
    hit = f", which has hit {drill.member}" if drill.member else ""
    return f"a drill is under way: {drill.kind}{hit}"


def report(drill: Drill, service: str) -> str:
    """The one sentence of its end, such as: primary-crash on orders (datanode1): writes stood still for 0.6 s, …"""
    if not drill.member:
        return f"{drill.kind} on {service} was broken off: {drill.message}"
    said = f"{drill.kind} on {service} ({drill.member}): {_figures(drill)}"
    return f"{said}; {drill.message}" if drill.message else said


def _figures(drill: Drill) -> str:
    """What is not known is said to be so."""
    gap = "how long writes stood still is not known"
    if drill.gap_seconds is not None:
        gap = f"writes stood still for {drill.gap_seconds:.1f} s"
    lost = "how many acknowledged writes were lost is not known"
    if drill.lost is not None and drill.acknowledged is not None:
        lost = f"{drill.lost:,} of {drill.acknowledged:,} acknowledged writes lost"
    green = "not waited for until green" if _SPOILED in drill.message else "not green again in time"
    if drill.seconds_to_green is not None:
        green = f"green again after {drill.seconds_to_green:.1f} s"
    return f"{gap}, {lost}, {green}"
