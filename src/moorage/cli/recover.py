"""`moorage recover NAME --keep MEMBER`: the majority is lost for good; says what is at stake, and writes the request."""

from typing import Annotated

import typer

from moorage.cli import follow
from moorage.cli.cluster import connect
from moorage.cli.confirm import confirm
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Namespace, Output, ServiceName, Timeout, Wait, Yes, complete_member, seconds
from moorage.cli.output import Format, data, hint, line, say
from moorage.cli.promote import require_member
from moorage.core import names
from moorage.core.recovery import KEPT
from moorage.views.recovery import CannotBeKeptError, recovery
from moorage.views.service import parse, service_view
from moorage.wishes import requests


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
    pods = cluster.pods({names.LABEL_INSTANCE: name, names.LABEL_COMPONENT: names.COMPONENT_MEMBER})
    try:
        found = recovery(service, pods, keep)
    except CannotBeKeptError as error:
        raise CliError(str(error), ExitCode.CONFLICT, f"moorage why {name} -n {cluster.namespace}") from error
    stake = "\n".join(found.sentences)
    if yes is not None:
        say(stake)
    again = f"moorage recover {name} --keep {keep} -n {cluster.namespace} --yes {name}"
    confirm(name, yes, what=f"keeping {keep} of {name} alone", warning=stake, again=again)
    before = follow.answers(cluster, name) if wait else []
    after = cluster.merge_service(name, requests.recover(keep, found.configuration, cluster.request_time()))
    if wait:
        after = follow.carried_out(cluster, name, names.ANNOTATION_RECOVER, KEPT, before, limit_seconds)
    if output is not Format.TEXT:
        data(service_view(after).to_json(), output)
    else:
        line(f"{keep} of {name} goes on alone and is the primary" if wait else f"asked for {keep} of {name} to be kept alone")
    hint(f"moorage why {name} -n {cluster.namespace}")
