"""YAML, logs and events of a service."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.server.kubernetes import Kubernetes
from tests.server.people import MakePerson, Someone
from tests.web import operator
from tests.web.conftest import OpenTab
from tests.web.kubelet import Kubelet
from tests.web.tab import Tab


@pytest.fixture
def page_of_orders(kubernetes: Kubernetes, space: str) -> str:
    operator.run(kubernetes, space)
    return f"/services/{space}/orders"


def test_yaml_is_applied_only_after_its_difference_was_seen(
    kubernetes: Kubernetes, tab: Tab, space: str, page_of_orders: str
) -> None:
    tab.open(f"{page_of_orders}/yaml")
    text = tab.page.get_by_label("The service as YAML")
    kept = text.input_value()
    expect(tab.button("Apply")).to_be_disabled()
    with tab.refusals_allowed():
        text.fill(kept.replace("engine: mongodb", "engine: no-such"))
        tab.button("Check and show the difference").click()
        expect(tab.page.locator("main .ant-alert-error")).to_be_visible()
    expect(tab.button("Apply")).to_be_disabled()
    unprotected = kept.replace("  protected: false\n", "")
    text.fill(unprotected.replace("\nspec:\n", "\nspec:\n  protected: true\n"))
    tab.button("Check and show the difference").click()
    difference = tab.page.locator("pre[aria-label='What would change']")
    expect(difference.locator(".plus").filter(has_text="protected: true")).to_have_count(1)
    tab.picture("yaml-difference")
    before = kubernetes.get("DataService", "orders", space)
    assert before is not None
    assert before["spec"].get("protected", False) is False, "a look changes nothing"
    tab.button("Apply").click()
    expect(tab.page.locator("main .ant-tag", has_text="Protected")).to_be_visible()
    after = kubernetes.get("DataService", "orders", space)
    assert after is not None
    assert after["spec"]["protected"] is True


def test_yaml_is_what_a_person_writes_and_says_when_somebody_else_changed_it(
    kubernetes: Kubernetes, tab: Tab, space: str, page_of_orders: str
) -> None:
    tab.open(f"{page_of_orders}/yaml")
    text = tab.page.get_by_label("The service as YAML")
    kept = text.input_value()
    assert [word for word in ("status:", "uid:", "resourceVersion", "managedFields") if word in kept] == []
    tab.page.get_by_label("Show the status, too").check()
    expect(tab.page.get_by_label("Status as YAML", exact=True)).to_contain_text("healthCluster: green")
    operator.tell(kubernetes, space, **operator.yellow())
    expect(tab.page.get_by_label("Status as YAML", exact=True)).to_contain_text("healthCluster: yellow")
    text.fill(kept.replace("onDelete: Retain", "onDelete: Delete"))
    tab.button("Check and show the difference").click()
    expect(tab.page.locator("pre[aria-label='What would change']")).to_contain_text("+  onDelete: Delete")
    kubernetes.merge("DataService", "orders", space, {"spec": {"protected": True}})
    tab.says("The service was changed meanwhile")
    with tab.refusals_allowed():
        tab.button("Apply").click()
        tab.says("Somebody else changed this meanwhile.")
    tab.picture("yaml-conflict")
    tab.button("Start over").click()
    expect(text).to_have_value(re.compile("protected: true"))
    expect(text).to_have_value(re.compile("onDelete: Retain"))


def test_who_may_only_look_reads_the_yaml_and_is_told_why_nothing_can_be_applied(
    kubernetes: Kubernetes, open_tab: OpenTab, someone: MakePerson, space: str, page_of_orders: str
) -> None:
    viewer = someone()
    kubernetes.let(viewer.user, "view", space)
    tab = open_tab(viewer)
    tab.open(f"{page_of_orders}/yaml")
    text = tab.page.get_by_label("The service as YAML")
    expect(text).to_have_value(re.compile("engine: mongodb"))
    expect(text).not_to_be_editable()
    expect(tab.page.locator("main .ant-alert-info")).to_contain_text("You may look, and change nothing")
    for name in ("Check and show the difference", "Apply"):
        expect(tab.button(name)).to_be_disabled()
        expect(tab.page.locator("main [role=note]", has=tab.button(name))).to_have_attribute(
            "aria-label",
            f"You may not change services in {space} (patch dataservices.moorage.dev). "
            "Whoever manages the space's members can change that.",
        )
    expect(tab.button("Copy")).to_be_enabled()
    tab.page.get_by_label("Show the status, too").check()
    expect(tab.page.get_by_label("Status as YAML", exact=True)).to_contain_text("healthCluster: green")
    assert operator.PASSWORD not in tab.page.content() + text.input_value()
    tab.picture("yaml-viewer")
    kept = viewer.browser.get(f"{page_of_orders}/manifest").json()
    refused = viewer.browser.put(f"{page_of_orders}/manifest", {"yaml": kept["yaml"], "version": kept["version"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_a_log_is_followed_and_filtered(tab: Tab, kubelet: Kubelet, page_of_orders: str) -> None:
    tab.open(f"{page_of_orders}/logs")
    log = tab.page.get_by_role("log", name="Log lines of datanode0")
    expect(log).to_contain_text("Waiting for connections")
    kubelet.write('{"s":"I","msg":"Election succeeded, assuming primary role"}')
    expect(log).to_contain_text("Election succeeded")
    tab.choose(tab.page.get_by_label("Severity"), "Errors")
    expect(log).to_contain_text("WiredTiger error")
    expect(log).not_to_contain_text("Waiting for connections")
    tab.choose(tab.page.get_by_label("Severity"), "All lines")
    tab.page.get_by_label("Only lines with").fill("slow query")
    expect(log.locator("> div")).to_have_count(1)


def test_what_happened_is_listed_and_taken_along(kubernetes: Kubernetes, tab: Tab, space: str, page_of_orders: str) -> None:
    for name, kind, reason in (("orders.1", "Normal", "Elected"), ("orders.2", "Warning", "RebuildStarted")):
        operator.happened(kubernetes, space, name, type=kind, reason=reason, message="a sentence")
    repair = {"kind": "resync", "member": "datanode2", "why": "its volume was lost", "startTime": operator.STARTED}
    operator.tell(kubernetes, space, repairs=[{**repair, "outcome": "Failed"}])
    tab.open(f"{page_of_orders}/events")
    past = tab.region("What happened")
    expect(past.get_by_role("row").filter(has_text="its volume was lost")).to_contain_text("Failed")
    expect(past).to_contain_text("Deployment")
    expect(tab.page.get_by_role("row").filter(has_text="Elected")).to_have_count(1)
    tab.page.get_by_label("Warnings only").check()
    expect(tab.page.get_by_role("row").filter(has_text="Elected")).to_have_count(0)
    expect(tab.page.get_by_role("row").filter(has_text="RebuildStarted")).to_have_count(1)
    with tab.page.expect_download() as saved:
        tab.button("Export").click()
    assert {e["reason"] for e in json.loads(saved.value.path().read_text())["events"]} == {"Elected", "RebuildStarted"}


def test_who_is_no_member_of_a_space_sees_nothing_of_it(kubernetes: Kubernetes, tab: Tab, editor: Someone, space: str) -> None:
    del space
    kubernetes.space("hidden-from-editors")
    operator.run(kubernetes, "hidden-from-editors", "secret-orders")
    with tab.refusals_allowed():
        tab.open("/services")
        assert "secret-orders" not in tab.page.content()
        tab.page.goto("/services/hidden-from-editors/secret-orders")
        tab.says("This does not exist any more, or you may not see it.")
    assert "members" not in tab.page.content().split("<main", 1)[1]
    assert editor.browser.get("/services/hidden-from-editors/secret-orders").status_code in (403, 404)
