"""What a person may ask of Prometheus: series of their own namespace, and nothing that stands in the way of others. Pure.

The text is parsed, and what Prometheus is given is written anew from what was understood: each selector with the namespace, each
text quoted, and only functions and operators that are named here. What a function reads by itself, what only some Prometheus
knows, and a regular expression that Go would not take never get through: one rule that it cannot read keeps Prometheus from
reading all of them.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import promql_parser as promql

LENGTH_MAX = 2048
DEPTH_MAX = 40
SELECTORS_MAX = 20
BACK_MAX = timedelta(days=7)
"""How far an expression looks back: a range and its offset together."""
FUNCTIONS = frozenset(
    (
        *("abs", "ceil", "clamp", "clamp_max", "clamp_min", "exp", "floor", "ln", "log10", "log2", "round", "sgn", "sqrt"),
        *("changes", "delta", "deriv", "idelta", "increase", "irate", "predict_linear", "rate", "resets"),
        *("avg_over_time", "count_over_time", "last_over_time", "max_over_time", "min_over_time", "present_over_time"),
        *("quantile_over_time", "stddev_over_time", "stdvar_over_time", "sum_over_time"),
        *("absent", "absent_over_time", "histogram_quantile", "scalar", "timestamp", "vector"),
        *("day_of_month", "day_of_week", "hour", "minute", "time"),
    )
)
AGGREGATIONS = frozenset(("avg", "bottomk", "count", "group", "max", "min", "quantile", "stddev", "stdvar", "sum", "topk"))
COMPARISONS = frozenset(("==", "!=", ">", "<", ">=", "<="))
SETS = frozenset(("and", "or", "unless"))
OPERATORS = frozenset(("+", "-", "*", "/", "%", "^")) | COMPARISONS | SETS
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_PIECE = r"(?:[A-Za-z0-9_:/ ,=@-]|[^\x00-\x7f]|\\[.dw-]|\.|\[\^?(?:0-9|a-z|A-Z|_)+\])[*+?]?"
_PIECES = rf"(?:{_PIECE}|\|)*"
_REGULAR = re.compile(rf"(?:{_PIECE}|\||\({_PIECES}\)[*+?]?)*")
"""Of regular expressions what everybody reads alike: letters, `.`, simple classes, `* + ?`, `|`, groups of one level."""


class RefusedError(ValueError):
    """Says what was found and what is allowed."""


def fenced(text: str, namespace: str, service: str | None = None) -> str:
    """The expression over series of this namespace, and of this service when one is named. Raises RefusedError."""
    if len(text) > LENGTH_MAX:
        raise RefusedError(f"the expression has {len(text)} characters; allowed: {LENGTH_MAX}")
    try:
        parsed = promql.parse(text)
    except ValueError as error:
        raise RefusedError(f"the expression cannot be read: {error}") from error
    writer = _Writer({"namespace": namespace} | ({"service": service} if service else {}))
    written = writer.write(parsed, 0)
    if not writer.selectors:
        raise RefusedError("the expression reads no series; wanted: such as moorage_mongodb_replication_lag_seconds > 30")
    if not writer.can_be_quiet:
        raise RefusedError(
            "the expression holds for as long as there are series, so the alert would always fire; compare it with something, "
            "such as … > 30 (without bool)"
        )
    return written


@dataclass(frozen=True)
class Threshold:
    """`measured` is what a number is held against; the alert holds while it stands so to `value`."""

    measured: str
    comparison: str
    value: float


_TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


def threshold(written: str) -> Threshold | None:
    """Of an expression that `fenced` wrote; None when it is no comparison with a number."""
    node = _bare(promql.parse(written))
    if not isinstance(node, promql.BinaryExpr) or (sign := str(node.op).strip()) not in COMPARISONS:
        return None
    if node.modifier is not None and node.modifier.return_bool:
        return None
    left, right = _bare(node.lhs), _bare(node.rhs)
    if isinstance(left, promql.NumberLiteral):
        left, right, sign = right, left, _TURNED.get(sign, sign)
    if not isinstance(right, promql.NumberLiteral) or isinstance(left, promql.NumberLiteral):
        return None
    return Threshold(_Writer({}).write(left, 0), sign, float(right.val))


def _bare(node: Any) -> Any:
    while isinstance(node, promql.ParenExpr):
        node = node.expr
    return node


@dataclass
class _Writer:
    """One expression's."""

    forced: dict[str, str]
    """Labels that every selector is given."""
    selectors: int = 0
    can_be_quiet: bool = False

    def write(self, node: Any, depth: int) -> str:
        if depth > DEPTH_MAX:
            raise RefusedError(f"the expression is nested deeper than {DEPTH_MAX} levels; say it in fewer")
        deeper = depth + 1
        match node:
            case promql.NumberLiteral():
                return number(node.val)
            case promql.ParenExpr():
                return f"({self.write(node.expr, deeper)})"
            case promql.UnaryExpr():
                return f"-({self.write(node.expr, deeper)})"
            case promql.VectorSelector():
                return self._selector(node, timedelta())
            case promql.MatrixSelector():
                return self._selector(node.vector_selector, node.range)
            case promql.Call():
                return self._call(node, deeper)
            case promql.AggregateExpr():
                return self._aggregation(node, deeper)
            case promql.BinaryExpr():
                return self._pair(node, deeper)
            case promql.SubqueryExpr():
                raise RefusedError("subqueries such as [1h:1m] are not allowed: each is many queries; use a range, such as [1h]")
            case _:
                raise RefusedError(f"a {type(node).__name__} is not allowed here; allowed: numbers, selectors and functions")

    def _selector(self, node: Any, back: timedelta) -> str:
        self.selectors += 1
        if self.selectors > SELECTORS_MAX:
            raise RefusedError(f"the expression reads more than {SELECTORS_MAX} selectors; split it")
        if node.at is not None:
            raise RefusedError("@ is not allowed: an alert is about now")
        if node.matchers.or_matchers:
            raise RefusedError("`or` between labels is not allowed; use =~")
        offset = node.offset or timedelta()
        if offset < timedelta() or back + offset > BACK_MAX:
            raise RefusedError(f"it looks back {back + offset}; allowed: from 0 to {BACK_MAX.days} days")
        name = _named(node.name, _NAME, "a metric's name") if node.name else ""
        matchers = [self._matcher(one) for one in node.matchers.matchers if one.name not in self.forced or self._is_own(one)]
        matchers = [*(f"{label}={quoted(value)}" for label, value in self.forced.items()), *filter(None, matchers)]
        shown = f"{name}{{{','.join(matchers)}}}"
        shown += f"[{duration(back)}]" if back else ""
        return shown + (f" offset {duration(offset)}" if offset else "")

    def _is_own(self, matcher: Any) -> bool:
        """True never: what is forced is written once. Raises RefusedError when something else is asked for."""
        wanted = self.forced[matcher.name]
        if matcher.op != promql.MatchOp.Equal or matcher.value != wanted:
            raise RefusedError(
                f"it asks for {matcher.name} '{matcher.value}', and is given '{wanted}' alone; leave {matcher.name} out"
            )
        return False

    def _matcher(self, matcher: Any) -> str:
        label, value = _named(matcher.name, _LABEL, "a label"), matcher.value
        sign = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}[_word(matcher.op)]
        if sign in ("=~", "!~") and _REGULAR.fullmatch(value) is None:
            raise RefusedError(
                f"the regular expression '{value}' is not a simple one; allowed: letters, digits, . * + ? |, classes such as "
                "[a-z0-9], and one level of ( )"
            )
        return f"{label}{sign}{quoted(value)}"

    def _call(self, node: Any, depth: int) -> str:
        name = node.func.name
        if name not in FUNCTIONS:
            raise RefusedError(f"the function {name} is not allowed; allowed: {', '.join(sorted(FUNCTIONS))}")
        if name in ("absent", "absent_over_time"):
            self.can_be_quiet = True
        return f"{name}({self._listed(node.args, depth)})"

    def _aggregation(self, node: Any, depth: int) -> str:
        name = str(node.op)
        if name not in AGGREGATIONS:
            raise RefusedError(f"the aggregation {name} is not allowed; allowed: {', '.join(sorted(AGGREGATIONS))}")
        grouped = ""
        if node.modifier is not None:
            word = {"By": "by", "Without": "without"}[_word(node.modifier.type)]
            grouped = f" {word} ({_labels(node.modifier.labels)}) "
        inner = [node.expr] if node.param is None else [node.param, node.expr]
        return f"{name}{grouped}({self._listed(inner, depth)})"

    def _pair(self, node: Any, depth: int) -> str:
        sign = str(node.op).strip()
        if sign not in OPERATORS:
            raise RefusedError(f"the operator {sign} is not allowed; allowed: {' '.join(sorted(OPERATORS))}")
        modifier = node.modifier
        is_filter = sign in COMPARISONS and not (modifier is not None and modifier.return_bool)
        self.can_be_quiet |= is_filter or sign in ("and", "unless")
        left, right = self.write(node.lhs, depth), self.write(node.rhs, depth)
        return f"({left}) {sign}{_matching(modifier)} ({right})"

    def _listed(self, nodes: Iterable[Any], depth: int) -> str:
        return ", ".join(self.write(node, depth) for node in nodes)


