"""What a run came to, verdict by verdict. Pure: from what was written down to sentences."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from tests.chaos import kit
from tests.chaos.bench import member
from tests.chaos.checkers import Acknowledged, Verdict, gap_after_seconds, longest_gap_seconds, two_primaries
from tests.chaos.faults.fault import ALL, Fault, Named
from tests.chaos.history import History
from tests.chaos.observer import Said, Seen
from tests.chaos.volumes import Volumes

SECOND_NS = 1_000_000_000
DESTRUCTIVE = ("resync", "replace-volume")
HEARD_SECONDS = 5.0
"""A member whose engine said no longer ago that it serves counts as serving: it is asked several times a second."""
BUSY_FACTOR, BUSY_SECONDS_MIN, BUSY_SECONDS_ALL = 3.0, 5.0, 30.0
FORCED_VERSION_STEP = 1_000
"""MongoDB adds a random 10,000 and more to the version of a configuration that was forced."""


@dataclass(frozen=True)
class Blow:
    """One fault of a run."""

    fault: Fault
    target: str
    victims: tuple[str, ...]
    """Names of members."""
    start_ns: int
    heal_ns: int
    """When it had been taken back; when it had been started, for those that nobody takes back."""


@dataclass(frozen=True)
class Facts:
    """Everything that is known of a run when it is over."""

    blows: tuple[Blow, ...]
    seen: Sequence[Seen]
    taken: Sequence[Acknowledged]
    """What each member acknowledged to the observer."""
    said: Sequence[Said]
    history: History
    """Of the workload that V3 is measured with."""
    kept: Verdict
    """Of all workloads together."""
    equal: Verdict
    whole_ns: int | None
    """When it was green again and every engine served; None: it never was in time."""
    why_not_whole: str
    before: Volumes
    after: Volumes
    writes_went_on: str = ""
    """Why not; empty when they did."""
    owed: tuple[str, ...] = ()
    """What the fault itself found missing in the end."""
    blind: tuple[str, ...] = ()
    """Which members nobody saw, and why."""
    clients: Sequence[Acknowledged] = ()
    """What was acknowledged to the workloads' clients."""
    unseen: tuple[str, ...] = ()
    """Why the service itself was not seen."""
    until_ns: int | None = None
    """How long writes were tried."""


@dataclass(frozen=True)
class Figures:
    """What is worth a table."""

    gap_seconds: float
    green_seconds: float | None
    """From the moment when the fault was over; 0 when the service was never anything else."""
    named_seconds: float | None
    named_by: str = ""


@dataclass(frozen=True)
class Judged:
    """`findings`: verdict → sentences; none means that it holds."""

    findings: dict[str, list[str]]
    figures: Figures

    @property
    def is_green(self) -> bool:
        return not any(self.findings.values())


def judge(facts: Facts) -> Judged:
    gap = gap_seconds(facts)
    named = [name_seconds(blow, facts.seen) for blow in facts.blows]
    longest = max(named, key=lambda found: -1.0 if found is None else found[0] or 1e9)
    findings = {
        "V1": [*facts.kept.findings, *([facts.writes_went_on] if facts.writes_went_on else [])],
        "V2": [*two_primaries([*facts.taken, *facts.clients]), *_blind(facts)],
        "V3": _gap(facts, gap),
        "V4": _whole(facts),
        "V5": [why for blow, found in zip(facts.blows, named, strict=True) if (why := _named(blow, found)) is not None],
        "V6": destroyed(facts),
    }
    seconds = longest[0] if longest is not None else None
    figures = Figures(round(gap, 2), _green_seconds(facts), seconds, longest[1] if longest is not None else "")
    return Judged(findings, figures)


def gap_seconds(facts: Facts) -> float:
    """The longest time without an acknowledged write that the fault had a part in."""
    first, over = facts.blows[0], max(blow.heal_ns for blow in facts.blows)
    if len(facts.blows) > 1 or first.fault.gap_since_heal:
        return gap_after_seconds(facts.history, over, facts.until_ns)
    return longest_gap_seconds(facts.history, first.start_ns, facts.until_ns)


def _blind(facts: Facts) -> list[str]:
    """Where nobody looked, nothing can be said."""
    seen = any(t.end_ns >= facts.blows[0].start_ns for t in facts.taken)
    return [*facts.blind, *([] if seen else ["no member was seen to acknowledge anything since the fault began"])]


