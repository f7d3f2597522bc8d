"""Prometheus's configuration where the chart brings it: whom it asks, and whom it tells. Pure."""

from typing import Any

from moorage.core.names import COMPONENT_MEMBER

SCRAPE_SECONDS, TIMEOUT_SECONDS = 10, 5
"""As the PodMonitors of a cluster that has its own: alerts are as late as this."""
MEMBERS = f"app.kubernetes.io/part-of=moorage,app.kubernetes.io/component={COMPONENT_MEMBER}"
OPERATOR = "app.kubernetes.io/name=moorage,app.kubernetes.io/component=operator"
RELAY = "app.kubernetes.io/name=moorage,app.kubernetes.io/component=relay"


def config(alertmanager: str, *rules: str, relay: str = "", authority_file: str = "") -> dict[str, Any]:
    """`alertmanager`: HOST:PORT. `rules`: paths, at Prometheus's, of the rule files. `relay`: host that the relay's certificate
    names, when there is one; `authority_file`: path of the authority by which it is trusted."""
    return {
        "global": {
            "scrape_interval": f"{SCRAPE_SECONDS}s",
            "scrape_timeout": f"{TIMEOUT_SECONDS}s",
            "evaluation_interval": "30s",
        },
        "rule_files": list(rules),
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": [
            _pods("moorage-members", MEMBERS, "agent", own_namespace=False),
            _pods("moorage-operator", OPERATOR, "health", own_namespace=True),
            *([_relay(relay, authority_file)] if relay else []),
        ],
    }


def _relay(host: str, authority_file: str) -> dict[str, Any]:
    tls = {"ca_file": authority_file, "server_name": host}
    return {**_pods("moorage-relay", RELAY, "https", own_namespace=True), "scheme": "https", "tls_config": tls}


def _pods(job: str, labels: str, port: str, *, own_namespace: bool) -> dict[str, Any]:
    """The port of that name of each running Pod with these labels."""
    where = {"namespaces": {"own_namespace": True}} if own_namespace else {}
    return {
        "job_name": job,
        "honor_labels": True,  # the series say themselves whose they are
        "kubernetes_sd_configs": [{"role": "pod", "selectors": [{"role": "pod", "label": labels}], **where}],
        "relabel_configs": [
            _keep("__meta_kubernetes_pod_phase", "Running"),
            _keep("__meta_kubernetes_pod_container_port_name", port),
            {"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"},
            {"source_labels": ["__meta_kubernetes_pod_name"], "target_label": "pod"},
        ],
    }


def _keep(label: str, value: str) -> dict[str, Any]:
    return {"source_labels": [label], "regex": value, "action": "keep"}
