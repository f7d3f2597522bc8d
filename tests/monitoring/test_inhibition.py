"""A real Alertmanager mutes what follows from a cause that is told already, and nothing else."""

import re
from collections.abc import Iterator

import pytest

from moorage.core.alerts import Alert, Scope, Severity
from moorage.monitoring import routes, rules
from moorage.monitoring.alerts import alerts
from moorage.monitoring.rules import INHIBITIONS, inhibit_rules
from moorage.monitoring.scrapes import SCRAPE_SECONDS
from tests.monitoring.alertmanager import Alertmanager, running

SERVICE = {"namespace": "shop", "service": "orders", "scope": "service"}
MEMBER = {"namespace": "shop", "service": "orders", "pod": "orders-g1-0", "scope": "member"}
OTHER = {"service": "others"}
ALERTS = {alert.name: alert for alert in alerts()}


@pytest.fixture(scope="module")
def alertmanager() -> Iterator[Alertmanager]:
    route = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}
    with running({**route, "inhibit_rules": inhibit_rules()}) as found:
        yield found


def test_members_are_not_told_of_while_their_service_is_red(alertmanager: Alertmanager) -> None:
    assert alertmanager.muted(
        MoorageServiceRed=SERVICE, MoorageMongodbLag=MEMBER, MoorageDiskFull=MEMBER, MoorageMongodbLag_=MEMBER | OTHER,
        MoorageBackupMissed=SERVICE,
    ) == {
        "MoorageServiceRed": False, "MoorageMongodbLag": True, "MoorageDiskFull": True, "MoorageMongodbLag_": False,
        "MoorageBackupMissed": False,
    }  # fmt: skip


def test_queries_of_people_that_an_engine_in_trouble_cannot_answer_are_not_told_of(alertmanager: Alertmanager) -> None:
    assert alertmanager.muted(
        MoorageServiceRed=SERVICE, MoorageOwnMetricsNotRead=SERVICE, MoorageOwnMetricsNotRead_=SERVICE | OTHER
    ) == {"MoorageServiceRed": False, "MoorageOwnMetricsNotRead": True, "MoorageOwnMetricsNotRead_": False}  # fmt: skip
    assert alertmanager.muted(
        MoorageEngineNotMeasured=MEMBER, MoorageOwnMetricsNotRead=SERVICE, MoorageOwnMetricsNotRead_=SERVICE | OTHER
    ) == {"MoorageEngineNotMeasured": False, "MoorageOwnMetricsNotRead": True, "MoorageOwnMetricsNotRead_": False}  # fmt: skip
    assert alertmanager.muted(MoorageServiceYellow=SERVICE, MoorageOwnMetricsNotRead=SERVICE)["MoorageOwnMetricsNotRead"] is False


def test_a_service_in_maintenance_is_told_of_in_nothing_and_all_others_are(alertmanager: Alertmanager) -> None:
    assert alertmanager.muted(
        MoorageMaintenance=SERVICE, MoorageServiceRed=SERVICE, MoorageBackupMissed=SERVICE, MoorageDiskFull=MEMBER,
        MoorageServiceRed_=SERVICE | OTHER, MoorageOperatorSilent={"scope": "platform"},
    ) == {
        "MoorageMaintenance": False, "MoorageServiceRed": True, "MoorageBackupMissed": True, "MoorageDiskFull": True,
        "MoorageServiceRed_": False, "MoorageOperatorSilent": False,
    }  # fmt: skip


def test_the_nearest_end_of_a_volume_is_told_alone(alertmanager: Alertmanager) -> None:
    other = MEMBER | {"pod": "orders-g1-1"}
    assert alertmanager.muted(
        MoorageDiskFullIn4h=MEMBER, MoorageDiskFullIn24h=MEMBER, MoorageDiskFullIn24h_=other
    ) == {"MoorageDiskFullIn4h": False, "MoorageDiskFullIn24h": True, "MoorageDiskFullIn24h_": False}  # fmt: skip


def test_what_an_operator_that_is_away_cannot_know_is_not_told(alertmanager: Alertmanager) -> None:
    assert alertmanager.muted(
        MoorageOperatorSilent={"scope": "platform"}, MoorageServiceUnknown=SERVICE, MoorageMongodbLag=MEMBER
    ) == {"MoorageOperatorSilent": False, "MoorageServiceUnknown": True, "MoorageMongodbLag": False}  # fmt: skip


def test_a_service_that_takes_no_writes_is_told_of_in_that_and_in_nothing_less_exact(alertmanager: Alertmanager) -> None:
    assert alertmanager.muted(
        MoorageWritesStopped=SERVICE, MoorageServiceRed=SERVICE, MoorageDiskFull=MEMBER, MoorageServiceRed_=SERVICE | OTHER
    ) == {
        "MoorageWritesStopped": False, "MoorageServiceRed": True, "MoorageDiskFull": True, "MoorageServiceRed_": False,
    }  # fmt: skip


def test_what_is_left_to_do_for_a_full_volume_is_told_with_it_and_not_once_more(alertmanager: Alertmanager) -> None:
    assert alertmanager.muted(
        MoorageDiskFull=MEMBER, MoorageNeedsSomebody=SERVICE, MoorageServiceYellow=SERVICE, MoorageBackupMissed=SERVICE,
        MoorageNeedsSomebody_=SERVICE | OTHER,
    ) == {
        "MoorageDiskFull": False, "MoorageNeedsSomebody": True, "MoorageServiceYellow": True, "MoorageBackupMissed": False,
        "MoorageNeedsSomebody_": False,
    }  # fmt: skip


@pytest.mark.parametrize(("source", "target"), [(source, target) for source, target, _ in INHIBITIONS])
def test_nobody_is_told_at_once_of_what_is_muted_a_moment_later(source: str, target: str) -> None:
    """Else a person is told twice of one thing, and the second time in other words. What mutes must fire, at the latest, when the
    first message about what it mutes goes out. What agents tell is scraped up to 10 s before what operators tell."""
    judged = {severity: float(wait.removesuffix("s")) for severity, wait in rules.INTERVALS.items()}
    mutes = ALERTS[source]
    for alert in ALERTS.values():
        if alert.severity is not Severity.CRITICAL or alert == mutes or not is_target(alert, target):
            continue
        scrapes = SCRAPE_SECONDS if alert.scope is Scope.MEMBER and mutes.scope is not Scope.MEMBER else 0
        goes_out = alert.for_seconds + float(routes.PACES[alert.severity][0].removesuffix("s"))
        assert mutes.for_seconds + judged[rules.is_judged_now(mutes)] + scrapes <= goes_out, alert.name


def is_target(alert: Alert, matchers: str) -> bool:
    """As Alertmanager reads the matchers."""
    has = {"alertname": alert.name, "scope": str(alert.scope)}
    found = (re.fullmatch(r'(\w+)(=~|!=|=)"(.*)"', matcher) for matcher in matchers.split(", "))
    return all((re.fullmatch(f[3], has[f[1]]) is not None) is (f[2] != "!=") for f in found if f is not None)
