"""The first minutes with a console."""

from playwright.sync_api import expect

from tests.server.console import Browser, Console
from tests.server.people import PASSWORD, MakePerson
from tests.web.conftest import OpenTab
from tests.web.tab import Tab


def fill_in(tab: Tab, name: str, password: str) -> None:
    tab.page.get_by_label("Name", exact=True).fill(name)
    tab.page.get_by_label("Password", exact=True).fill(password)
    tab.button("Sign in").click()


def test_a_first_password_opens_nothing_but_the_form_that_changes_it(console: Console, admin: Browser, open_tab: OpenTab) -> None:
    first = admin.post("/accounts", {"name": "zhang"}).json()["password"]
    tab = open_tab()
    with tab.refusals_allowed():
        tab.open("/services")
        tab.picture("sign-in")
        fill_in(tab, "zhang", "not the password")
        tab.says("The name or the password is wrong, or the account is disabled.")
        fill_in(tab, "zhang", first)
        expect(tab.page.get_by_role("heading", name="Choose your own password")).to_be_visible()
        tab.picture("first-password")
    tab.open("/market")
    expect(tab.page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    tab.page.get_by_label("Present password", exact=True).fill(first)
    tab.page.get_by_label("New password", exact=True).fill("short")
    tab.page.get_by_label("New password again", exact=True).fill("other")
    tab.button("Save").click()
    expect(tab.page.locator(".ant-form-item", has_text="New password again")).to_contain_text("The two are not the same")
    assert console.browser().sign_in("zhang", first).status_code == 201, "nothing was changed"
    tab.page.get_by_label("New password", exact=True).fill(PASSWORD)
    tab.page.get_by_label("New password again", exact=True).fill(PASSWORD)
    tab.button("Save").click()
    expect(tab.page.get_by_role("heading", name="App market")).to_be_visible()
    assert console.browser().sign_in("zhang", first).status_code == 401


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
