"""The first minutes with a console."""

import sys
from pathlib import Path

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.server.console import Browser, Console
from tests.server.kubernetes import Kubernetes
from tests.server.people import PASSWORD, MakePerson
from tests.web.conftest import OpenTab
from tests.web.tab import Language, Tab


def fill_in(tab: Tab, name: str, password: str) -> None:
    tab.page.get_by_label("Name", exact=True).fill(name)
    tab.page.get_by_label("Password", exact=True).fill(password)
    tab.button("Sign in").click()


def test_a_first_password_opens_nothing_but_the_form_that_changes_it(console: Console, admin: Browser, open_tab: OpenTab) -> None:
    first = admin.post("/accounts", {"name": "zhang-first"}).json()["password"]
    tab = open_tab()
    with tab.refusals_allowed():
        tab.open("/services")
        tab.picture("sign-in")
        fill_in(tab, "zhang-first", "not the password")
        tab.says("The name or the password is wrong, or the account is disabled.")
        fill_in(tab, "zhang-first", first)
        expect(tab.page.get_by_role("heading", name="Choose your own password")).to_be_visible()
        tab.picture("first-password")
    tab.open("/market")
    expect(tab.page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    tab.page.get_by_label("Present password", exact=True).fill(first)
    tab.page.get_by_label("New password", exact=True).fill("short")
    tab.page.get_by_label("New password again", exact=True).fill("other")
    tab.button("Save").click()
    expect(tab.page.locator(".ant-form-item", has_text="New password again")).to_contain_text("The two are not the same")
    assert console.browser().sign_in("zhang-first", first).status_code == 201, "nothing was changed"
    tab.page.get_by_label("New password", exact=True).fill(PASSWORD)
    tab.page.get_by_label("New password again", exact=True).fill(PASSWORD)
    tab.button("Save").click()
    expect(tab.page.get_by_role("heading", name="App market")).to_be_visible()
    assert console.browser().sign_in("zhang-first", first).status_code == 401


def test_who_signs_out_is_out_also_with_the_button_back(open_tab: OpenTab, someone: MakePerson) -> None:
    person = someone()
    tab = open_tab(person)
    tab.open("/market")
    tab.button(f"Your account: {person.name}").click()
    with tab.refusals_allowed():
        tab.page.get_by_role("menuitem", name="Sign out").click()
        expect(tab.page.get_by_role("heading", name="Sign in to Moorage")).to_be_visible()
        tab.page.go_back()
        expect(tab.page.get_by_role("heading", name="Sign in to Moorage")).to_be_visible()
    assert person.browser.get("/session").status_code == 401


def test_who_is_refused_by_the_provider_reads_why_where_people_sign_in(
    kubernetes: Kubernetes, chromium: Chromium, pages: Path, tmp_path: Path
) -> None:
    sentences: dict[Language, str] = {
        "en": "The sign-in provider does not answer. Try again, or sign in with a password.",
        "zh": "登录服务无响应。请重试，或使用密码登录。",
    }
    with_provider = Console(kubernetes, tmp_path, {"MOORAGE_WEB": str(pages), **NOBODY_ANSWERS})
    with_provider.environment["MOORAGE_OIDC_REDIRECT_URL"] = f"{with_provider.url}/api/v1/oidc/callback"
    try:
        with_provider.start(sys.executable)
        for language, sentence in sentences.items():
            tab = Tab(chromium, with_provider.url, language=language)
            tab.open("/")
            tab.page.get_by_role("link", name="Example Company").click()
            tab.says(sentence)
            tab.says("provider-unreachable")
            tab.settled()
            assert tab.barriers() == []
            tab.picture(f"sign-in-refused-{language}")
            tab.page.wait_for_url(f"{with_provider.url}/")
            tab.close()
    finally:
        with_provider.stop()


NOBODY_ANSWERS = {
    "MOORAGE_OIDC_ISSUER": "http://127.0.0.1:9",
    "MOORAGE_OIDC_CLIENT_ID": "console",
    "MOORAGE_OIDC_TITLE": "Example Company",
}
