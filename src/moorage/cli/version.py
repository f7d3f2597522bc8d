"""`moorage version`."""

import platform
import re
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

import typer
from pydantic import Field

from moorage.api.conditions import Resource
from moorage.cli.cluster import Cluster, connect
from moorage.cli.errors import CliError
from moorage.cli.options import Output
from moorage.cli.output import Format, data, hint, plain, say, table

_TIMEOUT_SECONDS = 3.0
_RELEASE = re.compile(r"v?\d+\.\d+\.\d+.*")


class Operator(Resource):
    namespace: str
    name: str
    version: str = ""
    image: str = ""
    ready: str = ""


class Versions(Resource):
    cli: str
    python: str
    operators: list[Operator] = Field(default=[])


def cli_version() -> str:
    try:
        return installed("moorage")
    except PackageNotFoundError:
        return "unknown"


def is_release(version: str) -> bool:
    """No: a build from a checkout, whose label says nothing of how it compares."""
    return _RELEASE.fullmatch(version) is not None


def command(ctx: typer.Context, output: Output = Format.TEXT) -> None:
    """Says when the two differ. Without a cluster it shows the CLI alone."""
    found = Versions(cli=cli_version(), python=platform.python_version(), operators=_operators(ctx))
    if output is not Format.TEXT:
        data(found.model_dump(mode="json", by_alias=True), output)
    else:
        rows = [["cli", found.cli, f"Python {found.python}"]]
        rows += [
            [f"{plain(o.namespace)}/{plain(o.name)}", plain(o.version), f"{plain(o.image)} {o.ready}"] for o in found.operators
        ]
        table(("PART", "VERSION", "DETAIL"), rows, empty="")
    for operator in found.operators:
        if is_release(operator.version) and operator.version != found.cli:
            say(f"this CLI is {found.cli}, the operator is {operator.version}")
    hint("moorage list -A")


def _operators(ctx: typer.Context) -> list[Operator]:
    try:
        cluster: Cluster = connect(ctx.obj, timeout_seconds=_TIMEOUT_SECONDS)
        return [_operator(item) for item in cluster.operators()]
    except CliError as error:
        say(f"the operator's version is not known: {error}")
        return []


def _operator(item: dict[str, object]) -> Operator:
    deployment: dict[str, dict[str, object]] = item  # type: ignore[assignment]
    meta, spec, status = deployment["metadata"], deployment["spec"], deployment.get("status") or {}
    labels: dict[str, str] = meta.get("labels") or {}  # type: ignore[assignment]
    containers = spec["template"]["spec"]["containers"]  # type: ignore[index]
    return Operator(
        namespace=str(meta["namespace"]),
        name=str(meta["name"]),
        version=labels.get("app.kubernetes.io/version", ""),
        image=containers[0]["image"],
        ready=f"{status.get('readyReplicas') or 0}/{spec.get('replicas') or 0} ready",
    )