def budget_seconds(blows: Sequence[Blow]) -> float:
    """Two faults at once may take the majority away: what is owed then is what is owed when all are lost."""
    return blows[0].fault.budget_seconds(blows[0].target) if len(blows) == 1 else 30.0


def busy_budget_seconds(fault: Fault, target: str) -> float:
    """For a machine that does much besides, where a gap beyond the budget tells nothing of Moorage: a test, not a measurement."""
    return BUSY_SECONDS_ALL if target == ALL else max(BUSY_FACTOR * fault.budget_seconds(target), BUSY_SECONDS_MIN)


def _gap(facts: Facts, gap: float) -> list[str]:
    budget = budget_seconds(facts.blows)
    return [f"no write was acknowledged for {gap:.2f} s; the budget is {budget:g} s"] if gap > budget else []


def _whole(facts: Facts) -> list[str]:
    if facts.whole_ns is None:
        return [f"it is not green again by itself: {facts.why_not_whole}"]
    return [*([] if facts.equal.valid else facts.equal.findings), *facts.owed, *_changes(facts)]


def _changes(facts: Facts) -> list[str]:
    """More changes of the primary than the fault calls for; of two faults at once nobody can say how many that are."""
    first, *more = facts.blows
    allowed = first.fault.changes_allowed(first.target)
    if allowed is None or more:
        return []
    changes = len(_reigns(facts, first.start_ns)) - 1
    return [f"the primary changed {changes} times; {allowed} is right"] if changes > allowed else []


def _reigns(facts: Facts, start_ns: int) -> list[int | str]:
    """The one at the beginning, and those after it, by what was acknowledged: terms, or members where a term is no reign."""
    if kit.chosen().term_is_a_reign:
        before = max((t.term for t in facts.taken if t.end_ns < start_ns), default=None)
        return [*({t.term for t in facts.taken if t.end_ns >= start_ns} | ({before} if before is not None else set()))]
    in_order = sorted(facts.taken, key=lambda t: t.term)
    earlier = [t.member for t in in_order if t.end_ns < start_ns][-1:]
    return [member for member, _ in groupby(earlier + [t.member for t in in_order if t.end_ns >= start_ns])]


def _green_seconds(facts: Facts) -> float | None:
    """Until the service was whole for the last time; by what it says, and what its engines say."""
    if facts.whole_ns is None:
        return None
    over = max(blow.heal_ns for blow in facts.blows)
    statuses = [s for s in facts.seen if s.kind == "status"]
    greens = [s.time_ns for before, s in pairwise(statuses) if _is_green(s) and not _is_green(before)]
    last = max((at for at in greens if at >= facts.blows[0].start_ns), default=None)
    return 0.0 if last is None else round(max(0, last - over) / SECOND_NS, 1)


def _is_green(seen: Seen) -> bool:
    return bool(seen.value.get("healthCluster") == "green")


def name_seconds(blow: Blow, seen: Iterable[Seen]) -> tuple[float, str] | None:
    """When the fault was first named, and by whom; None: never, or nothing had to be."""
    if not isinstance(blow.fault.named, Named):
        return None
    told = blow.fault.named.pattern.replace("{what}", blow.fault.words.get(blow.target, ""))
    pattern = re.compile(told.replace("{victim}", f"(?:{'|'.join(blow.victims)})"))
    for one in seen:
        if one.time_ns >= blow.start_ns:
            found = next((text for text in sentences(one) if pattern.search(text)), None)
            if found is not None:
                return round((one.time_ns - blow.start_ns) / SECOND_NS, 1), f"{one.kind}: {found[:200]}"
    return None


def sentences(seen: Seen) -> list[str]:
    """What a person could read there, cause by cause: what is said of one member is not said of the next."""
    match seen.kind, seen.value:
        case "status", dict() as status:
            repair = status.get("repair") or {}
            done = [f"{r['kind']} of {r['member']}: {r['why']}" for r in status.get("repairs") or []]
            causes = str(status.get("healthMsg", "")).split("; ")
            return [*causes, str(repair.get("reason", "")), *map(str, repair.get("facts") or []), *done]
        case "event", dict() as event:
            return [f"{event['reason']}: {cause}" for cause in str(event["message"]).split("; ")]
        case "report", dict() as report:
            return [_of_report(seen.about, report)]
        case _:
            return []


