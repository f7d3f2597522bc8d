"""What the chart makes of the relay, and of a Prometheus and an Alertmanager that it brings, by the real helm."""

import pytest
import yaml

from devcluster.config import ALERTMANAGER_IMAGE, PROMETHEUS_IMAGE
from devcluster.install import chart_values
from devcluster.shell import CommandError
from moorage.monitoring import routes, scrapes
from moorage.monitoring.alerts import alerts
from moorage.monitoring.rules import rule_file
from tests.api.test_chart import CONSOLE, Object, environment, one, render

RELAY, MONITORING = "moorage-relay", "moorage-monitoring"
WITH_RELAY = "--set=relay.enabled=true"
BROUGHT = (WITH_RELAY, "--set=monitoring.bring.enabled=true")


def names(objects: list[Object], part: str) -> list[str]:
    return [f"{o['kind']}/{o['metadata']['name']}" for o in objects if part in o["metadata"]["name"]]


def services(objects: list[Object]) -> list[str]:
    """Those that the console may look at."""
    (found,) = (rule["resourceNames"] for rule in one(objects, "Role")["rules"] if rule["resources"] == ["services"])
    return list(found)


def pod_of(objects: list[Object], kind: str, name: str) -> Object:
    found: Object = one(objects, kind, name)["spec"]["template"]["spec"]
    return found


def test_neither_is_there_until_it_is_asked_for() -> None:
    objects = render()
    assert names(objects, "relay") == names(objects, MONITORING) == []
    assert "MOORAGE_RELAY" not in environment(objects)
    assert services(objects) == [CONSOLE]


def test_the_console_draws_what_the_relay_is_mounted() -> None:
    objects = render(WITH_RELAY)
    assert environment(objects)["MOORAGE_DRAWS"] == RELAY
    assert environment(objects)["MOORAGE_RELAY"] == f"https://{RELAY}.moorage-system.svc"
    assert services(objects) == [CONSOLE, RELAY]
    mounted = [volume["secret"]["secretName"] for volume in pod_of(objects, "Deployment", RELAY)["volumes"]]
    assert mounted == [f"{RELAY}-tls", f"{RELAY}-token", "moorage-channels"]


def test_the_relay_runs_as_nobody_writes_nowhere_and_has_secrets_as_files_alone() -> None:
    objects = render(WITH_RELAY)
    pod = pod_of(objects, "Deployment", RELAY)
    assert pod["securityContext"]["runAsUser"] == 65532
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert all(mount["readOnly"] for mount in container["volumeMounts"])
    assert not [entry for entry in container["env"] if "secretKeyRef" in entry.get("valueFrom", {})]
    assert one(objects, "Role", RELAY)["rules"] == [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list", "create", "patch", "delete"]}
    ]
    assert "ClusterRoleBinding" not in {o["kind"] for o in objects if RELAY in str(o.get("subjects"))}


def test_without_the_console_somebody_brings_the_relays_secrets() -> None:
    with pytest.raises(CommandError, match=r"relay\.tokenSecretName"):
        render(WITH_RELAY, "--set=console.enabled=false")
    own = ("--set=relay.tls.secretName=a", "--set=relay.tokenSecretName=b")
    with pytest.raises(CommandError, match=r"relay\.tokenSecretName"):
        render(WITH_RELAY, own[0])
    assert names(render(WITH_RELAY, "--set=console.enabled=false", *own), RELAY)
    assert "MOORAGE_DRAWS" not in environment(render(WITH_RELAY, *own))
    assert environment(render(WITH_RELAY, *own))["MOORAGE_RELAY"], "it is asked all the same"


def test_an_alertmanager_that_would_tell_nobody_is_not_brought() -> None:
    with pytest.raises(CommandError, match=r"relay\.enabled"):
        render("--set=monitoring.bring.enabled=true")


def test_what_is_brought_has_moorages_rules_and_tells_its_relay() -> None:
    files = one(render(*BROUGHT), "ConfigMap", MONITORING)["data"]
    assert yaml.safe_load(files["rules.yaml"]) == rule_file(alerts(), "docs/runbooks")
    host, authority = "moorage-relay.moorage-system.svc", "/etc/moorage/relay/ca.crt"
    asked = scrapes.config("127.0.0.1:9093", "rules.yaml", "/etc/moorage/own/*.yaml", relay=host, authority_file=authority)
    assert yaml.safe_load(files["prometheus.yaml"]) == asked
    told = routes.config(f"https://{host}/notices", "/etc/moorage/relay/token", authority)
    assert yaml.safe_load(files["alertmanager.yaml"]) == told


