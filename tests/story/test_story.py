"""The story of one database, from the market to the recycle bin and back, as a person without kubectl lives it."""

import contextlib
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from tests import snippets
from tests.e2e.client import open_client
from tests.e2e.cluster import kill_engine, pod_of, until
from tests.server.people import PASSWORD
from tests.story.person import Storyteller, secret_of
from tests.web.tab import Tab

NAME, COPY = "bookings", "bookings-then"
_MINUTE_MS = 60_000.0
DEPLOYED_MS, BACKED_UP_MS, RESTORED_MS = 5 * _MINUTE_MS, 4 * _MINUTE_MS, 8 * _MINUTE_MS
"""In which it happens on two cores that other tests need as well; how long it takes is measured elsewhere."""


def test_from_the_market_through_a_failure_and_two_restores_to_the_recycle_bin_and_back(
    tab: Tab, person: Storyteller, tmp_path: Path
) -> None:
    sign_in(tab, person)
    deploy(tab, person)
    run_a_copied_snippet(tab, tmp_path)
    notes = _notes(NAME, person)
    notes.insert_one({"_id": "before the backup"})
    watch_a_failover(tab, person)
    back_up(tab)
    notes.insert_one({"_id": "after the backup"})
    restore_beside(tab, person)
    restore_in_place_and_undo(tab, notes)
    delete_and_undelete(tab, person)
    notes = _notes(NAME, person)  # at the address that it was given now: the one before went back to the others
    _until_held(notes, "before the backup", "after the backup")
    say_it_in_chinese_and_dark(tab)


def sign_in(tab: Tab, person: Storyteller) -> None:
    with tab.refusals_allowed():
        tab.open("/market")
        tab.page.get_by_label("Name", exact=True).fill(person.name)
        tab.page.get_by_label("Password", exact=True).fill(person.password)
        tab.button("Sign in").click()
        tab.page.get_by_label("Present password", exact=True).fill(person.password)
    tab.page.get_by_label("New password", exact=True).fill(PASSWORD)
    tab.page.get_by_label("New password again", exact=True).fill(PASSWORD)
    tab.button("Save").click()
    expect(tab.page.get_by_role("heading", name="App market")).to_be_visible()


def deploy(tab: Tab, person: Storyteller) -> None:
    tab.page.get_by_role("article", name="MongoDB").get_by_role("link", name="Details").click()
    tab.button("Deploy MongoDB").click()
    tab.page.get_by_label("Name", exact=True).fill(NAME)
    tab.page.get_by_role("radio", name="Own figures").check()
    for field, value in (("CPU", "200m"), ("Memory", "512Mi"), ("Storage", "1Gi")):
        tab.page.get_by_label(field, exact=True).fill(value)
    expect(tab.region("Summary")).to_contain_text(f"{person.space}/{NAME}")
    tab.says("The hosts have room for it.")
    tab.button("Deploy").click()
    expect(tab.page.get_by_role("heading", name=f"Setting up {NAME}")).to_be_visible()
    expect(tab.page.get_by_role("heading", name=f"{NAME} is ready")).to_be_visible(timeout=DEPLOYED_MS)
    tab.picture("story-ready")


def run_a_copied_snippet(tab: Tab, folder: Path) -> None:
    connection = tab.region("Connection")
    connection.get_by_role("tab", name="Python").click()
    tab.button("Copy: Python", connection).click()
    copied = until("it is copied, for which the password is asked for first", lambda: _clipboard(tab))
    assert copied.startswith("# pip install"), copied
    assert snippets.output("python", copied, folder).strip()


def _clipboard(tab: Tab) -> str:
    found: str = tab.page.evaluate("navigator.clipboard.readText()")
    return found


def watch_a_failover(tab: Tab, person: Storyteller) -> None:
    """The page is told of it: nobody loads it anew."""
    _show(tab, person, NAME)
    members = tab.region("Members")
    before = _primary(members)
    kill_engine(pod_of(NAME, before), person.space)
    others = re.compile("|".join({"datanode0", "datanode1", "datanode2"} - {before}))
    expect(members.get_by_role("row", name=others).filter(has_text="primary")).to_have_count(1)
    expect(tab.page.locator("main .health").first).to_contain_text("Healthy", timeout=2 * _MINUTE_MS)
    _tab_of(tab, "Events").click()
    tab.settled()
    tab.picture("story-failover")


