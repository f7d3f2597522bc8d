"""What Alertmanager sends, as it sends it."""

from typing import Any

NEVER = "0001-01-01T00:00:00Z"


def alert(
    name: str = "MoorageServiceRed", severity: str = "critical", ends: str = NEVER, why: str = "", **labels: str
) -> dict[str, Any]:
    return {
        "status": "firing" if ends == NEVER else "resolved",
        "labels": {"alertname": name, "severity": severity, "namespace": "shop", "service": "orders", **labels},
        "annotations": {"summary": f"{name} says so", "description": "what the rule says", "why": why},
        "startsAt": "2026-11-28T06:03:10.5Z",
        "endsAt": ends,
        "generatorURL": "http://prometheus/graph",
        "fingerprint": "f1",
    }


def payload(*alerts: dict[str, Any], key: str = '{}:{namespace="shop", service="orders"}', **more: Any) -> dict[str, Any]:
    found = alerts or (alert(),)
    return {
        "version": "4",
        "groupKey": key,
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "moorage",
        "groupLabels": {"namespace": "shop", "service": "orders"},
        "commonLabels": {"namespace": "shop", "service": "orders"},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager",
        "alerts": list(found),
        **more,
    }
