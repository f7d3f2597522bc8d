"""Language, appearance, and whether what is shown is current."""

import sys
from pathlib import Path

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.server.console import Console
from tests.server.kubernetes import Kubernetes
from tests.server.people import Someone
from tests.web import operator
from tests.web.conftest import OpenTab
from tests.web.tab import Tab


def test_the_language_of_the_browser_is_kept_until_another_is_chosen(open_tab: OpenTab, editor: Someone) -> None:
    tab = open_tab(editor, language="zh")
    tab.open("/services")
    expect(tab.page.get_by_role("heading", name="我的应用")).to_be_visible()
    tab.button("Switch to English").click()
    expect(tab.page.get_by_role("heading", name="My apps")).to_be_visible()
    expect(tab.page).to_have_title("My apps · Moorage")
    tab.open("/market")
    expect(tab.page.get_by_role("heading", name="App market")).to_be_visible()
    tab.button("切换到中文").click()
    expect(tab.page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_the_appearance_follows_the_system_until_one_is_chosen(tab: Tab) -> None:
    tab.open("/market")
    html = tab.page.locator("html")
    for theme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        expect(html).to_have_attribute("data-theme", theme)
    tab.button("Appearance").click()
    tab.page.get_by_role("menuitem", name="Light").click()
    expect(html).to_have_attribute("data-theme", "light")
    tab.open("/services")
    expect(html).to_have_attribute("data-theme", "light")


def test_a_broken_stream_is_said_and_what_was_missed_is_caught_up(
    kubernetes: Kubernetes, chromium: Chromium, hosts: list[str], pages: Path, editor: Someone, space: str, tmp_path: Path
) -> None:
    del hosts
    operator.run(kubernetes, space)
    console = Console(kubernetes, tmp_path, {"MOORAGE_WEB": str(pages)})
    console.start(sys.executable)
    tab = Tab(chromium, console.url)
    try:
        tab.sign_in_as(editor.browser)
        tab.open("/services")
        badge = tab.page.locator(".top .live")
        expect(badge).to_have_text("Live")
        operator.tell(kubernetes, space, **operator.yellow())
        expect(tab.row("orders")).to_contain_text("Degraded")
        console.stop()
        expect(badge).to_have_text("Reconnecting…")
        tab.picture("not-live")
        operator.tell(kubernetes, space, **operator.red())
        console.start(sys.executable)
        expect(badge).to_have_text("Live")
        expect(tab.row("orders")).to_contain_text("Down")
    finally:
        tab.close()
        console.stop()
