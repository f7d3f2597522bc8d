"""The tab of backups, and what is restored from there."""

import re

import pytest
from playwright.sync_api import expect

from tests.server.kubernetes import Kubernetes, Object
from tests.server.objects import backup, say
from tests.server.people import Someone
from tests.web import operator
from tests.web.conftest import OpenTab
from tests.web.tab import Language, Tab


@pytest.fixture
def backups_of_orders(kubernetes: Kubernetes, space: str) -> str:
    """Of a green service with one good backup and a window with a gap; the path of the tab."""
    operator.ready_store(kubernetes, space)
    operator.run(kubernetes, space)
    operator.tell(kubernetes, space, **operator.restorable())
    operator.backed_up(kubernetes, space)
    return f"/services/{space}/orders/backups"


def the_only(kubernetes: Kubernetes, kind: str, space: str, *but: str) -> Object:
    (found,) = [o for o in kubernetes.list(kind, space) if o["metadata"]["name"] not in but]
    return found


def test_a_backup_by_hand_is_seen_until_it_is_verified(
    kubernetes: Kubernetes, tab: Tab, space: str, backups_of_orders: str
) -> None:
    tab.open(backups_of_orders)
    expect(tab.row("orders-1")).to_contain_text("Verified")
    expect(tab.row("orders-1")).to_contain_text("1.9 GiB")
    tab.button("Back up now").click()
    dialog = tab.dialog("Back up now")
    expect(dialog).to_contain_text("the service stays up")
    tab.button("Back up now", dialog).click()
    expect(dialog).to_be_hidden()
    name = the_only(kubernetes, "DataBackup", space, "orders-1")["metadata"]["name"]
    expect(tab.row(name)).to_contain_text("Waiting")
    half = {"phase": "Running", "startTime": operator.STARTED, "rawBytes": 7_500_000_000, "bytesPerSecond": 205_000_000}
    say(kubernetes, "DataBackup", space, name, **half)
    expect(tab.row(name)).to_contain_text("Running")
    expect(tab.row(name).get_by_role("progressbar", name="Progress")).to_have_attribute("aria-valuenow", "50")
    expect(tab.button(f"Restore: {name}")).to_be_disabled()
    tab.picture("backup-running")
    say(kubernetes, "DataBackup", space, name, **operator.GOOD_BACKUP)
    expect(tab.row(name)).to_contain_text("Succeeded")
    expect(tab.row(name)).to_contain_text("Not yet")
    expect(tab.button(f"Restore: {name}")).to_be_enabled()
    say(kubernetes, "DataBackup", space, name, verified=False, verifyMessage="2 of 14 collections are missing")
    expect(tab.row(name)).to_contain_text("Failed its check")
    expect(tab.button(f"Restore: {name}")).to_be_disabled()


def test_a_backup_that_failed_says_why(kubernetes: Kubernetes, tab: Tab, space: str, backups_of_orders: str) -> None:
    backup(kubernetes, space, "bad", {"phase": "Failed", "message": "the store answered 403 AccessDenied"})
    tab.open(backups_of_orders)
    expect(tab.row("bad")).to_contain_text("Failed")
    expect(tab.row("bad")).to_contain_text("403 AccessDenied")


def test_the_schedule_is_said_in_words_and_changed(kubernetes: Kubernetes, tab: Tab, space: str, backups_of_orders: str) -> None:
    tab.open(backups_of_orders)
    schedule = tab.region("Schedule")
    expect(schedule).to_contain_text("every day at")
    tab.button("Edit: Schedule").click()
    dialog = tab.dialog("Change settings")
    dialog.get_by_label("Schedule", exact=True).fill("15 */6 * * 1")
    tab.button("Save", dialog).click()
    expect(dialog).to_be_hidden()
    kept = kubernetes.get("DataService", "orders", space)
    assert kept is not None
    assert kept["spec"]["backup"]["schedule"] == "15 */6 * * 1"
    expect(schedule).to_contain_text("every 6 hours")
    expect(schedule).to_contain_text("only on Monday")


def test_how_an_archive_is_had_is_shown_with_what_it_must_be(tab: Tab, space: str, backups_of_orders: str) -> None:
    tab.open(backups_of_orders)
    tab.button("Download: orders-1").click()
    dialog = tab.dialog("How to get the archive")
    link = tab.link("Download with the browser", dialog)
    expect(link).to_have_attribute("href", re.compile(rf"/api/v1/backups/{space}/orders-1/archive$"))
    expect(dialog).to_contain_text("9f86d081884c7d659a2feaa0c55ad015")
    expect(dialog.locator("pre[aria-label=moorage]")).to_contain_text("orders-1")


@pytest.mark.parametrize(("language", "word"), [("en", "before a restore"), ("zh", "恢复前自动备份")])
def test_the_backup_that_a_restore_takes_first_is_not_called_by_hand(
    kubernetes: Kubernetes, open_tab: OpenTab, editor: Someone, space: str, backups_of_orders: str, language: Language, word: str
) -> None:
    backup(kubernetes, space, "back-safety", operator.GOOD_BACKUP, trigger="Safety")
    tab = open_tab(editor, language=language)
    tab.open(backups_of_orders)
    expect(tab.row("back-safety")).to_contain_text(word)