def test_what_is_brought_runs_as_nobody_and_listens_in_its_pod_alone() -> None:
    """Neither of them asks who somebody is."""
    objects = render(*BROUGHT)
    pod = pod_of(objects, "StatefulSet", MONITORING)
    assert pod["securityContext"]["runAsUser"] == 65534
    *both, gate = pod["containers"]
    for container, port in zip(both, (9090, 9093), strict=True):
        assert f"--web.listen-address=127.0.0.1:{port}" in container["args"]
        assert "ports" not in container
    assert all(container["securityContext"]["readOnlyRootFilesystem"] for container in pod["containers"])
    assert one(objects, "Service", MONITORING)["spec"]["ports"] == [{"name": "https", "port": 443, "targetPort": "https"}]
    assert gate["ports"] == [{"name": "https", "containerPort": 8443}]
    assert one(objects, "ClusterRole", MONITORING)["rules"] == [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
    ]


def test_the_console_goes_through_the_gate_with_what_it_drew() -> None:
    objects = render(*BROUGHT)
    found = environment(objects)
    assert found["MOORAGE_DRAWS"] == f"{RELAY},{MONITORING}"
    assert services(objects) == [CONSOLE, RELAY, MONITORING]
    for name in ("PROMETHEUS", "ALERTMANAGER"):
        assert found[f"MOORAGE_{name}"] == f"https://{MONITORING}.moorage-system.svc/{name.lower()}"
        assert found[f"MOORAGE_{name}_FILES"] == "/etc/moorage/monitoring"
    (volume,) = (v for v in pod_of(objects, "Deployment", CONSOLE)["volumes"] if v["name"] == "monitoring")
    secrets = [source["secret"] for source in volume["projected"]["sources"]]
    assert [(s["name"], s["optional"]) for s in secrets] == [(f"{MONITORING}-tls", True), (f"{MONITORING}-token", True)]
    assert "tls.key" not in str(volume), "the gate's key is the gate's"


def test_without_the_console_there_is_no_gate() -> None:
    own = ("--set=relay.tls.secretName=a", "--set=relay.tokenSecretName=b", "--set=console.enabled=false")
    objects = render(*BROUGHT, *own)
    assert [c["name"] for c in pod_of(objects, "StatefulSet", MONITORING)["containers"]] == ["prometheus", "alertmanager"]
    assert "Service" not in {o["kind"] for o in objects if o["metadata"]["name"] == MONITORING}


def test_somebodys_own_prometheus_and_alertmanager_are_asked_with_their_secret() -> None:
    where = ("--set=console.monitoring.prometheus=https://p:9090", "--set=console.monitoring.alertmanager=https://a:9093")
    objects = render(*where, "--set=console.monitoring.secretName=keys")
    found = environment(objects)
    assert (found["MOORAGE_PROMETHEUS"], found["MOORAGE_ALERTMANAGER"]) == ("https://p:9090", "https://a:9093")
    assert {"name": "monitoring", "secret": {"secretName": "keys"}} in pod_of(objects, "Deployment", CONSOLE)["volumes"]
    assert "MOORAGE_DRAWS" not in found


def test_its_volume_is_a_claim_or_goes_with_the_pod() -> None:
    claimed = one(render(*BROUGHT, "--set=monitoring.bring.storageClass=fast"), "StatefulSet", MONITORING)["spec"]
    (claim,) = claimed["volumeClaimTemplates"]
    assert claim["spec"]["storageClassName"] == "fast"
    assert claim["spec"]["resources"]["requests"]["storage"] == "8Gi"
    without = one(render(*BROUGHT, "--set=monitoring.bring.storage="), "StatefulSet", MONITORING)["spec"]
    assert "volumeClaimTemplates" not in without
    assert {"name": "data", "emptyDir": {}} in without["template"]["spec"]["volumes"]


def test_the_development_cluster_gets_both_when_it_is_told_to() -> None:
    images = ("ghcr.io/moorage/moorage:a", "ghcr.io/moorage/console:b")
    assert names(render(*chart_values(*images)), MONITORING) == []
    pod = pod_of(render(*chart_values(*images, with_monitoring=True)), "StatefulSet", MONITORING)
    assert [container["image"] for container in pod["containers"]] == [PROMETHEUS_IMAGE, ALERTMANAGER_IMAGE, images[1]]
