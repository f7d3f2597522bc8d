"""Which series an expression asks for, as the registry of metrics knows them: every label, and only values that there are."""

import re
from collections.abc import Iterator
from itertools import chain

from moorage.core.metrics import As, Kind, Metric, Source
from moorage.monitoring.registry import groups

SOMEBODY = {"namespace": "shop", "service": "orders", "pod": "orders-g1-0", "store": "main", "instance": "a"}
CHOSEN = {"$namespace": "shop", "$service": "orders", "$__rate_interval": "1m"}
METRICS: dict[str, tuple[Metric, tuple[str, ...]]] = {m.name: (m, group.labels) for group in groups() for m in group.metrics}
_SELECTOR = re.compile(r"\b(moorage_[a-z0-9_]+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)(=~|!=|!~|=)"([^"]*)"')
_OF_HISTOGRAMS = ("_bucket", "_sum", "_count")

Labels = dict[str, str]


def chosen(expr: str) -> str:
    """With what somebody looks at in place of its variables."""
    for variable, value in CHOSEN.items():
        expr = expr.replace(variable, value)
    return expr


def selectors(expr: str) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Each metric that is named, and what its labels must be."""
    for name, matchers in _SELECTOR.findall(chosen(expr)):
        yield name, _MATCHER.findall(matchers)


def asked_for(expr: str) -> Iterator[tuple[str, Labels]]:
    """Series that the expression can find. Raises AssertionError when there are none for one of its metrics."""
    for name, matchers in selectors(expr):
        metric, common = _metric(name)
        wanted = {label for label, _, _ in matchers}
        has = {*common, *metric.labels, *(("le",) if name.endswith("_bucket") else ())}
        assert wanted <= has, f"{name} has no label {', '.join(sorted(wanted - has))}; it has {', '.join(sorted(has))}"
        base = {label: SOMEBODY[label] for label in (*common, "instance")}
        given = {label: value for label, how, value in matchers if how == "="}
        found = [base | labels for labels in _labels(metric, given)]
        found = [labels for labels in found if all(_fits(labels, *matcher) for matcher in matchers)]
        assert found, f"no series of {name} has {matchers}"
        yield from chain.from_iterable(_named(name, metric, labels) for labels in found)


def _metric(name: str) -> tuple[Metric, tuple[str, ...]]:
    base = next((name.removesuffix(end) for end in _OF_HISTOGRAMS if name.endswith(end)), name)
    found = METRICS.get(name) or METRICS.get(base)
    assert found is not None, f"there is no metric {name}"
    assert (found[0].kind is Kind.HISTOGRAM) == (found[0].name != name), f"{name} is a {found[0].kind}"
    return found


def _labels(metric: Metric, given: Labels) -> Iterator[Labels]:
    """Of each source: its own values; of what only the API server knows those that are asked for."""
    for source in metric.sources:
        for values in _values(source, len(metric.labels)):
            yield {
                label: value if value is not None else given.get(label, "x")
                for label, value in zip(metric.labels, values, strict=True)
            }


def _values(source: Source, labels: int) -> Iterator[tuple[str | None, ...]]:
    """None: any."""
    is_known = source.how is As.EACH_STATE
    for state in source.states if is_known else ("",):
        last = (state,) if is_known else ()
        yield (*source.labels, *(None,) * (labels - len(source.labels) - len(last)), *last)


def _fits(labels: Labels, label: str, how: str, value: str) -> bool:
    said = labels.get(label, "")
    match how:
        case "=":
            return label == "le" or said == value
        case "!=":
            return said != value
        case "=~":
            return re.fullmatch(value, said) is not None
        case _:
            return re.fullmatch(value, said) is None


def _named(name: str, metric: Metric, labels: Labels) -> Iterator[tuple[str, Labels]]:
    if not name.endswith("_bucket"):
        yield name, labels
        return
    for bound in (*metric.buckets, "+Inf"):
        yield name, {**labels, "le": str(bound)}
