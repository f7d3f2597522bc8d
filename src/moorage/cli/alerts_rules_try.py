"""`moorage alerts rules try [NAME]`: what an alert would have done in the last day."""

import asyncio
import os
from dataclasses import asdict
from typing import Annotated

import typer

from moorage.api.alertrule import KIND, AlertRuleSpec
from moorage.cli.alert_rule_asked import For, Label, Metric, OfService, PromQL, When, condition
from moorage.cli.cluster import connect
from moorage.cli.errors import CliError, usage
from moorage.cli.options import Namespace, Output
from moorage.cli.output import Format, data, hint, line
from moorage.door import Door
from moorage.monitoring.own.rule import judge
from moorage.monitoring.own.tried import RANGE_SECONDS, STEP_SECONDS, Tried, UnreadableAnswerError, in_words, tried
from moorage.prometheus import Prometheus, PrometheusError
from moorage.views.alertrule import read

_FORWARD = "kubectl -n moorage-system port-forward statefulset/moorage-monitoring 9090"


def command(  # noqa: PLR0913 - one parameter per option
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A rule that is there; else --metric or --promql.")] = None,
    namespace: Namespace = None,
    service: OfService = None,
    metric: Metric = None,
    when: When = None,
    label: Label = None,
    promql: PromQL = None,
    lasts: For = "0s",
    prometheus: Annotated[
        str | None, typer.Option("--prometheus", metavar="URL", help="Where Prometheus answers; else MOORAGE_PROMETHEUS.")
    ] = None,
    output: Output = Format.TEXT,
) -> None:
    """Prometheus is asked from here: a port-forward is enough. Nothing is kept."""
    cluster = connect(ctx.obj, namespace)
    if name is not None and (metric is not None or promql is not None):
        raise usage("NAME is a rule that is there, and --metric and --promql say another one; give one of them")
    given = None if name is not None else condition(metric, when, label, promql, service, lasts)
    spec = AlertRuleSpec.model_validate(given) if given is not None else read(cluster.get(KIND, name or "")).spec
    judged = judge(cluster.namespace, spec)
    if judged.refusal:
        raise usage(judged.refusal)
    found = _ask(prometheus, judged.expr, spec.for_seconds, cluster.time().timestamp())
    if output is Format.TEXT:
        line(in_words(found))
    else:
        data({**asdict(found), "words": in_words(found), "expr": judged.expr}, output)
    again = "create NAME, with the same options" if name is None else f"list -n {cluster.namespace}"
    hint(f"moorage alerts rules {again}")


def _ask(url: str | None, expr: str, for_seconds: int, now: float) -> Tried:
    """Raises CliError."""
    try:
        door = Door.of({**os.environ, **({"MOORAGE_PROMETHEUS": url} if url else {})}, "PROMETHEUS")
    except ValueError as error:
        raise usage(str(error)) from error
    if door is None:
        raise CliError("nobody said where Prometheus is; give --prometheus URL or set MOORAGE_PROMETHEUS", next_step=_FORWARD)
    try:
        answer = asyncio.run(Prometheus(door).over(expr, now - RANGE_SECONDS, now, STEP_SECONDS))
        return tried(answer, for_seconds, now)
    except (PrometheusError, UnreadableAnswerError) as error:
        raise CliError(str(error), next_step=_FORWARD) from error
