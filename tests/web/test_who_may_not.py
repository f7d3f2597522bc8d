"""Who may not is told so before anything is pressed, in their own language, and is led to what is theirs."""

import re

import pytest
from playwright.sync_api import expect

from tests.server.kubernetes import Kubernetes
from tests.server.objects import seen
from tests.server.people import MakePerson, Someone
from tests.web import operator
from tests.web.conftest import OpenTab
from tests.web.tab import Language


@pytest.fixture
def viewer(kubernetes: Kubernetes, someone: MakePerson, space: str) -> Someone:
    """Who may look at a space with a store and a service, and no more."""
    operator.ready_store(kubernetes, space)
    operator.run(kubernetes, space)
    found = someone()
    kubernetes.let(found.user, "view", space)
    seen("right to look", lambda: found.browser.get("/stores").json()["items"])
    return found


@pytest.mark.parametrize(
    ("language", "deploy", "why"),
    [
        ("en", "Deploy", "You may not deploy services in {} (create dataservices.moorage.dev)"),
        ("zh", "部署应用", "您没有在空间 {} 中部署服务的权限"),
    ],
)
def test_whoever_may_not_deploy_is_told_on_the_page_and_sends_nothing(
    kubernetes: Kubernetes, open_tab: OpenTab, viewer: Someone, space: str, language: Language, deploy: str, why: str
) -> None:
    tab = open_tab(viewer, language=language)
    with tab.refusals_allowed():  # it may be checked before it is known who looks
        tab.open("/market/mongodb/deploy")
        expect(tab.page.locator("aside .ant-alert-info")).to_contain_text(why.format(space))
    expect(tab.button(deploy)).to_be_disabled()
    tab.picture(f"deploy-viewer-{language}")
    assert [found["metadata"]["name"] for found in kubernetes.list("DataService", space)] == ["orders"]


def test_stores_are_managed_by_those_who_may(open_tab: OpenTab, viewer: Someone, editor: Someone, space: str) -> None:
    tab = open_tab(viewer)
    tab.open("/settings")
    for deed in ("Test", "Delete"):
        expect(tab.button(f"{deed}: main")).to_be_disabled()
    why = re.compile(rf"You may not manage stores in {space}")
    expect(tab.row("main").get_by_role("note", name=why).first).to_be_visible()
    tab.button("Add a store").click()
    dialog = tab.dialog("Add a store")
    tab.choose(dialog.get_by_label("Space", exact=True), space)
    expect(dialog).to_contain_text(why)
    expect(tab.button("Add a store", dialog)).to_be_disabled()
    allowed = open_tab(editor)
    allowed.open("/settings")
    for deed in ("Test", "Delete"):
        expect(allowed.button(f"{deed}: main")).to_be_enabled()


def test_who_has_no_space_is_told_whom_to_ask(open_tab: OpenTab, someone: MakePerson, manager: Someone) -> None:
    tab = open_tab(someone())
    tab.open("/spaces")
    expect(tab.button("Create a space")).to_be_disabled()
    expect(tab.page.get_by_role("note", name="You may not create spaces (create namespaces). An administrator")).to_be_visible()
    tab.says("You have no space to deploy into. Ask whoever manages spaces.")
    with tab.refusals_allowed():
        tab.open("/settings")
    expect(tab.button("Add a store")).to_be_disabled()
    allowed = open_tab(manager)
    allowed.open("/spaces")
    expect(allowed.button("Create a space")).to_be_enabled()
    expect(allowed.row("default")).to_be_visible()
    expect(allowed.page.get_by_text("kube-system", exact=True)).to_have_count(0)


def test_a_name_of_kubernetes_is_a_space_as_soon_as_a_service_is_in_it(kubernetes: Kubernetes, manager: Someone) -> None:
    def listed() -> bool:
        return "kube-public" in [row["name"] for row in manager.browser.get("/spaces").json()["items"]]

    assert not listed()
    operator.service(kubernetes, "kube-public", "odd")
    try:
        assert seen("the space", listed)
    finally:
        kubernetes.delete("DataService", "odd", "kube-public")
