"""Prometheus itself takes whatever a person's rule becomes, judges it by the series of its own namespace, and says its texts."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from devcluster.binaries.monitoring import PROMETHEUS
from moorage.api.alertrule import AlertRule, parse_alertrule
from moorage.monitoring.own.fence import AGGREGATIONS, FUNCTIONS, RefusedError, fenced
from moorage.monitoring.own.rule import document, group, judge
from tests.monitoring import programs
from tests.monitoring.test_alerts import run
from tests.unit.monitoring.expressions import EXPRESSIONS

LAG = "moorage_service_members_normal"
WAVE = "3x9 1x59 3x19"
"""Three members are well; from 5 min to 35 min one is; then all are again."""


def rule(name: str = "few-members", namespace: str = "shop", **spec: Any) -> AlertRule:
    return parse_alertrule({"metadata": {"name": name, "namespace": namespace, "uid": name}, "spec": spec})


def written(folder: Path, *rules: AlertRule) -> Path:
    """As the operator writes them."""
    judged = [(one, judge(one.metadata.namespace, one.spec)) for one in rules]
    assert not [found.refusal for _, found in judged if found.refusal]
    made, left_out = document(group(one, found.expr) for one, found in judged)
    assert not left_out
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump(made))
    return path


def tried(name: str, fires: list[tuple[str, dict[str, str], dict[str, str]]], series: dict[str, str]) -> dict[str, Any]:
    """Quiet at 4 min, firing at 20 min, quiet at 40 min."""
    alerts = [{"exp_labels": labels, "exp_annotations": notes} for _, labels, notes in fires]
    return {
        "interval": "30s",
        "input_series": [{"series": found, "values": values} for found, values in series.items()],
        "alert_rule_test": [
            {"eval_time": "4m", "alertname": name, "exp_alerts": []},
            {"eval_time": "20m", "alertname": name, "exp_alerts": alerts},
            {"eval_time": "40m", "alertname": name, "exp_alerts": []},
        ],
    }


def test_a_threshold_fires_after_its_wait_tells_both_languages_and_ends(tmp_path: Path) -> None:
    own = rule(
        service="orders", metric=LAG, comparison="<", threshold=2, forSeconds=300, severity="critical", channels=["dba"],
        text={"summary": "$subject has $value good members", "description": "Call {{ the }} DBA."},
        textZh={"summary": "$subject 只剩 $value 个正常成员"},
    )  # fmt: skip
    notes = {
        "summary": "shop/orders has 1 good members",
        "description": "Call {{ the }} DBA.",
        "summary_zh": "shop/orders 只剩 1 个正常成员",
        "channels": "dba",
        "held_seconds": "300",
    }
    labels = {"namespace": "shop", "service": "orders", "severity": "critical", "scope": "own"}
    of = 'namespace="shop",service="orders"'
    both = {f'{LAG}{{{of},instance="a"}}': WAVE, f'{LAG}{{{of},instance="b"}}': WAVE}  # two operators tell it
    test = tried("few-members", [("", labels, notes)], both)
    test["alert_rule_test"].append({"eval_time": "9m", "alertname": "few-members", "exp_alerts": []})
    run(written(tmp_path, own), test)


def test_a_query_of_ones_own_fires_with_its_own_labels_and_goes_on_when_its_pod_comes_back(tmp_path: Path) -> None:
    """Prometheus calls a Pod that came back another target; what is measured is the same."""
    metric = "moorage_custom_open_orders"
    own = rule("open", metric=metric, comparison=">", threshold=100, forSeconds=600, text={"summary": "$subject: $value"})
    labels = {"namespace": "shop", "service": "orders", "pod": "orders-g1-0", "state": "new"}
    told = {"severity": "warning", "scope": "own", **labels}
    notes = {"summary": "shop/orders (orders-g1-0): 200", "held_seconds": "600"}
    of = ",".join(f'{label}="{value}"' for label, value in labels.items())
    before, after = (f'{metric}{{{of},instance="10.0.0.{number}:8080"}}' for number in (1, 2))
    series = {before: "5x9 200x19 stale", after: "_x30 200x39 5x19"}
    run(written(tmp_path, own), tried("open", [("", told, notes)], series))


def test_nobody_is_told_of_another_namespaces_series(tmp_path: Path) -> None:
    own = rule(promql=f"{LAG} < 2")
    labels = {"namespace": "shop", "service": "orders", "severity": "warning", "scope": "own", "instance": "a"}
    series = {
        f'{LAG}{{namespace="shop",service="orders",instance="a"}}': WAVE,
        f'{LAG}{{namespace="bank",service="orders",instance="a"}}': "1x99",
    }
    run(written(tmp_path, own), tried("few-members", [("", labels, {"summary": "shop/orders: few-members"})], series))


def test_the_namespace_is_the_rules_own_also_when_its_result_has_lost_it(tmp_path: Path) -> None:
    own = rule(promql=f"count({LAG} < 2) > 0")
    labels = {"namespace": "shop", "severity": "warning", "scope": "own"}
    series = {f'{LAG}{{namespace="shop",service="orders"}}': WAVE}
    run(written(tmp_path, own), tried("few-members", [("", labels, {"summary": "shop: few-members"})], series))


def test_a_text_is_no_program_that_reads_other_namespaces(tmp_path: Path) -> None:
    spy = '{{ with query "secret" }}{{ . | first | value }}{{ end }} {{{'
    own = rule(promql=f"{LAG} < 2", text={"summary": spy})
    labels = {"namespace": "shop", "service": "orders", "severity": "warning", "scope": "own"}
    series = {f'{LAG}{{namespace="shop",service="orders"}}': WAVE, 'secret{namespace="bank"}': "42x99"}
    run(written(tmp_path, own), tried("few-members", [("", labels, {"summary": spy})], series))


def test_a_rule_that_finds_a_hundred_series_fails_alone(tmp_path: Path) -> None:
    """Its neighbour is judged all the same."""
    many = rule("many", promql="many > 0")
    few = rule("few", promql=f"{LAG} < 2")
    labels = {"namespace": "shop", "service": "orders", "severity": "warning", "scope": "own"}
    series = {f'many{{namespace="shop",x="{number}"}}': "0x9 1x59 0x19" for number in range(101)}
    series[f'{LAG}{{namespace="shop",service="orders"}}'] = WAVE
    path = written(tmp_path, many, few)
    with pytest.raises(AssertionError, match="exceeded limit of 100 with 101 alerts") as failed:
        run(path, tried("few", [("", labels, {"summary": "shop/orders: few"})], series), tried("many", [], series))
    assert "alertname:" not in str(failed.value), "no alert was other than expected"


def accepted() -> list[str]:
    """What the fence lets through of very many."""
    found: dict[str, None] = {}

    @settings(max_examples=1500, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(EXPRESSIONS)
    def collect(text: str) -> None:
        try:
            found[fenced(text, "shop")] = None
        except RefusedError:
            return

    collect()
    return list(found)


@pytest.fixture(scope="module")
def expressions() -> list[str]:
    found = accepted()
    assert len(found) >= 100
    return found


def check(program: list[str], folder: Path, expressions: list[str]) -> None:
    path = folder / "all.yaml"
    rules = [{"alert": f"a{number}", "expr": expr} for number, expr in enumerate(expressions)]
    path.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}))
    done = subprocess.run([*program, "check", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(expressions)} rules found" in done.stdout


def test_whatever_is_accepted_is_read_by_an_old_prometheus_and_by_a_new_one(expressions: list[str], tmp_path: Path) -> None:
    """One rule that cannot be read would keep it from reading all of them."""
    PROMETHEUS[1].ensure()
    check(programs.command("promtool"), tmp_path, expressions)
    check([str(PROMETHEUS[1].path)], tmp_path, expressions)


def of_function(name: str) -> str:
    arguments = {
        "absent": "a", "scalar": "a", "timestamp": "a", "vector": "scalar(a)", "time": "", "round": "a, 5", "clamp": "a, 1, 2",
        "clamp_max": "a, 1", "clamp_min": "a, 1", "histogram_quantile": "0.9, a", "quantile_over_time": "0.9, a[5m]",
        "predict_linear": "a[5m], 60",
    }  # fmt: skip
    over_time = name.endswith("_over_time") or name in {
        "changes", "delta", "deriv", "idelta", "increase", "irate", "rate", "resets",
    }  # fmt: skip
    return f"{name}({arguments.get(name, 'a[5m]' if over_time else 'a')}) > 1 and on () a"


def test_every_function_and_aggregation_that_is_allowed_is_known_to_both(tmp_path: Path) -> None:
    PROMETHEUS[1].ensure()
    scalars = {"scalar", "time"}
    found = [of_function(name) for name in sorted(FUNCTIONS - scalars)]
    found += [f"vector({of_function(name).partition(' ')[0]}) > 1 and on () a" for name in sorted(scalars)]
    found += [f"{name}({'1, ' if name in ('topk', 'bottomk', 'quantile') else ''}a) > 1" for name in sorted(AGGREGATIONS)]
    written_anew = [fenced(text, "shop") for text in found]
    check(programs.command("promtool"), tmp_path, written_anew)
    check([str(PROMETHEUS[1].path)], tmp_path, written_anew)


@pytest.mark.parametrize("pattern", ["a**", "(?<x>a)", "[z-a]", r"\K", "a{2000}", "(", r"\p{Foo}", "(?x)a"])
def test_a_regular_expression_that_prometheus_would_not_read_is_refused_before(pattern: str, tmp_path: Path) -> None:
    """Else one person could take everybody's rules away. Each of them is one that Prometheus refuses: the fence is no habit."""
    text = f'a{{x=~"{pattern}"}} > 1'.replace("\\", "\\\\")
    with pytest.raises(AssertionError):
        check(programs.command("promtool"), tmp_path, [text])
    with pytest.raises(RefusedError):
        fenced(text, "shop")
