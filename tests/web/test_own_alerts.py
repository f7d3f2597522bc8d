"""An alert of one's own: tried against a day that a real Prometheus remembers, kept, changed, paused and deleted."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Locator, expect

from tests.monitoring.test_own_prometheus import LAG, Remembering
from tests.server.charted import OWN_METRICS
from tests.server.console import Browser, Console
from tests.server.kubernetes import Kubernetes
from tests.server.people import MakePerson, Someone
from tests.web import fleet, operator
from tests.web.conftest import OpenTab
from tests.web.tab import Language, Size, Tab, Theme
from tests.web.test_monitoring import drawn

SPACE = fleet.SPACE
"""The one that Prometheus has a past of."""
NEW = "/alerts/rules/new"


class Tried:
    """The console that was told of the Prometheus."""

    def __init__(self, console: Console, person: Someone, prometheus: Remembering) -> None:
        self.url, self.prometheus, self.person = console.url, prometheus, person


@pytest.fixture(scope="module")
def tried(
    kubernetes: Kubernetes, pages: Path, tmp_path_factory: pytest.TempPathFactory, admin: Browser, hosts: list[str]
) -> Iterator[Tried]:
    del hosts
    kubernetes.space(SPACE)
    if kubernetes.get("DataService", fleet.SERVICE, SPACE) is None:
        operator.run(kubernetes, SPACE)
    folder = tmp_path_factory.mktemp("tried")
    prometheus = Remembering(folder)
    console = Console(kubernetes, folder, {"MOORAGE_PROMETHEUS": prometheus.asked._door.url, "MOORAGE_WEB": str(pages)})
    try:
        console.start(sys.executable)
        same = console.browser()
        same.client.cookies.update(admin.client.cookies)
        same.csrf = admin.csrf
        yield Tried(console, Someone("admin", same), prometheus)
    finally:
        console.stop()
        prometheus.program.stop()


def fill(tab: Tab, name: str) -> Locator:
    """All but the threshold, of `orders`; gives the field of the threshold."""
    tab.page.get_by_label("Name", exact=True).fill(name)
    tab.choose(tab.page.get_by_label("Space", exact=True), SPACE)
    tab.choose(tab.page.get_by_label("Service", exact=True), "orders")
    metric = tab.page.get_by_label("Metric", exact=True)
    metric.click()
    metric.fill("replication lag")
    tab.page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter(has_text=LAG).click()
    return tab.page.get_by_label("Threshold (seconds)")


def test_an_alert_is_tried_against_the_last_day_before_it_is_kept(
    kubernetes: Kubernetes, open_tab: OpenTab, tried: Tried
) -> None:
    tab = open_tab(tried.person, url=tried.url)
    tab.open("/alerts/rules")
    tab.button("Make an alert").click()
    expect(tab.page).to_have_url(re.compile(NEW))
    threshold = fill(tab, "lag")
    expect(tab.page.get_by_text("A name and a condition are missing still.")).to_be_visible()
    threshold.fill("90")
    tab.says("That is 1 min 30 s.")
    tab.says("It can be judged.")
    trial = tab.region("The last 24 h").first
    tab.button("Try it against the last day").click()
    expect(trial).to_contain_text("It would not have fired in the last 24 h: it never held.")
    threshold.fill("30")
    expect(trial).to_contain_text("The condition changed since it was tried.")
    tab.button("Try it against the last day").click()
    expect(trial).to_contain_text("It would have fired 3 times in the last 24 h, longest 5 min.")
    drawn(trial.locator(".chart"))
    expect(trial.get_by_role("slider")).to_have_attribute("aria-valuetext", re.compile("orders-g1-1 orders [01]"))
    moments = trial.get_by_role("group", name="When it would have fired")
    expect(moments.get_by_role("listitem")).to_have_count(3)
    expect(moments).to_contain_text("orders-g1-1")
    assert tab.barriers() == []
    tab.picture("own-alert-tried")
    tab.let_read_the_clipboard()
    tab.button("Copy: YAML").click()
    shown = tab.region("The same by other tools").locator("pre").first.inner_text()
    spec = yaml.safe_load(tab.clipboard(shown))["spec"]
    assert (spec["metric"], spec["threshold"], spec["forSeconds"], spec["service"]) == (LAG, 30, 300, "orders")
    tab.button("Save").click()
    expect(tab.page).to_have_url(re.compile("/alerts/rules$"))
    expect(tab.row("lag")).to_contain_text("Not judged yet")
    kept = kubernetes.get("AlertRule", "lag", SPACE)
    assert kept is not None
    assert kept["spec"] == {**kept["spec"], **spec}, "what was copied is what was kept"


def test_a_metric_of_ones_own_is_found_among_the_others_of_its_space(
    kubernetes: Kubernetes, open_tab: OpenTab, tried: Tried, space: str
) -> None:
    operator.run(kubernetes, space, "shop", metrics=OWN_METRICS)
    operator.run(kubernetes, space, "plain")
    tab = open_tab(tried.person, url=tried.url)
    tab.open(f"{NEW}?space={space}")
    tab.page.get_by_label("Name", exact=True).fill("open")
    metric = tab.page.get_by_label("Metric", exact=True)
    metric.click()
    metric.fill("nobody sent")
    menu = tab.page.locator(".ant-select-dropdown:visible")
    expect(menu.get_by_text("Own metrics", exact=True)).to_be_visible()
    expect(menu.locator(".ant-select-item-option")).to_have_count(1)
    menu.locator(".ant-select-item-option").click()
    tab.page.get_by_label("Only series whose state is", exact=True).fill("new")
    tab.page.get_by_label("Threshold", exact=True).fill("100")
    tab.says("It can be judged.")
    tab.picture("own-alert-own-metric")
    tab.button("Save").click()
    expect(tab.page).to_have_url(re.compile("/alerts/rules$"))
    kept = kubernetes.get("AlertRule", "open", space)
    assert kept is not None
    assert (kept["spec"]["metric"], kept["spec"]["labels"]) == ("moorage_custom_open_orders", {"state": "new"})
    tab.open(f"{NEW}?space={space}&service=plain")
    tab.page.get_by_label("Metric", exact=True).click()
    expect(tab.page.locator(".ant-select-dropdown:visible")).to_contain_text("Moorage's metrics")
    expect(tab.page.locator(".ant-select-dropdown:visible").get_by_text("Own metrics", exact=True)).to_have_count(0)


def test_an_alert_is_changed_paused_and_deleted_by_keyboard_alone(
    kubernetes: Kubernetes, open_tab: OpenTab, tried: Tried
) -> None:
    spec = {"promql": f"{LAG} > 30", "severity": "critical", "channels": ["dba"], "textZh": {"summary": "$subject 落后"}}
    operator.alert_rule(kubernetes, SPACE, "by-hand", spec, 1, "2026-11-06T18:20:05Z")
    tab = open_tab(tried.person, url=tried.url)
    tab.open("/alerts/rules")
    row = tab.row("by-hand")
    expect(row).to_contain_text("Fires")
    expect(row).to_contain_text("for 1 series")
    tab.link("by-hand").press("Enter")
    promql = tab.page.get_by_label("PromQL", exact=True).and_(tab.page.locator("textarea"))
    expect(promql).to_have_value(f"{LAG} > 30")
    with tab.refusals_allowed():
        promql.press("ControlOrMeta+a")
        promql.press_sequentially("up")
        expect(tab.page.get_by_text(re.compile("the alert would always fire"))).to_be_visible()
        promql.press("ControlOrMeta+a")
        promql.press_sequentially(f"{LAG} > 45")
        tab.says("It can be judged.")
    tab.button("Save").press("Enter")
    expect(tab.page).to_have_url(re.compile("/alerts/rules$"))
    kept = kubernetes.get("AlertRule", "by-hand", SPACE)
    assert kept is not None
    assert kept["spec"]["promql"] == f"{LAG} > 45"
    assert kept["spec"]["textZh"]["summary"] == "$subject 落后", "what was not touched stays"
    assert kept["spec"]["channels"] == ["dba"]
    tab.button("Pause: by-hand").press("Enter")
    expect(tab.button("Resume: by-hand")).to_be_visible()
    kept = kubernetes.get("AlertRule", "by-hand", SPACE)
    assert kept is not None
    assert kept["spec"] == {**kept["spec"], "paused": True, "promql": f"{LAG} > 45", "severity": "critical"}
    tab.button("Delete: by-hand").press("Enter")
    dialog = tab.dialog("Delete the alert by-hand")
    tab.button("Delete", dialog).press("Enter")
    expect(tab.page.get_by_role("link", name="by-hand")).to_have_count(0)
    assert kubernetes.get("AlertRule", "by-hand", SPACE) is None


def test_who_writes_while_somebody_else_changes_the_alert_is_told_and_overwrites_nothing(
    kubernetes: Kubernetes, open_tab: OpenTab, tried: Tried
) -> None:
    operator.alert_rule(kubernetes, SPACE, "of-two", {"promql": f"{LAG} > 30", "severity": "warning"}, 0)
    tab = open_tab(tried.person, url=tried.url)
    tab.open(f"/alerts/rules/{SPACE}/of-two")
    promql = tab.page.get_by_label("PromQL", exact=True).and_(tab.page.locator("textarea"))
    promql.fill(f"{LAG} > 31")
    tab.says("It can be judged.")
    kubernetes.merge("AlertRule", "of-two", SPACE, {"spec": {"severity": "critical"}})
    with tab.refusals_allowed():
        promql.fill(f"{LAG} > 45")
        tab.says(re.compile("Somebody else changed this alert while you wrote, so yours is not kept"))
    expect(promql, "what was written is there to be noted").to_have_value(f"{LAG} > 45")
    expect(tab.button("Save")).to_be_disabled()
    assert tab.barriers() == []
    tab.picture("own-alert-changed-meanwhile")
    tab.button("Take what is there now").click()
    expect(promql).to_have_value(f"{LAG} > 30")
    expect(tab.page.locator("form").get_by_title("Critical", exact=False)).to_be_visible()
    promql.fill(f"{LAG} > 45")
    tab.says("It can be judged.")
    tab.button("Save").click()
    expect(tab.page).to_have_url(re.compile("/alerts/rules$"))
    kept = kubernetes.get("AlertRule", "of-two", SPACE)
    assert kept is not None
    assert (kept["spec"]["promql"], kept["spec"]["severity"]) == (f"{LAG} > 45", "critical")


def test_what_holds_and_does_not_fire_yet_is_shown_as_neither(kubernetes: Kubernetes, open_tab: OpenTab, tried: Tried) -> None:
    spec = {"promql": f"{LAG} > 30", "forSeconds": 600}
    operator.alert_rule(kubernetes, SPACE, "nearly", spec, 0, fleet.ago(minutes=4), holding=2)
    for language, state, for_two in (
        ("en", "Holds, not long enough yet", "for 2 series"),
        ("zh", "条件成立，未达持续时间", "2 个序列"),
    ):
        tab = open_tab(tried.person, language=language, url=tried.url)
        tab.open("/alerts/rules")
        row = tab.row("nearly")
        expect(row).to_contain_text(state)
        expect(row).to_contain_text(for_two)
        assert tab.barriers() == []


def test_who_may_only_look_is_told_why_nothing_can_be_changed_and_may_still_try(
    kubernetes: Kubernetes, open_tab: OpenTab, tried: Tried, someone: MakePerson
) -> None:
    operator.alert_rule(kubernetes, SPACE, "of-others", {"promql": f"{LAG} > 30"}, 0)
    reader = someone()
    kubernetes.let(reader.user, "view", SPACE)
    tab = open_tab(reader, url=tried.url)
    tab.until("right to look", lambda: reader.browser.get("/alert-rules").json()["items"])
    tab.open("/alerts/rules")
    for deed in ("Pause", "Delete"):
        expect(tab.button(f"{deed}: of-others")).to_be_disabled()
    why = re.compile(f"^you may not .*create alertrules.moorage.dev.*{SPACE}|^You may not make alerts in {SPACE}")
    expect(tab.row("of-others").get_by_role("note", name=why).first).to_be_visible()
    tab.link("of-others").click()
    expect(tab.button("Save")).to_be_disabled()
    expect(tab.region("Summary").get_by_role("status")).to_have_text(why)
    tab.button("Try it against the last day").click()
    expect(tab.region("The last 24 h").first).to_contain_text("It would have fired")
    assert tab.barriers() == []


@pytest.mark.parametrize(
    ("size", "language", "theme"), [("narrow", "zh", "dark"), ("narrow", "en", "light"), ("wide", "zh", "light")]
)
def test_what_was_tried_is_whole_and_without_barriers_in_every_look(
    kubernetes: Kubernetes, open_tab: OpenTab, tried: Tried, size: Size, language: Language, theme: Theme
) -> None:
    operator.alert_rule(kubernetes, SPACE, "looked-at", {"metric": LAG, "comparison": ">", "threshold": 30, "forSeconds": 60}, 0)
    tab = open_tab(tried.person, size, language, tried.url)
    tab.page.add_init_script(f"localStorage.setItem('moorage.theme', '{theme}')")
    tab.open(f"/alerts/rules/{SPACE}/looked-at")
    tab.button({"en": "Try it against the last day", "zh": "用最近一天的数据试算"}[language]).click()
    drawn(tab.page.locator(".chart"))
    tab.settled()
    assert tab.wider_than_the_screen() <= 0
    tab.page.evaluate("scrollTo(0, 0)")  # where no button is half under the bar that stays
    assert tab.barriers() == []
    tab.picture(f"own-alert-{size}-{language}-{theme}")


def test_a_services_charts_lead_to_an_alert_about_it_and_another_space_has_no_service_of_this_one(
    open_tab: OpenTab, tried: Tried
) -> None:
    tab = open_tab(tried.person, url=tried.url)
    tab.open(f"/services/{SPACE}/{fleet.SERVICE}/monitoring")
    tab.link("Make an alert").click()
    expect(tab.page).to_have_url(re.compile(NEW))
    fields = tab.page.locator("form")
    expect(fields.get_by_title(fleet.SERVICE, exact=True)).to_be_visible()
    tab.choose(tab.page.get_by_label("Space", exact=True), "default")
    expect(fields.get_by_title(fleet.SERVICE, exact=True)).to_have_count(0)
    expect(fields.get_by_text("All of the space")).to_be_visible()


def test_while_prometheus_is_away_nothing_can_be_tried_and_an_alert_can_still_be_made(
    kubernetes: Kubernetes, open_tab: OpenTab, tab: Tab, space: str
) -> None:
    """The console of the other tests was told of a Prometheus that is not there."""
    tab.open(f"{NEW}?space={space}")
    tab.page.get_by_label("Name", exact=True).fill("blind")
    tab.page.get_by_text("PromQL", exact=True).first.click()
    tab.page.get_by_label("PromQL", exact=True).and_(tab.page.locator("textarea")).fill(f"{LAG} > 30")
    tab.says("It can be judged.")
    with tab.refusals_allowed():
        tab.button("Try it against the last day").click()
        tab.says(re.compile("Monitoring does not answer"))
    tab.button("Save").click()
    expect(tab.page).to_have_url(re.compile("/alerts/rules$"))
    assert kubernetes.get("AlertRule", "blind", space) is not None
