"""A service's page: how it is, as the operator says it, and what can be done."""

import pytest
from playwright.sync_api import expect

from tests.server.console import Browser
from tests.server.kubernetes import Kubernetes
from tests.server.objects import say
from tests.server.people import MakePerson
from tests.web import operator
from tests.web.conftest import OpenTab
from tests.web.tab import Tab


@pytest.fixture
def page_of_orders(kubernetes: Kubernetes, space: str) -> str:
    """A green service; the path of its page."""
    operator.run(kubernetes, space)
    return f"/services/{space}/orders"


def test_health_is_a_word_and_a_sentence_and_changes_without_a_reload(
    kubernetes: Kubernetes, tab: Tab, space: str, page_of_orders: str
) -> None:
    tab.open(page_of_orders)
    health = tab.page.locator("main .health").first
    expect(health).to_contain_text("Healthy")
    expect(health).to_contain_text("No member is abnormal.")
    members = tab.region("Members")
    expect(members.get_by_role("row", name="datanode0")).to_contain_text("primary")
    expect(members.get_by_role("row", name="datanode2")).to_contain_text("n3")
    expect(tab.region("Connection")).to_contain_text(f"{operator.ADDRESS}:{operator.PORT}")
    tab.picture("service-green")
    operator.tell(kubernetes, space, **operator.yellow())
    expect(health).to_contain_text("Degraded")
    expect(health).to_contain_text("datanode2 is 42 s behind the primary and catching up")
    tab.says("datanode2 catches up by itself")
    expect(tab.region("Topology").locator(".node", has_text="datanode2")).to_contain_text("Degraded")
    tab.picture("service-yellow")
    operator.tell(kubernetes, space, **operator.red())
    expect(health).to_contain_text("Down")
    expect(health).to_contain_text("no primary: datanode0 and datanode2 are not heard from")
    expect(tab.region("Status")).to_contain_text("No primary now")
    expect(tab.region("Topology").locator(".node", has_text="datanode0")).to_contain_text("Not heard from")
    tab.picture("service-red")


def test_what_needs_attention_comes_first_and_what_is_not_ones_own_is_no_fault(
    kubernetes: Kubernetes, tab: Tab, space: str, page_of_orders: str
) -> None:
    del page_of_orders
    operator.tell(kubernetes, space, **operator.red())
    with tab.refusals_allowed():
        tab.open("/")
        attention = tab.region("Needs attention")
        expect(attention).to_contain_text(f"{space}/orders")
        expect(attention).to_contain_text("Down")
        expect(tab.region("Capacity by host")).to_contain_text("You may not see this")
        expect(tab.page.locator(".ant-alert-error")).to_have_count(0)


def test_settings_are_changed_after_kubernetes_agreed(kubernetes: Kubernetes, tab: Tab, space: str, page_of_orders: str) -> None:
    tab.open(page_of_orders)
    tab.button("Edit", tab.region("Settings")).click()
    dialog = tab.dialog("Change settings")
    dialog.get_by_label("Memory", exact=True).fill("16Mi")
    with tab.refusals_allowed():
        tab.button("Save", dialog).click()
        expect(dialog.locator(".ant-alert-error", has_text="memory")).to_be_visible()
    tab.picture("edit-refused")
    dialog.get_by_label("Memory", exact=True).fill("3Gi")
    dialog.get_by_label("CPU", exact=True).fill("750m")
    tab.button("Save", dialog).click()
    expect(dialog).to_be_hidden()
    kept = kubernetes.get("DataService", "orders", space)
    assert kept is not None
    assert kept["spec"]["resources"] == {"cpu": "750m", "memory": "3Gi"}
    expect(tab.region("Settings")).to_contain_text("3 GiB")


def test_deleting_asks_for_the_name_and_is_refused_while_it_is_protected(
    kubernetes: Kubernetes, tab: Tab, space: str, page_of_orders: str
) -> None:
    tab.open(page_of_orders)
    tab.button("Actions").click()
    tab.page.get_by_role("menuitem", name="Protect from deletion").click()
    tab.says("Protected")
    tab.button("Delete").click()
    dialog = tab.dialog("Delete orders")
    expect(dialog).to_contain_text("It is protected from deletion.")
    dialog.get_by_label("Type orders to confirm").fill("orders")
    expect(tab.button("Delete", dialog)).to_be_disabled()
    tab.button("Cancel", dialog).click()
    tab.button("Actions").click()
    tab.page.get_by_role("menuitem", name="Turn protection off").click()
    expect(tab.page.locator("main .ant-tag", has_text="Protected")).to_have_count(0)
    tab.button("Delete").click()
    expect(dialog).to_contain_text("volumes are kept")
    dialog.get_by_label("Type orders to confirm").fill("order")
    expect(tab.button("Delete", dialog)).to_be_disabled()
    tab.picture("delete")
    dialog.get_by_label("Type orders to confirm").fill("orders")
    dialog.get_by_role("checkbox").uncheck()
    tab.button("Delete", dialog).click()
    expect(tab.page.get_by_role("heading", name="My apps")).to_be_visible()
    assert kubernetes.get("DataService", "orders", space) is None
    assert kubernetes.list("DataBackup", space) == []


def test_by_default_a_last_backup_is_good_before_the_service_goes(
    kubernetes: Kubernetes, tab: Tab, space: str, page_of_orders: str
) -> None:
    tab.open(page_of_orders)
    tab.button("Delete").click()
    dialog = tab.dialog("Delete orders")
    dialog.get_by_label("Type orders to confirm").fill("orders")
    tab.button("Delete", dialog).click()
    expect(tab.button("Delete", dialog)).to_be_disabled()
    expect(dialog.locator(".ant-alert-info")).to_be_visible()
    (last,) = kubernetes.list("DataBackup", space)
    assert kubernetes.get("DataService", "orders", space) is not None
    with tab.refusals_allowed():  # the page may ask for it once more before it leaves: the event comes first
        say(kubernetes, "DataBackup", space, last["metadata"]["name"], **operator.GOOD_BACKUP)
        expect(tab.page.get_by_role("heading", name="My apps")).to_be_visible()
    assert kubernetes.get("DataService", "orders", space) is None


def test_who_may_only_look_has_no_button_that_works_and_no_password(
    kubernetes: Kubernetes, open_tab: OpenTab, someone: MakePerson, admin: Browser, space: str, page_of_orders: str
) -> None:
    viewer = someone()
    kubernetes.let(viewer.user, "view", space)
    tab = open_tab(viewer)
    tab.open(page_of_orders)
    for name in ("Restart all", "Delete", "Edit"):
        expect(tab.button(name)).to_be_disabled()
    for name in ("Promote: datanode1", "Restart: datanode0", "Rebuild: datanode2"):
        expect(tab.button(name)).to_be_disabled()
    expect(tab.button("Actions")).to_have_count(0)
    expect(tab.region("Connection")).to_contain_text("You may not read the password of this space.")
    assert operator.PASSWORD not in tab.page.content()
    tab.picture("service-viewer")
    tab.open(f"{page_of_orders}/backups")
    for name in ("Back up now", "Restore"):
        expect(tab.button(name)).to_be_disabled()
    for refused in (
        viewer.browser.get(f"{page_of_orders}/connection"),
        viewer.browser.patch(page_of_orders, {"cpu": "2"}),
        viewer.browser.post(f"{page_of_orders}/restart", {}),
        viewer.browser.delete(page_of_orders, confirm="orders"),
        viewer.browser.post(f"{page_of_orders}/backups", {}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), refused.request.url
    assert admin.get(page_of_orders).status_code == 200
