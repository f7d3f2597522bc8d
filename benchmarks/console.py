"""`python -m benchmarks.console --services 1000`: how soon the console shows a long list of services and tells of a change.

A private API server holds the services; beside each figure of the console stands the raw one of that API server, asked by the
same client in the same run. The pages are the built ones (`make web-test` builds them), in a real Chromium. Needs no cluster.
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

from devcluster.config import CHECKOUT
from moorage.api.dataservice import PLURAL
from moorage.api.schema import API_VERSION
from tests.server.console import Browser, Console
from tests.server.kubernetes import Kubernetes
from tests.server.objects import seen
from tests.server.people import PASSWORD
from tests.web import operator
from tests.web.tab import Tab, start

RAW_LIST = f"/apis/{API_VERSION}/{PLURAL}"
SPACES = 50
PAINTS = 7


def seconds_of(ask: Callable[[], object], times: int) -> list[float]:
    took = []
    for _ in range(times):
        began = time.monotonic()
        ask()
        took.append(time.monotonic() - began)
    return took


def row(what: str, took: list[float]) -> str:
    found = sorted(took)
    p99 = found[min(len(found) - 1, int(len(found) * 0.99))]
    return f"{what} | {len(found)} | {statistics.median(found) * 1000:.0f} ms | {p99 * 1000:.0f} ms | {found[-1] * 1000:.0f} ms"


def deploy(kubernetes: Kubernetes, count: int) -> None:
    for number in range(SPACES):
        kubernetes.space(f"space{number}")
    for number in range(count):
        operator.service(kubernetes, f"space{number % SPACES}", f"orders-{number}")
        operator.tell(kubernetes, f"space{number % SPACES}", f"orders-{number}", **operator.green(f"orders-{number}"))


def lists(kubernetes: Kubernetes, browser: Browser, count: int, times: int) -> None:
    """As httpx asks, with gzip; each answer is read as JSON and counted."""

    def of_console() -> None:
        assert len(browser.get("/services").json()["items"]) == count

    def raw() -> None:
        assert len(kubernetes.admin.get(RAW_LIST).json()["items"]) == count

    print(row("list: console", seconds_of(of_console, times)))
    print(row("list: API server, raw", seconds_of(raw, max(5, times // 10))))


def changes(kubernetes: Kubernetes, browser: Browser, times: int) -> None:
    """From the write of a status to the event in a tab's stream."""
    position = browser.get("/services").json()["position"]
    took = []
    with browser.stream(after=position) as events:
        for number in range(times):
            began = time.monotonic()
            operator.tell(kubernetes, "space0", "orders-0", healthMsg=f"change {number}")
            events.until("service", f"change {number}")
            took.append(time.monotonic() - began)
    print(row("change: write to event", took))


def memory_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


def paints(console: Console, browser: Browser) -> None:
    """From the request to the first rows, with an empty cache each time."""
    with sync_playwright() as playwright:
        chromium = start(playwright)
        took = []
        for _ in range(PAINTS):
            tab = Tab(chromium, console.url)
            tab.sign_in_as(browser)
            began = time.monotonic()
            tab.page.goto("/services")
            tab.page.get_by_role("link", name=re.compile("^orders-")).first.wait_for()
            took.append(time.monotonic() - began)
            tab.close()
        chromium.close()
    print(row("first rows in Chromium, 1440 px", took))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=1_000)
    parser.add_argument("--times", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kubernetes = Kubernetes(Path(folder))
        console = Console(kubernetes, Path(folder), {"MOORAGE_WEB": str(CHECKOUT / "web/dist")})
        try:
            kubernetes.start()
            deploy(kubernetes, given.services)
            console.start(sys.executable)
            browser = console.browser()
            first = console.first_password()
            assert browser.sign_in("admin", first).status_code == 201
            assert browser.put("/session/password", {"old": first, "new": PASSWORD}).status_code == 204
            seen("services", lambda: len(browser.get("/services").json()["items"]) == given.services or None)
            print("what | times | median | p99 | worst")
            lists(kubernetes, browser, given.services, given.times)
            changes(kubernetes, browser, min(given.times, 100))
            paints(console, browser)
            print(f"memory of the console's process | {memory_mib(console.pid):.0f} MiB")
        finally:
            console.stop()
            kubernetes.stop()


if __name__ == "__main__":
    main()
