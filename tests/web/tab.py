"""A person's tab in a real Chromium, which reaches nothing but this machine and notes whatever goes wrong in it."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Playwright, Request, expect

from devcluster.config import CHECKOUT
from tests.server.console import Browser

REPORTS = CHECKOUT / ".reports" / "web"
AXE = CHECKOUT / "web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PATIENCE_MS = 30_000
"""For anything that a page is to show: the machine may be busy."""
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
Size = Literal["wide", "narrow"]
Language = Literal["en", "zh"]
_ALONE = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_REFUSED = re.compile(r"status of (401|403|404|409|422)")
"""A browser notes each refusal as an error; the page's sentence about it is what a test looks at."""


def start(playwright: Playwright) -> Chromium:
    """The machine's own browser."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    assert Path(path).exists(), f"there is no browser at {path}: `apt-get install chromium`, or say with CHROMIUM where one is"
    expect.set_options(timeout=PATIENCE_MS)
    return playwright.chromium.launch(executable_path=path, args=list(_ALONE))


class Tab:
    """One tab of a browser that nobody else uses. `wrong` grows by a line for each fault that a person would not see."""

    def __init__(self, chromium: Chromium, url: str, size: Size = "wide", language: Language = "en") -> None:
        width, height = SIZES[size]
        locale = {"en": "en-GB", "zh": "zh-CN"}[language]
        self._url = url
        self._context = chromium.new_context(
            base_url=url, viewport={"width": width, "height": height}, locale=locale, reduced_motion="reduce"
        )
        self._context.set_default_timeout(PATIENCE_MS)
        self.log: list[str] = []
        self.wrong: list[str] = []
        self.page: Page = self._context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self._fault(f"script: {error.stack or error}"))
        self.page.on("request", self._asked)

    def sign_in_as(self, person: Browser) -> None:
        """With the session that the person has already."""
        cookies = [{"name": c.name, "value": c.value or "", "url": self._url} for c in person.client.cookies.jar]
        self._context.add_cookies(cookies)  # type: ignore[arg-type, unused-ignore] # its own type is a private one

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.settled()

    def settled(self) -> None:
        """Until the page has its heading, and nothing of it loads or moves."""
        expect(self.page.locator("h1").first).to_be_visible()
        expect(self.page.locator(".ant-skeleton, .ant-spin-spinning")).to_have_count(0)
        self.page.wait_for_function(
            "document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getTiming().iterations === Infinity)"
        )

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def link(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("link", name=name, exact=True)

    def region(self, name: str) -> Locator:
        """A part of the page that has a name."""
        return self.page.get_by_role("region", name=name, exact=True)

    def dialog(self, name: str) -> Locator:
        return self.page.get_by_role("dialog", name=name, exact=True)

    def says(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def choose(self, field: Locator, option: str) -> None:
        """In a list that opens when its field is clicked."""
        field.click()
        self.page.locator(".ant-select-dropdown:visible").get_by_title(option, exact=True).click()

    def picture(self, name: str) -> None:
        REPORTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=REPORTS / f"{name}.png", full_page=True)

    def wider_than_the_screen(self) -> int:
        """By how many px the page scrolls sideways."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return found

    def barriers(self) -> list[str]:
        """What axe finds against WCAG 2.2 AA. The page's policy lets no script in; the developer's tools may."""
        options = json.dumps({"runOnly": RULES})
        what = "r.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} | ${n.html.slice(0, 160)}`))"
        script = f"{AXE.read_text()}; axe.run(document, {options}).then((r) => JSON.stringify({what}))"
        tools = self._context.new_cdp_session(self.page)
        asked = {"expression": script, "awaitPromise": True, "returnByValue": True}
        answer: dict[str, Any] = tools.send("Runtime.evaluate", asked)
        tools.detach()
        found: list[str] = json.loads(answer["result"]["value"])
        return found

    @contextmanager
    def refusals_allowed(self) -> Iterator[None]:
        """Refusals of the server alone stand in the browser's log in here."""
        before = len(self.wrong)
        yield
        self.wrong[before:] = [line for line in self.wrong[before:] if not _REFUSED.search(line)]

    def leave_traces(self, name: str) -> str:
        """Picture and log of a test that failed; gives the log."""
        folder = REPORTS / "failed"
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"at {self.page.url}", *self.log]
        try:
            self.page.screenshot(path=folder / f"{name}.png", full_page=True)
            lines.append(f"picture: {folder / name}.png")
        except Error as error:
            lines.append(f"no picture: {error}")
        text = "\n".join(lines)
        (folder / f"{name}.log").write_text(text)
        return text

    def close(self) -> None:
        self._context.close()

    def _fault(self, line: str) -> None:
        self.log.append(line)
        self.wrong.append(line)

    def _heard(self, said: ConsoleMessage) -> None:
        line = f"{said.type}: {said.text[:400]} ({said.location['url']})"
        if said.type in ("error", "warning"):
            self._fault(line)
        else:
            self.log.append(line)

    def _asked(self, request: Request) -> None:
        self.log.append(f"{request.method} {request.url}")
        if not request.url.startswith((f"{self._url}/", "blob:", "data:")):
            self._fault(f"asks elsewhere: {request.url}")
