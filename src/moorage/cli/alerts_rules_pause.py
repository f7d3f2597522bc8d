"""`moorage alerts rules pause NAME`."""

import typer

from moorage.cli.alert_rule_asked import RuleName
from moorage.cli.alert_rule_changed import change
from moorage.cli.cluster import connect
from moorage.cli.options import Namespace, Output
from moorage.cli.output import Format, data, hint, line


def command(ctx: typer.Context, name: RuleName, namespace: Namespace = None, output: Output = Format.TEXT) -> None:
    """It stays, and is not judged; what fires ends within two minutes."""
    cluster = connect(ctx.obj, namespace)
    made, was_another = change(cluster, name, lambda spec: {**spec, "paused": True}, is_judged=False)
    if output is Format.TEXT:
        line(f"{made.namespace}/{made.name} rests" if was_another else f"{made.namespace}/{made.name} rests already")
    else:
        data(made.to_json(), output)
    hint(f"moorage alerts rules resume {made.name} -n {made.namespace}")
