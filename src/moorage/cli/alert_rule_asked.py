"""The options that say what an alert of one's own is, and what becomes of them."""

import re
from typing import Annotated, Any

import typer

from moorage.api.alertrule import FOR_SECONDS_MAX, AlertRuleSpec, Comparison
from moorage.cli.cluster import Cluster
from moorage.cli.errors import CliError, ExitCode, usage
from moorage.cli.options import seconds
from moorage.monitoring.own.queries import is_own, why_never
from moorage.monitoring.own.rule import judge
from moorage.wishes.asked import said


def _complete_rule(ctx: typer.Context, incomplete: str) -> list[str]:
    from moorage.cli.completion import rule_names  # noqa: PLC0415 - only the shell's Tab key needs it

    return rule_names(ctx, incomplete)


RuleName = Annotated[str, typer.Argument(metavar="NAME", help="The rule.", autocompletion=_complete_rule)]
Metric = Annotated[
    str | None, typer.Option("--metric", help="A metric of docs/metrics.md, or one of `moorage metrics`; needs --when.")
]
When = Annotated[
    str | None, typer.Option("--when", metavar="CONDITION", help="Such as '> 30' or '<= 0.5', in the metric's unit.")
]
Label = Annotated[list[str] | None, typer.Option("--label", metavar="NAME=VALUE", help="Only series with it; again for more.")]
PromQL = Annotated[
    str | None, typer.Option("--promql", help="Instead of --metric: an expression that has a value while it holds.")
]
OfService = Annotated[str | None, typer.Option("--service", help="Of this service; of all in the namespace when absent.")]
For = Annotated[str, typer.Option("--for", metavar="DURATION", help="How long it must hold, such as 90s or 5m.")]

_WHEN = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*")


def condition(
    metric: str | None, when: str | None, labels: list[str] | None, promql: str | None, service: str | None, lasts: str
) -> dict[str, Any]:
    """The part of the spec that is judged. Raises CliError; what only the API server and the operator know they say."""
    if (metric is None) == (promql is None):
        raise usage("exactly one of --metric and --promql says what is watched; such as --metric NAME --when '> 30'")
    if (metric is None) != (when is None):
        raise usage("--when belongs to --metric, and --metric needs it; such as --metric NAME --when '> 30'")
    comparison, threshold = when_of(when) if when is not None else (None, None)
    return said(
        {
            "service": service,
            "metric": metric,
            "labels": dict(map(label_of, labels or [])),
            "comparison": comparison,
            "threshold": threshold,
            "promql": promql,
            "forSeconds": held_for(lasts) or None,
        }
    )


def require_good(cluster: Cluster, spec: AlertRuleSpec) -> None:
    """Raises CliError for what the operator would refuse, and what nothing measures; one that rests may wait for its query."""
    refusal = judge(cluster.namespace, spec).refusal
    if not refusal and is_own(spec.metric) and not spec.paused:
        try:
            refusal = why_never(spec, cluster.namespace, cluster.services())
        except CliError as error:  # who may make rules need not see the services
            if error.code is not ExitCode.FORBIDDEN:
                raise
    if refusal:
        raise usage(refusal)


def held_for(lasts: str) -> int:
    """Seconds. Raises CliError."""
    wait = seconds(lasts, "--for")
    if wait > FOR_SECONDS_MAX:
        raise usage(f"--for '{lasts}' is longer than a day; allowed: up to 24h")
    return int(wait)


def when_of(text: str) -> tuple[str, float]:
    """Comparison and threshold. Raises CliError."""
    match = _WHEN.fullmatch(text)
    try:
        return str(Comparison(match[1] if match else "")), float(match[2] if match else "")
    except ValueError as error:
        allowed = f"one of {' '.join(Comparison)} and a number, such as '> 30'"
        raise usage(f"--when '{text}' is no condition; allowed: {allowed}") from error


def label_of(text: str) -> tuple[str, str]:
    """Name and value. Raises CliError."""
    name, is_there, value = text.partition("=")
    if not is_there or not name:
        raise usage(f"--label '{text}' is none; allowed: NAME=VALUE, such as type=insert")
    return name, value
