"""A query of somebody's own becomes few series, none of them double; what its Pod says is read as the API server took it."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from moorage.api.query_bounds import Asked
from moorage.core.exposition import block, page
from moorage.core.metrics import TEXT_LENGTH_MAX, Family, Kind
from moorage.core.queries import SERIES_MAX, Query, answer, from_json, to_json
from moorage.core.report import Role

QUERY = Query("open_orders", "Open orders.", "app", "SELECT 1 AS value", "value", (), 60, 5, Asked.PRIMARY)
ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.floats(), st.integers(), st.booleans(), st.text(max_size=5)),
        st.one_of(st.none(), st.text(max_size=400), st.sampled_from(["a", "b"])),
    ),
    max_size=80,
)


@given(ROWS)
def test_no_answer_has_more_series_than_there_may_be_and_every_row_is_a_series_or_counted(rows: list[tuple[Any, Any]]) -> None:
    found = answer(rows)
    assert len(found.samples) <= SERIES_MAX
    assert len(found.samples) + found.left_out == len(rows)
    assert len({sample.labels for sample in found.samples}) == len(found.samples)
    assert all(len(text) <= TEXT_LENGTH_MAX for sample in found.samples for text in sample.labels)
    assert all(isinstance(sample.value, float) and math.isfinite(sample.value) for sample in found.samples)


@given(ROWS)
def test_whatever_stands_in_an_answer_the_page_can_be_read(rows: list[tuple[Any, Any]]) -> None:
    query = replace(QUERY, labels=("state",), help='a "help"\nof \\ two lines')
    found = answer(rows)
    said = page([query.metric], [block([Family(query.metric, found.samples)], {"pod": "orders-g1-0"})])
    samples = [sample for family in text_string_to_metric_families(said) for sample in family.samples]
    assert [sample.value for sample in samples] == [sample.value for sample in found.samples]
    assert [sample.labels["state"] for sample in samples] == [sample.labels[0] for sample in found.samples]


def test_numbers_are_taken_as_the_engine_writes_them() -> None:
    found = answer([("12.50", "a"), (7, "b"), (True, "c"), ("1e3", "d"), ("no", "e"), (None, "f"), ("inf", "g"), ("9", "a")])
    assert [(s.labels[0], s.value) for s in found.samples] == [("a", 12.5), ("b", 7.0), ("c", 1.0), ("d", 1000.0)]
    assert found.left_out == 4


def test_a_name_that_ends_in_total_is_a_counters() -> None:
    assert (QUERY.metric.name, QUERY.metric.kind) == ("moorage_custom_open_orders", Kind.GAUGE)
    assert replace(QUERY, name="orders_total").metric.kind is Kind.COUNTER


@pytest.mark.parametrize("asked", list(Asked))
def test_a_member_that_serves_nobody_is_not_asked(asked: Asked) -> None:
    found = {role for role in Role if replace(QUERY, members=asked).is_for(role)}
    assert found == {
        Asked.PRIMARY: {Role.PRIMARY}, Asked.SECONDARY: {Role.SECONDARY}, Asked.EACH: {Role.PRIMARY, Role.SECONDARY},
    }[asked]  # fmt: skip


def test_what_members_are_told_is_what_they_read() -> None:
    queries = (replace(QUERY, labels=("state", "_id"), query="SELECT 'ü;'"), replace(QUERY, name="b", members=Asked.EACH))
    assert from_json(to_json(queries)) == queries
    assert (to_json(()), from_json("")) == ("", ())


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "Open"}, {"name": "a" * 61}, {"name": "open\n"}, {"value": "a`b"}, {"labels": ("pod",)}, {"labels": ("a", "a")},
        {"labels": ("__name__",)}, {"labels": ("1",)}, {"labels": tuple("abcde")}, {"every_seconds": 1},
        {"timeout_seconds": 31}, {"timeout_seconds": 0}, {"query": "x" * 2001},
    ],
)  # fmt: skip
def test_a_pod_that_says_what_the_api_server_refuses_is_not_heeded(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"cannot be|is no name|is longer"):
        from_json(to_json([replace(QUERY, **changed)]))


@pytest.mark.parametrize("text", ["{", "7", "[1]", '[{"name": "a"}]', "[" * 5000, to_json([QUERY, QUERY])])
def test_what_nobody_can_read_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"are no queries|of different names|JSON|Expecting"):
        from_json(text)
