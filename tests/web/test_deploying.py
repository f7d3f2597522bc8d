"""From the market to a service that stands."""

import yaml
from playwright.sync_api import Locator, expect

from tests.server.kubernetes import Kubernetes, Object, path_of
from tests.web import operator
from tests.web.tab import Tab


def spec_of(kubernetes: Kubernetes, space: str, name: str) -> Object:
    found = kubernetes.get("DataService", name, space)
    assert found is not None
    spec: Object = found["spec"]
    return spec


def read_yaml(tab: Tab) -> Object:
    """The snippet, once the check of what stands in the form now is over."""
    expect(tab.region("Summary").get_by_role("alert").filter(has_text="The hosts have room for it.")).to_be_visible()
    shown: Object = yaml.safe_load(snippet(tab, "YAML").inner_text())
    return shown


def snippet(tab: Tab, label: str) -> Locator:
    """What the copy button beside it copies."""
    return tab.region("The same by other tools").locator(f"pre[aria-label='{label}']")


def test_from_the_market_to_the_list(kubernetes: Kubernetes, tab: Tab, space: str) -> None:
    tab.open("/market")
    tab.picture("market")
    tab.page.get_by_role("article", name="MongoDB").get_by_role("link", name="Details").click()
    tab.says("What you get")
    tab.picture("market-detail")
    tab.button("Deploy MongoDB").click()
    tab.page.get_by_label("Name", exact=True).fill("orders")
    tab.choose(tab.page.get_by_label("Version", exact=True), "7.0")
    tab.page.get_by_role("radio", name="M · Medium").check()
    expect(tab.region("Summary")).to_contain_text(f"{space}/orders")
    expect(snippet(tab, "YAML")).to_contain_text("memory: 4Gi")
    shown = read_yaml(tab)
    tab.picture("deploy")
    tab.button("Deploy").click()
    expect(tab.page.get_by_role("heading", name="Setting up orders")).to_be_visible()
    tab.picture("progress")
    assert shown["metadata"] == {"name": "orders", "namespace": space}
    again = {**shown, "metadata": {"name": "by-hand", "namespace": space}}
    by_hand = kubernetes.admin.post(path_of("DataService", space), params={"dryRun": "All"}, json=again)
    assert by_hand.json()["spec"] == spec_of(kubernetes, space, "orders"), "what was shown is what was made"
    tab.link("My apps", tab.page.get_by_role("navigation", name="Main navigation")).click()
    row = tab.page.get_by_role("row", name="orders")
    expect(row).to_contain_text("MongoDB 7.0")
    expect(row).to_contain_text("Starting")


def test_what_the_command_line_is_told_makes_the_same_service(kubernetes: Kubernetes, tab: Tab, space: str) -> None:
    tab.open("/market/mongodb/deploy")
    tab.page.get_by_label("Name", exact=True).fill("orders")
    tab.page.get_by_text("Advanced", exact=True).click()
    tab.page.get_by_label("Protected from deletion").check()
    expect(snippet(tab, "YAML")).to_contain_text("protected: true")
    tools = tab.region("The same by other tools")
    tools.get_by_role("tab", name="moorage").click()
    expect(snippet(tab, "moorage command")).to_contain_text(f"moorage deploy mongodb orders -n {space}")
    expect(snippet(tab, "moorage command")).to_contain_text("--protected")
    tools.get_by_role("tab", name="kubectl").click()
    expect(snippet(tab, "kubectl")).to_contain_text("kubectl apply -f -")
    assert kubernetes.get("DataService", "orders", space) is None, "a look makes nothing"


def test_a_bad_value_is_refused_beside_its_field(kubernetes: Kubernetes, tab: Tab, space: str) -> None:
    operator.service(kubernetes, space, "taken")
    tab.open("/market/mongodb/deploy")
    name = tab.page.locator(".ant-form-item", has=tab.page.get_by_label("Name", exact=True))
    for bad, why in (
        ("Orders", "Small letters, digits and -"),
        ("1st", "it begins with a letter"),
        ("taken", "a service of this name"),
    ):
        name.get_by_role("textbox").fill(bad)
        expect(name).to_contain_text(why)
        expect(name.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
        expect(tab.button("Deploy")).to_be_disabled()
    name.get_by_role("textbox").fill("orders")
    expect(tab.button("Deploy")).to_be_enabled()
    tab.page.get_by_role("radio", name="Own figures").check()
    memory = tab.page.locator(".ant-form-item", has=tab.page.get_by_label("Memory", exact=True))
    memory.get_by_role("textbox").fill("plenty")
    expect(memory).to_contain_text("A quantity such as 2Gi or 500m")
    with tab.refusals_allowed():
        memory.get_by_role("textbox").fill("16Mi")
        expect(tab.page.get_by_role("alert").filter(has_text="memory")).to_be_visible()
    tab.picture("deploy-refused")
    assert kubernetes.get("DataService", "orders", space) is None


def test_the_progress_becomes_the_connection_without_a_reload(kubernetes: Kubernetes, tab: Tab, space: str) -> None:
    operator.service(kubernetes, space)
    tab.open(f"/services/{space}/orders/progress")
    expect(tab.region("Steps")).to_contain_text("Accepted")
    operator.run(kubernetes, space)
    expect(tab.page.get_by_role("heading", name="orders is ready")).to_be_visible()
    expect(tab.region("Connection")).to_contain_text(f"{operator.ADDRESS}:{operator.PORT}")
    tab.picture("progress-ready")


def test_deploying_with_the_keyboard_alone(kubernetes: Kubernetes, tab: Tab, space: str) -> None:
    tab.open("/")
    press = tab.page.keyboard.press
    press("g")
    press("m")
    expect(tab.page.get_by_role("heading", name="App market")).to_be_visible()
    press("/")
    tab.page.keyboard.type("mongo")
    expect(tab.page.get_by_role("article")).to_have_count(1)
    to_focus(tab, "Deploy: MongoDB")
    press("Enter")
    expect(tab.page.get_by_role("heading", name="Deploy MongoDB")).to_be_visible()
    to_focus(tab, "Name")
    press("ControlOrMeta+a")
    tab.page.keyboard.type("by-keys")
    expect(tab.region("Summary")).to_contain_text("by-keys")
    to_focus(tab, "Deploy")
    press("Enter")
    expect(tab.page.get_by_role("heading", name="Setting up by-keys")).to_be_visible()
    assert spec_of(kubernetes, space, "by-keys")["engine"] == "mongodb"


def to_focus(tab: Tab, name: str) -> None:
    """With the tabulator, as far as it takes; what has the focus can be seen to have it."""
    wanted = tab.page.get_by_role("button", name=name, exact=True).or_(tab.page.get_by_role("textbox", name=name, exact=True))
    expect(wanted).to_be_visible()
    passed: list[str] = []
    for _ in range(60):
        tab.page.keyboard.press("Tab")
        if wanted.evaluate("(element) => element === document.activeElement"):
            ring = "(e) => ['outlineStyle', 'boxShadow', 'borderColor'].map((k) => getComputedStyle(e)[k]).join()"
            assert wanted.evaluate(ring) != "none,none,", "nobody sees where the focus is"
            return
        passed.append(tab.page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))
    raise AssertionError(f"the tabulator does not come to '{name}'; it came by {passed}")
