"""Alerts name only what there is: metrics, labels, each other, and the verbs of the command line."""

import re
from dataclasses import fields

import pytest

from moorage.cli.main import VERBS
from moorage.core.alerts import Alert, Said, Scope, Severity
from moorage.core.metrics import Metric
from moorage.monitoring.alerts import alerts
from moorage.monitoring.registry import groups
from moorage.monitoring.rules import INHIBITIONS, SUBJECTS, inhibit_rules, rule_file
from moorage.monitoring.runbooks import pages

ALL = alerts()
METRICS: dict[str, tuple[Metric, tuple[str, ...]]] = {m.name: (m, group.labels) for group in groups() for m in group.metrics}
BY_TARGETS = {"instance", "job"}
each_alert = pytest.mark.parametrize("alert", ALL, ids=lambda alert: alert.name)


@each_alert
def test_an_alert_says_what_it_means_and_what_is_to_be_done(alert: Alert) -> None:
    assert alert.why_unusable() is None


@each_alert
def test_an_alert_says_the_same_in_chinese(alert: Alert) -> None:
    """The same entries, subject and commands; nothing is left in English."""
    for part in (field.name for field in fields(Said)):
        en, zh = getattr(alert, part), getattr(alert.zh, part)
        assert re.search(r"[\u4e00-\u9fff]", zh), part
        assert not re.search(r"[\u4e00-\u9fff]", en), part
        assert en.count("$subject") == zh.count("$subject"), part
        assert en.count("\n- ") == zh.count("\n- "), part
        assert en.startswith("- ") == zh.startswith("- "), part
        assert set(re.findall(r"`[^`]*`", en)) == set(re.findall(r"`[^`]*`", zh)), part


@each_alert
def test_an_alert_is_made_of_metrics_and_labels_that_there_are(alert: Alert) -> None:
    for name, matchers in re.findall(r"(moorage_[a-z_]+)(?:\{([^}]*)\})?", alert.expr):
        assert name in METRICS, name
        metric, common = METRICS[name]
        named = set(re.findall(r"(\w+)(?:=~|!=|!~|=)", matchers))
        assert named <= {*metric.labels, *common}, (name, named)


@each_alert
def test_an_alert_names_verbs_that_there_are(alert: Alert) -> None:
    verbs = set(re.findall(r"`moorage ([a-z]+)", f"{alert.moorage} {alert.you} {alert.meaning} {alert.impact}"))
    assert verbs <= set(VERBS)


@each_alert
def test_one_alert_comes_of_one_cause_however_many_targets_tell_it(alert: Alert) -> None:
    """The labels that are left are those of its subject."""
    wanted = {
        Scope.SERVICE: "namespace, service",
        Scope.MEMBER: "namespace, service, pod",
        Scope.STORE: "namespace, store",
        Scope.PLATFORM: "kind",
    }[alert.scope]
    if alert.scope is Scope.PLATFORM and "by (" not in alert.expr:
        assert alert.expr.startswith(("absent(", "max(", "vector("))
        return
    assert set(re.findall(r"by \(([^)]*)\)", alert.expr)) <= {wanted, "namespace, service, pod"}
    assert f"by ({wanted})" in alert.expr


def test_no_two_alerts_have_one_name() -> None:
    assert len({alert.name for alert in ALL}) == len(ALL)


def test_who_mutes_and_who_is_muted_exist() -> None:
    names = {alert.name for alert in ALL}
    for source, target, equal in INHIBITIONS:
        assert source in names
        for pattern in re.findall(r'alertname=~?"([^"]*)"', target):
            for one in pattern.split("|"):
                muted = [name for name in names if re.fullmatch(one, name)]
                assert muted, one
                assert source not in muted
        assert equal or source == "MoorageOperatorSilent", "without equal labels one service would mute all others"
    assert all(rule["equal"] or "Operator" in rule["source_matchers"][0] for rule in inhibit_rules())


def test_nobody_is_told_of_what_only_mutes_or_watches() -> None:
    assert {alert.name for alert in ALL if alert.severity is Severity.NONE} == {"MoorageMaintenance", "MoorageWatchdog"}


def test_every_rule_links_to_a_runbook_that_there_is() -> None:
    found = pages(ALL)
    rules = [rule for group in rule_file(ALL, "https://r")["groups"] for rule in group["rules"]]
    assert {rule["alert"] for rule in rules} == {alert.name for alert in ALL}
    for rule in rules:
        page = found[rule["annotations"]["runbook_url"].removeprefix("https://r/")]
        for part in ("## Meaning", "## Impact", "## What Moorage does", "## What you do"):
            assert part in page
    assert set(SUBJECTS) == set(Scope) - {Scope.OWN}
    assert not [alert.name for alert in ALL if alert.scope is Scope.OWN], "that is for people's own, which name themselves"
