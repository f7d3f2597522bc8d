"""Nobody reads series of another namespace, and no rule of one person stands in the way of another's."""

import promql_parser as promql
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.monitoring.own.fence import FUNCTIONS, RefusedError, Threshold, fenced, quoted, threshold
from tests.unit.monitoring.expressions import EXPRESSIONS


def selectors(text: str) -> list[promql.VectorSelector]:
    """All that an expression reads, as the parser sees it."""
    found: list[promql.VectorSelector] = []

    def look(node: promql.Expr) -> bool:
        if isinstance(node, promql.VectorSelector):
            found.append(node)
        if isinstance(node, promql.MatrixSelector):
            found.append(node.vector_selector)
        return True

    promql.walk(promql.parse(text), look)
    return found


def forced(selector: promql.VectorSelector) -> list[str]:
    """What its `namespace` must be."""
    return [one.value for one in selector.matchers.matchers if one.name == "namespace" and one.op == promql.MatchOp.Equal]


@given(EXPRESSIONS)
def test_every_selector_is_of_the_persons_own_namespace(text: str) -> None:
    try:
        written = fenced(text, "shop")
    except RefusedError:
        return
    found = list({id(one): one for one in selectors(written)}.values())
    assert found
    assert all("shop" in forced(one) for one in found)


@given(EXPRESSIONS)
def test_what_was_fenced_once_stays_as_it_is(text: str) -> None:
    try:
        written = fenced(text, "shop")
    except RefusedError:
        return
    again = fenced(written, "shop")
    assert str(promql.parse(again)).replace("(", "").replace(")", "") == str(promql.parse(written)).replace("(", "").replace(
        ")", ""
    )


@given(st.text(max_size=60))
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        return
    (matcher,) = promql.parse(f"a{{x={quoted(text)}}}").matchers.matchers  # type: ignore[attr-defined]
    assert matcher.value == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('a{namespace="bank"} > 1', "it asks for namespace 'bank', and is given 'shop' alone"),
        ('a{namespace=~".*"} > 1', "it asks for namespace '.*', and is given 'shop' alone"),
        ('a{namespace!="shop"} > 1', "is given 'shop' alone"),
        ('a{x="1" or namespace="bank"} > 1', "`or` between labels is not allowed"),
        ("info(a) > 1", "the function info is not allowed"),
        ('label_replace(a, "namespace", "bank", "", "") > 1', "the function label_replace is not allowed"),
        ('count_values("namespace", a) > 1', "the aggregation count_values is not allowed"),
        ("max_over_time(a[7d:1s]) > 1", "subqueries such as [1h:1m] are not allowed"),
        ("rate(a[8d]) > 1", "it looks back 8 days, 0:00:00; allowed: from 0 to 7 days"),
        ("a offset -1h > 1", "allowed: from 0 to 7 days"),
        ("a @ 0 > 1", "@ is not allowed"),
        ('a{x=~"(?i)b"} > 1', "is not a simple one"),
        ('a{x=~"b**"} > 1', "is not a simple one"),
        ("a", "the alert would always fire"),
        ("a > bool 1", "the alert would always fire"),
        ("vector(1) > 0", "it reads no series|the expression reads no series"),
        ("a >", "the expression cannot be read"),
        ("", "the expression cannot be read"),
        (f"{'(' * 300}a{')' * 300} > 1", "nested deeper than 40 levels"),
        (" + ".join(["a"] * 21) + " > 1", "reads more than 20 selectors"),
        (f"a > {'1' * 2048}", "the expression has 2052 characters; allowed: 2048"),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_is(text: str, why: str) -> None:
    with pytest.raises(RefusedError) as refused:
        fenced(text, "shop")
    assert any(part in str(refused.value) for part in why.split("|"))


def test_the_service_is_held_as_the_namespace_is() -> None:
    assert fenced("a > 1", "shop", "orders") == '(a{namespace="shop",service="orders"}) > (1)'
    with pytest.raises(RefusedError, match="service 'carts'"):
        fenced('a{service="carts"} > 1', "shop", "orders")


def test_a_label_that_would_end_its_text_does_not() -> None:
    written = fenced(r'a{x="\"} or b{y=\""} > 1', "shop")
    assert [forced(one) for one in selectors(written)] == [["shop"]]


def test_functions_that_read_series_by_themselves_are_not_among_those_allowed() -> None:
    assert not FUNCTIONS & {"info", "label_join", "label_replace", "holt_winters", "sort_by_label"}


@given(EXPRESSIONS)
def test_what_a_threshold_is_held_against_is_read_from_the_persons_own_namespace_too(text: str) -> None:
    try:
        held = threshold(fenced(text, "shop"))
    except RefusedError:
        return
    if held is not None:
        found = selectors(held.measured)
        assert found
        assert all("shop" in forced(one) for one in found)


@pytest.mark.parametrize(
    ("text", "sign", "value"),
    [("lag > 30", ">", 30), ("30 <= lag", ">=", 30), ("((lag) != (-1.5))", "!=", -1.5), ("1 == lag", "==", 1)],
)
def test_a_comparison_with_a_number_has_a_threshold(text: str, sign: str, value: float) -> None:
    assert threshold(fenced(text, "shop")) == Threshold('lag{namespace="shop"}', sign, value)


@pytest.mark.parametrize("text", ["lag > 30 and up == 1", "absent(lag)", "lag > up", "sum(lag > 30)", "(lag > bool 1) unless up"])
def test_what_is_no_comparison_with_a_number_has_none(text: str) -> None:
    assert threshold(fenced(text, "shop")) is None
