"""Accounts: people and their groups, sessions that are ended, and tokens for programs."""

import httpx2
from playwright.sync_api import expect

from tests.server.console import API, Browser, Console
from tests.server.people import PASSWORD, MakePerson, Someone
from tests.web.conftest import OpenTab


def test_an_account_is_made_changed_disabled_and_deleted(console: Console, open_tab: OpenTab, manager: Someone) -> None:
    tab = open_tab(manager)
    tab.open("/accounts")
    tab.button("Create an account").click()
    dialog = tab.dialog("Create an account")
    dialog.get_by_label("Name", exact=True).fill("chen")
    tab.button("Create an account", dialog).click()
    once = tab.dialog("Copy")
    expect(once).to_contain_text("It is shown once")
    first = once.locator("pre").inner_text()
    tab.button("Close", once).click()
    expect(tab.row("chen").first).to_contain_text("Must change the password")
    chen = console.browser()
    assert chen.sign_in("chen", first).status_code == 201
    tab.button("Edit: chen").click()
    edit = tab.dialog("Edit chen")
    edit.get_by_label("Shown as").fill("Chen Li")
    groups = edit.get_by_label("Groups")
    groups.fill("admins")
    groups.press("Enter")
    tab.button("Save", edit).click()
    expect(edit).to_be_hidden()
    expect(tab.row("chen").first).to_contain_text("Chen Li")
    expect(tab.row("chen").first).to_contain_text("admins")
    tab.button("Disable: chen").click()
    expect(tab.row("chen").first).to_contain_text("Disabled")
    tab.until("end of the session", lambda: chen.get("/session").status_code == 401)
    tab.button("Delete: chen").click()
    delete = tab.dialog("Delete: chen")
    delete.get_by_label("Type chen to confirm").fill("chen")
    tab.button("Delete", delete).click()
    expect(delete).to_be_hidden()
    expect(tab.button("Edit: chen")).to_have_count(0)


def test_a_session_that_is_ended_is_over_at_once(open_tab: OpenTab, console: Console, someone: MakePerson) -> None:
    person = someone()
    tab = open_tab(person)
    elsewhere = console.browser()
    elsewhere.client.headers["User-Agent"] = "An old laptop"
    assert elsewhere.sign_in(person.name, PASSWORD).status_code == 201
    with tab.refusals_allowed():
        tab.open("/accounts/sessions")
        mine = tab.region("Your sessions")
        expect(mine.get_by_role("row").filter(has_text="this browser").get_by_role("button")).to_be_disabled()
        old = mine.get_by_role("row").filter(has_text="An old laptop")
        old.get_by_role("button").click()
        expect(old).to_have_count(0)
        expect(tab.region("Everybody's sessions")).to_have_count(0)
    tab.until("end of the session", lambda: elsewhere.get("/session").status_code == 401)


def test_a_token_opens_the_api_until_it_is_revoked(open_tab: OpenTab, console: Console, someone: MakePerson) -> None:
    tab = open_tab(someone())
    tab.open("/accounts/tokens")
    tab.says("You have no token.")
    tab.page.get_by_label("What it is for").fill("night reports")
    tab.button("Create a token").click()
    once = tab.dialog("Copy")
    secret = once.locator("pre").inner_text()
    tab.button("Close", once).click()

    def asks() -> int:
        return httpx2.get(f"{console.url}{API}/services", headers={"Authorization": f"Bearer {secret}"}).status_code

    assert asks() == 200
    expect(tab.row("night reports")).to_be_visible()
    assert secret not in tab.page.content(), "it is shown once"
    tab.button("Revoke: night reports").click()
    tab.says("You have no token.")
    tab.until("refusal", lambda: asks() == 401)


def test_the_audit_list_is_for_who_manages_accounts(
    open_tab: OpenTab, manager: Someone, someone: MakePerson, admin: Browser
) -> None:
    assert admin.post("/accounts", {"name": "sun"}).status_code == 201
    assert admin.patch("/accounts/sun", {"isDisabled": True}).status_code == 200
    tab = open_tab(manager)
    tab.open("/accounts/audit")
    tab.page.get_by_label("Search by person, action or object").fill("sun")
    expect(tab.page.get_by_role("row").filter(has_text="Changed an account").filter(has_text="account/sun")).to_have_count(1)
    expect(tab.row("account/sun").filter(has_text="Created an account")).to_have_count(1)
    other = open_tab(someone())
    with other.refusals_allowed():
        for page in ("/accounts/people", "/accounts/audit"):
            other.open(page)
            other.says("Only who manages accounts sees this.")
        other.open("/accounts")
        expect(other.region("Your sessions")).to_contain_text("this browser")
