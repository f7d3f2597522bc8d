"""The CustomResourceDefinition of AlertRule, with its rules in CEL. What PromQL may ask for is judged by the operator."""

from collections.abc import Sequence

from moorage.api import alertrule
from moorage.api.query_bounds import NAME_PATTERN, PREFIX
from moorage.api.schema import (
    ResourceNames,
    Schema,
    column,
    definition,
    model_schema,
    resource_schema,
    rule,
    status_schema,
    strings,
)

NAME_LENGTH_MAX = 63
_OWN = f"^{PREFIX}{NAME_PATTERN.removeprefix('^')}"
_EXAMPLE = "metric: moorage_mongodb_replication_lag_seconds, comparison: '>', threshold: 30"


def alertrule_crd(metrics: Sequence[str]) -> Schema:
    """`metrics`: the names of Moorage's that a threshold can be set for; those of queries are told by their shape."""
    spec = model_schema(alertrule.AlertRuleSpec)
    spec["x-kubernetes-validations"] = [
        {
            "rule": "has(self.metric) != has(self.promql)",
            "message": f"exactly one of metric and promql must be given; such as {_EXAMPLE}",
            "reason": "FieldValueInvalid",
        },
        {
            "rule": "has(self.metric) == has(self.comparison) && has(self.metric) == has(self.threshold)",
            "message": f"comparison and threshold belong to a metric; with promql they stand in it; such as {_EXAMPLE}",
            "reason": "FieldValueInvalid",
        },
        {
            "rule": "!has(self.labels) || size(self.labels) == 0 || has(self.metric)",
            "message": "labels choose series of a metric; with promql they stand in it",
            "reason": "FieldValueInvalid",
        },
        rule(
            f"!has(self.metric) || self.metric in {strings(tuple(metrics))} || self.metric.matches('{_OWN}')",
            '"metric \'" + self.metric + "\' is none that a threshold can be set for; '
            f'docs/metrics.md lists what is measured, {PREFIX}NAME is what query NAME became, and promql can ask for histograms"',
            ".metric",
        ),
    ]
    spec["properties"]["labels"]["additionalProperties"]["maxLength"] = 200
    spec["properties"]["channels"]["items"]["maxLength"] = 40
    name_rule = {
        "rule": f"self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && size(self.metadata.name) <= {NAME_LENGTH_MAX}",
        "messageExpression": '"metadata.name \'" + self.metadata.name + "\' is not usable: allowed are at most '
        f'{NAME_LENGTH_MAX} characters, lower-case letters, digits and -, starting with a letter"',
        "reason": "FieldValueInvalid",
    }
    columns = [
        column("Service", ".spec.service"),
        column("Severity", ".spec.severity"),
        column("Phase", ".status.phase"),
        column("Firing", ".status.firing", "integer"),
        column("Since", ".status.firingSince", "date"),
        {**column("Holding", ".status.holding", "integer"), "priority": 1},
        column("Age", ".metadata.creationTimestamp", "date"),
        {**column("Message", ".status.message"), "priority": 1},
    ]
    root = resource_schema(spec, status_schema(alertrule.AlertRuleStatus), [name_rule])
    return definition(ResourceNames(alertrule.KIND, alertrule.PLURAL, "mar"), root, columns=columns)
