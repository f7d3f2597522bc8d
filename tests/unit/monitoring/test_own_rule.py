"""From a person's alert to what Prometheus judges."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.api.alertrule import AlertRule, AlertRuleSpec, parse_alertrule
from moorage.api.crd_alert import alertrule_crd
from moorage.api.query_bounds import NAME_LENGTH_MAX, NAME_PATTERN, PREFIX
from moorage.monitoring.alerts import alerts
from moorage.monitoring.own import fence
from moorage.monitoring.own.queries import OwnMetric, is_own, own_metrics, why_never
from moorage.monitoring.own.rule import BYTES_MAX, document, group, judge, measured, past_texts

ROOT = Path(__file__).resolve().parents[3]
LAG, OPEN = "moorage_mongodb_replication_lag_seconds", "moorage_custom_open_orders"


def spec(**given: object) -> AlertRuleSpec:
    return AlertRuleSpec.model_validate(given)


def rule(name: str = "lag", **given: object) -> AlertRule:
    return parse_alertrule({"metadata": {"name": name, "namespace": "shop"}, "spec": given})


def service(name: str, *queries: dict[str, object]) -> dict[str, object]:
    return {"metadata": {"name": name, "namespace": "shop"}, "spec": {"metrics": {"queries": list(queries)}}}


def test_a_threshold_is_held_against_the_largest_that_is_told_of_each_member() -> None:
    found = judge("shop", spec(service="orders", metric=LAG, comparison=">", threshold=30))
    assert found.expr == f'(max by (namespace, service, pod) ({LAG}{{namespace="shop",service="orders"}})) > (30)'


def test_a_counter_counts_as_its_rate() -> None:
    found = judge(
        "shop", spec(metric="moorage_mongodb_operations_total", comparison=">=", threshold=0.5, labels={"type": "insert"})
    )
    assert 'rate(moorage_mongodb_operations_total{namespace="shop",type="insert"}[300s])' in found.expr


def test_a_query_of_ones_own_is_held_against_a_threshold_as_any_metric() -> None:
    """What labels it has is its query's to say; those of the scrape tell nothing of it."""
    found = judge("shop", spec(metric=OPEN, comparison=">", threshold=100, labels={"state": "new"}))
    assert found.expr == f'(max without (instance, job) ({OPEN}{{namespace="shop",state="new"}})) > (100)'
    sent = judge("shop", spec(service="orders", metric="moorage_custom_sent_total", comparison="<", threshold=1))
    assert 'rate(moorage_custom_sent_total{namespace="shop",service="orders"}[300s])' in sent.expr


