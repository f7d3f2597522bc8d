"""From the market to a service that stands."""

import pytest
import yaml
from playwright.sync_api import Locator, expect

from tests.server.kubernetes import Kubernetes, Object, path_of
from tests.server.people import Someone
from tests.web import operator
from tests.web.conftest import OpenTab
from tests.web.tab import Language, Tab

CUT_OFF = "(all) => all.filter((e) => e.scrollWidth > e.clientWidth + 1 && e.textContent.trim()).map((e) => e.textContent)"


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


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_chosen_under_advanced_can_be_read_whole(open_tab: OpenTab, editor: Someone, language: Language) -> None:
    tab = open_tab(editor, language=language)
    tab.open("/market/mongodb/deploy")
    tab.page.locator(".ant-collapse-header").click()
    tab.page.locator(".ant-collapse-body .ant-btn").click()
    chosen = tab.page.locator(".ant-collapse-body .ant-select")
    expect(chosen).not_to_have_count(0)
    for width in (1440, 1000, 390):
        tab.page.set_viewport_size({"width": width, "height": 900})
        assert chosen.locator("*").evaluate_all(CUT_OFF) == [], f"at {width} px"
    tab.picture(f"deploy-advanced-{language}")
    tab.page.get_by_role("combobox").last.click()
    names = tab.page.locator(".ant-select-dropdown .ant-select-item-option-content")
    expect(names).not_to_have_count(0)
    assert names.evaluate_all(CUT_OFF) == []


def test_a_schedule_that_never_comes_is_refused_beside_its_field(tab: Tab, space: str) -> None:
    del space
    tab.open("/market/mongodb/deploy")
    tab.page.locator(".ant-collapse-header").click()
    tab.page.get_by_label("Schedule", exact=True).fill("0 0 31 2 *")
    tab.says("This date never comes: none of these months has that day")
    tab.page.get_by_label("Schedule", exact=True).fill("0 0 29 2 *")
    expect(tab.page.get_by_text("This date never comes")).to_have_count(0)


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
    with tab.refusals_allowed():
        memory.get_by_role("textbox").fill("plenty")
        expect(memory).to_contain_text("A quantity such as 2Gi or 500m")
        memory.get_by_role("textbox").fill("16Mi")
        expect(memory).to_contain_text("memory '16Mi' is too small for mongodb; allowed: 512Mi or more")
        expect(memory.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    expect(tab.region("Summary")).to_contain_text("see the marked fields")
    tab.picture("deploy-refused")
    memory.get_by_role("textbox").fill("2Gi")
    expect(memory).not_to_contain_text("too small")
    expect(memory.get_by_role("textbox")).not_to_have_attribute("aria-invalid", "true")
    assert kubernetes.get("DataService", "orders", space) is None


def test_a_refused_value_that_is_folded_away_is_shown_and_the_person_is_led_to_it(
    kubernetes: Kubernetes, tab: Tab, space: str
) -> None:
    tab.open("/market/mongodb/deploy")
    fold = tab.page.get_by_role("button", name="Advanced")
    fold.click()
    schedule = tab.page.get_by_label("Schedule", exact=True)
    with tab.refusals_allowed():
        schedule.fill("30 2 * * MON")  # which the page can read, and Kubernetes takes numbers only
        field = tab.page.locator(".ant-form-item", has=schedule)
        expect(field).to_contain_text("allowed:")
        fold.click()
        expect(schedule).to_be_hidden()
        tab.button("Deploy").click()
        expect(schedule).to_be_focused()
    expect(field).to_be_in_viewport()
    tab.picture("deploy-led-to-the-field")
    assert kubernetes.list("DataService", space) == []


def test_what_no_field_stands_for_is_said_at_the_top(kubernetes: Kubernetes, tab: Tab, editor: Someone, space: str) -> None:
    tab.open("/market/mongodb/deploy")
    tab.page.get_by_label("Name", exact=True).fill("orders")
    read_yaml(tab)
    kubernetes.delete("RoleBinding", f"{editor.user.replace(':', '-')}-edit", space)
    with tab.refusals_allowed():
        tab.button("Deploy").click()
        top = tab.page.locator("form .ant-alert-error").first
        expect(top).to_contain_text("You may not do this.")
        assert top.bounding_box()["y"] < tab.page.get_by_label("Name", exact=True).bounding_box()["y"]  # type: ignore[index, unused-ignore]


def test_what_is_possible_and_yet_unwise_is_said_before_it_is_sent(tab: Tab, space: str) -> None:
    tab.open("/market/mongodb/deploy")
    verdict = tab.region("Summary").get_by_role("status")
    expect(verdict).to_contain_text(f"The space {space} has no default store")
    expect(verdict).to_contain_text("3 hosts have room for 3 members")
    tab.page.get_by_text("Advanced", exact=True).click()
    tab.choose(tab.page.get_by_label("Members", exact=True), "1")
    expect(verdict).to_contain_text("One member: nothing takes over while it is down")
    expect(verdict).not_to_contain_text("3 hosts have room")
    expect(tab.button("Deploy")).to_be_enabled()
    tab.picture("deploy-warnings")


def test_the_progress_becomes_the_connection_without_a_reload(kubernetes: Kubernetes, tab: Tab, space: str) -> None:
    operator.service(kubernetes, space)
    tab.open(f"/services/{space}/orders/progress")
    expect(tab.region("Steps")).to_contain_text("Accepted")
    operator.run(kubernetes, space)
    expect(tab.page.get_by_role("heading", name="orders is ready")).to_be_visible()
    expect(tab.region("Connection")).to_contain_text(f"{operator.ADDRESS}:{operator.PORT}")
    tab.picture("progress-ready")


def test_one_is_led_to_the_progress_of_a_service_that_its_restore_makes_a_moment_later(
    kubernetes: Kubernetes, tab: Tab, space: str
) -> None:
    """It was asked for at once, and said to be nowhere."""
    tab.page.goto(f"/services/{space}/orders/progress")
    expect(tab.page.get_by_role("status", name="Loading")).to_be_visible()
    operator.service(kubernetes, space)
    expect(tab.region("Steps")).to_contain_text("Accepted")


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
