"""Charts of the console, from a real Prometheus with a past: what is shown, to whom, and what is said when there is nothing."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from moorage.monitoring import charting
from moorage.monitoring.dashboards import dashboards
from tests.server.charted import FAIL_OVER_SECONDS, GAP_SECONDS, OTHER_SPACE, OWN_METRICS, SPACE, Charted, charted
from tests.server.console import Browser, Console
from tests.server.kubernetes import Kubernetes
from tests.server.objects import backup, seen
from tests.server.people import MakePerson
from tests.web import operator

ORDERS = f"/services/{SPACE}/orders"
CHARTS = f"{ORDERS}/charts"
MEMBERS = [f"orders-g1-{n}" for n in range(3)]
BY_UID = {d.uid: charting.panels(d) for d in dashboards()}


@pytest.fixture(scope="module")
def monitored(kubernetes: Kubernetes, tmp_path_factory: pytest.TempPathFactory, admin: Browser) -> Iterator[Charted]:
    del admin
    for space in (SPACE, OTHER_SPACE):
        kubernetes.space(space)
    operator.run(kubernetes, SPACE)
    operator.run(kubernetes, OTHER_SPACE, "secret")
    with charted(kubernetes, tmp_path_factory.mktemp("charted")) as made:
        yield made


@pytest.fixture
def viewer(kubernetes: Kubernetes, someone: MakePerson, monitored: Charted) -> Browser:
    """May look at SPACE, and at nothing else."""
    person = someone()
    kubernetes.let(person.user, "view", SPACE)
    browser = monitored.browser_of(person.browser)
    seen("session", lambda: browser.get("/session").status_code == 200 or None)
    return browser


def data(browser: Browser, path: str, *charts: str, **query: str | int) -> dict[str, Any]:
    answer = browser.client.get(f"/api/v1{path}/data", params={**query, "chart": list(charts)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_chart_of_an_engine_shows_lines_in_the_span_that_was_asked_for(viewer: Browser, monitored: Charted) -> None:
    ids = list(BY_UID["moorage-mongodb"])
    listed = [chart["id"] for row in viewer.get(CHARTS).json()["rows"] for chart in row["charts"]]
    assert listed == ids
    found = [data(viewer, CHARTS, *ids[at : at + 30], **monitored.span(3_600), points=241) for at in range(0, len(ids), 30)]
    assert [chart["id"] for one in found for chart in one["charts"] if not chart["lines"] or chart["problem"]] == []
    assert {(one["step"], one["count"]) for one in found} == {(15, 241)}


def test_own_metrics_are_drawn_beside_the_engines_and_a_service_without_any_has_an_empty_group(
    kubernetes: Kubernetes, viewer: Browser, monitored: Charted
) -> None:
    row = viewer.get(CHARTS).json()["rows"][-1]
    assert (row["title"], row["charts"]) == ({"en": "Own metrics", "zh": "自定义指标"}, [])
    kubernetes.merge("DataService", "orders", SPACE, {"spec": {"metrics": OWN_METRICS}})
    try:
        opened, sent = seen("own metrics", lambda: viewer.get(CHARTS).json()["rows"][-1]["charts"])
        assert (opened["title"]["en"], opened["says"]["en"], sent["unit"]) == (
            "open_orders",
            "Orders that nobody sent yet.",
            "ops",
        )
        found = data(viewer, CHARTS, opened["id"], sent["id"], **monitored.span(3_600), points=241)
        lines = [[line["name"]["en"] for line in chart["lines"]] for chart in found["charts"]]
        assert lines == [["state=new", "state=paid"], ["orders-g1-1", "orders-g1-2"]]
        assert all(None not in line["values"] for line in found["charts"][0]["lines"])
    finally:
        kubernetes.merge("DataService", "orders", SPACE, {"spec": {"metrics": None}})


def test_what_was_not_heard_is_a_gap_and_no_line_through_it(viewer: Browser, monitored: Charted) -> None:
    found = data(viewer, CHARTS, "resources.volume-used", **monitored.span(3_600), points=241)
    (chart,) = found["charts"]
    assert [line["name"]["en"] for line in chart["lines"]] == MEMBERS
    whole, holed = chart["lines"][0]["values"], chart["lines"][2]["values"]
    assert None not in whole
    # Prometheus itself goes on for five minutes after the last sample
    silent = slice((3_600 - GAP_SECONDS[0] + 330) // 15, (3_600 - GAP_SECONDS[1] - 30) // 15)
    assert set(holed[silent]) == {None}
    assert None not in holed[:60]
    assert None not in holed[-60:]
    assert all(0 < value < 1 for value in whole)


def test_a_week_is_as_few_points_as_an_hour(viewer: Browser, monitored: Charted) -> None:
    found = data(viewer, CHARTS, "resources.volume-used", **monitored.span(7 * 86_400), points=200)
    assert found["step"] == 3_600
    assert found["count"] in (168, 169), "points stay at whole hours"
    assert {len(line["values"]) for line in found["charts"][0]["lines"]} == {found["count"]}


def test_the_browser_names_charts_and_never_expressions(viewer: Browser, monitored: Charted) -> None:
    promql = viewer.get(CHARTS).json()["rows"][0]["charts"][0]["queries"][0]["promql"]
    assert f'namespace="{SPACE}", service="orders"' in promql
    assert "$" not in promql
    query = {**monitored.span(3_600), "chart": "moorage_volume_free_bytes"}
    assert viewer.get(f"{CHARTS}/data", **query).status_code == 404


def test_who_may_not_see_a_service_sees_no_chart_of_it(viewer: Browser, monitored: Charted) -> None:
    other = f"/services/{OTHER_SPACE}/secret/charts"
    query = {**monitored.span(3_600), "chart": "resources.volume-used"}
    answers = [viewer.get(other), viewer.get(f"{other}/data", **query), viewer.get(f"{other}/marks", **monitored.span(3_600))]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


@pytest.mark.parametrize("about", ["fleet", "backups"])
def test_charts_of_the_fleet_hold_the_services_that_somebody_may_see(
    about: str, viewer: Browser, admin: Browser, monitored: Charted
) -> None:
    ids = list(BY_UID[f"moorage-{about}"])
    mine = data(viewer, f"/charts/{about}", *ids, **monitored.span(3_600))
    everything = data(monitored.browser_of(admin), f"/charts/{about}", *ids, **monitored.span(3_600))
    assert _namespaces(mine) == {SPACE}
    assert _namespaces(everything) == {SPACE, OTHER_SPACE}
    narrowed = data(monitored.browser_of(admin), f"/charts/{about}", *ids, **monitored.span(3_600), space=SPACE)
    assert _namespaces(narrowed) == {SPACE}
    assert _namespaces(data(viewer, f"/charts/{about}", *ids, **monitored.span(3_600), space=OTHER_SPACE)) == set()


def _namespaces(found: dict[str, Any]) -> set[str]:
    lines = [line for chart in found["charts"] for line in chart["lines"]]
    return {line["labels"]["namespace"] for line in lines if "namespace" in line["labels"]}


def test_who_sees_nothing_is_shown_nobodys_numbers(someone: MakePerson, monitored: Charted) -> None:
    stranger = monitored.browser_of(someone().browser)
    seen("session", lambda: stranger.get("/session").status_code == 200 or None)
    found = data(stranger, "/charts/fleet", *BY_UID["moorage-fleet"], **monitored.span(3_600))
    values = {line["values"][0] for chart in found["charts"] for line in chart["lines"] if len(line["values"]) == 1}
    assert _namespaces(found) == set()
    assert values == {0}


def test_charts_of_moorage_itself_are_for_who_may_see_every_service(viewer: Browser, admin: Browser, monitored: Charted) -> None:
    query = {**monitored.span(3_600), "chart": "agents.longest-silent"}
    for path in ("/charts/platform", "/charts/platform/data"):
        refused = viewer.get(path, **query)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert data(monitored.browser_of(admin), "/charts/platform", "agents.longest-silent", **monitored.span(3_600))["charts"][0][
        "lines"
    ]


def test_marks_are_fail_overs_of_prometheus_and_what_is_remembered_of_the_service(
    kubernetes: Kubernetes, viewer: Browser, monitored: Charted
) -> None:
    began = monitored.span(900)["from"]
    backup(kubernetes, SPACE, "b1", {"phase": "Succeeded", "startTime": began, "endTime": began, "rawBytes": 10})
    changed = {"time": monitored.span(600)["from"], "what": "sql_mode: A → B"}
    operator.tell(kubernetes, SPACE, settingsChanges=[changed])

    def marks() -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = viewer.get(f"{CHARTS}/marks", **monitored.span(3_600)).json()["items"]
        return found if len(found) > 2 else None

    first, second, third = seen("three marks", marks)
    assert (first["kind"], second["kind"], second["what"]) == ("failOver", "backup", "b1")
    assert (third["kind"], third["message"]) == ("settings", "sql_mode: A → B"), "longer than Kubernetes keeps events"
    assert first["time"] == monitored.span(FAIL_OVER_SECONDS)["from"].replace("Z", "+00:00")


def test_a_span_that_cannot_be_drawn_is_refused_in_words(viewer: Browser, monitored: Charted) -> None:
    for query in (
        {"from": "2026-11-06T18:00:00Z", "to": "2026-11-06T17:00:00Z"},
        {"from": "2020-11-06T18:00:00Z", "to": "2026-11-06T17:00:00Z"},
        {"from": "2026-11-06T18:00:00", "to": "2026-11-06T19:00:00"},
    ):
        refused = viewer.get(f"{CHARTS}/data", chart="resources.volume-used", **query)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert "366 days" in viewer.get(f"{CHARTS}/data", chart="resources.volume-used", **monitored.span(10)).json()["detail"]


def test_without_a_prometheus_it_says_how_one_is_set_up(
    kubernetes: Kubernetes, monitored: Charted, admin: Browser, tmp_path: Path
) -> None:
    query = {**monitored.span(3_600), "chart": "resources.volume-used"}
    console = Console(kubernetes, tmp_path, {"MOORAGE_PROMETHEUS": ""})
    try:
        console.start(sys.executable)
        browser = console.browser()
        browser.client.cookies.update(admin.client.cookies)
        said = seen("session", lambda: r if (r := browser.get(f"{CHARTS}/data", **query)).status_code != 401 else None)
        assert (said.status_code, said.json()["code"]) == (503, "no-monitoring")
        assert "console.monitoring.prometheus" in said.json()["detail"]
        assert browser.get(f"{CHARTS}/marks", **monitored.span(3_600)).status_code == 200
    finally:
        console.stop()


def test_while_prometheus_is_away_it_says_so_and_what_is_remembered_stays(viewer: Browser, monitored: Charted) -> None:
    query = {**monitored.span(3_600), "chart": "resources.volume-used"}
    monitored.prometheus.stop()
    try:
        said = viewer.get(f"{CHARTS}/data", **query)
        assert (said.status_code, said.json()["code"]) == (503, "monitoring-away")
        assert viewer.get(f"{CHARTS}/marks", **monitored.span(3_600)).status_code == 200
    finally:
        monitored.prometheus.start()
    assert viewer.get(f"{CHARTS}/data", **query).status_code == 200
