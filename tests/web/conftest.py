"""The console with its built pages, and tabs of people who use it. A test that fails leaves a picture and the browser's log."""

import os
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright

from devcluster.config import CHECKOUT
from tests.server.console import Browser, Console
from tests.server.fixtures import admin, console, editor, gateway, kubernetes, relay, someone, space
from tests.server.kubernetes import Kubernetes
from tests.server.people import Someone
from tests.web import fleet
from tests.web.kubelet import Kubelet
from tests.web.operator import LINES, make_hosts
from tests.web.tab import Language, Size, Tab, start

__all__ = ["admin", "console", "editor", "gateway", "kubernetes", "relay", "someone", "space"]

OpenTab = Callable[..., Tab]
_TABS = pytest.StashKey[list[Tab]]()


@pytest.fixture(scope="session")
def pages() -> Path:
    folder = Path(os.environ.get("MOORAGE_WEB") or CHECKOUT / "web/dist")
    assert (folder / "index.html").exists(), f"there are no built pages in {folder}; `make web-test` builds them first"
    return folder


@pytest.fixture(scope="package")
def chromium() -> Iterator[Chromium]:
    """No longer than these tests: while it is there an event loop runs, in which no test of another part can begin its own."""
    with sync_playwright() as playwright:
        browser = start(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def kubelet(kubernetes: Kubernetes) -> Iterator[Kubelet]:
    running = Kubelet(kubernetes.folder, LINES)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def hosts(kubernetes: Kubernetes, kubelet: Kubelet) -> list[str]:
    return make_hosts(kubernetes, kubelet.port)


@pytest.fixture(scope="session")
def manager(admin: Browser) -> Someone:
    """Who may do everything."""
    return Someone("admin", admin)


@pytest.fixture(scope="session")
def full_fleet(kubernetes: Kubernetes, manager: Someone, hosts: list[str]) -> None:
    """Something of everything that pages show."""
    del hosts
    fleet.fill(kubernetes, manager.browser)


@pytest.fixture
def open_tab(request: pytest.FixtureRequest, console: Console, chromium: Chromium, hosts: list[str]) -> Iterator[OpenTab]:
    """Opens a tab, in which somebody is signed in already when one is named. None of them may end with a fault in its log."""
    del hosts
    tabs: list[Tab] = request.node.stash.setdefault(_TABS, [])

    def make(person: Someone | None = None, size: Size = "wide", language: Language = "en", url: str = console.url) -> Tab:
        tab = Tab(chromium, url, size, language)
        tabs.append(tab)
        if person is not None:
            tab.sign_in_as(person.browser)
        return tab

    yield make
    wrong = [line for tab in tabs for line in tab.wrong]
    for tab in tabs:
        tab.close()
    assert wrong == [], "what the browser noted"


@pytest.fixture
def tab(open_tab: OpenTab, editor: Someone) -> Tab:
    """Of somebody who may edit in `space`."""
    return open_tab(editor)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        tabs: list[Tab] = item.stash.get(_TABS, [])
        for number, tab in enumerate(tabs, 1):
            name = re.sub(r"[^\w-]+", "-", f"{item.name}-{number}")
            report.sections.append((f"tab {number}", tab.leave_traces(name)))
    return report
