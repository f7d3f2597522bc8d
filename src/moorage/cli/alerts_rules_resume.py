"""`moorage alerts rules resume NAME`."""

import typer

from moorage.cli.alert_rule_asked import RuleName
from moorage.cli.alert_rule_changed import change
from moorage.cli.cluster import connect
from moorage.cli.options import Namespace, Output
from moorage.cli.output import Format, data, hint, line


def command(ctx: typer.Context, name: RuleName, namespace: Namespace = None, output: Output = Format.TEXT) -> None:
    """It is judged again, if it still can be: the sentence says what was taken away meanwhile."""
    cluster = connect(ctx.obj, namespace)
    made, was_another = change(cluster, name, lambda spec: {**spec, "paused": False})
    if output is Format.TEXT:
        said = f"is judged again: {made.condition}" if was_another else "does not rest"
        line(f"{made.namespace}/{made.name} {said}")
    else:
        data(made.to_json(), output)
    hint(f"moorage alerts rules list -n {cluster.namespace}")
