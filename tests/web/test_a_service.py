"""A service's page: how it is, as the operator says it, and what can be done."""

import re

import pytest
from playwright.sync_api import expect

from tests.server.console import Browser
from tests.server.kubernetes import Kubernetes
from tests.server.objects import backup, say, secret, store
from tests.server.people import MakePerson, Someone
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
        memory = dialog.locator(".ant-form-item", has=tab.page.get_by_label("Memory", exact=True))
        expect(memory).to_contain_text("memory '16Mi' is too small for mongodb; allowed: 512Mi or more")
        expect(memory.get_by_role("textbox")).to_be_focused()
        expect(dialog.locator(".ant-alert-error")).to_have_count(0)
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
    with tab.refusals_allowed():  # the page may ask for it once more while it goes
        say(kubernetes, "DataBackup", space, last["metadata"]["name"], **operator.GOOD_BACKUP)
        expect(tab.page.get_by_role("heading", name="My apps")).to_be_visible()
    assert kubernetes.get("DataService", "orders", space) is None


def test_a_service_that_somebody_else_deletes_is_said_to_be_gone_and_not_asked_for_again(
    kubernetes: Kubernetes, tab: Tab, space: str, page_of_orders: str
) -> None:
    tab.open(page_of_orders)
    expect(tab.region("Status")).to_be_visible()
    kubernetes.delete("DataService", "orders", space)
    tab.says("This does not exist any more, or you may not see it.")
    expect(tab.page.get_by_role("heading", name="orders")).to_be_visible()
    backup(kubernetes, space, "late", operator.GOOD_BACKUP)  # what happens in its space does not bring the question back
    operator.run(kubernetes, space, "payments")
    tab.link("My apps", tab.page.locator("main")).first.click()
    expect(tab.page.get_by_role("row", name="payments")).to_be_visible()


def test_a_password_is_copied_without_being_shown_and_forgotten_when_it_is_hidden(
    tab: Tab, admin: Browser, space: str, page_of_orders: str
) -> None:
    tab.let_read_the_clipboard()
    tab.open(page_of_orders)
    connection = tab.region("Connection")
    expect(connection).to_contain_text("••••••••")
    assert taken(admin, space) == 0, "nobody asked for it"
    tab.button("Copy: Password", connection).click()
    assert tab.clipboard(operator.PASSWORD)
    assert operator.PASSWORD not in tab.page.content()
    assert taken(admin, space) == 1
    tab.button("Show: Password", connection).click()
    expect(connection.locator("dd", has_text=operator.PASSWORD)).to_be_visible()
    expect(connection.get_by_label("Connection string", exact=True)).to_contain_text(f":{operator.PASSWORD}@")
    tab.button("Hide: Password", connection).click()
    expect(connection).not_to_contain_text(operator.PASSWORD)
    assert operator.PASSWORD not in tab.page.content()
    assert taken(admin, space) == 2
    assert operator.PASSWORD not in "".join(tab.log), "no address holds it"


def test_words_of_roles_and_times_are_in_the_persons_language(
    kubernetes: Kubernetes, open_tab: OpenTab, editor: Someone, space: str, page_of_orders: str
) -> None:
    operator.tell(kubernetes, space, **operator.restorable())
    tab = open_tab(editor, language="zh")
    tab.open(page_of_orders)
    members = tab.region("成员")
    expect(members.get_by_role("row").filter(has_text="datanode0")).to_contain_text("主节点")
    expect(members.get_by_role("row").filter(has_text="datanode1")).to_contain_text("备节点")
    expect(members).not_to_contain_text("secondary")
    expect(tab.region("状态")).to_contain_text(re.compile(r"最近备份\d+ 天前"))
    with tab.refusals_allowed():  # hosts are not for everybody
        tab.open("/")
    without = tab.region("没有已验证的备份")
    expect(without.get_by_role("listitem").filter(has_text=f"{space}/orders")).to_contain_text(
        re.compile(r"最近备份：\d+ 天前 · 最近验证：")
    )


def test_who_makes_databases_and_users_finds_the_administrator_beside_the_application(
    kubernetes: Kubernetes, tab: Tab, space: str, page_of_orders: str
) -> None:
    uri = f"mongodb://admin:of-the-administrator@{operator.ADDRESS}:{operator.PORT}/"
    entries = {"type": "mongodb", "username": "admin", "password": "of-the-administrator", "uri": uri}
    secret(kubernetes, space, "orders-admin", **entries)
    tab.open(page_of_orders)
    connection = tab.region("Connection")
    tab.button("Show: Password", connection).click()
    expect(connection).to_contain_text(operator.PASSWORD)
    connection.get_by_text("Administrator", exact=True).click()
    expect(connection).to_contain_text("orders-admin")
    expect(connection).not_to_contain_text(operator.PASSWORD)
    expect(connection).not_to_contain_text("of-the-administrator")
    tab.button("Show: Password", connection).click()
    expect(connection.get_by_label("Connection string", exact=True)).to_contain_text("admin:of-the-administrator@")
    tab.picture("connection-admin")
    assert tab.barriers() == []


def taken(admin: Browser, space: str) -> int:
    """How often somebody took a password of the space."""
    found = admin.get("/audit", atMost=1000).json()["items"]
    return sum(one["space"] == space and one["action"] == "revealPassword" for one in found)


def test_a_service_that_is_gone_is_brought_back_from_its_store(
    kubernetes: Kubernetes, open_tab: OpenTab, someone: MakePerson, tab: Tab, space: str
) -> None:
    newest = f"mongodb-{space}-ledger-20261106180000"
    known = {
        "engine": "mongodb",
        "namespace": space,
        "name": "ledger",
        "backups": 3,
        "newest": newest,
        "newestTime": operator.STARTED,
    }
    store(kubernetes, space, fileSystem={"claim": "shared"})
    say(kubernetes, "BackupStore", space, "main", phase="Ready", services=[known])
    tab.open("/settings")
    tab.button("1 service: main").click()
    tab.button(f"Bring back as a new service: {space}/ledger").click()
    dialog = tab.dialog(f"Bring back as a new service: {space}/ledger")
    expect(dialog.get_by_label("Name of the new service")).to_have_value("ledger")
    expect(dialog.get_by_role("radio", name="As they were")).to_be_disabled()
    expect(dialog).to_contain_text("the console does not read a store that is a shared file system")
    expect(dialog).to_contain_text("Applications take them from the Secret ledger-app.")
    tab.picture("adopt")
    with tab.refusals_allowed():  # no operator makes the service here
        tab.button("Start the restore", dialog).click()
        expect(tab.page).to_have_url(re.compile(rf"/services/{space}/ledger/progress$"))
        tab.open("/settings")
    (made,) = kubernetes.list("DataRestore", space)
    assert (made["spec"]["toNew"], made["spec"]["source"]) == ("ledger", {"store": "main", "storedBackup": newest})
    viewer = someone()
    kubernetes.let(viewer.user, "view", space)
    looks_on = open_tab(viewer)
    looks_on.open("/settings")
    looks_on.button("1 service: main").click()
    expect(looks_on.button(f"Bring back as a new service: {space}/ledger")).to_be_disabled()


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
        viewer.browser.post(f"{page_of_orders}/connection/password"),
        viewer.browser.patch(page_of_orders, {"cpu": "2"}),
        viewer.browser.post(f"{page_of_orders}/restart", {}),
        viewer.browser.delete(page_of_orders, confirm="orders"),
        viewer.browser.post(f"{page_of_orders}/backups", {}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), refused.request.url
    assert admin.get(page_of_orders).status_code == 200
