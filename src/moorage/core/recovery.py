"""The majority is lost for good: on a person's word, and only then, one member is kept alone and the others are given up.

The fence comes first: whoever is given up does not run, and does not start, before the one that is kept is forced to go on alone.
What the others acknowledged and it does not hold is lost by that, so nothing here ever happens by itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from moorage.api.dataservice import DataService
from moorage.core import names, requests
from moorage.core.facts import Known, MemberFacts, Snapshot
from moorage.core.health import why_red
from moorage.core.orders import order
from moorage.core.recovery_rule import ELECTS, others, why_not, why_not_fit
from moorage.core.resize import majority, primary_report
from moorage.core.step import ClearRequest, Exclude, Step, Wait

RECOVER = "recover"
"""The order: the engine's configuration is forced to this member alone."""
KEPT = "was kept alone, as asked for"
"""What a person is told whose request was carried out; every other answer is a refusal."""
REQUEST_SECONDS, UNANSWERED_SECONDS = 300.0, 360.0
"""A member goes on alone within the first time after a person asked for it, or not any more; one that has its order and is not
heard from is waited for until the second: clocks differ."""
AT_STAKE = "writes that were acknowledged and that {} does not hold would be lost"
_ASKED = names.ANNOTATION_RECOVER
_LIMIT = f"{REQUEST_SECONDS / 60:.0f} minutes"


@dataclass(frozen=True)
class Request:
    """What a person asked for. `configuration`: the member's mark at that time; after any change the request is out of date."""

    member: str
    configuration: str
    time: str

    @property
    def order_id(self) -> str:
        return f"{RECOVER}-{self.member}-{self.configuration}-{self.time}"


def wish(member: str, configuration: str, time: str) -> str:
    """The annotation's text."""
    return f"{member}@{configuration}@{time}"


def asked(service: DataService) -> Request | None:
    """None: nobody asks, or it cannot be read."""
    parts = service.metadata.annotations.get(_ASKED, "").split("@")
    return Request(*parts) if len(parts) == 3 and all(parts) and requests.moment(parts[2]) is not None else None


def step(snapshot: Snapshot) -> Step | None:
    """The next step of a recovery that a person asked for, or of the way back for those that were given up."""
    if snapshot.is_beside or f"EndpointSlice/{snapshot.service.metadata.name}" not in snapshot.applied:
        return None
    text, request, given = snapshot.service.metadata.annotations.get(_ASKED), asked(snapshot.service), _under_way(snapshot)
    if text is None:
        return None if given is not None else _readmit(snapshot)
    if request is None:
        why = f"'{text[:80]}' is not MEMBER@CONFIGURATION@TIME, as moorage recover writes it"
        return ClearRequest(_ASKED, f"nobody is kept: {why}")
    if given is not None:
        return _answer(request, given, snapshot)
    member = snapshot.member(request.member)
    if member is None:
        known = ", ".join(m.name for m in snapshot.members)
        return ClearRequest(_ASKED, f"{request.member} cannot be kept: the service has no such member; there are: {known}")
    if (refusal := _why_not_as_asked(request, member, snapshot)) is not None:
        return ClearRequest(_ASKED, f"{member.name} cannot be kept alone: {refusal}")
    found = _next(request, member, snapshot)
    if not _is_over(request, REQUEST_SECONDS, snapshot):
        return found
    why = found.why if isinstance(found, Wait) else "something else was to be done first"
    return ClearRequest(_ASKED, f"{member.name} was not kept alone within {_LIMIT}, and nothing was forced: {why}; ask again")


def _is_over(request: Request, limit_seconds: float, snapshot: Snapshot) -> bool:
    left = requests.left_seconds(request.time, limit_seconds, snapshot.now)
    return left is not None and left <= 0


def _why_not_as_asked(request: Request, member: MemberFacts, snapshot: Snapshot) -> str | None:
    report = member.report
    if isinstance(report, Known) and _was_refused(request, member):
        return report.value.order_error or "its agent refuses"
    if (why := why_not(member, snapshot)) is not None:
        return why
    if isinstance(report, Known) and report.value.configuration != request.configuration:
        return f"its configuration is {report.value.configuration} by now, and the request was for {request.configuration}"
    return None


