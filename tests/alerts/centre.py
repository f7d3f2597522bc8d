"""Monitoring in the running cluster, as somebody sets it up who wants to be told: channels, links, what became of messages."""

import base64
import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moorage.monitoring.telling.notice import subject_of
from moorage.server.telling.records import ENTRY, LABEL, LABEL_CHANNEL, LABEL_VALUE, Delivery
from moorage.server.telling.records import read as read_delivery
from tests.e2e.cluster import exists, get, kubectl, until

NAMESPACE, CHANNELS, RELAY = "moorage-system", "moorage-channels", "moorage-relay"
PROMETHEUS = ("-n", NAMESPACE, "exec", "moorage-monitoring-0", "-c", "prometheus", "--")
LINKS = {
    "MOORAGE_LINK_CONSOLE": "https://console.example",
    "MOORAGE_LINK_GRAFANA": "https://grafana.example",
    "MOORAGE_LINK_RUNBOOKS": "https://docs.example/runbooks",
    "MOORAGE_LINK_ALERTMANAGER": "https://alerts.example",
}
"""As an installation says where people find these; nobody follows them here."""
SECONDS = 120.0


class NoMonitoringError(AssertionError):
    """The cluster came up without it."""


@contextmanager
def telling(secret: Mapping[str, str]) -> Iterator[None]:
    """The relay tells these channels, entries of its Secret, and no other; afterwards it is as it was found."""
    if not exists("deployment", RELAY, NAMESPACE):
        raise NoMonitoringError("there is no relay in the cluster: MOORAGE_MONITORING=1 make up")
    before = get("secret", CHANNELS, NAMESPACE)["data"] if exists("secret", CHANNELS, NAMESPACE) else None
    encoded = {name: base64.b64encode(text.encode()).decode() for name, text in secret.items()}
    _write(encoded)
    try:
        _start_anew(*(f"{name}={url}" for name, url in LINKS.items()))
        until("every relay knows its channels", lambda: all(n == len(secret) for n in channels_known()), seconds=SECONDS)
        yield
    finally:
        _write(before)
        _start_anew(*(f"{name}-" for name in LINKS))


def _write(entries: Mapping[str, str] | None) -> None:
    kubectl("delete", "secret", CHANNELS, "-n", NAMESPACE, "--ignore-not-found")
    if entries is not None:
        meta = {"name": CHANNELS, "namespace": NAMESPACE}
        kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": entries}))


def _start_anew(*environment: str) -> None:
    """With the Secret as it is now: the kubelet of a Pod that runs brings a changed one only within two minutes."""
    where = ("-n", NAMESPACE, f"deployment/{RELAY}")
    kubectl("set", "env", *where, *environment)
    kubectl("rollout", "restart", *where)
    kubectl("rollout", "status", *where, f"--timeout={SECONDS:.0f}s")
    until("only new relays run", lambda: len(_relays()) == 2, seconds=SECONDS)


def _relays() -> list[dict[str, Any]]:
    chosen = ("-l", "app.kubernetes.io/component=relay", "-n", NAMESPACE)
    return list(json.loads(kubectl("get", "pods", *chosen, "-o", "json"))["items"])


def channels_known() -> list[int]:
    """How many channels each replica of the relay can use, as its own page of numbers says."""
    return [
        round(sum(v for name, v in relay_numbers(pod).items() if name.startswith("moorage_relay_channels{"))) for pod in _relays()
    ]


def relay_numbers(pod: Mapping[str, Any]) -> dict[str, float]:
    """Series → value, as Prometheus reads them: over TLS, by the relay's own authority."""
    authority = base64.b64decode(get("secret", "moorage-relay-tls", NAMESPACE)["data"]["ca.crt"]).decode()
    trust = ssl.create_default_context(cadata=authority)
    trust.check_hostname = False  # it names the Service, and one replica is asked
    connection = http.client.HTTPSConnection(pod["status"]["podIP"], 8443, timeout=5, context=trust)
    try:
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
    finally:
        connection.close()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line and line[0] != "#")}


def deliveries(channel: str, words: str) -> list[Delivery]:
    """What the log says of the messages to a channel whose title has these words; the oldest first."""
    chosen = f"{LABEL}={LABEL_VALUE},{LABEL_CHANNEL}={channel}"
    items = json.loads(kubectl("get", "configmaps", "-n", NAMESPACE, "-l", chosen, "-o", "json"))["items"]
    found = [kept for item in items if ENTRY in item["data"] and (kept := read_delivery(item)) is not None]
    return sorted((kept for kept in found if words in kept.message.title), key=lambda kept: kept.created)


def alerts(matchers: str = 'severity=~"critical|warning"') -> dict[tuple[str, str], str]:
    """What Prometheus has of the alerts that people are told of: (name, whom it is about) → pending or firing."""
    query = ("promtool", "query", "instant", "-o", "json", "http://127.0.0.1:9090", f"ALERTS{{{matchers}}}")
    found = [series["metric"] for series in json.loads(kubectl(*PROMETHEUS, *query))]
    return {(m["alertname"], subject_of(m)): m["alertstate"] for m in found}
