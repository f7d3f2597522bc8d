"""How the development cluster hands its image to the chart, with the real helm."""

from typing import Any

import yaml

from devcluster.config import BIN
from devcluster.install import CHART, chart_values
from devcluster.shell import run
from moorage.monitoring.alerts import alerts
from moorage.monitoring.rules import rule_file


def test_a_tag_of_digits_alone_stays_text() -> None:
    image = "ghcr.io/moorage/moorage:881576289414"
    rendered = run(BIN / "helm", "template", "--kube-version=1.30.0", CHART, *chart_values(image))
    assert f"image: {image}\n" in rendered


def _rendered(*more: str) -> dict[str, dict[str, Any]]:
    """Kind/name → object, of those that are Prometheus's."""
    text = run(BIN / "helm", "template", "moorage", "--kube-version=1.30.0", CHART, *more)
    found = [item for item in yaml.safe_load_all(text) if item]
    return {f"{i['kind']}/{i['metadata']['name']}": i for i in found if i["apiVersion"].startswith("monitoring.coreos.com/")}


def test_a_cluster_with_a_prometheus_operator_is_given_the_rules_and_whom_to_scrape() -> None:
    runbooks = "https://docs.example/runbooks"
    values = ("--set=monitoring.labels.release=main", f"--set=monitoring.runbooks={runbooks}")
    found = _rendered("--api-versions=monitoring.coreos.com/v1", *values)
    assert found.keys() == {"PodMonitor/moorage-members", "PodMonitor/moorage-operator", "PrometheusRule/moorage"}
    assert found["PrometheusRule/moorage"]["spec"] == rule_file(alerts(), runbooks)
    assert all(item["metadata"]["labels"]["release"] == "main" for item in found.values())
    for name, port in (("members", "agent"), ("operator", "health")):
        (endpoint,) = found[f"PodMonitor/moorage-{name}"]["spec"]["podMetricsEndpoints"]
        assert (endpoint["port"], endpoint["path"], endpoint["honorLabels"]) == (port, "/metrics", True)


def test_a_cluster_without_one_and_whoever_does_not_want_them_are_given_none() -> None:
    assert _rendered() == {}
    assert _rendered("--api-versions=monitoring.coreos.com/v1", "--set=monitoring.enabled=false") == {}
