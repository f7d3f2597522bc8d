"""Alertmanager's configuration: who is told of what, how soon and how often. Pure."""

from collections.abc import Mapping
from typing import Any

from moorage.core.alerts import Severity
from moorage.monitoring.rules import inhibit_rules

NOBODY, PEOPLE = "nobody", "moorage"
GROUP_BY = ["namespace", "service"]
"""One message for one service."""
PACES: Mapping[Severity, tuple[str, str, str]] = {
    Severity.CRITICAL: ("5s", "30s", "1h"),
    Severity.WARNING: ("30s", "5m", "12h"),
}
"""How long to wait for what belongs to the same message, for what comes to it later, and until it is told once more."""
ALERTS_MAX = 50
"""Of one message; of the others their number."""


def config(relay: str, token_file: str, authority_file: str = "") -> dict[str, Any]:
    """`relay`: URL that notices are posted to. `token_file`: path, at Alertmanager's, of what proves that it is Alertmanager.
    `authority_file`: path of the authority by which it knows the relay; empty for one that everybody trusts."""
    return {
        "route": {
            "receiver": NOBODY,
            "group_by": GROUP_BY,
            "routes": [_route(severity, *pace) for severity, pace in PACES.items()],
        },
        "receivers": [
            {"name": NOBODY},
            {"name": PEOPLE, "webhook_configs": [_webhook(relay, token_file, authority_file)]},
        ],
        "inhibit_rules": inhibit_rules(),
    }


def _route(severity: Severity, wait: str, interval: str, repeat: str) -> dict[str, Any]:
    return {
        "matchers": [f'severity="{severity}"'],
        "receiver": PEOPLE,
        "group_wait": wait,
        "group_interval": interval,
        "repeat_interval": repeat,
    }


def _webhook(relay: str, token_file: str, authority_file: str) -> dict[str, Any]:
    trust = {"tls_config": {"ca_file": authority_file}} if authority_file else {}
    http = {"authorization": {"type": "Bearer", "credentials_file": token_file}, **trust}
    return {"url": relay, "send_resolved": True, "max_alerts": ALERTS_MAX, "http_config": http}
