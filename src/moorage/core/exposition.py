"""Prometheus's text format (0.0.4), as every scraper reads it. Pure, standard library only."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from moorage.core.metrics import Family, Histogram, Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METRICS_PATH = "/metrics"

Block = dict[str, str]
"""Name of a metric → the lines of its series: what one document adds to a page."""

_IN_LABELS = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_IN_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})


def block(families: Iterable[Family], common: Mapping[str, str]) -> Block:
    """`common`: labels that every series has."""
    return {family.metric.name: "".join(_lines(family, common)) for family in families if family.samples}


def page(metrics: Iterable[Metric], blocks: Sequence[Block]) -> str:
    """The series of all documents; every metric has one head, and one without series has none."""
    return "".join(
        f"# HELP {metric.name} {metric.help.translate(_IN_HELP)}\n# TYPE {metric.name} {metric.kind}\n{said}"
        for metric in metrics
        if (said := "".join(found.get(metric.name, "") for found in blocks))
    )


def _lines(family: Family, common: Mapping[str, str]) -> Iterator[str]:
    name = family.metric.name
    for sample in family.samples:
        labels = {**common, **dict(zip(family.metric.labels, sample.labels, strict=True))}
        value = sample.value
        if not isinstance(value, Histogram):
            yield _line(name, labels, value)
            continue
        for bound, count in (*value.buckets, (math.inf, value.count)):
            yield _line(f"{name}_bucket", {**labels, "le": _number(bound)}, count)
        yield _line(f"{name}_sum", labels, value.sum)
        yield _line(f"{name}_count", labels, value.count)


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    said = ",".join(f'{label}="{text.translate(_IN_LABELS)}"' for label, text in labels.items())
    return f"{name}{{{said}}} {_number(value)}\n" if said else f"{name} {_number(value)}\n"


def _number(value: float) -> str:
    """As Prometheus writes it: whole numbers without a point."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))