def back_up(tab: Tab) -> None:
    _tab_of(tab, "Backup & restore").click()
    tab.button("Back up now").click()
    tab.button("Back up now", tab.dialog("Back up now")).click()
    good = tab.page.get_by_role("row").filter(has_text="by hand").filter(has_text="Verified")
    expect(good).to_have_count(1, timeout=BACKED_UP_MS)


def restore_beside(tab: Tab, person: Storyteller) -> None:
    tab.page.get_by_role("row").filter(has_text="by hand").get_by_role("button", name=re.compile("^Restore: ")).click()
    dialog = tab.dialog("Restore")
    dialog.get_by_label("Name of the new service").fill(COPY)
    tab.button("Start the restore", dialog).click()
    expect(tab.page.get_by_role("heading", name=f"{COPY} is ready")).to_be_visible(timeout=RESTORED_MS)
    assert _held(_notes(COPY, person)) == {"before the backup"}
    _show(tab, person, COPY)
    _delete(tab, COPY)


def restore_in_place_and_undo(tab: Tab, notes: Collection[dict[str, Any]]) -> None:
    tab.link(NAME).click()
    _tab_of(tab, "Backup & restore").click()
    tab.page.get_by_role("row").filter(has_text="by hand").get_by_role("button", name=re.compile("^Restore: ")).click()
    dialog = tab.dialog("Restore")
    dialog.get_by_role("radio", name="This service, in place").check()
    dialog.get_by_label(f"Type {NAME} to confirm").fill(NAME)
    tab.button("Start the restore", dialog).click()
    undo = tab.button("Undo the restore")
    expect(undo).to_be_visible(timeout=RESTORED_MS)
    _until_held(notes, "before the backup")
    tab.picture("story-restored")
    undo.click()
    sure = tab.dialog("Undo the restore")
    sure.get_by_label(f"Type {NAME} to confirm").fill(NAME)
    tab.button("Undo the restore", sure).click()
    _until_held(notes, "before the backup", "after the backup")
    expect(tab.page.locator("main .health").first).to_contain_text("Healthy", timeout=2 * _MINUTE_MS)


def delete_and_undelete(tab: Tab, person: Storyteller) -> None:
    _delete(tab, NAME)
    tab.button("Recycle bin").click()
    tab.button(f"Undelete: {person.space}/{NAME}").click()
    tab.button("Close").click()
    row = tab.page.get_by_role("row", name=NAME)
    expect(row).to_contain_text("Healthy", timeout=DEPLOYED_MS)


def say_it_in_chinese_and_dark(tab: Tab) -> None:
    tab.button("切换到中文").click()
    expect(tab.page.get_by_role("heading", name="我的应用")).to_be_visible()
    tab.picture("story-chinese")


def _show(tab: Tab, person: Storyteller, name: str) -> None:
    """By the links that a person follows."""
    tab.link("My apps", tab.page.get_by_role("navigation", name="Main navigation")).click()
    tab.link(name, tab.page.get_by_role("row", name=name).filter(has_text=person.space)).click()
    tab.settled()


def _tab_of(tab: Tab, name: str) -> Locator:
    """One of the parts of a service's page."""
    return tab.page.get_by_role("navigation").get_by_role("link", name=name, exact=True)


def _primary(members: Locator) -> str:
    row = members.get_by_role("row").filter(has_text="primary")
    expect(row).to_have_count(1)
    found = re.search(r"datanode\d", row.inner_text())
    assert found is not None
    return found[0]


def _delete(tab: Tab, name: str) -> None:
    """Without another backup; the volumes stay."""
    tab.button("Delete").click()
    dialog = tab.dialog(f"Delete {name}")
    dialog.get_by_label(f"Type {name} to confirm").fill(name)
    dialog.get_by_role("checkbox").uncheck()
    tab.button("Delete", dialog).click()
    expect(tab.page.get_by_role("heading", name="My apps")).to_be_visible()


def _notes(service: str, person: Storyteller) -> Collection[dict[str, Any]]:
    return open_client(secret_of(service, person.space)["direct-uri"])["story"].get_collection("notes")


def _until_held(notes: Collection[dict[str, Any]], *wanted: str) -> None:
    """A client that lived through the move is cut, and finds its way by itself."""

    def held() -> bool:
        with contextlib.suppress(PyMongoError):
            return _held(notes) == set(wanted)
        return False

    until(f"the service holds {wanted}", held, seconds=RESTORED_MS / 1000)


def _held(notes: Collection[dict[str, Any]]) -> set[str]:
    return {str(found["_id"]) for found in notes.find()}
