"""Prometheus itself says of every alert that it fires when it should, not before, and ends; Alertmanager says who mutes whom."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from moorage.core.alerts import Alert, Scope, Severity
from moorage.monitoring.alerts import alerts
from moorage.monitoring.rules import rule_file
from tests.monitoring import programs
from tests.monitoring.stories import STORIES, Story

LEADING = 'moorage_operator_leading{instance="operator"}'
RUNBOOKS = "https://moorage.example/runbooks"
ALERTS = {alert.name: alert for alert in alerts()}
WHOM = {
    Scope.SERVICE: {"namespace": "shop", "service": "orders"},
    Scope.MEMBER: {"namespace": "shop", "service": "orders", "pod": "orders-g1-0"},
    Scope.STORE: {"namespace": "shop", "store": "main"},
    Scope.PLATFORM: {},
}
SUBJECT = {Scope.SERVICE: "shop/orders", Scope.MEMBER: "shop/orders (orders-g1-0)", Scope.STORE: "shop/main", Scope.PLATFORM: ""}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return written(tmp_path, *alerts())


def written(folder: Path, *alerts: Alert) -> Path:
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump(rule_file(alerts, RUNBOOKS), sort_keys=False))
    return path


def test_prometheus_takes_the_rules(rules: Path) -> None:
    assert f"{len(ALERTS)} rules found" in programs.run("promtool", "check", "rules", rules)


def expected(story: Story) -> dict[str, Any]:
    alert: Alert = ALERTS[story.alert]
    labels = dict(story.labels)
    subject = SUBJECT[alert.scope] or labels.get("kind", "")
    return {
        "exp_labels": {**WHOM[alert.scope], **labels, "severity": str(alert.severity), "scope": str(alert.scope)},
        "exp_annotations": {
            "summary": alert.summary.replace("$subject", subject),
            "description": f"{alert.meaning} {alert.impact}",
            "runbook_url": f"{RUNBOOKS}/{alert.name}.md",
            **({"why": ""} if alert.scope is Scope.SERVICE else {}),
            **({"held_seconds": str(alert.for_seconds)} if alert.for_seconds else {}),
        },
    }


def tried(story: Story) -> dict[str, Any]:
    """As promtool wants to be told it. An operator leads, unless the story tells of operators."""
    leads = {} if any("moorage_operator" in series for series in story.series) else {LEADING: "1x999"}
    moments = sorted((*((at, True) for at in story.fires), *((at, False) for at in story.quiet)))
    return {
        "name": f"{story.alert} {story.name}".strip(),
        "interval": "30s",
        "input_series": [{"series": series, "values": values} for series, values in {**leads, **story.series}.items()],
        "alert_rule_test": [
            {"eval_time": f"{int(at * 60)}s", "alertname": story.alert, "exp_alerts": [expected(story)] if fires else []}
            for at, fires in moments
        ],
    }


def run(rules: Path, *tests: dict[str, Any]) -> None:
    path = rules.with_name("tests.yaml")
    path.write_text(yaml.safe_dump({"rule_files": [rules.name], "evaluation_interval": "10s", "tests": list(tests)}))
    programs.run("promtool", "test", "rules", path)


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_fires_when_it_should_and_at_no_other_time(name: str, tmp_path: Path) -> None:
    """Beside no other rule: promtool judges all that it has been given, every 10 s of a story of hours."""
    run(written(tmp_path, ALERTS[name]), *(tried(story) for story in STORIES if story.alert == name))


@pytest.mark.parametrize("fires", [True, False])
def test_a_rule_that_fires_too_early_or_never_is_found(rules: Path, fires: bool) -> None:
    """Else the promise above could not be broken."""
    story = next(s for s in STORIES if s.alert == "MoorageServiceYellow")
    wrong = replace(story, fires=(10,), quiet=()) if fires else replace(story, fires=(), quiet=(30,))
    with pytest.raises(AssertionError, match="MoorageServiceYellow"):
        run(rules, tried(wrong))


def test_every_alert_has_a_story_in_which_it_is_quiet_fires_and_ends() -> None:
    for name in ALERTS:
        told = [story for story in STORIES if story.alert == name]
        whole = [s for s in told if s.fires and s.quiet and min(s.quiet) < min(s.fires) and max(s.quiet) > max(s.fires)]
        assert whole or name == "MoorageWatchdog", f"{name} was never tried"


def test_a_red_service_says_why_in_moorages_own_words(rules: Path) -> None:
    story = next(s for s in STORIES if s.alert == "MoorageServiceRed")
    told = tried(story)
    why = 'moorage_service_health_message_info{namespace="shop",service="orders",message="there is no primary"}'
    told["input_series"].append({"series": why, "values": "1x99"})
    for moment in told["alert_rule_test"]:
        for alert in moment["exp_alerts"]:
            alert["exp_annotations"]["description"] += " Moorage says: there is no primary."
            alert["exp_annotations"]["why"] = "there is no primary"
    run(rules, told)


def test_a_service_that_is_well_alarms_nobody(rules: Path) -> None:
    well = {
        'moorage_service_health{namespace="shop",service="orders",health="green"}': "1x400",
        'moorage_service_health{namespace="shop",service="orders",health="red"}': "0x400",
        'moorage_service_members_expected{namespace="shop",service="orders"}': "1x400",
        'moorage_agent_start_timestamp_seconds{namespace="shop",service="orders",pod="orders-g1-0"}': "1x400",
        'moorage_member_term{namespace="shop",service="orders",pod="orders-g1-0"}': "1x400",
        'moorage_service_init_phase{namespace="shop",service="orders",phase="Succeeded"}': "1x400",
        'moorage_service_init_start_timestamp_seconds{namespace="shop",service="orders"}': "0x400",
        'moorage_service_certificate_expiry_timestamp_seconds{namespace="shop",service="orders"}': f"{90 * 86_400}x400",
        'moorage_service_backup_last_failed{namespace="shop",service="orders"}': "0x400",
        'moorage_volume_level{namespace="shop",service="orders",pod="orders-g1-0",level="full"}': "0x400",
        'moorage_engine_running{namespace="shop",service="orders",pod="orders-g1-0"}': "1x400",
        'moorage_engine_measured{namespace="shop",service="orders",pod="orders-g1-0"}': "1x400",
        'moorage_operator_leading{instance="a"}': "1x400",
        'moorage_operator_blind_watches{instance="a"}': "0x400",
    }
    test = {
        "interval": "30s",
        "input_series": [{"series": series, "values": values} for series, values in well.items()],
        "alert_rule_test": [
            {"eval_time": f"{minute}m", "alertname": alert.name, "exp_alerts": []}
            for alert in alerts()
            if alert.severity is not Severity.NONE
            for minute in (1, 30, 120)
        ],
    }
    run(rules, test)
