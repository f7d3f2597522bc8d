"""A tab that reaches the cluster's console and nothing else."""

import re
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import sync_playwright

from tests.story.person import Storyteller, console_address, storyteller
from tests.web.tab import Tab, start

_TAB = pytest.StashKey[Tab]()


@pytest.fixture
def person() -> Iterator[Storyteller]:
    with storyteller("story") as made:
        yield made


@pytest.fixture
def tab(request: pytest.FixtureRequest, person: Storyteller) -> Iterator[Tab]:
    """Nobody is signed in. This browser does not know the authority of the console's certificate, at which tests/e2e looks."""
    del person  # its account is there as long as the tab is
    host = console_address()
    with sync_playwright() as playwright:
        chromium = start(playwright, reaches=host)
        tab = Tab(chromium, f"https://{host}", ignore_https_errors=True, permissions=["clipboard-read", "clipboard-write"])
        request.node.stash[_TAB] = tab
        yield tab
        tab.close()
        chromium.close()
    assert tab.wrong == [], "what the browser noted"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed and _TAB in item.stash:
        report.sections.append(("tab", item.stash[_TAB].leave_traces(re.sub(r"[^\w-]+", "-", item.name))))
    return report
