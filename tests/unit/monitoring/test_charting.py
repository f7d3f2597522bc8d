"""What Prometheus is asked for the console's charts: whose numbers, and how many points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.core.panels import Dashboard, Words
from moorage.monitoring import charting
from moorage.monitoring.charting import SPAN_SECONDS_MAX, SPAN_SECONDS_MIN
from moorage.monitoring.dashboards import dashboards

ALL = dashboards()
each = pytest.mark.parametrize("dashboard", ALL, ids=lambda d: d.uid)
STARTS = st.floats(1e9, 2e9)
LENGTHS = st.floats(SPAN_SECONDS_MIN + 1, SPAN_SECONDS_MAX - 1)


@each
def test_no_expression_keeps_a_variable(dashboard: Dashboard) -> None:
    chosen = charting.of_service("shop", "orders")
    for _, panel in charting.panels(dashboard).values():
        for query in panel.queries:
            made = charting.filled(query.expr, chosen, 60)
            assert "$" not in made
            assert 'namespace="shop"' in made or 'namespace=~"shop"' in made or "$namespace" not in query.expr


@each
def test_every_panel_has_a_name_of_its_own_that_fits_an_address(dashboard: Dashboard) -> None:
    found = charting.panels(dashboard)
    assert len(found) == sum(len(row.panels) for row in dashboard.rows)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.") for name in found)


@pytest.mark.parametrize("name", ['shop"} or vector(1) #', "", ".*", "a|b", "Shop", "-a"])
def test_what_is_no_name_never_stands_in_an_expression(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        charting.of_service(name, "orders")
    with pytest.raises(ValueError, match="no name"):
        charting.of_service("shop", name)
    with pytest.raises(ValueError, match="no name"):
        charting.of_namespaces([name])


def test_who_sees_no_namespace_asks_for_none() -> None:
    nowhere = charting.of_namespaces([]).namespace
    assert nowhere, "an empty expression is about all series that have no namespace"
    with pytest.raises(ValueError, match="no name"):
        charting.of_namespaces([nowhere])
    assert charting.of_namespaces({"b", "a"}).namespace == "a|b"
    assert charting.of_namespaces(None).namespace == ".*"


@given(STARTS, LENGTHS, st.integers(2, charting.POINTS_MAX))
def test_there_are_never_more_points_than_were_asked_for_and_all_lie_in_the_span(
    start: float, length: float, points: int
) -> None:
    found = charting.span(start, start + length, points)
    assert 1 <= found.count <= points
    assert found.start % found.step == 0
    assert start - found.step < found.start
    assert found.end <= start + length or found.count == 1


@given(STARTS, st.sampled_from([3_600, 21_600, 86_400, 604_800]), st.floats(0, 600))
def test_a_little_later_the_same_points_are_asked_for(start: float, length: int, later: float) -> None:
    one, two = charting.span(start, start + length, 240), charting.span(start + later, start + later + length, 240)
    assert one.step == two.step
    assert (two.start - one.start) % one.step == 0


@pytest.mark.parametrize(("length", "points", "says"), [(59, 240, "apart"), (367 * 86_400, 240, "apart"), (3_600, 501, "points")])
def test_what_cannot_be_drawn_is_said_in_words(length: int, points: int, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        charting.span(1e9, 1e9 + length, points)


@given(st.sampled_from([10, 15, 30, 60, 3_600, 86_400]))
def test_a_rate_sees_four_scrapes_and_leaves_no_time_between_points_out(step: int) -> None:
    assert charting.rate_seconds(step) >= max(4 * 10, step)


def test_a_line_is_called_by_its_labels() -> None:
    legend = Words("{{pod}} read {{none}}", "{{pod}} 读取 {{none}}")
    assert charting.called(legend, {"pod": "orders-g1-0"}) == Words("orders-g1-0 read ", "orders-g1-0 读取 ")
