"""What Prometheus is told can be read, is called as it expects, and never says 0 of what nobody knows."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from moorage.core.exposition import block, page
from moorage.core.metrics import As, Family, Histogram, Kind, Metric, Sample, Source, read

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NUMBERS = st.floats() | st.integers(-(2**60), 2**60).map(float)
KINDS = {Kind.COUNTER: "things_total", Kind.GAUGE: "things"}


@st.composite
def families(draw: st.DrawFn) -> Family:
    kind = draw(st.sampled_from(sorted(KINDS)))
    metric = Metric(f"moorage_{KINDS[kind]}", kind, draw(TEXTS), (), ("name", "state"))
    labels = draw(st.lists(st.tuples(TEXTS, TEXTS), unique=True, max_size=4))
    return Family(metric, tuple(Sample(found, draw(NUMBERS)) for found in labels))


@given(families(), TEXTS)
def test_a_page_says_exactly_what_was_measured_whatever_stands_in_names_and_numbers(family: Family, namespace: str) -> None:
    said = page([family.metric], [block([family], {"namespace": namespace})])
    found = [sample for parsed in text_string_to_metric_families(said) for sample in parsed.samples]
    assert len(found) == len(family.samples)
    for sample, measured in zip(found, family.samples, strict=True):
        assert sample.labels == {"namespace": namespace, "name": measured.labels[0], "state": measured.labels[1]}
        assert isinstance(measured.value, float)
        assert sample.value == measured.value or (math.isnan(sample.value) and math.isnan(measured.value))


@given(st.lists(st.integers(0, 10**9), min_size=3, max_size=3), NUMBERS.filter(math.isfinite))
def test_a_histogram_is_one_to_prometheus(counts: list[int], total_seconds: float) -> None:
    metric = Metric("moorage_wait_seconds", Kind.HISTOGRAM, "How long.", (), ("type",), (0.001, 1.0))
    first, second = counts[0], counts[0] + counts[1]
    value = Histogram(((0.001, first), (1.0, second)), second + counts[2], total_seconds)
    (found,) = text_string_to_metric_families(page([metric], [block([Family(metric, (Sample(("reads",), value),))], {})]))
    buckets = [(s.labels["le"], s.value) for s in found.samples if s.name.endswith("_bucket")]
    assert buckets == [("0.001", first), ("1", second), ("+Inf", second + counts[2])]
    assert {s.name: s.value for s in found.samples if not s.name.endswith("_bucket")} == {
        "moorage_wait_seconds_sum": total_seconds,
        "moorage_wait_seconds_count": second + counts[2],
    }


def values(source: Source, document: dict[str, Any], labels: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    (family,) = read([Metric("moorage_x", Kind.GAUGE, "X.", (source,), labels)], document)
    return {sample.labels: sample.value for sample in family.samples}


def test_what_is_not_said_has_no_series() -> None:
    documents: list[dict[str, Any]] = [
        {},
        {"a": None},
        {"a": {}},
        {"a": {"b": None}},
        {"a": 3},
        {"a": {"b": "a word"}},
        {"a": {"b": []}},
    ]
    assert all(values(Source("a.b"), document) == {} for document in documents)


def test_of_several_places_the_first_that_is_there_counts() -> None:
    source = Source("new.place|old.place", scale=2)
    assert values(source, {"new": {"place": 3}, "old": {"place": 9}}) == {(): 6.0}
    assert values(source, {"old": {"place": 9}}) == {(): 18.0}


def test_each_key_of_a_mapping_becomes_a_label() -> None:
    document = {"members": {"datanode0": {"health": "red"}, "datanode1": {"health": "green"}, "datanode2": {}}}
    source = Source("members.*.health", how=As.EACH_STATE, states=("green", "red"))
    assert values(source, document, ("member", "health")) == {
        ("datanode0", "green"): 0.0,
        ("datanode0", "red"): 1.0,
        ("datanode1", "green"): 1.0,
        ("datanode1", "red"): 0.0,
    }


def test_times_words_and_lists_are_read_as_they_are_meant() -> None:
    moment = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)
    document = {
        "at": "2026-11-28T09:30:00+08:00",
        "naive": moment.replace(tzinfo=None),
        "phase": "Running",
        "gaps": [1, 2],
        "is": True,
    }
    assert values(Source("at", how=As.TIME), document) == {(): moment.timestamp()}
    assert values(Source("naive", how=As.TIME), document) == {(): moment.timestamp()}
    assert values(Source("phase", how=As.STATE), document, ("phase",)) == {("Running",): 1.0}
    assert values(Source("gaps", how=As.COUNT), document) == {(): 2.0}
    assert values(Source("is"), document) == {(): 1.0}


def test_a_text_is_no_longer_than_prometheus_should_keep() -> None:
    found = values(Source("info", how=As.TEXTS, texts=("a.b", "c")), {"info": {"a": {"b": "x" * 5000}}}, ("ab", "c"))
    assert [tuple(map(len, labels)) for labels in found] == [(200, 0)]
    assert values(Source("info", how=As.TEXTS, texts=("a.b", "c")), {"info": {}}, ("ab", "c")) == {}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("other_things", Kind.GAUGE),
        ("moorage_Things", Kind.GAUGE),
        ("moorage_things", Kind.COUNTER),
        ("moorage_things_total", Kind.GAUGE),
        ("moorage_seconds_waited", Kind.GAUGE),
        ("moorage_wait_milliseconds", Kind.GAUGE),
        ("moorage_used_percent", Kind.GAUGE),
    ],
)
def test_a_name_against_the_conventions_is_found(name: str, kind: Kind) -> None:
    assert Metric(name, kind, "Help.", ()).why_not_conventional() is not None
    assert Metric("moorage_wait_seconds_total", Kind.COUNTER, "Help.", ()).why_not_conventional() is None
