"""`moorage alerts rules change NAME`."""

from typing import Annotated, Any

import typer

from moorage.cli.alert_rule_asked import Label, Metric, OfService, PromQL, RuleName, When
from moorage.cli.alert_rule_changed import change, condition_of, seconds_of, text_of
from moorage.cli.cluster import connect
from moorage.cli.errors import usage
from moorage.cli.options import Namespace, Output
from moorage.cli.output import Format, data, hint, line

Text = Annotated[str | None, typer.Option(metavar="TEXT", help="As `create` takes it.")]


def command(  # noqa: PLR0913 - one parameter per option
    ctx: typer.Context,
    name: RuleName,
    namespace: Namespace = None,
    service: OfService = None,
    metric: Metric = None,
    when: When = None,
    label: Label = None,
    promql: PromQL = None,
    lasts: Annotated[str | None, typer.Option("--for", metavar="DURATION", help="How long it must hold.")] = None,
    severity: Annotated[str | None, typer.Option(help="critical, warning or info; info is told to nobody.")] = None,
    summary: Text = None,
    description: Text = None,
    summary_zh: Text = None,
    description_zh: Text = None,
    channel: Annotated[list[str] | None, typer.Option("--channel", help="Who is told; again for more.")] = None,
    paused: Annotated[bool | None, typer.Option("--paused/--no-paused", help="As `pause` and `resume`.")] = None,
    output: Output = Format.TEXT,
) -> None:
    """What is not said stays. '' takes away what a rule can do without: --service '', --label '', --summary '', --channel ''.

    --label and --channel replace all that there were. It is judged here first, as the operator will."""
    simple = {"service": service, "severity": severity, "channels": channel, "paused": paused}
    if not any(
        given is not None
        for given in (*simple.values(), metric, when, label, promql, lasts, summary, description, summary_zh, description_zh)
    ):
        raise usage("say what is to be another, such as --when '> 60'")

    def changed(old: dict[str, Any]) -> dict[str, Any]:
        told = {
            "text": text_of(old.get("text"), summary, description),
            "textZh": text_of(old.get("textZh"), summary_zh, description_zh, "-zh"),
        }
        given = {key: value for key, value in simple.items() if value is not None}
        spec = {**old, **condition_of(old, metric, when, label, promql), **seconds_of(lasts), **told, **given}
        spec["channels"] = [one for one in spec.get("channels") or [] if one]
        return {key: value for key, value in spec.items() if value not in (None, "", {}, [])}

    cluster = connect(ctx.obj, namespace)
    made, was_another = change(cluster, name, changed)
    if output is Format.TEXT:
        line(
            f"{made.namespace}/{made.name} is changed: {made.condition}"
            if was_another
            else f"{made.namespace}/{made.name} is so already"
        )
    else:
        data(made.to_json(), output)
    hint(f"moorage alerts rules list -n {cluster.namespace}")
