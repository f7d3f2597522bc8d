"""Prometheus itself evaluates what every panel shows, over the series that the registry of metrics says there are."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from moorage.core.panels import Dashboard
from moorage.monitoring.dashboards import dashboards
from tests.monitoring import programs
from tests.monitoring.series import Labels, asked_for, chosen

RISES, STAYS = "0+10x160", "1x160"
VALUES = {"moorage_member_term": "1x79 2x80", "moorage_service_members_expected": "3x160"}
"""An election at 20 min; all others are 1, and counters rise."""


def expressions(dashboard: Dashboard) -> list[str]:
    queries = [query.expr for row in dashboard.rows for panel in row.panels for query in panel.queries]
    return [*queries, *(mark.expr for mark in dashboard.marks)]


def _series(name: str, labels: Labels) -> dict[str, str]:
    said = ",".join(f'{label}="{value}"' for label, value in labels.items())
    rises = name.endswith(("_total", "_bucket", "_sum", "_count"))
    return {"series": f"{name}{{{said}}}", "values": VALUES.get(name, RISES if rises else STAYS)}


def evaluated(folder: Path, expressions: Iterable[str]) -> None:
    """Each must show something. Raises AssertionError with what Prometheus says."""
    asked = list(expressions)
    found = {str(series): series for expr in asked for series in (_series(*one) for one in asked_for(expr))}
    test: dict[str, Any] = {
        "interval": "15s",
        "input_series": list(found.values()),
        "promql_expr_test": [
            {"expr": f"count({chosen(expr)}) > bool 0", "eval_time": "1230s", "exp_samples": [{"labels": "{}", "value": 1}]}
            for expr in asked
        ],
    }
    path = folder / "tests.yaml"
    path.write_text(yaml.safe_dump({"rule_files": [], "tests": [test]}))
    programs.run("promtool", "test", "rules", path)


@pytest.mark.parametrize("dashboard", dashboards(), ids=lambda d: d.uid)
def test_every_panel_and_every_mark_shows_something(dashboard: Dashboard, tmp_path: Path) -> None:
    evaluated(tmp_path, expressions(dashboard))


@pytest.mark.parametrize(
    ("expr", "says"),
    [
        ("max by (pod) (moorage_volume_free_byte)", "there is no metric moorage_volume_free_byte"),
        ('moorage_volume_level{level="fool"}', "no series of moorage_volume_level"),
        ('moorage_volume_level{nevel="full"}', "has no label nevel"),
        ("rate(moorage_mysql_statement_duration_seconds[1m])", "is a histogram"),
        ("max by (pod (moorage_volume_free_bytes)", "parse error"),
        ("moorage_volume_free_bytes > 2", "moorage_volume_free_bytes > 2"),
    ],
)
def test_a_panel_that_could_never_show_anything_is_found(expr: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=says):
        evaluated(tmp_path, [expr])
