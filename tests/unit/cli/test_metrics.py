"""What a person is told of the metrics that their queries became."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.api.metricquery import MetricQuery
from moorage.api.query_bounds import Asked
from moorage.cli.errors import ExitCode
from moorage.core.exposition import block, page
from moorage.core.member_metrics import QUERIES
from moorage.core.metrics import Family, read
from moorage.core.queries import Query, answer
from moorage.views.queries import query_views
from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import Object, service

SPEC = {"name": "open_orders", "database": "app", "query": "SELECT 1"}
FAILS = {"type": "MetricsHealthy", "status": "False", "reason": "QueryFails", "message": "datanode1 does not answer: no column"}


def agents_page(rows: Sequence[Sequence[Any]], outcome: str = "answered", **run: Any) -> str:
    query = Query("open_orders", "", "app", "SELECT 1", "value", ("state",), 60, 5, Asked.EACH)
    document = {"queries": {"open_orders": {"outcome": outcome, "seconds": 0.25, "answered_at": 1000, "left_out": 0, **run}}}
    common = {"namespace": "shop", "service": "orders", "pod": "orders-g1-0"}
    found = answer(rows)
    blocks = [block(read(QUERIES, document), common), block([Family(query.metric, found.samples)], common)]
    return page((*QUERIES, query.metric), blocks)


def orders(*queries: Object) -> Object:
    status = {"healthCluster": "green", "healthInstances": {"datanode0": "green", "datanode1": "green"}, "conditions": [FAILS]}
    return service(status=status, metrics={"queries": list(queries)})


def pages(*texts: str) -> dict[tuple[str, str], list[str]]:
    return {("shop", f"orders-g1-{n} page"): text.splitlines() for n, text in enumerate(texts)}


def test_each_series_is_a_line_and_a_query_that_fails_says_how_and_why(moorage: Moorage) -> None:
    good, bad = agents_page([(3, "new"), (4.5, "paid")]), agents_page([], "failed", answered_at=None, left_out=None)
    ran = moorage("metrics", "orders", having=[orders(SPEC)], logs=pages(good, bad))
    assert ran.code == 0
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert lines[0] == "METRIC MEMBER LABELS VALUE AGE TOOK OUTCOME"
    assert lines[1].startswith("moorage_custom_open_orders datanode0 state='new' 3 ")
    assert lines[2].startswith("moorage_custom_open_orders datanode0 state='paid' 4.5 ")
    assert lines[3] == "moorage_custom_open_orders datanode1 - - - 0.2 s failed"
    assert "datanode1 does not answer: no column" in ran.err


def test_rows_that_are_left_out_are_said(moorage: Moorage) -> None:
    ran = moorage("metrics", "orders", having=[orders(SPEC)], logs=pages(agents_page([(1, "a")], left_out=7)))
    assert "answered, 7 rows left out" in ran.out


def test_a_service_without_queries_is_asked_nothing(moorage: Moorage) -> None:
    ran = moorage("metrics", "orders", having=[orders()], forbidden=["get pods/proxy"])
    assert ran.code == 0
    assert "orders has no query in spec.metrics" in ran.err
    assert "forbidden" not in ran.err


def test_who_may_not_ask_the_members_is_told_so_member_by_member(moorage: Moorage) -> None:
    ran = moorage("metrics", "orders", having=[orders(SPEC)], forbidden=["get pods/proxy"])
    assert ran.code == 0
    assert "datanode0: pods is forbidden" in ran.err


def test_a_program_gets_the_same(moorage: Moorage) -> None:
    ran = moorage("metrics", "orders", "-o", "json", having=[orders(SPEC)], logs=pages(agents_page([(3, "new")])))
    (view,) = json.loads(ran.out)
    assert (view["member"], view["outcome"], view["answeredAt"]) == ("datanode0", "answered", 1000)
    assert view["series"] == [{"labels": {"state": "new"}, "value": 3}]


def test_a_service_that_is_not_there(moorage: Moorage) -> None:
    assert moorage("metrics", "nosuch").code == ExitCode.NOT_FOUND


@given(st.lists(st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=30)), max_size=8))
def test_whatever_text_a_label_has_it_is_shown_as_it_was(rows: list[tuple[float, str]]) -> None:
    wanted = {sample.labels[0]: sample.value for sample in answer(rows).samples}
    views = query_views([MetricQuery.model_validate(SPEC)], {"datanode0": agents_page(rows)})
    assert {one.labels["state"]: one.value for view in views for one in view.series} == pytest.approx(wanted)
