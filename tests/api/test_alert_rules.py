"""What the API server itself refuses of alerts of one's own, with a sentence that says what is allowed."""

import pytest

from tests.api.server import Server
from tests.api.test_backup_resources import Object, must_refuse, resource, would_create

LAG = "moorage_mongodb_replication_lag_seconds"
ABOVE = {"metric": LAG, "comparison": ">", "threshold": 30}


@pytest.mark.parametrize(
    "spec",
    [
        ABOVE,
        ABOVE
        | {"service": "orders", "forSeconds": 300, "severity": "critical", "channels": ["dba"], "labels": {"pod": "orders-g1-0"}},
        ABOVE
        | {"threshold": 0, "text": {"summary": "x"}, "textZh": {"summary": "落后", "description": "请检查"}, "paused": True},
        {"promql": f"sum by (service) ({LAG}) > 1"},
    ],
)
def test_a_good_rule_is_taken(server: Server, spec: Object) -> None:
    assert would_create(server, "AlertRule", spec).accepted


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({}, "exactly one of metric and promql must be given; such as metric:"),
        (ABOVE | {"promql": "up > 0"}, "exactly one of metric and promql must be given"),
        ({"metric": LAG}, "comparison and threshold belong to a metric"),
        (
            {"promql": "up", "comparison": ">", "threshold": 1},
            "comparison and threshold belong to a metric; with promql",
        ),
        ({"promql": "up > 0", "labels": {"pod": "x"}}, "labels choose series of a metric; with promql they stand in it"),
        (ABOVE | {"metric": "moorage_nothing"}, "metric 'moorage_nothing' is none that a threshold can be set for"),
        (ABOVE | {"comparison": "=~"}, "spec.comparison: Unsupported value"),
        (ABOVE | {"severity": "none"}, "spec.severity: Unsupported value"),
        (ABOVE | {"forSeconds": 86_401}, "spec.forSeconds in body should be less than or equal to 86400"),
        (ABOVE | {"text": {"summary": ""}}, "spec.text.summary in body should be at least 1 chars long"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_what_is_allowed(server: Server, spec: Object, sentence: str) -> None:
    must_refuse(would_create(server, "AlertRule", spec), sentence)


@pytest.mark.parametrize("name", ["moorage.lag", "1lag"])
def test_a_name_is_one_that_no_built_in_alert_has(server: Server, name: str) -> None:
    answer = server.ask("create", "--dry-run=server", "-f", "-", stdin=resource("AlertRule", name, ABOVE))
    must_refuse(answer, f"metadata.name '{name}' is not usable")