def _next(request: Request, kept: MemberFacts, snapshot: Snapshot) -> Step:
    rest = others(kept, snapshot)
    given_up = ", ".join(m.name for m in rest)
    fenced = snapshot.address.excluded | {m.pod_name for m in rest}
    if fenced != snapshot.address.excluded:
        says = f"a person asked for {kept.name} to be kept alone: first nobody else may run, so these stay stopped: {given_up}"
        return Exclude(tuple(sorted(fenced)), says, kept)
    running = [m.name for m in rest if isinstance(m.report, Known) and not m.report.value.excluded]
    if running:
        return Wait(f"waits for {', '.join(running)} to stop before {kept.name} is kept alone")
    until = datetime.fromisoformat(request.time) + timedelta(seconds=REQUEST_SECONDS)
    body = {"configuration": request.configuration, "until": until.isoformat()}
    says = f"{kept.name} goes on alone, as a person asked: nobody else runs, and what only {given_up} hold is lost"
    return order(kept, request.order_id, RECOVER, body, says)


# A recovery whose order was given.


def _under_way(snapshot: Snapshot) -> MemberFacts | None:
    """The member that has the order of a recovery. Until it answers nothing is taken back, neither the fence nor the request.

    One that is not heard from may carry it out at any time. When somebody is primary there is nothing left to wait for.
    """
    request = asked(snapshot.service)
    given = [m for m in snapshot.everyone() if m.pod is not None and m.pod.order_id.startswith(f"{RECOVER}-")]
    if request is not None and (its := next((m for m in given if _is_of(request, m)), None)) is not None:
        return None if _was_refused(request, its) else its
    return next((m for m in given if snapshot.primary() is None and not _is_answered(m)), None)


def _is_of(request: Request, member: MemberFacts) -> bool:
    return member.pod is not None and member.pod.order_id == request.order_id


def _is_answered(member: MemberFacts) -> bool:
    """It carried its order out, or refused it."""
    if member.pod is None or not isinstance(member.report, Known):
        return False
    return member.pod.order_id in (member.report.value.order_done, member.report.value.order_refused)


def _was_refused(request: Request, member: MemberFacts) -> bool:
    return isinstance(member.report, Known) and member.report.value.order_refused == request.order_id


def _answer(request: Request, kept: MemberFacts, snapshot: Snapshot) -> Step | None:
    if not _is_of(request, kept):
        why = f"an earlier recovery keeps {kept.name}, which has not answered yet"
        return ClearRequest(_ASKED, f"{request.member} cannot be kept alone: {why}")
    is_over = _is_over(request, UNANSWERED_SECONDS, snapshot)
    if not _is_answered(kept):
        said = kept.report.value.order_error if isinstance(kept.report, Known) else f"not heard from: {kept.report.why}"
        if is_over:
            return ClearRequest(_ASKED, _unanswered(kept, said))
        return Wait(f"waits for {kept.name} to go on alone" + (f"; it says: {said}" if said else ""))
    primary = snapshot.primary()
    if primary is None and is_over:
        return ClearRequest(_ASKED, f"{kept.name} goes on alone and is not primary after {_LIMIT}: see what its engine says")
    if primary is None:
        return Wait(f"waits for {kept.name}, which goes on alone, to be primary") if kept.role() in ELECTS else None
    if why_red(snapshot) is not None:
        return None  # the address is put right
    says = f"{primary.name} is the primary, and the others join once their data is put aside"
    return ClearRequest(_ASKED, f"{kept.name} {KEPT}: {says}")


def _unanswered(kept: MemberFacts, said: str) -> str:
    """The fence stays: it may have gone on alone and nobody heard of it."""
    node = kept.pod.node if kept.pod is not None else ""
    gone = f" (kubectl delete node {node})" if node else ""
    return (
        f"{kept.name} has not answered within {_LIMIT}{f' ({said})' if said else ''}: whether it goes on alone is not known, so "
        f"the others stay stopped until it is heard; if it is gone for good, say so{gone}, and ask for another one to be kept"
    )


