"""Sets of transactions, compared with Python's own sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.engines.mysql.gtid import GtidSet, parse, union

UUIDS = ("3f1b6e0a-0000-4000-8000-000000000001", "00000000-0000-0000-0000-0000000000ab")
Plain = frozenset[tuple[str, str, int]]

plain_sets = st.frozensets(
    st.tuples(st.sampled_from(UUIDS), st.sampled_from(("", "import", "_a1")), st.integers(min_value=1, max_value=30)), max_size=60
)


def written(plain: Plain) -> str:
    """One transaction at a time, as MySQL would never write it and would read it."""
    return ",".join(f"{uuid}:{tag}:{n}" if tag else f"{uuid}:{n}" for uuid, tag, n in plain)


def plain(found: GtidSet) -> Plain:
    return frozenset((u, t, n) for (u, t), spans in found.spans.items() for a, b in spans for n in range(a, b + 1))


@given(plain_sets, plain_sets)
def test_they_are_what_sets_are(one: Plain, other: Plain) -> None:
    a, b = parse(written(one)), parse(written(other))
    assert plain(a) == one
    assert plain(a | b) == one | other
    assert plain(a - b) == one - other
    assert (a <= b) == (one <= other)
    assert len(a) == len(one)
    assert bool(a) == bool(one)
    assert union([a, b, a]) == a | b


@given(plain_sets)
def test_what_is_written_is_read_as_the_same(one: Plain) -> None:
    found = parse(written(one))
    assert parse(str(found)) == found
    assert found == parse(str(found).upper().replace(",", ",\n"))


def test_runs_are_joined_as_mysql_writes_them() -> None:
    assert str(parse(f"{UUIDS[0]}:4-5:1-3:7")) == f"{UUIDS[0]}:1-5:7"
    assert str(parse(f"{UUIDS[0]}:1-3:tag:1:2-5")) == f"{UUIDS[0]}:1-3,{UUIDS[0]}:tag:1-5"
    assert str(parse("")) == ""


@pytest.mark.parametrize("text", ["x", "3f1b6e0a:1-2", f"{UUIDS[0]}", f"{UUIDS[0]}:0", f"{UUIDS[0]}:3-1", f"{UUIDS[0]}:1-2-3"])
def test_what_is_no_set_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="'"):
        parse(text)


def test_people_are_told_how_many_and_which() -> None:
    assert parse(f"{UUIDS[0]}:1-5").shown() == f"5 transactions ({UUIDS[0]}:1-5)"
    assert parse(f"{UUIDS[0]}:9").shown() == f"1 transaction ({UUIDS[0]}:9)"
