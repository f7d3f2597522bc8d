"""`moorage alerts rules create NAME`."""

from typing import Annotated

import typer

from moorage.api.alertrule import KIND
from moorage.cli.alert_rule_asked import For, Label, Metric, OfService, PromQL, When, condition, require_good
from moorage.cli.cluster import connect
from moorage.cli.errors import usage
from moorage.cli.options import Namespace, Output
from moorage.cli.output import Format, data, hint, line
from moorage.views.alertrule import alert_rule_view, read
from moorage.wishes import asked


def command(  # noqa: PLR0913 - one parameter per option
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the alert is called; lower-case letters, digits and -.")],
    namespace: Namespace = None,
    service: OfService = None,
    metric: Metric = None,
    when: When = None,
    label: Label = None,
    promql: PromQL = None,
    lasts: For = "0s",
    severity: Annotated[str, typer.Option(help="critical, warning or info; info is told to nobody.")] = "warning",
    summary: Annotated[str | None, typer.Option(help="One line that people are told; may hold $subject and $value.")] = None,
    description: Annotated[str, typer.Option(help="What it means and what is to be done; needs --summary.")] = "",
    summary_zh: Annotated[str | None, typer.Option(help="The same line in Chinese, for channels of that language.")] = None,
    description_zh: Annotated[str, typer.Option(help="The description in Chinese; needs --summary-zh.")] = "",
    channel: Annotated[list[str] | None, typer.Option("--channel", help="Who is told; again for more; all when absent.")] = None,
    paused: Annotated[bool, typer.Option("--paused", help="It stays, and is not judged.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """It is judged here first, as the operator will. `try` with the same options says what it would have done."""
    spec = condition(metric, when, label, promql, service, lasts)
    told = {"text": _text(summary, description), "textZh": _text(summary_zh, description_zh, "-zh")}
    spec |= asked.said({"severity": severity, **told, "channels": channel or None, "paused": paused or None})
    cluster = connect(ctx.obj, namespace)
    manifest = asked.resource(KIND, cluster.namespace, name, spec)
    cluster.create(manifest, dry_run=True)
    require_good(cluster, read(manifest).spec)
    made = alert_rule_view(cluster.create(manifest))
    if output is Format.TEXT:
        line(f"{made.namespace}/{made.name} is made: {made.condition}")
    else:
        data(made.to_json(), output)
    hint(f"moorage alerts rules list -n {cluster.namespace}")


def _text(summary: str | None, description: str, of: str = "") -> dict[str, str] | None:
    if description and summary is None:
        raise usage(f"--description{of} stands below a summary; give --summary{of} too")
    return {"summary": summary, "description": description} if summary is not None else None
