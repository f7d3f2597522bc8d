"""`moorage alerts rules list`."""

import typer

from moorage.api.alertrule import KIND
from moorage.cli.cluster import connect
from moorage.cli.options import AllNamespaces, Namespace, Output
from moorage.cli.output import Format, data, hint, listing, plain
from moorage.views.alertrule import AlertRuleView, alert_rule_view
from moorage.views.text import age, span

_COLUMNS = ["NAME", "SERVICE", "SEVERITY", "HOLDS WHEN", "FOR", "PHASE", "FIRING", "SINCE", "MESSAGE"]
_COLOURS = {"Accepted": "green", "Refused": "red"}


def command(
    ctx: typer.Context, namespace: Namespace = None, all_namespaces: AllNamespaces = False, output: Output = Format.TEXT
) -> None:
    """FIRING is for how many series it fires, and in brackets for how many it holds, not yet for as long as it must; `-` when
    nobody told the operator where Prometheus is. SINCE is when that began."""
    cluster = connect(ctx.obj, namespace)
    views = [alert_rule_view(item) for item in cluster.all(KIND, everywhere=all_namespaces)]
    views.sort(key=lambda v: (v.namespace, v.name))
    if output is Format.TEXT:
        where = "any namespace" if all_namespaces else f"namespace {cluster.namespace}"
        listing(_COLUMNS, views, _row, empty=f"no alerts of one's own in {where}", with_namespace=all_namespaces)
    else:
        data([v.to_json() for v in views], output)
    hint(f"moorage alerts rules try {views[0].name} -n {views[0].namespace}" if views else "moorage alerts rules create --help")


def _row(v: AlertRuleView) -> list[str]:
    phase = str(v.phase)
    return [
        plain(v.name),
        plain(v.service or "all"),
        plain(v.severity),
        plain(v.condition),
        span(v.for_seconds) if v.for_seconds else "at once",
        f"[{_COLOURS[phase]}]{phase}[/]" if phase in _COLOURS else phase,
        _firing(v),
        age(since) if (since := v.firing_since or v.holding_since) else "",
        plain(v.message),
    ]


def _firing(v: AlertRuleView) -> str:
    if v.firing is None:
        return "-"
    holding = f" [yellow](+{v.holding} holding)[/]" if v.holding else ""
    return (f"[red]{v.firing}[/]" if v.firing else "0") + holding
