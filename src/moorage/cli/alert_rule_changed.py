"""A rule that is there becomes another: what was not said of it stays, also what somebody else said a moment before."""

from collections.abc import Callable
from typing import Any

from moorage.api.alertrule import KIND
from moorage.cli.alert_rule_asked import held_for, label_of, require_good, when_of
from moorage.cli.cluster import Cluster
from moorage.cli.errors import CliError, ExitCode, usage
from moorage.views.alertrule import AlertRuleView, alert_rule_view, read

Object = dict[str, Any]
TRIES_MAX = 5
"""Of a change between whose reading and writing the rule became another."""


def change(
    cluster: Cluster, name: str, changed: Callable[[Object], Object], *, is_judged: bool = True
) -> tuple[AlertRuleView, bool]:
    """The rule as it is now, and whether it was another. `changed`: from a spec to the one that is wanted. Raises CliError."""
    for tries_left in reversed(range(TRIES_MAX)):
        found = cluster.get(KIND, name)
        wanted = {**found, "spec": changed(found["spec"])}
        if read(wanted).spec == read(found).spec:
            return alert_rule_view(found), False
        try:
            cluster.replace(wanted, dry_run=True)
            if is_judged:
                require_good(cluster, read(wanted).spec)
            return alert_rule_view(cluster.replace(wanted)), True
        except CliError as error:
            if error.code is not ExitCode.CONFLICT or not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


def condition_of(
    old: Object, metric: str | None, when: str | None, labels: list[str] | None, promql: str | None
) -> dict[str, Any]:
    """The entries of the condition that become others; None: taken away. Raises CliError."""
    if metric is not None and promql is not None:
        raise usage("--metric and --promql are two ways to say what is watched; give one of them")
    if promql is not None:
        if when is not None or labels is not None:
            raise usage("--when and --label belong to a metric; with --promql they stand in it")
        return {"metric": None, "comparison": None, "threshold": None, "labels": None, "promql": promql}
    if metric is not None:
        if when is None:
            raise usage("another metric has another unit: --metric needs --when, such as --metric NAME --when '> 30'")
        return {"promql": None, "metric": metric, "labels": _labels(labels or []), **_threshold(when)}
    if (when is not None or labels is not None) and old.get("metric") is None:
        raise usage("the rule is by PromQL, and --when and --label belong to a metric; give --promql anew, or --metric too")
    return {**(_threshold(when) if when is not None else {}), **({"labels": _labels(labels)} if labels is not None else {})}


def text_of(old: Object | None, summary: str | None, description: str | None, of: str = "") -> Object | None:
    """What people are told; None: nothing but what is made of the condition. Raises CliError."""
    if summary == "":
        if description:
            raise usage(f"--description{of} stands below a summary, which --summary{of} '' takes away")
        return None
    if summary is None and description is None:
        return old
    if summary is None and old is None:
        raise usage(f"--description{of} stands below a summary; give --summary{of} too")
    said = {"summary": summary, "description": description}
    return {"description": "", **(old or {}), **{key: value for key, value in said.items() if value is not None}}


def seconds_of(lasts: str | None) -> dict[str, Any]:
    return {} if lasts is None else {"forSeconds": held_for(lasts)}


def _threshold(when: str) -> dict[str, Any]:
    comparison, threshold = when_of(when)
    return {"comparison": comparison, "threshold": threshold}


def _labels(labels: list[str]) -> dict[str, str]:
    return dict(map(label_of, filter(None, labels)))
