"""`make screenshots`: all screens in both languages, for the documents. Not a part of `tests/web`: it writes into docs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devcluster.config import CHECKOUT
from tests.server.charted import Charted
from tests.server.console import Console
from tests.server.people import Someone
from tests.server.relay import RelayProcess
from tests.server.watched import Watched, watched
from tests.web import fleet
from tests.web.conftest import OpenTab
from tests.web.tab import Language, Tab, Theme
from tests.web.test_monitoring import MONITORING, drawn, monitored
from tests.web.test_own_alerts import Tried, tried

__all__ = ["monitored", "tried"]

FOLDER = CHECKOUT / "docs/screenshots"
ALL_BYTES_MAX = 3_000_000
LANGUAGES: tuple[Language, ...] = ("en", "zh")
_SERVICE = f"/services/{fleet.SPACE}/{fleet.SERVICE}"
Act = Callable[[Tab, int], None]


def press(*words: str) -> Act:
    """The button of this name, the English one first."""

    def act(tab: Tab, language: int) -> None:
        tab.button(words[language]).first.click()

    return act


def restore(tab: Tab, language: int) -> None:
    press("Restore: orders-night-1", "恢复: orders-night-1")(tab, language)
    tab.page.get_by_role("radio", name=("A moment", "某个时间点")[language]).check()


def nothing(tab: Tab, language: int) -> None:
    """The page as it opens."""


SCREENS: dict[str, tuple[str, Act, Theme]] = {
    "overview": ("/", nothing, "light"),
    "overview-dark": ("/", nothing, "dark"),
    "market": ("/market", nothing, "light"),
    "market-detail": ("/market/mongodb", nothing, "light"),
    "deploy": ("/market/mongodb/deploy", nothing, "light"),
    "progress": (f"/services/{fleet.OTHER_SPACE}/events/progress", nothing, "light"),
    "services": ("/services", nothing, "light"),
    "recycle-bin": ("/services", press("Recycle bin", "回收站"), "light"),
    "service": (_SERVICE, nothing, "light"),
    "delete": (_SERVICE, press("Delete", "删除"), "light"),
    "backups": (f"{_SERVICE}/backups", nothing, "light"),
    "restore": (f"{_SERVICE}/backups", restore, "light"),
    "events": (f"{_SERVICE}/events", nothing, "light"),
    "logs": (f"{_SERVICE}/logs", nothing, "dark"),
    "yaml": (f"{_SERVICE}/yaml", nothing, "light"),
    "alerts": ("/alerts", nothing, "light"),
    "own-alerts": ("/alerts/rules", nothing, "light"),
    "channels": ("/alerts/channels", nothing, "light"),
    "channel": (f"/alerts/channels/{fleet.CHANNEL}/edit", nothing, "light"),
    "hosts": ("/hosts", nothing, "light"),
    "spaces": ("/spaces", press(fleet.SPACE, fleet.SPACE), "light"),
    "accounts": ("/accounts", nothing, "light"),
    "sessions": ("/accounts/sessions", nothing, "light"),
    "audit": ("/accounts/audit", nothing, "light"),
    "settings": ("/settings", nothing, "light"),
}


@pytest.fixture(scope="module")
def alerting(console: Console, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A real Alertmanager behind the console's gate, and what it was told of the fleet."""
    about = {"namespace": fleet.SPACE}
    with watched(console, tmp_path_factory.mktemp("watched"), []) as made:
        made.fire(
            {"alertname": "MoorageServiceRed", "severity": "critical", "scope": "service", "service": "payments", **about},
            {"alertname": "MoorageServiceYellow", "severity": "warning", "scope": "service", "service": fleet.SERVICE, **about},
            {"alertname": "MoorageDiskFullIn24h", "severity": "warning", "scope": "member", "service": "sessions", **about},
        )
        yield made


@pytest.mark.parametrize("language", LANGUAGES)
def test_screenshots(
    open_tab: OpenTab,
    manager: Someone,
    full_fleet: None,
    alerting: Watched,
    monitored: Charted,
    tried: Tried,
    relay: RelayProcess,
    language: Language,
) -> None:
    del full_fleet, alerting
    relay.mount_channels()
    relay.start()
    FOLDER.mkdir(exist_ok=True)
    out = open_tab(language=language)
    with out.refusals_allowed():
        out.open("/")
        out.small_picture(_file("sign-in", language))
    tab = open_tab(manager, language=language)
    for name, (path, act, theme) in SCREENS.items():
        tab.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        tab.open(path)
        act(tab, LANGUAGES.index(language))
        tab.settled()
        tab.small_picture(_file(name, language))
    charts = open_tab(Someone("admin", monitored.browser_of(manager.browser)), language=language, url=monitored.console.url)
    charts.open(MONITORING)
    drawn(charts.page.locator("section.chart.timeseries").first)
    charts.small_picture(_file("monitoring", language))
    trial = open_tab(tried.person, language=language, url=tried.url)
    trial.open(f"/alerts/rules/{fleet.SPACE}/{fleet.ALERT}")
    press("Try it against the last day", "用最近一天的数据试算")(trial, LANGUAGES.index(language))
    drawn(trial.page.locator(".chart"))
    trial.page.locator(".chart").evaluate("(chart) => chart.scrollIntoView({ block: 'center' })")
    trial.settled()
    trial.small_picture(_file("own-alert", language))
    narrow = open_tab(manager, size="narrow", language=language)
    narrow.open(_SERVICE)
    narrow.small_picture(_file("service-phone", language))
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < ALL_BYTES_MAX


def _file(name: str, language: Language) -> Path:
    return FOLDER / f"{name}-{language}.webp"
