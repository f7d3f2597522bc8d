"""Alerts of one's own on the command line."""

import shlex

import pytest
import yaml

from moorage.cli.errors import ExitCode
from moorage.server.alertasked import same_as
from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import FakeClient, Object

LAG = "moorage_mongodb_replication_lag_seconds"
CREATE = ("alerts", "rules", "create", "lag", "--metric", LAG)


def rule(name: str = "lag", **status: object) -> Object:
    spec = {"service": "orders", "metric": LAG, "comparison": ">", "threshold": 30, "forSeconds": 300}
    meta = {"name": name, "namespace": "shop", "generation": 1}
    return {"apiVersion": "moorage.dev/v1", "kind": "AlertRule", "metadata": meta, "spec": spec, "status": status}


def test_a_rule_is_made_of_what_was_said_and_nothing_else(moorage: Moorage) -> None:
    ran = moorage(
        *CREATE, "--when", "> 30", "--service", "orders", "--for", "5m", "--summary", "$subject lags", "--channel", "dba"
    )
    assert ran.client.specs("AlertRule") == {
        "lag": {
            "service": "orders", "metric": LAG, "comparison": ">", "threshold": 30.0, "forSeconds": 300, "severity": "warning",
            "text": {"summary": "$subject lags", "description": ""}, "channels": ["dba"],
        }
    }  # fmt: skip
    assert (ran.code, ran.out) == (0, f"shop/lag is made: {LAG} > 30\n")
    assert ran.client.checked_only == ["lag"], "the API server is asked before anything is kept"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((*CREATE,), "--when belongs to --metric"),
        ((*CREATE, "--when", "much"), "--when 'much' is no condition; allowed: one of > >= < <= == != and a number"),
        ((*CREATE, "--when", "> 1", "--promql", "a > 1"), "exactly one of --metric and --promql"),
        ((*CREATE, "--when", "> 1", "--label", "x"), "--label 'x' is none; allowed: NAME=VALUE"),
        ((*CREATE, "--when", "> 1", "--for", "25h"), "--for '25h' is longer than a day"),
        ((*CREATE, "--when", "> 1", "--label", "colour=red"), f"{LAG} has no label colour"),
        (("alerts", "rules", "create", "spy", "--promql", 'up{namespace="bank"} > 0'), "it asks for namespace 'bank'"),
        (("alerts", "rules", "try", "--promql", "up"), "the alert would always fire"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can_and_nothing_is_kept(
    moorage: Moorage, words: tuple[str, ...], sentence: str
) -> None:
    ran = moorage(*words)
    assert ran.code == ExitCode.USAGE
    assert sentence in ran.err
    assert ran.client.objects == {}


OPEN = ("alerts", "rules", "create", "open", "--metric", "moorage_custom_open_orders", "--when", "> 100")
ORDERS: Object = {
    "kind": "DataService",
    "metadata": {"name": "orders", "namespace": "shop"},
    "spec": {"engine": "mysql", "metrics": {"queries": [{"name": "open_orders", "labels": ["state"]}]}},
}


def test_a_metric_of_ones_own_is_chosen_as_any_other(moorage: Moorage) -> None:
    ran = moorage(*OPEN, "--label", "state=new", "--service", "orders", having=[ORDERS])
    assert ran.code == 0, ran.err
    assert ran.client.specs("AlertRule")["open"]["labels"] == {"state": "new"}


def test_a_query_that_no_service_has_is_said_before_a_rule_waits_for_it_in_vain(moorage: Moorage) -> None:
    ran = moorage(*OPEN)
    assert ran.code == ExitCode.USAGE
    assert "no service of shop has a query 'open_orders', which makes moorage_custom_open_orders" in ran.err
    ran = moorage(*OPEN, "--label", "colour=red", having=[ORDERS])
    assert "moorage_custom_open_orders has no label colour; it has namespace, service, pod, state" in ran.err
    assert ran.client.specs("AlertRule") == {}
    assert moorage(*OPEN, "--paused").code == 0, "one that rests may wait"
    assert moorage(*OPEN, forbidden=["DataService"]).code == 0, "who may make rules need not see services"


def test_the_list_says_what_fires_and_why_not(moorage: Moorage) -> None:
    fires = rule(phase="Accepted", firing=2, firingSince="2026-11-06T18:20:05Z", message="it fires for 2")
    refused = rule("other", phase="Refused", message="it asks for namespace 'bank'")
    ran = moorage("alerts", "rules", "list", having=[refused, fires])
    lag, other = ran.out.splitlines()[1:]
    assert lag.split()[:2] == ["lag", "orders"]
    assert f"{LAG} > 30" in lag
    assert "Accepted   2" in lag
    assert "it asks for namespace 'bank'" in other


def test_the_list_says_what_holds_and_does_not_fire_yet(moorage: Moorage) -> None:
    holds = rule(phase="Accepted", firing=0, holding=3, holdingSince="2026-11-06T18:20:05Z", message="it holds for 3")
    ran = moorage("alerts", "rules", "list", having=[holds])
    (lag,) = ran.out.splitlines()[1:]
    assert "Accepted   0 (+3 holding)" in lag
    found = yaml.safe_load(moorage("alerts", "rules", "list", "-o", "yaml", having=[holds]).out)
    assert (found[0]["holding"], found[0]["holdingSince"]) == (3, "2026-11-06T18:20:05Z")


def test_without_a_prometheus_it_says_how_one_is_reached(moorage: Moorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOORAGE_PROMETHEUS", raising=False)
    ran = moorage("alerts", "rules", "try", "lag", having=[rule()])
    assert ran.code == ExitCode.ERROR
    assert "give --prometheus URL or set MOORAGE_PROMETHEUS" in ran.err
    assert "port-forward" in ran.err


def test_a_deleted_rule_is_gone_and_an_unknown_one_is_said(moorage: Moorage) -> None:
    ran = moorage("alerts", "rules", "delete", "lag", having=[rule()])
    assert (ran.out, ran.client.objects) == ("shop/lag is deleted\n", {})
    assert moorage("alerts", "rules", "delete", "lag").code == ExitCode.NOT_FOUND


ALL = {
    "service": "orders", "severity": "critical", "forSeconds": 90, "channels": ["dba", "on-call"], "paused": True,
    "text": {"summary": "$subject can't keep up", "description": "Look.\nThen act."},
    "textZh": {"summary": "$subject 落后", "description": ""},
}  # fmt: skip


@pytest.mark.parametrize(
    "spec",
    [
        {"metric": LAG, "comparison": ">=", "threshold": 0.25, "labels": {"pod": "orders-g1-0"}, **ALL},
        {"promql": "sum(rate(moorage_mongodb_operations_total[5m])) > 1000", "severity": "info"},
        {"metric": LAG, "comparison": "<", "threshold": 0.0, "severity": "warning"},
    ],
)
def test_the_line_that_the_console_shows_makes_the_same_rule_as_its_yaml(moorage: Moorage, spec: Object) -> None:
    wanted = {"apiVersion": "moorage.dev/v1", "kind": "AlertRule", "metadata": {"name": "lag", "namespace": "shop"}, "spec": spec}
    same = same_as(wanted)
    program, *words = shlex.split(same.moorage)
    ran = moorage(*words)
    assert (program, ran.code) == ("moorage", 0), ran.err
    assert ran.client.specs("AlertRule") == {"lag": spec}
    assert yaml.safe_load(same.yaml) == wanted
    assert same.yaml in same.kubectl


def change(moorage: Moorage, *words: str, of: Object | None = None) -> Object:
    """The spec that a rule has after it was changed."""
    ran = moorage("alerts", "rules", "change", "lag", *words, having=[of or rule()])
    assert ran.code == 0, ran.err
    found: Object = ran.client.specs("AlertRule")["lag"]
    return found


def test_what_is_not_said_of_a_rule_stays_as_it_is(moorage: Moorage) -> None:
    old = rule()["spec"]
    assert change(moorage, "--when", ">= 60") == {**old, "comparison": ">=", "threshold": 60.0}
    assert change(moorage, "--for", "0s", "--severity", "critical") == {**old, "forSeconds": 0, "severity": "critical"}
    assert change(moorage, "--channel", "dba", "--summary", "s") == {
        **old, "channels": ["dba"], "text": {"summary": "s", "description": ""},
    }  # fmt: skip


def test_what_a_rule_can_do_without_is_taken_away_by_nothing_in_its_place(moorage: Moorage) -> None:
    full = rule()
    full["spec"] |= {"labels": {"pod": "a"}, "channels": ["dba"], "text": {"summary": "s", "description": "d"}}
    spec = change(moorage, "--service", "", "--label", "", "--channel", "", "--summary", "", of=full)
    assert spec == {"metric": LAG, "comparison": ">", "threshold": 30, "forSeconds": 300}


def test_a_metric_and_promql_take_each_others_place(moorage: Moorage) -> None:
    spec = change(moorage, "--promql", f"{LAG} > 9")
    assert spec == {"service": "orders", "promql": f"{LAG} > 9", "forSeconds": 300}
    by_promql = rule()
    by_promql["spec"] = {"promql": f"{LAG} > 9", "severity": "info"}
    spec = change(moorage, "--metric", LAG, "--when", "< 1", "--label", "pod=a", of=by_promql)
    assert spec == {"metric": LAG, "comparison": "<", "threshold": 1.0, "labels": {"pod": "a"}, "severity": "info"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "say what is to be another"),
        (("--metric", LAG), "another metric has another unit: --metric needs --when"),
        (("--metric", LAG, "--promql", "up > 1"), "give one of them"),
        (("--promql", "up > 1", "--label", "a=b"), "--when and --label belong to a metric"),
        (("--description", "d"), "--description stands below a summary; give --summary too"),
        (("--summary", "", "--description", "d"), "which --summary '' takes away"),
        (("--promql", "up"), "the alert would always fire"),
        (("--label", "colour=red"), f"{LAG} has no label colour"),
        (("--metric", "moorage_custom_open", "--when", "> 1"), "service 'orders' of shop has no query 'open'"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_what_can_and_nothing_is_changed(
    moorage: Moorage, words: tuple[str, ...], sentence: str
) -> None:
    ran = moorage("alerts", "rules", "change", "lag", *words, having=[rule()])
    assert (ran.code, ran.client.specs("AlertRule")["lag"]) == (ExitCode.USAGE, rule()["spec"])
    assert sentence in ran.err


def test_a_threshold_of_a_rule_by_promql_is_none_and_it_says_what_to_give(moorage: Moorage) -> None:
    by_promql = rule()
    by_promql["spec"] = {"promql": f"{LAG} > 9"}
    ran = moorage("alerts", "rules", "change", "lag", "--when", "> 1", having=[by_promql])
    assert "the rule is by PromQL, and --when and --label belong to a metric; give --promql anew" in ran.err


def test_a_rule_rests_and_is_judged_again(moorage: Moorage) -> None:
    ran = moorage("alerts", "rules", "pause", "lag", having=[rule()])
    assert (ran.out, ran.client.specs("AlertRule")["lag"]) == ("shop/lag rests\n", {**rule()["spec"], "paused": True})
    resting = rule()
    resting["spec"]["paused"] = True
    assert moorage("alerts", "rules", "pause", "lag", having=[resting]).out == "shop/lag rests already\n"
    ran = moorage("alerts", "rules", "resume", "lag", having=[resting])
    assert (ran.out, ran.client.specs("AlertRule")["lag"]["paused"]) == (f"shop/lag is judged again: {LAG} > 30\n", False)
    assert moorage("alerts", "rules", "resume", "lag").code == ExitCode.NOT_FOUND


def test_a_rule_whose_query_is_gone_can_rest_and_is_not_judged_again_before_it_is_there(moorage: Moorage) -> None:
    waits = rule()
    waits["spec"] |= {"metric": "moorage_custom_open_orders", "paused": True}
    ran = moorage("alerts", "rules", "resume", "lag", having=[waits])
    assert (ran.code, ran.client.specs("AlertRule")["lag"]["paused"]) == (ExitCode.USAGE, True)
    assert "add it to spec.metrics.queries" in ran.err
    assert moorage("alerts", "rules", "resume", "lag", having=[waits, ORDERS]).code == 0
    waits["spec"]["paused"] = False
    assert moorage("alerts", "rules", "pause", "lag", having=[waits]).code == 0


def test_what_somebody_else_changed_a_moment_before_stays(moorage: Moorage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule is read again: a change of the threshold takes back nobody's change of the severity."""
    newer = {"spec": {**rule()["spec"], "severity": "critical"}}
    monkeypatch.setattr(FakeClient, "meanwhile", [newer])
    assert change(moorage, "--when", "> 60") == {**newer["spec"], "threshold": 60.0}
    monkeypatch.setattr(FakeClient, "meanwhile", [newer] * 9)
    ran = moorage("alerts", "rules", "change", "lag", "--when", "> 60", having=[rule()])
    assert ran.code == ExitCode.CONFLICT


METRIC_RULE = {"metric": LAG, "comparison": ">=", "threshold": 0.25, "labels": {"pod": "orders-g1-0"}, **ALL}
PROMQL_RULE = {"promql": "sum(rate(moorage_mongodb_operations_total[5m])) > 1000", "severity": "info"}
BARE_RULE = {"metric": LAG, "comparison": "<", "threshold": 0.0, "severity": "warning"}


@pytest.mark.parametrize("wanted", [METRIC_RULE, PROMQL_RULE, BARE_RULE])
@pytest.mark.parametrize("old", [METRIC_RULE, PROMQL_RULE, BARE_RULE, {**BARE_RULE, "labels": {"pod": "x"}, "forSeconds": 60}])
def test_the_line_that_the_console_shows_makes_any_rule_out_of_any_other(moorage: Moorage, old: Object, wanted: Object) -> None:
    if old == wanted:
        return
    there = {**rule(), "spec": old}
    same = same_as({**there, "spec": wanted}, old)
    ran = moorage(*shlex.split(same.moorage)[1:], having=[there])
    assert ran.code == 0, (same.moorage, ran.err)
    full = {"labels": {}, "channels": [], "paused": False, "forSeconds": 0}
    assert {**full, **ran.client.specs("AlertRule")["lag"]} == {**full, **wanted}
