"""From alerts to what Prometheus and Alertmanager read: a rule file, a PrometheusRule's body, and who mutes whom. Pure."""

from collections.abc import Sequence
from typing import Any

from moorage.core.alerts import HELD, Alert, Scope, Severity
from moorage.monitoring.service_alerts import MAINTENANCE

INTERVALS = {True: "5s", False: "30s"}
"""How often what must be known now is judged, and the rest. Somebody is to know of a red service within 30 s: scraped within 10,
judged within 5, held for 10 (so that two scrapes have seen it), and sent within 5."""
SUBJECTS = {
    Scope.SERVICE: "{{ $labels.namespace }}/{{ $labels.service }}",
    Scope.MEMBER: "{{ $labels.namespace }}/{{ $labels.service }} ({{ $labels.pod }})",
    Scope.STORE: "{{ $labels.namespace }}/{{ $labels.store }}",
    Scope.PLATFORM: "{{ $labels.kind }}",
}
_MESSAGE = "moorage_service_health_message_info{namespace='%s', service='%s'}"
_ASK = f'{{{{ with printf "{_MESSAGE}" $labels.namespace $labels.service | query }}}}'
_WHY = _ASK + '{{ . | first | label "message" }}{{ end }}'
"""The sentence that `moorage why` begins with; empty while nobody knows it."""
_SAYS = _ASK + ' Moorage says: {{ . | first | label "message" }}.{{ end }}'
_TOLD_BY_OPERATORS = {Scope.SERVICE: "namespace, service", Scope.STORE: "namespace, store"}
"""Labels of whom an alert is about, where no other tells of it."""
NOBODY_TELLS = "absent((moorage_operator_leading == 1) and (moorage_operator_leading offset 30s == 1))"
"""No operator leads, or it leads for so short a time that it may not have told of everything yet."""
_SERVICE, _MEMBER = ["namespace", "service"], ["namespace", "service", "pod"]
INHIBITIONS: tuple[tuple[str, str, list[str]], ...] = (
    ("MoorageServiceRed", f'scope="{Scope.MEMBER}"', _SERVICE),
    (
        "MoorageServiceRed",
        'alertname=~"MoorageServiceYellow|MooragePrimaryChanged|MoorageNeedsSomebody|MoorageOwnMetricsNotRead"',
        _SERVICE,
    ),
    ("MoorageEngineNotMeasured", 'alertname="MoorageOwnMetricsNotRead"', _SERVICE),
    ("MoorageWritesStopped", 'alertname=~"MoorageServiceRed|MoorageDiskFull.*"', _SERVICE),
    ("MoorageDiskFull", 'alertname=~"MoorageDiskFullIn.*"', _MEMBER),
    ("MoorageDiskFull", 'alertname=~"MoorageServiceYellow|MoorageNeedsSomebody"', _SERVICE),
    ("MoorageDiskFullIn4h", 'alertname="MoorageDiskFullIn24h"', _MEMBER),
    ("MoorageCertificateEnds", 'alertname="MoorageCertificateNotRenewed"', _SERVICE),
    ("MoorageBackupMissed", 'alertname="MoorageBackupFailed"', _SERVICE),
    ("MooragePrimaryChangesOften", 'alertname="MooragePrimaryChanged"', _SERVICE),
    ("MoorageOperatorSilent", 'alertname=~"MoorageOperatorFailing|MoorageServiceUnknown"', []),
    (MAINTENANCE.name, f'scope=~"{Scope.SERVICE}|{Scope.MEMBER}|{Scope.OWN}", alertname!="{MAINTENANCE.name}"', _SERVICE),
)
"""Who mutes whom, where these labels are equal: who is told of a cause is not told of what follows from it."""


def rule_file(alerts: Sequence[Alert], runbooks: str) -> dict[str, Any]:
    """`runbooks`: URL of the folder of the runbooks, without a slash at its end."""
    return {
        "groups": [
            {
                "name": "moorage-now" if is_now else "moorage",
                "interval": interval,
                "rules": [_rule(alert, runbooks) for alert in alerts if is_judged_now(alert) is is_now],
            }
            for is_now, interval in INTERVALS.items()
        ]
    }


def is_judged_now(alert: Alert) -> bool:
    """What is critical, and maintenance, which mutes it."""
    return alert.severity is Severity.CRITICAL or alert == MAINTENANCE


def inhibit_rules() -> list[dict[str, Any]]:
    """Alertmanager's."""
    return [
        {
            "source_matchers": [f'alertname="{source}"'],
            "target_matchers": [matcher.strip() for matcher in target.split(", ")],
            "equal": equal,
        }
        for source, target, equal in INHIBITIONS
    ]


def _rule(alert: Alert, runbooks: str) -> dict[str, Any]:
    why = _WHY if alert.scope is Scope.SERVICE else ""
    return {
        "alert": alert.name,
        "expr": _expr(alert),
        **({"for": f"{alert.for_seconds}s"} if alert.for_seconds else {}),
        "labels": {"severity": str(alert.severity), "scope": str(alert.scope)},
        "annotations": {
            "summary": alert.summary.replace("$subject", SUBJECTS[alert.scope]),
            "description": f"{alert.meaning} {alert.impact}{_SAYS if why else ''}",
            **({"why": why} if why else {}),
            **({HELD: str(alert.for_seconds)} if alert.for_seconds else {}),
            "runbook_url": f"{runbooks}/{alert.name}.md",
        },
    }


def _expr(alert: Alert) -> str:
    """What fires goes on while nobody tells whether it is over: else people read `[OK]` whenever an operator is replaced."""
    whom = _TOLD_BY_OPERATORS.get(alert.scope)
    if whom is None:
        return alert.expr
    fires = f'max by ({whom}) (ALERTS{{alertname="{alert.name}", alertstate="firing"}})'
    return f"({alert.expr}) or ({fires} and on () {NOBODY_TELLS})"
