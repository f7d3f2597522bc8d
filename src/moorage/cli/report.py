"""`moorage report NAME`: everything that somebody needs who helps with a service, in one file, without secrets."""

import io
import os
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import yaml

from moorage.cli.cluster import connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.gather import Entry, Gathering
from moorage.cli.options import Namespace, Output, ServiceName
from moorage.cli.output import Format, data, hint, line, plain, say, table
from moorage.cli.redact import Redactor
from moorage.cli.version import cli_version
from moorage.views.text import size

_MODE = 0o600
"""Logs can hold parts of what an application asked: nobody else on this machine reads them."""


def command(
    ctx: typer.Context,
    name: ServiceName,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="File or folder; moorage-NAMESPACE-NAME-TIME.zip when absent.")
    ] = None,
    namespace: Namespace = None,
    logs: Annotated[bool, typer.Option("--logs/--no-logs", help="Logs can hold parts of what applications ask.")] = True,
    output: Output = Format.TEXT,
) -> None:
    """The service, its Pods, volumes, backups and restores, the nodes, events and logs; changes nothing, overwrites nothing.

    No Secret is in it. What you may read of the service's Secrets is looked for everywhere and taken out, and so is
    what looks like a secret. Look at it all the same before you send it.
    """
    cluster = connect(ctx.obj, namespace)
    taken = datetime.now(UTC)
    stem = f"moorage-{cluster.namespace}-{name}-{taken:%Y%m%d%H%M%S}"
    target = _target(file, stem)
    gathering = Gathering(cluster, name, logs=logs)
    entries = gathering.entries()
    about = _about(f"{cluster.namespace}/{name}", taken, entries, gathering.unread)
    texts = {"README.txt": about, **written(entries, Redactor.of(gathering.known))}
    _write(target, packed(stem, texts, taken))
    holds = {"README.txt": "what is in it, and what could not be read", **{entry.path: entry.about for entry in entries}}
    if output is not Format.TEXT:
        files = [{"path": path, "sizeBytes": len(text.encode()), "holds": holds[path]} for path, text in texts.items()]
        data({"file": str(target), "sizeBytes": target.stat().st_size, "files": files, "unread": gathering.unread}, output)
    else:
        table(("FILE", "SIZE", "HOLDS"), ([plain(p), size(len(t.encode())), plain(holds[p])] for p, t in texts.items()), empty="")
        line(f"\n{target}: {len(texts)} files, {size(target.stat().st_size)}; only you can read it")
    for what, why in gathering.unread.items():
        say(f"not in it: {what}: {why}")
    hint(f"unzip -p {target} '*/status.yaml'")


def written(entries: Iterable[Entry], redactor: Redactor) -> dict[str, str]:
    """Path → text, and in no text a secret: what is put together from harmless parts is looked at once more as a whole."""
    return {entry.path: redactor.text(_text(entry, redactor)) for entry in entries}


def _text(entry: Entry, redactor: Redactor) -> str:
    if entry.path.endswith(".txt"):
        return "".join(f"{one}\n" for one in entry.holds)
    return str(yaml.safe_dump(redactor.manifest(entry.holds), sort_keys=False, allow_unicode=True, width=4096))


def packed(folder: str, texts: Mapping[str, str], taken: datetime) -> bytes:
    """The zip file. Everything is in one folder, so that unpacking spills nothing."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in texts.items():
            info = zipfile.ZipInfo(f"{folder}/{path}", taken.timetuple()[:6])
            info.external_attr, info.compress_type = _MODE << 16, zipfile.ZIP_DEFLATED
            archive.writestr(info, text)
    return buffer.getvalue()


def _about(service: str, taken: datetime, entries: Iterable[Entry], unread: Mapping[str, str]) -> str:
    told = [f"Moorage's report on {service}, {taken:%Y-%m-%d %H:%M:%S} UTC, by the CLI {cli_version()}.", ""]
    told += [f"{entry.path:<50} {entry.about}" for entry in entries]
    told += ["", "No Secret is in it, and what is one or looks like one was replaced by [redacted]. Logs of an engine"]
    told += ["can hold parts of what applications ask and write: look before you pass it on."]
    told += ["", "Not in it:", *(f"- {what}: {why}" for what, why in unread.items())] if unread else []
    return "\n".join(told) + "\n"


def _target(file: Path | None, stem: str) -> Path:
    target = file if file is not None and not file.is_dir() else (file or Path()) / f"{stem}.zip"
    if target.exists():
        raise CliError(f"'{target}' exists already and is not overwritten", ExitCode.CONFLICT, "another FILE, or remove it first")
    return target


def _write(target: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "wb") as out:
            out.write(content)
    except OSError as error:
        raise CliError(f"'{target}' cannot be written: {error.strerror}", next_step="another FILE") from error