def _matching(modifier: Any) -> str:
    """How the series of both sides find each other."""
    if modifier is None:
        return ""
    fill = modifier.fill_values
    if fill is not None and (fill.lhs is not None or fill.rhs is not None):
        raise RefusedError("fill is not allowed: not every Prometheus knows it")
    words = " bool" if modifier.return_bool else ""
    if modifier.matching is not None:
        how = {"Include": "on", "Exclude": "ignoring"}[_word(modifier.matching.type)]
        words += f" {how} ({_labels(modifier.matching.labels)})"
    many = {"ManyToOne": "group_left", "OneToMany": "group_right"}.get(_word(modifier.card))
    return words + (f" {many} ({_labels(modifier.group_labels or ())})" if many else "")


def _labels(names: Iterable[str]) -> str:
    return ", ".join(_named(name, _LABEL, "a label") for name in names)


def _named(name: str, shape: re.Pattern[str], what: str) -> str:
    if shape.fullmatch(name) is None:
        raise RefusedError(f"'{name}' is not usable as {what}; allowed: letters, digits and _, not starting with a digit")
    return name


def _word(value: Any) -> str:
    """`ManyToOne` of what the parser shows as VectorMatchCardinality.ManyToOne."""
    return str(value).rpartition(".")[2]


def number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return ("+Inf" if value > 0 else "-Inf") if math.isinf(value) else repr(float(value)).removesuffix(".0")


def duration(time: timedelta) -> str:
    milliseconds = time // timedelta(milliseconds=1)
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"


def quoted(text: str) -> str:
    """As PromQL reads it: what is not printable as its number."""
    signs = {'"': '\\"', "\\": "\\\\", "\n": "\\n"}
    shown = (signs.get(sign) or (sign if sign.isprintable() else f"\\U{ord(sign):08x}") for sign in text)
    return f'"{"".join(shown)}"'
