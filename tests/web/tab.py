"""A person's tab in a real Chromium, which reaches one host alone and notes whatever goes wrong in it."""

import base64
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Playwright, Request, expect

from devcluster.config import CHECKOUT
from tests.server.console import Browser

REPORTS = CHECKOUT / ".reports" / "web"
AXE = CHECKOUT / "web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PATIENCE_MS = 30_000
"""For anything that a page is to show: the machine may be busy."""
WEBP_QUALITY = 60
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
T = TypeVar("T")
Size = Literal["wide", "narrow"]
Language = Literal["en", "zh"]
Theme = Literal["light", "dark"]
LOCALES: dict[Language, str] = {"en": "en", "zh": "zh-CN"}
_ALONE = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_REFUSED = re.compile(r"status of (401|403|404|409|422|503)")
"""A browser notes each refusal as an error; the page's sentence about it is what a test looks at."""
_READ_UNTIL = """async ([wanted, patience]) => {
  const end = Date.now() + patience;
  for (;;) {
    const found = await navigator.clipboard.readText();
    if (found === wanted || Date.now() > end) return found;
    await new Promise((again) => setTimeout(again, 50));
  }
}"""
"""A condition that is a promise counts as true at once in Playwright's own wait."""
_UNMONITORED = re.compile(r"status of (50[23] .*/api/v1/(.*/)?(alerts|silences|channels|charts)|403 .*/api/v1/channels)\b")
"""Most tests have no Prometheus, no Alertmanager and no relay, and few people may see channels: the page says so, and the browser
notes each such answer."""


def start(playwright: Playwright, reaches: str = "127.0.0.1") -> Chromium:
    """The machine's own browser, which reaches one host."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    assert Path(path).exists(), f"there is no browser at {path}: `apt-get install chromium`, or say with CHROMIUM where one is"
    expect.set_options(timeout=PATIENCE_MS)
    return playwright.chromium.launch(
        executable_path=path, args=[*_ALONE, f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {reaches}"]
    )


class Tab:
    """One tab of a browser that nobody else uses. `wrong` grows by a line for each fault that a person would not see."""

    def __init__(self, chromium: Chromium, url: str, size: Size = "wide", language: Language = "en", **context: Any) -> None:
        """`context`: what else Playwright's `new_context` is to be told."""
        width, height = SIZES[size]
        locale = {"en": "en-GB", "zh": "zh-CN"}[language]
        self._url = url
        self._context = chromium.new_context(
            base_url=url, viewport={"width": width, "height": height}, locale=locale, reduced_motion="reduce", **context
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

    def look(self, size: Size, language: Language, theme: Theme) -> None:
        """As somebody with this screen, who chose this language, and whose system is light or dark."""
        width, height = SIZES[size]
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        other = self.page.locator(f".top button[lang={LOCALES[language]}], .corner button[lang={LOCALES[language]}]")
        if self.page.locator("html").get_attribute("lang") != LOCALES[language]:
            other.click()
        expect(self.page.locator("html")).to_have_attribute("lang", LOCALES[language])
        expect(self.page.locator("html")).to_have_attribute("data-theme", theme)
        self.settled()

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def link(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("link", name=name, exact=True)

    def region(self, name: str) -> Locator:
        """A part of the page that has a name."""
        return self.page.get_by_role("region", name=name, exact=True)

    def row(self, name: str) -> Locator:
        """Of a table that has one row of this name."""
        return self.page.get_by_role("row").filter(has=self.page.get_by_text(name, exact=True))

    def dialog(self, name: str) -> Locator:
        return self.page.get_by_role("dialog", name=name, exact=True)

    def says(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def until(self, what: str, holds: Callable[[], T]) -> T:
        """The first answer that holds. What the page asked for arrives while this waits."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while not (found := holds()):
            assert time.monotonic() < end, f"no {what} within {PATIENCE_MS} ms"
            self.page.wait_for_timeout(50)
        return found

    def choose(self, field: Locator, option: str) -> None:
        """In a list that opens when its field is clicked."""
        field.click()
        if field.is_editable():  # a long list has only what is near in it
            field.fill(option)
        self.page.locator(".ant-select-dropdown:visible").get_by_title(option, exact=True).click()

    def let_read_the_clipboard(self) -> None:
        self._context.grant_permissions(["clipboard-read", "clipboard-write"])

    def clipboard(self, wanted: str) -> str:
        """What is in it, once that is `wanted`."""
        found = self.page.evaluate(_READ_UNTIL, [wanted, PATIENCE_MS])
        assert found == wanted
        return wanted

    def picture(self, name: str) -> None:
        REPORTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=REPORTS / f"{name}.png", full_page=True)

    def small_picture(self, file: Path) -> None:
        """What is on the screen, as a WebP of some tens of kilobytes."""
        tools = self._context.new_cdp_session(self.page)
        shot: dict[str, str] = tools.send("Page.captureScreenshot", {"format": "webp", "quality": WEBP_QUALITY})
        tools.detach()
        file.write_bytes(base64.b64decode(shot["data"]))

    def wider_than_the_screen(self) -> int:
        """By how many px the page scrolls sideways."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return found

    def all_words(self) -> str:
        """What is read, and what is read out."""
        spoken = ["aria-label", "title", "placeholder"]
        script = """(names) => [document.title, document.body.innerText, ...names.flatMap(
            (name) => [...document.querySelectorAll(`[${name}]`)].map((e) => e.getAttribute(name)))].join(' | ')"""
        found: str = self.page.evaluate(script, spoken)
        return found

    def barriers(self) -> list[str]:
        """What axe finds against WCAG 2.2 AA. The page's policy lets no script in; the developer's tools may."""
        options = json.dumps({"runOnly": RULES, "resultTypes": ["violations"]})
        what = "r.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} | ${n.html.slice(0, 160)}`))"
        if not self._tells("typeof axe === 'object'"):
            self._tells(f"{AXE.read_text()}; true")
        found: list[str] = json.loads(self._tells(f"axe.run(document, {options}).then((r) => JSON.stringify({what}))"))
        return found

    def _tells(self, expression: str) -> Any:
        """As the developer's tools would."""
        tools = self._context.new_cdp_session(self.page)
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        answer: dict[str, Any] = tools.send("Runtime.evaluate", asked)
        tools.detach()
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

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
        if said.type in ("error", "warning") and not _UNMONITORED.search(line):
            self._fault(line)
        else:
            self.log.append(line)

    def _asked(self, request: Request) -> None:
        self.log.append(f"{request.method} {request.url}")
        if not request.url.startswith((f"{self._url}/", "blob:", "data:")):
            self._fault(f"asks elsewhere: {request.url}")
