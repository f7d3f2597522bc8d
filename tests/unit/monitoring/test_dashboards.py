"""Dashboards name nobody, are in both languages, and Grafana finds everything at its place."""

import json
import re
from typing import Any

import pytest

from moorage.core.panels import About, Dashboard, Draw, Panel, Words
from moorage.engines.registry import load
from moorage.monitoring.dashboards import dashboards
from moorage.monitoring.grafana import COLUMNS, rendered

ALL = dashboards()
each = pytest.mark.parametrize("dashboard", ALL, ids=lambda d: d.uid)


def panels(dashboard: Dashboard) -> list[Panel]:
    return [panel for row in dashboard.rows for panel in row.panels]


def words(dashboard: Dashboard) -> list[Words]:
    rows = [dashboard.title, *(row.title for row in dashboard.rows), *(mark.title for mark in dashboard.marks)]
    of_panels = [w for p in panels(dashboard) for w in (p.title, p.says, *(n[1] for n in p.names)) if w is not None]
    return [*rows, *of_panels, *(query.legend for panel in panels(dashboard) for query in panel.queries)]


def test_people_keep_links_to_dashboards_so_their_uids_stay() -> None:
    assert {d.uid for d in ALL} == {"moorage-fleet", "moorage-mongodb", "moorage-mysql", "moorage-backups", "moorage-platform"}


def test_every_engine_has_a_dashboard() -> None:
    assert {d.engine for d in ALL if d.about is About.SERVICE} == set(load())


@each
def test_a_dashboard_is_in_both_languages(dashboard: Dashboard) -> None:
    for said in words(dashboard):
        assert said.en
        assert said.zh
        assert not re.search(r"[\u4e00-\u9fff]", said.en)
        without_names = re.sub(r"\{\{\w+\}\}|\d+ %|[:/ ]|Operator|Agent", "", said.zh)
        assert not without_names or re.search(r"[\u4e00-\u9fff]", said.zh) or "CPU" in said.zh, said
        assert re.findall(r"\{\{\w+\}\}", said.en) == re.findall(r"\{\{\w+\}\}", said.zh)


@each
def test_no_two_panels_of_a_row_have_one_title(dashboard: Dashboard) -> None:
    for row in dashboard.rows:
        titles = [panel.title.en for panel in row.panels]
        assert len(set(titles)) == len(titles)


@each
def test_what_somebody_looks_at_is_chosen_and_nothing_is_named(dashboard: Dashboard) -> None:
    made = rendered(dashboard)
    variables = {variable["name"] for variable in made["templating"]["list"]}
    text = json.dumps(made)
    assert set(re.findall(r"\$\{?(\w+)", text)) <= variables | {"__rate_interval"}
    assert variables - {"datasource"} <= set(re.findall(r"\$(\w+)", " ".join(_expressions(made))))
    for uid in _all(made, "datasource"):
        assert uid == {"type": "prometheus", "uid": "${datasource}"}
    for expr in _expressions(made):
        assert set(re.findall(r'(?:namespace|service)=~?"([^"]*)"', expr)) <= {"$namespace", "$service"}
        for legend, query in _targets(made):
            if query == expr:
                labels = set(re.findall(r"\{\{(\w+)\}\}", legend))
                assert labels <= set(re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)\)", expr)))), (legend, expr)


def _all(at: Any, key: str) -> list[Any]:
    if isinstance(at, dict):
        return [v for k, v in at.items() if k == key] + [found for v in at.values() for found in _all(v, key)]
    return [found for v in at for found in _all(v, key)] if isinstance(at, list) else []


def _expressions(made: dict[str, Any]) -> list[str]:
    return _all(made, "expr")


def _targets(made: dict[str, Any]) -> list[tuple[str, str]]:
    return [(t["legendFormat"], t["expr"]) for targets in _all(made, "targets") for t in targets]


@each
def test_panels_do_not_overlap_and_have_numbers_of_their_own(dashboard: Dashboard) -> None:
    made = rendered(dashboard)["panels"]
    taken: set[tuple[int, int]] = set()
    for panel in made:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= COLUMNS
        taken |= cells
    assert len({panel["id"] for panel in made}) == len(made)


@each
def test_a_column_of_a_table_has_a_head_of_its_own(dashboard: Dashboard) -> None:
    for panel in panels(dashboard):
        if panel.draw is Draw.TABLE:
            heads = [query.legend.en for query in panel.queries]
            assert len(set(heads)) == len(heads)
            assert panel.rows
            for query in panel.queries:
                assert f"by ({', '.join(panel.rows)})" in query.expr
        else:
            assert not panel.rows
