"""What the chart makes, by the real helm: the images that the development cluster hands to it, and the console."""

from typing import Any

import pytest
import yaml

from devcluster.config import BIN
from devcluster.install import CHART, chart_values
from devcluster.shell import CommandError, run
from moorage.monitoring.alerts import alerts
from moorage.monitoring.rules import rule_file

Object = dict[str, Any]
CONSOLE = "moorage-console"


def render(*values: str) -> list[Object]:
    where = ("--namespace=moorage-system", "--kube-version=1.30.0")
    return [found for found in yaml.safe_load_all(run(BIN / "helm", "template", "moorage", CHART, *where, *values)) if found]


def one(objects: list[Object], kind: str, name: str = CONSOLE) -> Object:
    (found,) = (o for o in objects if o["kind"] == kind and o["metadata"]["name"] == name)
    return found


def container(objects: list[Object]) -> Object:
    found: Object = one(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    return found


def environment(objects: list[Object]) -> dict[str, str]:
    return {entry["name"]: entry.get("value", "") for entry in container(objects)["env"]}


def nameable(objects: list[Object], role: str = CONSOLE) -> list[str]:
    """The groups that a role's holder may act for."""
    rules = [rule for rule in one(objects, "ClusterRole", role)["rules"] if rule["resources"] == ["groups"]]
    return [name for rule in rules for name in rule.get("resourceNames", ["every one"])]


def test_a_tag_of_digits_alone_stays_text() -> None:
    operators, consoles = "ghcr.io/moorage/moorage:881576289414", "ghcr.io/moorage/console:881576289415"
    objects = render(*chart_values(operators, consoles))
    images = [o["spec"]["template"]["spec"]["containers"][0]["image"] for o in objects if o["kind"] == "Deployment"]
    assert sorted(images) == [consoles, operators]


def test_without_the_console_nothing_of_it_is_left() -> None:
    objects = render("--set=console.enabled=false")
    assert not [o["metadata"]["name"] for o in objects if "console" in o["metadata"]["name"]]
    assert one(objects, "Deployment", "moorage")


def test_the_console_runs_as_nobody_and_writes_to_its_memory_alone() -> None:
    pod = one(render(), "Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsUser"] == 65532
    assert pod["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert [volume["emptyDir"]["medium"] for volume in pod["volumes"]] == ["Memory"]


def test_the_console_acts_for_groups_by_name_and_never_for_kubernetes_own() -> None:
    objects = render("--set=console.groups={dba,audit}", "--set=console.oidc.groups={dba}")
    assert nameable(objects) == ["moorage:admins", "moorage:dba", "moorage:audit", "oidc:dba"]
    assert nameable(objects) == nameable(objects, f"{CONSOLE}-admins")
    with pytest.raises(CommandError, match=r"console\.groups"):
        render("--set=console.groups={system:masters}")


def test_neither_the_console_nor_its_administrators_hold_a_right_to_everything() -> None:
    objects = render()
    rules = [rule for o in objects if CONSOLE in o["metadata"]["name"] for rule in o.get("rules", [])]
    assert rules
    assert not [rule for rule in rules if "*" in {*rule["apiGroups"], *rule["resources"], *rule["verbs"]}]
    assert {o["roleRef"]["name"] for o in objects if o["kind"] == "ClusterRoleBinding" and CONSOLE in o["metadata"]["name"]} == {
        CONSOLE,
        f"{CONSOLE}-admins",
    }


def test_a_certificate_of_ones_own_takes_the_place_of_the_consoles() -> None:
    assert environment(render())["MOORAGE_TLS_OWN"] == CONSOLE
    given = environment(render("--set=console.tls.secretName=from-cert-manager"))
    assert given["MOORAGE_TLS_SECRET"] == "from-cert-manager"
    assert "MOORAGE_TLS_OWN" not in given


def test_behind_a_proxy_that_ends_the_encryption_the_console_speaks_http() -> None:
    objects = render(
        "--set=console.tls.enabled=false", "--set=console.prefix=/moorage", "--set=console.proxies={10.0.0.0/8,10.1.1.1}"
    )
    assert container(objects)["ports"] == [{"name": "http", "containerPort": 8080}]
    assert container(objects)["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http", "scheme": "HTTP"}
    assert one(objects, "Service")["spec"]["ports"] == [{"name": "http", "port": 80, "targetPort": "http"}]
    told = environment(objects)
    assert (told["MOORAGE_PORT"], told["MOORAGE_PREFIX"], told["MOORAGE_PROXIES"]) == ("8080", "/moorage", "10.0.0.0/8,10.1.1.1")
    assert not [name for name in told if "TLS" in name]


def test_a_provider_of_identities_is_told_whole() -> None:
    wanted = {"issuer": "https://id.example.com", "clientId": "moorage", "clientSecretName": "id", "caSecretName": "id-ca"}
    url = "https://moorage.example.com/api/v1/oidc/callback"
    objects = render(*(f"--set=console.oidc.{key}={text}" for key, text in {**wanted, "redirectUrl": url}.items()))
    told = environment(objects)
    assert (told["MOORAGE_OIDC_ISSUER"], told["MOORAGE_OIDC_REDIRECT_URL"]) == ("https://id.example.com", url)
    assert told["MOORAGE_OIDC_CA_FILE"] == "/etc/moorage/oidc/ca.crt"
    secret = next(entry["valueFrom"] for entry in container(objects)["env"] if entry["name"] == "MOORAGE_OIDC_CLIENT_SECRET")
    assert secret == {"secretKeyRef": {"name": "id", "key": "clientSecret"}}


def test_an_address_to_come_back_to_that_is_none_of_the_consoles_is_refused() -> None:
    with pytest.raises(CommandError, match="redirectUrl"):
        render("--set=console.oidc.redirectUrl=https://moorage.example.com/")


def test_of_one_replica_no_disruption_is_forbidden() -> None:
    budgets = [o for o in render("--set=console.replicas=1") if o["kind"] == "PodDisruptionBudget"]
    assert [b["metadata"]["name"] for b in budgets] == ["moorage"]


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
