"""PromQL as people write it, and as they should not."""

from hypothesis import strategies as st

from moorage.monitoring.own.fence import AGGREGATIONS

NAMES = st.sampled_from(["moorage_mongodb_replication_lag_seconds", "up", "a:b"])
LABELS = st.sampled_from(["service", "pod", "x", "namespace"])
VALUES = st.sampled_from(["orders", "shop", "bank", 'a"b', "a\\b", "é", ".*", "a|b", "(a|b)+", "[a-z]+", "(?i)a", "a\nb"])
SIGNS = st.sampled_from(["=", "!=", "=~", "!~"])


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


MATCHERS = st.builds(lambda label, sign, value: f"{label}{sign}{quoted(value)}", LABELS, SIGNS, VALUES)
SELECTORS = st.builds(lambda name, found: f"{name}{{{','.join(found)}}}", NAMES, st.lists(MATCHERS, max_size=2))
OFFSETS = st.sampled_from(["", " offset 5m", " offset 1d"])
OVER_TIME = st.sampled_from(["rate", "increase", "max_over_time", "absent_over_time", "deriv", "changes", "last_over_time"])
OF_ONE = st.sampled_from(["abs", "ceil", "absent", "timestamp", "sgn", "info", "hour"])
INSTANT = st.builds(lambda selector, offset: selector + offset, SELECTORS, OFFSETS)
RANGES = st.builds(lambda f, selector, time, offset: f"{f}({selector}[{time}]{offset})", OVER_TIME, SELECTORS,
                   st.sampled_from(["30s", "5m", "1d", "8d", "1h30m"]), OFFSETS)  # fmt: skip
PLAIN = sorted(AGGREGATIONS - {"topk", "bottomk", "quantile"})
GROUPED = st.sampled_from(["", " by (service, pod)", " by ()", " without (x)"])
MATCHING = st.sampled_from(["", " on (service)", " ignoring (x)", " on (service) group_left (x)", " on ()"])


def _more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda f, e: f"{f}({e})", OF_ONE, inner),
        st.builds(lambda f, by, e: f"{f}{by} ({e})", st.sampled_from(PLAIN), GROUPED, inner),
        st.builds(lambda f, e: f"{f}(0.9, {e})", st.sampled_from(["topk", "quantile", "histogram_quantile"]), inner),
        st.builds(lambda a, s, n: f"({a}) {s} {n}", inner, st.sampled_from([">", "<=", "==", "+", "* -", "> bool"]),
                  st.sampled_from(["1", "-2.5e3", "0x1f", "Inf", "1e-9"])),
        st.builds(lambda a, s, how, b: f"({a}) {s}{how} ({b})", inner, st.sampled_from([">", "/", "!="]), MATCHING, inner),
        st.builds(lambda a, s, b: f"({a}) {s} ({b})", inner, st.sampled_from(["and", "or", "unless", "unless on (pod)"]), inner),
        st.builds(lambda e: f"-({e})", inner),
    )  # fmt: skip


EXPRESSIONS = st.recursive(st.one_of(INSTANT, RANGES), _more, max_leaves=6)