def test_a_backup_is_deleted_after_its_name_was_typed(
    kubernetes: Kubernetes, tab: Tab, space: str, backups_of_orders: str
) -> None:
    tab.open(backups_of_orders)
    tab.button("Delete: orders-1").click()
    dialog = tab.dialog("Delete: orders-1")
    expect(dialog).to_contain_text("can't be undone")
    dialog.get_by_label("Type orders-1 to confirm").fill("orders")
    expect(tab.button("Delete", dialog)).to_be_disabled()
    dialog.get_by_label("Type orders-1 to confirm").fill("orders-1")
    tab.button("Delete", dialog).click()
    tab.says("No backup yet")
    assert kubernetes.list("DataBackup", space) == []


def test_a_restore_goes_to_a_new_service_unless_told_otherwise(
    kubernetes: Kubernetes, tab: Tab, space: str, backups_of_orders: str
) -> None:
    tab.open(backups_of_orders)
    tab.button("Restore: orders-1").click()
    dialog = tab.dialog("Restore")
    expect(dialog.get_by_role("radio", name="A new service")).to_be_checked()
    expect(dialog).to_contain_text("The present service is not touched.")
    name = dialog.get_by_label("Name of the new service")
    name.fill("Orders!")
    expect(tab.button("Start the restore", dialog)).to_be_disabled()
    name.fill("orders-copy")
    tab.picture("restore-to-new")
    tab.button("Start the restore", dialog).click()
    made = tab.until("restore", lambda: kubernetes.list("DataRestore", space))[0]
    assert made["spec"]["source"] == {"backup": "orders-1"}
    assert (made["spec"]["toNew"], made["spec"].get("inPlace")) == ("orders-copy", None)


def test_in_place_asks_for_the_name_and_can_be_undone(
    kubernetes: Kubernetes, tab: Tab, space: str, backups_of_orders: str
) -> None:
    tab.open(backups_of_orders)
    tab.button("Restore: orders-1").click()
    dialog = tab.dialog("Restore")
    dialog.get_by_role("radio", name="This service, in place").check()
    expect(dialog).to_contain_text("a safety backup is taken first")
    start = tab.button("Start the restore", dialog)
    expect(start).to_be_disabled()
    dialog.get_by_label("Type orders to confirm").fill("orders")
    tab.picture("restore-in-place")
    start.click()
    expect(dialog).to_be_hidden()
    made = the_only(kubernetes, "DataRestore", space)
    assert (made["spec"]["inPlace"], made["spec"].get("safetyBackup", True)) == ("orders", True)
    recent, name = tab.region("Recent restore"), made["metadata"]["name"]
    for phase, word in (("SafetyBackup", "Safety backup"), ("Seeding", "Loading data"), ("Switching", "Moving the address")):
        say(kubernetes, "DataRestore", space, name, phase=phase, startTime=operator.STARTED, rawBytes=1000, bytesDone=250)
        expect(recent).to_contain_text(word)
    until = "2126-11-09T18:30:00Z"
    say(kubernetes, "DataRestore", space, name, phase="Succeeded", endTime=operator.GOOD_BACKUP["endTime"], undoUntil=until)
    operator.tell(kubernetes, space, restore={"phase": "Succeeded", "name": name, "undoUntil": until})
    tab.button("Undo the restore", recent).click()
    undo = tab.dialog("Undo the restore")
    expect(undo).to_contain_text("What was written since the restore is lost.")
    undo.get_by_label("Type orders to confirm").fill("orders")
    tab.button("Undo the restore", undo).click()
    expect(undo).to_be_hidden()
    assert the_only(kubernetes, "DataRestore", space, name)["spec"]["undo"] == "orders"


def test_a_moment_in_a_gap_of_the_log_is_not_restored(
    kubernetes: Kubernetes, tab: Tab, space: str, backups_of_orders: str
) -> None:
    tab.open(backups_of_orders)
    moments = tab.region("Moments that can be restored")
    expect(moments).to_contain_text("1 gap")
    expect(moments.locator(".timeline .gap-part")).to_have_count(1)
    expect(moments.locator(".ticks span")).to_have_count(1)
    expect(moments).to_contain_text("Not restorable: ")
    tab.button("Restore", tab.page.locator("main")).first.click()
    dialog = tab.dialog("Restore")
    dialog.get_by_role("radio", name="A moment").check()
    field, start = dialog.get_by_label("Moment", exact=True), tab.button("Start the restore", dialog)
    for moment, holds in (("2026-11-03 03:00:00", False), ("2026-10-01 00:00:00", False), ("2026-11-05 12:34:56", True)):
        field.fill(moment)
        field.press("Enter")
        expect(dialog.get_by_text("This moment lies in a gap or outside the window")).to_have_count(0 if holds else 1)
        expect(start).to_be_enabled(enabled=holds)
        tab.picture(f"restore-moment-{'good' if holds else 'gap'}")
    dialog.get_by_label("Name of the new service").fill("then")
    start.click()
    made = tab.until("restore", lambda: kubernetes.list("DataRestore", space))[0]
    assert made["spec"]["source"]["at"].startswith("2026-11-05T12:34:56")
    assert (made["spec"]["source"]["service"], made["spec"]["toNew"]) == ("orders", "then")
