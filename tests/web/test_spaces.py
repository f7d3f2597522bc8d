"""Spaces: limits, people, and a deletion that takes no service along."""

from playwright.sync_api import expect

from tests.server.kubernetes import Kubernetes
from tests.server.people import MakePerson, Someone
from tests.web import operator
from tests.web.conftest import OpenTab


def test_a_space_gets_its_limits_and_its_people(
    kubernetes: Kubernetes, open_tab: OpenTab, manager: Someone, someone: MakePerson
) -> None:
    li = someone()
    tab = open_tab(manager)
    tab.open("/spaces")
    tab.button("Create a space").click()
    dialog = tab.dialog("Create a space")
    dialog.get_by_label("Name", exact=True).fill("Team One")
    expect(dialog.locator(".ant-form-item-explain-error")).to_be_visible()
    dialog.get_by_label("Name", exact=True).fill("team-one")
    dialog.get_by_label("CPU", exact=True).fill("8")
    tab.button("Create a space", dialog).click()
    expect(dialog).to_be_hidden()
    space = tab.dialog("team-one")  # it opens by itself: in a long list it may be on another page
    expect(space).to_contain_text("0 of 8 used")
    space.get_by_label("Memory", exact=True).fill("32Gi")
    tab.button("Save", space).click()
    expect(space).to_contain_text("32 GiB used")
    space.get_by_label("Name", exact=True).fill(li.user)
    tab.choose(space.get_by_label("Role", exact=True), "May change services")
    tab.button("Add", space).click()
    person = space.get_by_role("listitem").filter(has_text=li.user)
    expect(person).to_contain_text("May change services")
    tab.until("right", lambda: li.browser.post("/services", {"engine": "mongodb", "name": "a", "space": "team-one"}).is_success)
    tab.button(f"Remove: {li.user}", space).click()
    expect(person).to_have_count(0)
    tab.until("refusal", lambda: li.browser.get("/services/team-one/a").status_code in (403, 404))
    with tab.refusals_allowed():
        tab.button("Delete the space team-one", space).click()
        delete = tab.dialog("Delete the space team-one")
        expect(delete).to_contain_text("A space that holds services can't be deleted.")
        delete.get_by_label("Type team-one to confirm").fill("team-one")
        tab.button("Delete", delete).click()
        tab.says("The space still holds services. Delete them first.")
    kubernetes.delete("DataService", "a", "team-one")
    tab.until("empty space", lambda: manager.browser.get("/services/team-one/a").status_code == 404)
    tab.button("Delete", delete).click()
    expect(delete).to_be_hidden()
    tab.page.get_by_label("Search spaces").fill("team-0")
    tab.says("Nothing matches. Try another search.")
    found = kubernetes.get("Namespace", "team-one")
    assert found is None or "deletionTimestamp" in found["metadata"]


def test_the_recycle_bin_brings_a_service_back_and_gives_another_up(
    kubernetes: Kubernetes, open_tab: OpenTab, editor: Someone, space: str
) -> None:
    for name in ("old", "older"):
        operator.left_behind(kubernetes, space, name)
    operator.backed_up(kubernetes, space, "last", "old")
    tab = open_tab(editor)
    tab.open("/services")
    tab.button("Recycle bin").click()
    bin_ = tab.dialog("Recycle bin")
    old = bin_.get_by_role("listitem").filter(has_text=f"{space}/old MongoDB")
    expect(old).to_contain_text("verified")
    expect(bin_.get_by_role("listitem").filter(has_text=f"{space}/older")).to_contain_text("Never")
    tab.button(f"Delete for good: {space}/older").click()
    dialog = tab.dialog("Delete for good: older")
    expect(dialog).to_contain_text("There is no good backup of it.")
    dialog.get_by_label("Type older to confirm").fill("older")
    tab.button("Delete for good", dialog).click()
    expect(bin_.get_by_text(f"{space}/older")).to_have_count(0)
    tab.button(f"Undelete: {space}/old").click()
    expect(bin_).to_contain_text("The recycle bin is empty.")
    made = kubernetes.get("DataService", "old", space)
    assert made is not None
    assert made["spec"]["engine"] == "mongodb"
