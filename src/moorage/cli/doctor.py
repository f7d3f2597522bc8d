"""`moorage doctor`: whether this Kubernetes is fit for Moorage, and Moorage well."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import typer

from moorage.api.dataservice import KIND
from moorage.cli.cluster import Cluster, connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.finding import Finding, Grade
from moorage.cli.fitness import Seen, findings, of_grade
from moorage.cli.options import Output
from moorage.cli.output import Format, data, hint, plain, table
from moorage.cli.rights import Right, account, needed
from moorage.cli.version import cli_version
from moorage.core import names

Object = dict[str, Any]
_T = TypeVar("_T")

_STYLES = {Grade.OK: "green", Grade.WARNING: "yellow", Grade.PROBLEM: "bold red"}
_ASKED_AT_ONCE = 8
_OURS = {names.LABEL_PART_OF: names.PART_OF}


def command(ctx: typer.Context, output: Output = Format.TEXT) -> None:
    """Of all namespaces. Exit code 1 when there is a problem; a warning is none. It changes nothing.

    What you may not look at is said. The rights of the operator are asked for one by one, which an administrator may do.
    """
    found = findings(look(connect(ctx.obj)))
    if output is Format.TEXT:
        table(("GRADE", "WHAT", "FINDING"), [row for f in found for row in _rows(f)], empty="")
    else:
        data([f.model_dump(mode="json", by_alias=True) for f in found], output)
    problems = of_grade(found, Grade.PROBLEM)
    if problems:
        words = ", ".join(dict.fromkeys(problems))
        raise CliError(f"not well: {words}", ExitCode.ERROR, next(f.do for f in found if f.grade is Grade.PROBLEM))
    hint(next((f.do for f in found if f.grade is Grade.WARNING), "moorage list -A"))


def _rows(found: Finding) -> list[list[str]]:
    """What to do stands below what was found."""
    first = [f"[{_STYLES[found.grade]}]{found.grade}[/]", plain(found.what), plain(found.says)]
    return [first, ["", "", f"→ {plain(found.do)}"]] if found.do else [first]


@dataclass
class _Reading:
    """Remembers what could not be read."""

    cluster: Cluster
    forbidden: list[str] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)

    def tried(self, what: str, read: Callable[[], list[_T]]) -> list[_T] | None:
        try:
            return read()
        except CliError as error:
            if error.code is ExitCode.FORBIDDEN:
                self.forbidden.append(what)
            else:
                self.unread[what] = str(error)
            return None

    def everywhere(self, kind: str, labels: dict[str, str] | None = None) -> Callable[[], list[Object]]:
        return lambda: self.cluster.all(kind, everywhere=True, labels=labels)

    def or_here(self, kind: str) -> Callable[[], list[Object]]:
        """Who may not look everywhere may look into a namespace; the rest is said."""

        def read() -> list[Object]:
            try:
                return self.cluster.all(kind, everywhere=True)
            except CliError as error:
                if error.code is not ExitCode.FORBIDDEN:
                    raise
                found = self.cluster.all(kind)
                self.forbidden.append(f"{kind} of other namespaces")
                return found

        return read


def look(cluster: Cluster) -> Seen:
    """Reads what may be read. Raises when the API server cannot be reached at all."""
    server_time, own_time = cluster.server_time(), datetime.now(UTC)
    reading = _Reading(cluster)
    tried, everywhere, or_here = reading.tried, reading.everywhere, reading.or_here
    operators = tried("operator", cluster.operators)
    one = operators[0] if operators else None
    of_operator = cluster.within(one["metadata"]["namespace"]) if one else cluster
    return Seen(
        server_time=server_time,
        own_time=own_time,
        cli_version=cli_version(),
        nodes=tried("nodes", everywhere("Node")),
        node_leases=tried("clocks of nodes", lambda: cluster.within("kube-node-lease").all("Lease")),
        classes=tried("storage", everywhere("StorageClass")),
        claims=tried("volumes", everywhere("PersistentVolumeClaim", _OURS)),
        kubernetes_services=tried("addresses", everywhere("Service")),
        operators=operators,
        operator_pods=tried("image", lambda: of_operator.pods(_selector(one))) if one else None,
        leases=tried("leader", lambda: of_operator.all("Lease")) if one else None,
        definitions=tried("resources", everywhere("CustomResourceDefinition", _OURS)),
        missing_rights=tried("rights", lambda: _missing_rights(cluster, one)) if one else None,
        policies=tried("policies", everywhere("ValidatingAdmissionPolicyBinding")),
        services=tried("services", or_here(KIND)),
        stores=tried("stores", or_here("BackupStore")),
        forbidden=reading.forbidden,
        unread=reading.unread,
    )


def _selector(operator: Object) -> dict[str, str]:
    labels: dict[str, str] = operator["spec"]["selector"]["matchLabels"]
    return labels


def _missing_rights(cluster: Cluster, operator: Object) -> list[Right]:
    user, groups = account(operator)
    asked = needed(operator["metadata"]["namespace"])

    def is_allowed(right: Right) -> bool:
        return cluster.may(user, groups, right.attributes())

    first = is_allowed(asked[0])  # who may not ask is told so once
    with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:
        answers = [first, *pool.map(is_allowed, asked[1:])]
    return [right for right, is_given in zip(asked, answers, strict=True) if not is_given]
