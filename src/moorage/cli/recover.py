"""`moorage recover NAME --keep MEMBER`: the majority is lost for good; says what is at stake, and writes the request."""

from typing import Annotated

import typer

from moorage.api.dataservice import DataService
from moorage.cli import follow
from moorage.cli.cluster import Cluster, connect
from moorage.cli.confirm import confirm
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Namespace, Output, ServiceName, Timeout, Wait, Yes, complete_member, seconds
from moorage.cli.output import Format, data, hint, line, say
from moorage.cli.promote import require_member
from moorage.core import names
from moorage.core.recovery import AT_STAKE, KEPT, wish
from moorage.core.report import MemberReport, from_json
from moorage.views.service import member_pods, parse, service_view


def command(
    ctx: typer.Context,
    name: ServiceName,
    keep: Annotated[
        str, typer.Option("--keep", metavar="MEMBER", help="The member that goes on alone.", autocompletion=complete_member)
    ],
    namespace: Namespace = None,
    yes: Yes = None,
    wait: Wait = True,
    timeout: Timeout = "10m",
    output: Output = Format.TEXT,
) -> None:
    """The last way back when most members are gone for good: one goes on alone, and what only the others hold is lost.

    Refused while a primary is heard, while those that are heard could elect one, and while a member that is not heard from may
    still run. Those that come back later put their data aside inside their volumes and copy everything anew.
    """
    limit_seconds = seconds(timeout)
    cluster = connect(ctx.obj, namespace)
    service = parse(cluster.service(name))
    require_member(service, keep)
    if service.status.primary:
        message = f"{service.status.primary} is the primary of {name}, and nothing is lost"
        raise CliError(message, ExitCode.CONFLICT, f"moorage status {name} -n {cluster.namespace}")
    reports = _reports(cluster, service)
    configuration = _configuration(reports, keep, name)
    stake = _stake(reports, keep)
    if yes is not None:
        say(stake)
    again = f"moorage recover {name} --keep {keep} -n {cluster.namespace} --yes {name}"
    confirm(name, yes, what=f"keeping {keep} of {name} alone", warning=stake, again=again)
    before = follow.answers(cluster, name) if wait else []
    request = wish(keep, configuration, cluster.request_time())
    found = cluster.merge_service(name, {"metadata": {"annotations": {names.ANNOTATION_RECOVER: request}}})
    if wait:
        found = follow.carried_out(cluster, name, names.ANNOTATION_RECOVER, KEPT, before, limit_seconds)
    if output is not Format.TEXT:
        data(service_view(found).to_json(), output)
    else:
        line(f"{keep} of {name} goes on alone and is the primary" if wait else f"asked for {keep} of {name} to be kept alone")
    hint(f"moorage why {name} -n {cluster.namespace}")


def _reports(cluster: Cluster, service: DataService) -> dict[str, MemberReport | None]:
    """Member → what its agent said last, as it stands on its Pod; None: there is nothing to read."""
    meta = service.metadata
    pods = cluster.pods({names.LABEL_INSTANCE: meta.name, names.LABEL_COMPONENT: names.COMPONENT_MEMBER})
    texts = {p["metadata"]["name"]: (p["metadata"].get("annotations") or {}).get(names.ANNOTATION_REPORT) for p in pods}
    return {member: _report(texts.get(pod)) for member, pod in member_pods(service).items()}


def _report(text: str | None) -> MemberReport | None:
    try:
        return None if text is None else from_json(text)
    except ValueError:
        return None


def _configuration(reports: dict[str, MemberReport | None], keep: str, name: str) -> str:
    """The mark that the request is made for: after any change of the configuration it does nothing any more."""
    report = reports.get(keep)
    if report is None or not report.configuration:
        said = "said nothing yet" if report is None else f"says that it is {report.role}, and names no configuration"
        raise CliError(f"{keep} of {name} cannot be kept: it {said}", ExitCode.CONFLICT, f"moorage why {name}")
    return report.configuration


def _stake(reports: dict[str, MemberReport | None], keep: str) -> str:
    given_up = {member: report for member, report in reports.items() if member != keep}
    told = [f"{keep} is kept and goes on alone; it {_last_said(reports[keep])}"]
    told += [f"{member} is given up; it {_last_said(report)}" for member, report in given_up.items()]
    told.append(f"{AT_STAKE.format(keep)}; nothing brings them back but the volumes of those that are given up, or a backup")
    return "\n".join(told)


def _last_said(report: MemberReport | None) -> str:
    if report is None:
        return "has no Pod that said anything"
    term = f" in term {report.term}" if report.term else ""
    return f"last said: {report.role}{term}" + (f", {report.message}" if report.message else "")
