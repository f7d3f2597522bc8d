"""`moorage logs NAME`: the members' logs, merged, each line with its member's name."""

import queue
import sys
import threading
from collections.abc import Iterator
from typing import Annotated

import typer

from moorage.cli.cluster import Cluster, connect
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Namespace, ServiceName, complete_member, seconds
from moorage.cli.output import hint, line, say
from moorage.cli.promote import require_member
from moorage.core import names
from moorage.views.service import member_pods, parse

_END = None
_Line = tuple[str, str]


def command(
    ctx: typer.Context,
    name: ServiceName,
    namespace: Namespace = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    member: Annotated[str | None, typer.Option(help="Only this member.", autocompletion=complete_member)] = None,
    tail: Annotated[int, typer.Option(help="Last lines of each member; -1 for all.")] = 100,
    since: Annotated[str | None, typer.Option(metavar="DURATION", help="Only what is younger, such as 10m.")] = None,
) -> None:
    """Agent and engine write to the same log."""
    since_seconds = int(seconds(since, "--since")) if since else None
    cluster = connect(ctx.obj, namespace)
    service = parse(cluster.service(name))
    pods = member_pods(service)
    if member is not None:
        require_member(service, member)
        pods = {m: p for m, p in pods.items() if m == member}
    if not pods:
        raise CliError(f"{name} has no members yet", ExitCode.NOT_FOUND, f"moorage why {name} -n {cluster.namespace}")
    try:
        for who, text in _merged(cluster, pods, follow=follow, tail=tail if tail >= 0 else None, since=since_seconds):
            line(text if member is not None else f"{who}  {text}")
    except KeyboardInterrupt:
        say("")
    hint(f"moorage events {name} -n {cluster.namespace}")


def _merged(cluster: Cluster, pods: dict[str, str], *, follow: bool, tail: int | None, since: int | None) -> Iterator[_Line]:
    """Member by member, or as they come with `follow`. A member without a log is said on stderr and does not stop the others."""
    if not follow:
        for member, pod in pods.items():
            for text in _one(cluster, member, pod, follow=False, tail=tail, since=since):
                yield member, text
        return
    lines: queue.Queue[_Line | None] = queue.Queue(maxsize=10_000)

    def read(member: str, pod: str) -> None:
        for text in _one(cluster, member, pod, follow=True, tail=tail, since=since):
            lines.put((member, text))
        lines.put(_END)

    for member, pod in pods.items():
        threading.Thread(target=read, args=(member, pod), daemon=True).start()
    running = len(pods)
    while running:
        item = lines.get()
        if item is _END:
            running -= 1
        else:
            yield item


def _one(cluster: Cluster, member: str, pod: str, *, follow: bool, tail: int | None, since: int | None) -> Iterator[str]:
    try:
        yield from cluster.log(pod, names.CONTAINER_MEMBER, follow=follow, tail=tail, since=since)
    except CliError as error:
        sys.stdout.flush()
        say(f"{member}: {error}")