@given(st.from_regex(NAME_PATTERN, fullmatch=True).filter(lambda name: len(name) <= NAME_LENGTH_MAX))
def test_every_query_that_there_can_be_can_be_chosen(name: str) -> None:
    rules = alertrule_crd([LAG])["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    (text,) = (one["rule"] for one in rules["x-kubernetes-validations"] if "self.metric in" in one["rule"])
    assert re.fullmatch(text.split("matches('")[1].removesuffix("')"), PREFIX + name)
    assert judge("shop", spec(metric=PREFIX + name, comparison=">", threshold=1)).expr


def test_queries_of_one_name_are_one_metric_of_all_their_services() -> None:
    found = own_metrics([service("b", {"name": "open", "labels": ["state"]}), service("a", {"name": "open", "help": "Open."})])
    assert found == {f"{PREFIX}open": OwnMetric(f"{PREFIX}open", "Open.", ("namespace", "service", "pod", "state"), ("a", "b"))}


def test_of_a_service_its_own_queries_count() -> None:
    services = [service("a", {"name": "open"}), service("b")]
    wish = {"metric": f"{PREFIX}open", "comparison": ">", "threshold": 1}
    assert why_never(spec(**wish), "shop", services) == ""
    assert why_never(spec(**wish, service="a"), "shop", services) == ""
    assert "service 'b' of shop has no query 'open'" in why_never(spec(**wish, service="b"), "shop", services)
    assert why_never(spec(metric=LAG, comparison=">", threshold=1), "shop", []) == ""


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (
            {"metric": "moorage_nothing", "comparison": ">", "threshold": 1},
            "no threshold can be set for metric 'moorage_nothing'",
        ),
        (
            {"metric": LAG, "comparison": ">", "threshold": 1, "labels": {"colour": "red"}},
            "has no label colour; it has namespace",
        ),
        ({"metric": LAG, "comparison": ">", "threshold": 1, "labels": {"namespace": "bank"}}, "asks for namespace 'bank'"),
        ({"metric": LAG}, "it has neither promql nor a metric with a comparison and a threshold"),
        ({"promql": "up"}, "the alert would always fire"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_what_can(given: dict[str, object], why: str) -> None:
    found = judge("shop", spec(**given))
    assert why in found.refusal
    assert not found.expr


def test_no_rule_is_ever_taken_for_a_built_in_one() -> None:
    """Built-in ones mute others by their names."""
    pattern = alertrule_crd([LAG])["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["x-kubernetes-validations"][0]["rule"]
    shape = re.compile(pattern.split("'")[1])
    assert shape.fullmatch("lag")
    assert not [alert.name for alert in alerts() if shape.fullmatch(alert.name)]


def test_labels_of_the_result_cannot_speak_for_somebody_else() -> None:
    made = group(rule(promql=f"{LAG} > 1", service="orders", severity="info"), "x")["rules"][0]["labels"]
    assert made == {"severity": "info", "scope": "own", "namespace": "shop", "service": "orders"}


PAST = {"namespace": "shop", "service": "orders", "pod": "orders-g1-0"}


@pytest.mark.parametrize(
    ("given", "labels", "said"),
    [
        (
            {"promql": "a > 1", "text": {"summary": "$subject waits $value s"}, "textZh": {"summary": "$subject 等待 $value 秒"}},
            PAST,
            {"summary": "shop/orders (orders-g1-0) waits … s", "summary_zh": "shop/orders (orders-g1-0) 等待 … 秒"},
        ),
        (
            {"promql": "a > 1", "service": "orders", "text": {"summary": "{{ $value }} of $subject"}},
            {"namespace": "shop"},
            {"summary": "{{ … }} of shop/orders"},
        ),
        ({"metric": LAG, "comparison": ">", "threshold": 30.0}, {"namespace": "shop"}, {"summary": f"shop: lag: {LAG} > 30"}),
        ({"promql": "a > 1"}, PAST, {"summary": "shop/orders (orders-g1-0): lag"}),
    ],
)
def test_what_fired_once_says_what_it_said_but_for_the_value(
    given: dict[str, object], labels: dict[str, str], said: dict[str, str]
) -> None:
    fired = parse_alertrule({"metadata": {"name": "lag", "namespace": "shop"}, "spec": given})
    assert past_texts(fired, labels) == said


def test_what_there_is_no_room_for_is_named() -> None:
    big = {"rules": "x" * (BYTES_MAX // 2)}
    made, left_out = document([{"name": "own/b/b1", **big}, {"name": "own/a/a1", **big}, {"name": "own/b/b2"}])
    assert ([one["name"] for one in made["groups"]], left_out) == (["own/a/a1", "own/b/b2"], frozenset({"own/b/b1"}))


def test_a_namespace_that_makes_many_rules_takes_no_room_from_one_that_makes_few() -> None:
    many = [{"name": f"own/aaa/{number:03}", "rules": "x" * (BYTES_MAX // 50)} for number in range(100)]
    made, left_out = document([*many, {"name": "own/shop/lag"}])
    assert "own/shop/lag" in {one["name"] for one in made["groups"]}
    assert left_out < {one["name"] for one in many}


def test_metrics_that_sentences_and_documents_name_are_measured() -> None:
    texts = [fence.__doc__, (ROOT / "docs/alerts.md").read_text(), (ROOT / "src/moorage/monitoring/own/fence.py").read_text()]
    texts.append((ROOT / "src/moorage/api/crd_alert.py").read_text())
    named = {name for text in texts for name in re.findall(r"moorage_[a-z]+_[a-z_]+", text or "")}
    assert {name for name in named - {"moorage_own"} if not is_own(name)} <= set(measured())
    assert named
