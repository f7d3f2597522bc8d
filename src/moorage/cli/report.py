"""`moorage report NAME`: everything that somebody needs who helps with a service, in one file, without secrets."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from moorage.api.dataservice import KIND
from moorage.cli import redact
from moorage.cli.cluster import Cluster, connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.event import of_service
from moorage.cli.options import Namespace, ServiceName
from moorage.cli.output import hint, line, say
from moorage.cli.version import cli_version
from moorage.core import names

LINES_MAX = 5000
"""Of each log, the last ones."""


def command(
    ctx: typer.Context,
    name: ServiceName,
    file: Annotated[Path | None, typer.Argument(help="File to write; moorage-NAME.zip when absent.", show_default=False)] = None,
    namespace: Namespace = None,
) -> None:
    """The service, its Pods, volumes, backups, restores and stores as the API server has them, its events and logs.

    Secrets are not fetched; what looks like one in a log or a spec is taken out. Look at it before you send it.
    """
    target = file or Path(f"moorage-{name}.zip")
    if target.exists():
        raise CliError(f"{target} exists already and is not overwritten", ExitCode.CONFLICT)
    cluster = connect(ctx.obj, namespace)
    entries = dict(collect(cluster, name))
    target.write_bytes(packed(entries))
    line(f"{target}: {len(entries)} files, {target.stat().st_size / 1024:.0f} KiB")
    hint(f"unzip -p {target} service.yaml")


def collect(cluster: Cluster, name: str) -> Iterator[tuple[str, str]]:
    """File name → text. What may not be read is said in its place."""
    service = cluster.service(name)
    yield "service.yaml", _yaml(service)
    yield "moorage.txt", f"cli {cli_version()}\nnamespace {cluster.namespace}\n{_operators(cluster)}"
    mine = {names.LABEL_INSTANCE: name, names.LABEL_PART_OF: names.PART_OF}
    pods = _listed(cluster, "Pod", mine)
    yield "pods.yaml", pods if isinstance(pods, str) else _yaml(pods)
    claims = _listed(cluster, "PersistentVolumeClaim", {names.LABEL_INSTANCE: name})
    yield "claims.yaml", claims if isinstance(claims, str) else _yaml(claims)
    for kind, file in (("BackupStore", "stores"), ("DataBackup", "backups"), ("DataRestore", "restores")):
        found = _listed(cluster, kind, None)
        yield f"{file}.yaml", found if isinstance(found, str) else _yaml([o for o in found if _concerns(o, name)])
    yield "events.txt", _events(cluster, service, name)
    for pod in pods if isinstance(pods, list) else []:
        yield f"logs/{pod['metadata']['name']}.txt", _log(cluster, pod)


def packed(entries: Mapping[str, str]) -> bytes:
    """The zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(entries.items()):
            archive.writestr(path, text)
    return buffer.getvalue()


def _yaml(found: Any) -> str:
    return yaml.safe_dump(redact.manifest(found), sort_keys=False, allow_unicode=True, width=140)


def _listed(cluster: Cluster, kind: str, labels: Mapping[str, str] | None) -> list[dict[str, Any]] | str:
    try:
        return cluster.all(kind, labels=labels)
    except CliError as error:
        return _unread(kind, error)


def _unread(what: str, error: CliError) -> str:
    say(f"{what}: {error}")
    return f"not read: {error}\n"


def _concerns(item: Mapping[str, Any], name: str) -> bool:
    spec, source = item.get("spec") or {}, (item.get("spec") or {}).get("source") or {}
    named = [spec.get(field) for field in ("service", "toNew", "inPlace", "undo")] + [source.get("service")]
    return item["kind"] == "BackupStore" or name in named


def _operators(cluster: Cluster) -> str:
    try:
        return _yaml([{"metadata": o["metadata"], "status": o.get("status")} for o in cluster.operators()])
    except CliError as error:
        return _unread("the operator's Deployment", error)


def _events(cluster: Cluster, service: Mapping[str, Any], name: str) -> str:
    try:
        found = of_service(cluster.events(), name, str(service["metadata"].get("uid") or ""))
    except CliError as error:
        return _unread(f"events of {KIND}/{name}", error)
    lines = (f"{e.time}  {e.type:<7}  {e.reason:<20}  {e.object:<40}  {e.message}  ×{e.count}" for e in found)
    return redact.text("\n".join(lines)) + "\n"


def _log(cluster: Cluster, pod: Mapping[str, Any]) -> str:
    name, container = pod["metadata"]["name"], pod["spec"]["containers"][0]["name"]
    try:
        lines = cluster.log(name, container, follow=False, tail=LINES_MAX, since=None)
        return "\n".join(redact.text(one) for one in lines) + "\n"
    except CliError as error:
        return _unread(f"log of {name}", error)