def _of_report(pod: str, report: dict[str, Any]) -> str:
    deaf = ", ".join(member(peer).name for peer in report.get("peers_down") or [])
    said = [report.get("message"), report.get("damage"), deaf and f"it does not hear {deaf}"]
    return f"{member(pod).name} is {report.get('role')}: " + "; ".join(filter(None, said))


def _named(blow: Blow, found: tuple[float, str] | None) -> str | None:
    named = blow.fault.named
    if not isinstance(named, Named):
        return None
    if found is None:
        return f"nothing that matches '{named.pattern}' was ever said"
    limit_seconds = blow.fault.named_within_seconds(blow.target)
    if found[0] > limit_seconds:
        return f"it was named after {found[0]} s; {limit_seconds:g} s are allowed ({found[1]})"
    return None


def destroyed(facts: Facts) -> list[str]:
    """What was put aside or thrown away although it was of use, or while others were not well. What nobody saw is not proved."""
    useless = {name for blow in facts.blows if blow.fault.rebuilds for name in blow.victims}
    findings = [*facts.unseen]
    for name in sorted(set(facts.after.claims) - useless):
        findings += _thrown_away(name, facts.before, facts.after)
    for at_ns, name, kind in rebuilds(facts.seen, facts.blows[0].start_ns):
        if name not in useless:
            findings.append(f"{kind} of {name} was begun, and nothing was wrong with its data")
        others = [m for m in facts.after.claims if m != name]
        findings += [f"{kind} of {name} was begun while {m} did not serve" for m in others if not serves(m, at_ns, facts.said)]
    findings += [said for blow in facts.blows if blow.fault.empties for said in elected_empty(blow, facts.said)]
    return list(dict.fromkeys([*findings, *_forced(facts.before, facts.after)]))


def elected_empty(blow: Blow, said: Iterable[Said]) -> list[str]:
    """Victims that lost their data and led before they had followed: what they lead with is not what was acknowledged."""
    findings = []
    for name in blow.victims:
        roles = [s.role for s in said if s.member == name and s.time_ns >= blow.start_ns]
        away = next((at for at, role in enumerate(roles) if role not in ("primary", "secondary")), len(roles))
        if any(role == "primary" and before != "secondary" for before, role in pairwise(roles[away:])):
            findings.append(f"{name} was elected before it had copied")
    return findings


def _thrown_away(name: str, before: Volumes, after: Volumes) -> list[str]:
    """Of a member whose data was of use."""
    claim, asides, aside_before = after.claims[name], after.asides[name], before.asides[name]
    if claim is None or before.claims[name] is None or asides is None or aside_before is None:
        return [f"the volume of {name} could not be looked at: whether its data is still there is not known"]
    moved = [f"the data of {name} was put aside, and nothing was wrong with it"] if asides - aside_before else []
    return [
        *moved,
        *([f"the volume of {name} is another one, and nothing was wrong with it"] if claim != before.claims[name] else []),
    ]


def _forced(before: Volumes, after: Volumes) -> list[str]:
    if not kit.chosen().tells_configuration:
        return []
    if before.configuration_version is None or after.configuration_version is None:
        return ["no member told its configuration: whether it was forced is not known"]
    step = after.configuration_version - before.configuration_version
    return [f"the configuration was forced: its version went up by {step}"] if step >= FORCED_VERSION_STEP else []


def rebuilds(seen: Iterable[Seen], since_ns: int) -> list[tuple[int, str, str]]:
    """When each destructive repair was first to be seen, of which member, of which kind."""
    found: dict[tuple[str, str, str], int] = {}
    for one in seen:
        if one.kind != "status" or one.time_ns < since_ns:
            continue
        for repair in one.value.get("repairs") or []:
            if repair["kind"] in DESTRUCTIVE:
                found.setdefault((repair["member"], repair["kind"], repair["startTime"]), one.time_ns)
    return [(at_ns, name, kind) for (name, kind, _), at_ns in found.items()]


def serves(name: str, at_ns: int, said: Iterable[Said]) -> bool:
    """Whether its engine said so at that moment, or shortly before."""
    mine = sorted((s for s in said if s.member == name and s.time_ns <= at_ns), key=lambda s: s.time_ns)
    for index, one in enumerate(mine):
        until_ns = mine[index + 1].time_ns if index + 1 < len(mine) else at_ns
        if one.role in ("primary", "secondary") and at_ns - until_ns <= HEARD_SECONDS * SECOND_NS:
            return True
    return False
