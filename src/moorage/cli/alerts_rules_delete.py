"""`moorage alerts rules delete NAME`."""

import typer

from moorage.api.alertrule import KIND
from moorage.cli.alert_rule_asked import RuleName
from moorage.cli.cluster import connect
from moorage.cli.options import Namespace, Output
from moorage.cli.output import Format, data, hint, line


def command(
    ctx: typer.Context,
    name: RuleName,
    namespace: Namespace = None,
    output: Output = Format.TEXT,
) -> None:
    """Prometheus judges it no more within two minutes; what fires ends then."""
    cluster = connect(ctx.obj, namespace)
    cluster.get(KIND, name)
    cluster.delete(KIND, name)
    if output is Format.TEXT:
        line(f"{cluster.namespace}/{name} is deleted")
    else:
        data({"name": name, "namespace": cluster.namespace, "deleted": True}, output)
    hint(f"moorage alerts rules list -n {cluster.namespace}")
