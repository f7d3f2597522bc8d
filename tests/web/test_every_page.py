"""Every page of the console's own route table, in both languages, on a large and a small screen, light and dark: nobody is kept
out (WCAG 2.2 AA), nothing is wider than the screen, no text is missing, and the browser notes no fault."""

import itertools
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.server.console import Console
from tests.server.people import Someone
from tests.web import routes
from tests.web.tab import Language, Size, Tab, Theme

SMALLEST_WIDTH, SMALLEST_HEIGHT = 380, 780
LOOKS: tuple[tuple[Size, Theme], ...] = (("wide", "light"), ("wide", "dark"), ("narrow", "light"))
LANGUAGES: tuple[Language, ...] = ("en", "zh")
ADDRESSES = routes.addresses()
_KEY = re.compile(rf"(?<![\w./-])(?:{'|'.join(routes.texts_groups())})\.[a-z]\w+(?![\w./-])")
"""A text's key, shown in its place."""


@pytest.fixture(scope="module")
def shared_tab(full_fleet: None, console: Console, chromium: Chromium, manager: Someone) -> Iterator[Tab]:
    """One for all: an address is opened once, and then looked at in every way."""
    del full_fleet
    tab = Tab(chromium, console.url)
    tab.sign_in_as(manager.browser)
    yield tab
    tab.close()


OFTEN = {("en", "wide", "light"), ("zh", "wide", "dark"), ("zh", "narrow", "light")}
"""In which each language, size and theme is there; the other looks are for `make web-test`."""


def _cases() -> Iterator[object]:
    for path in ADDRESSES:
        for language, (size, theme) in itertools.product(LANGUAGES, LOOKS):
            marks = () if (language, size, theme) in OFTEN else pytest.mark.long
            yield pytest.param(path, size, theme, language, marks=marks)


@pytest.mark.parametrize(("path", "size", "theme", "language"), list(_cases()))
def test_a_page_is_whole_for_everybody(shared_tab: Tab, path: str, size: Size, theme: Theme, language: Language) -> None:
    tab = shared_tab
    if not tab.page.url.endswith(path):
        tab.wrong.clear()
        tab.open(path)
        _knows_all_tabs(tab, path)
    tab.look(size, language, theme)
    found = tab.barriers()
    if size == "narrow":
        tab.page.set_viewport_size({"width": SMALLEST_WIDTH, "height": SMALLEST_HEIGHT})
        assert tab.wider_than_the_screen() == 0, "it scrolls sideways"
    said = tab.all_words()
    assert found == [], "what keeps people out"
    assert _KEY.findall(said) == [], "a text is missing"
    assert "{{" not in said, "a place in a text is not filled in"
    assert tab.wrong == [], "what the browser noted"


def _knows_all_tabs(tab: Tab, path: str) -> None:
    """The page has no tab that the table of tabs does not tell of."""
    for link in tab.page.locator("nav.sections a").all():
        assert (link.get_attribute("href") or "").endswith(tuple(ADDRESSES)), f"{path} leads to a tab that is not looked at"


def test_every_way_of_the_navigation_leads_to_a_page_that_is_looked_at(shared_tab: Tab) -> None:
    shared_tab.look("wide", "en", "light")
    links = shared_tab.page.get_by_role("navigation", name="Main navigation").get_by_role("link")
    expect(links).not_to_have_count(0)
    for link in links.all():
        way = f"/{(link.get_attribute('href') or '').strip('/')}"
        assert any(path == way or path.startswith(f"{way}/") for path in ADDRESSES), way