# The way back of those that were given up.


def _readmit(snapshot: Snapshot) -> Step | None:
    """A member that was given up starts again once it is empty; all of them, when nothing was forced in the end."""
    excluded = snapshot.address.excluded
    back = [m for m in snapshot.everyone() if m.pod_name in excluded and _may_start(m, snapshot)]
    if not back:
        return None
    rest = tuple(sorted(excluded - {m.pod_name for m in back}))
    return Exclude(rest, f"{', '.join(m.name for m in back)} may start again: {_why_may_start(snapshot)}")


def _may_start(member: MemberFacts, snapshot: Snapshot) -> bool:
    primary, report = snapshot.primary(), primary_report(snapshot)
    if primary is None:
        return _was_nothing_forced(member, snapshot)
    if report is None or primary.pod_name in snapshot.address.excluded:
        return False
    if member.pod_name in report.configured:
        return True
    return isinstance(member.report, Known) and member.report.value.excluded and not member.report.value.has_data


def _was_nothing_forced(member: MemberFacts, snapshot: Snapshot) -> bool:
    """By the word of all that run: who was forced to go on alone counts nobody else. Where nobody says, the fence stays."""
    runs = [m for m in snapshot.everyone() if isinstance(m.report, Known) and m.pod_name not in snapshot.address.excluded]
    says = [m.report.value.configured for m in runs if isinstance(m.report, Known) and m.report.value.configured]
    return bool(says) and all(member.pod_name in configured for configured in says)


def _why_may_start(snapshot: Snapshot) -> str:
    return "nothing was forced" if snapshot.primary() is None else "its old data is put aside, or the cluster counts it"


# What is said.


def candidate(snapshot: Snapshot) -> MemberFacts | None:
    """Whom a person could keep, the first one that the rule allows."""
    return next((m for m in snapshot.members if why_not(m, snapshot) is None), None)


def outlook(snapshot: Snapshot) -> str:
    """While no majority is left: that nothing is forced, and the command, only when it would be carried out. Else empty."""
    lost = _lost(snapshot)
    if not lost:
        return ""
    says = f"without {', '.join(m.name for m in lost)} no majority is left, and nothing is forced"
    kept = candidate(snapshot)
    if kept is None or asked(snapshot.service) is not None:
        return says
    meta = snapshot.service.metadata
    command = f"moorage recover {meta.name} --keep {kept.name} -n {meta.namespace}"
    return f"{says}; if they are gone for good: {command} ({AT_STAKE.format(kept.name)})"


def left_alone(snapshot: Snapshot) -> str:
    """Why nobody may be kept alone although no majority is left; empty when somebody may, or none is lost."""
    fit = [m for m in snapshot.members if why_not_fit(m, snapshot) is None]
    if not _lost(snapshot) or not fit or candidate(snapshot) is not None:
        return ""
    return f"{fit[0].name} is not kept alone: {why_not(fit[0], snapshot)}"


def _lost(snapshot: Snapshot) -> list[MemberFacts]:
    """The members that do not elect, while the others are no majority."""
    if snapshot.is_beside or snapshot.primary() is not None or snapshot.service.status.init.phase != "Succeeded":
        return []
    cluster = snapshot.cluster() if snapshot.configured() else ()
    gone = [m for m in cluster if m.role() not in ELECTS]
    return gone if len(cluster) - len(gone) < majority(len(cluster)) else []


def outcome(kept: MemberFacts, snapshot: Snapshot) -> str | None:
    """What became of a recovery that began; None while it goes on."""
    primary = snapshot.primary()
    if primary is not None and why_red(snapshot) is None:
        return "Succeeded" if primary == kept else "Failed"
    is_asked = asked(snapshot.service) is not None
    return None if is_asked or _under_way(snapshot) is not None else "GivenUp"
