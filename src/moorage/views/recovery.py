"""What is at stake when one member is kept alone, as people are told it before they ask for that. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from moorage.api.conditions import Resource
from moorage.api.dataservice import DataService
from moorage.core import names
from moorage.core.recovery import AT_STAKE
from moorage.core.report import MemberReport, from_json
from moorage.views.service import member_pods

Object = dict[str, Any]


class RecoveryView(Resource):
    """Of one member that is to be kept."""

    member: str
    configuration: str
    """The mark that the request is made for: after any change of the configuration it does nothing any more."""
    sentences: list[str]
    """What is kept, what each of the others said last, and what would be lost."""


class CannotBeKeptError(Exception):
    """`str()` is the sentence. Nothing was asked for."""


def recovery(service: DataService, pods: Iterable[Object], keep: str) -> RecoveryView:
    """`pods`: the service's members. Raises CannotBeKeptError; the operator judges the rest when it is asked."""
    name = service.metadata.name
    if service.status.primary:
        raise CannotBeKeptError(f"{service.status.primary} is the primary of {name}, and nothing is lost")
    reports = _reports(service, pods)
    report = reports.get(keep)
    if report is None or not report.configuration:
        said = "said nothing yet" if report is None else f"says that it is {report.role}, and names no configuration"
        raise CannotBeKeptError(f"{keep} of {name} cannot be kept: it {said}")
    return RecoveryView(member=keep, configuration=report.configuration, sentences=_stake(reports, keep))


def _reports(service: DataService, pods: Iterable[Object]) -> dict[str, MemberReport | None]:
    """Member → what its agent said last, as it stands on its Pod; None: there is nothing to read."""
    texts = {p["metadata"]["name"]: (p["metadata"].get("annotations") or {}).get(names.ANNOTATION_REPORT) for p in pods}
    return {member: _report(texts.get(pod)) for member, pod in member_pods(service).items()}


def _report(text: str | None) -> MemberReport | None:
    try:
        return None if text is None else from_json(text)
    except ValueError:
        return None


def _stake(reports: Mapping[str, MemberReport | None], keep: str) -> list[str]:
    given_up = {member: report for member, report in reports.items() if member != keep}
    told = [f"{keep} is kept and goes on alone; it {_last_said(reports[keep])}"]
    told += [f"{member} is given up; it {_last_said(report)}" for member, report in given_up.items()]
    brings_back = "nothing brings them back but the volumes of those that are given up, or a backup"
    return [*told, f"{AT_STAKE.format(keep)}; {brings_back}"]


def _last_said(report: MemberReport | None) -> str:
    if report is None:
        return "has no Pod that said anything"
    term = f" in term {report.term}" if report.term else ""
    return f"last said: {report.role}{term}" + (f", {report.message}" if report.message else "")
