"""A service's charts, as a person looks at them: from a real Prometheus, under the console's own policy."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.server.charted import OTHER_SPACE, OWN_METRICS, SPACE, Charted, charted
from tests.server.console import Browser
from tests.server.kubernetes import Kubernetes
from tests.server.objects import backup
from tests.server.people import Someone
from tests.web import operator
from tests.web.conftest import OpenTab
from tests.web.tab import Language, Size, Tab

MONITORING = f"/services/{SPACE}/orders/monitoring"
IN_WORDS = re.compile(r"^[\d.]+ %$")


@pytest.fixture(scope="module")
def monitored(
    kubernetes: Kubernetes, pages: Path, tmp_path_factory: pytest.TempPathFactory, admin: Browser, hosts: list[str]
) -> Iterator[Charted]:
    del admin, hosts
    for space in (SPACE, OTHER_SPACE):
        kubernetes.space(space)
    operator.run(kubernetes, SPACE, metrics=OWN_METRICS)
    operator.run(kubernetes, SPACE, "plain")
    with charted(kubernetes, tmp_path_factory.mktemp("charted"), pages) as made:
        began = made.span(2_000)["from"]
        backup(kubernetes, SPACE, "orders-nightly", {"phase": "Succeeded", "startTime": began, "endTime": began, "rawBytes": 10})
        yield made


@pytest.fixture
def look(open_tab: OpenTab, monitored: Charted, admin: Browser) -> OpenTab:
    """Opens a tab of the first account, at the console that has a Prometheus."""
    person = Someone("admin", monitored.browser_of(admin))

    def make(size: Size = "wide", language: Language = "en") -> Tab:
        return open_tab(person, size, language, monitored.console.url)

    return make


def drawn(chart: Locator) -> None:
    """A canvas on which something is, and figures beside it."""
    expect(chart.locator("canvas")).to_be_visible()
    expect(chart.locator(".legend b").first).to_have_text(re.compile(r"\d"))


def test_a_services_charts_show_members_marks_and_the_pointer_and_each_can_be_reached_by_keyboard(
    look: OpenTab,
) -> None:
    tab = look()
    tab.open(MONITORING)
    tab.region("Resources").scroll_into_view_if_needed()
    volume = tab.region("Volume used")
    drawn(volume)
    for ordinal in range(3):
        expect(volume.get_by_role("button", name=re.compile(f"^orders-g1-{ordinal} "))).to_have_attribute("aria-pressed", "true")
    marks = tab.region("What happened in this time")
    expect(marks).to_contain_text("Fail-over")
    expect(marks).to_contain_text("orders-nightly")
    pointer = volume.get_by_role("slider")
    pointer.focus()
    before = pointer.get_attribute("aria-valuetext")
    pointer.press("ArrowLeft")
    pointer.press("ArrowLeft")
    expect(pointer).not_to_have_attribute("aria-valuetext", before or "")
    expect(pointer).to_have_attribute("aria-valuetext", re.compile(r"^\d{4}-.*orders-g1-0 [\d.]+ %, orders-g1-1 [\d.]+ %"))
    hidden = volume.get_by_role("button", name=re.compile("^orders-g1-1 "))
    hidden.click()
    expect(hidden).to_have_attribute("aria-pressed", "false")
    tab.page.get_by_role("switch", name="As tables").click()
    expect(volume.get_by_role("row", name=re.compile("orders-g1-0")).get_by_role("cell").first).to_have_text(IN_WORDS)
    assert tab.barriers() == []


def test_own_metrics_are_charts_like_the_others_and_where_there_are_none_it_says_how_one_is_made(look: OpenTab) -> None:
    tab = look()
    tab.open(MONITORING)
    tab.region("Own metrics").scroll_into_view_if_needed()
    opened = tab.region("open_orders")
    drawn(opened)
    for state in ("new", "paid"):
        expect(opened.get_by_role("button", name=re.compile(f"^state={state} "))).to_be_visible()
    drawn(tab.region("sent_total"))
    expect(opened.get_by_role("button", name="open_orders: Orders that nobody sent yet.")).to_be_visible()
    tab.picture("own-metrics")
    tab.open(f"/services/{SPACE}/plain/monitoring")
    expect(tab.region("Own metrics")).to_contain_text("Each query in spec.metrics.queries of its YAML becomes one")
    expect(tab.region("Own metrics").locator(".chart")).to_have_count(0)


def test_a_span_is_chosen_by_dragging_and_stands_in_the_address(look: OpenTab) -> None:
    tab = look()
    tab.open(MONITORING)
    tab.page.get_by_text("6 h", exact=True).click()
    expect(tab.page).to_have_url(re.compile("range=6h"))
    chart = tab.region("Operations")
    drawn(chart)
    chart.scroll_into_view_if_needed()
    box = chart.locator(".u-over").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    tab.page.mouse.move(box["x"] + box["width"] * 0.5, y)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] * 0.9, y, steps=5)
    tab.page.mouse.up()
    expect(tab.page).to_have_url(re.compile(r"from=\d+&to=\d+"))
    drawn(chart)


@pytest.mark.parametrize(("size", "language", "theme"), [("wide", "en", "light"), ("narrow", "zh", "dark")])
def test_charts_are_whole_and_without_barriers_in_every_look(look: OpenTab, size: Size, language: Language, theme: str) -> None:
    tab = look(size, language)
    tab.page.add_init_script(f"localStorage.setItem('moorage.theme', '{theme}')")
    for path in (MONITORING, "/charts/fleet", "/charts/backups", "/charts/platform"):
        tab.open(path)
        for row in tab.page.locator("section.charts").all():
            row.scroll_into_view_if_needed()
            expect(row.locator(".plot.waits")).to_have_count(0)
        assert tab.wider_than_the_screen() <= 0
        tab.page.evaluate("scrollTo(0, 0)")  # where no button is half under the bar that stays
        assert tab.barriers() == []
        tab.picture(f"charts-{path.split('/')[-1]}-{size}-{language}-{theme}")


def test_while_prometheus_is_away_the_page_says_so_and_shows_the_charts_again_when_it_is_back(
    look: OpenTab, monitored: Charted
) -> None:
    tab = look()
    monitored.prometheus.stop()
    try:
        with tab.refusals_allowed():
            tab.open(MONITORING)
            tab.says(re.compile("Monitoring does not answer"))
            monitored.prometheus.start()
            tab.button("Try again").click()
            drawn(tab.region("Operations"))
    finally:
        monitored.prometheus.start()
