"""What people may ask an engine for a metric: it reads, holds nobody up, and is one question."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.engines.mongodb import queryrule as mongodb
from moorage.engines.mysql import queryrule as mysql
from moorage.engines.registry import load

COUNT = {"aggregate": "orders", "pipeline": [{"$count": "value"}]}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT COUNT(*) AS value FROM orders",
        "select(1) as value",
        "SELECT state, COUNT(*) AS value FROM orders WHERE note <> 'a; -- b # c /* d */ \\' delete' GROUP BY state",
        'SELECT 1 AS value, "it""s; into" AS a, `update` FROM `delete`',
        "WITH late AS (SELECT * FROM orders) SELECT COUNT(*) AS value FROM late",
        "SELECT replace(state, 'a', 'b') AS a, find_in_set('a', b) AS value, updated_at FROM orders",
    ],
)
def test_of_mysql_what_reads_is_asked(query: str) -> None:
    assert mysql.why_refused("app", query) is None


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "it begins with ''"),
        ("DELETE FROM orders", "it begins with 'delete'; allowed: one SELECT"),
        ("SELECT 1; DELETE FROM orders", "it holds ';' outside of quotes"),
        ("SELECT 1 /*! INTO OUTFILE 'x' */", "it holds '/*'"),
        ("SELECT /*+ MAX_EXECUTION_TIME(0) */ 1", "it holds '/*'"),
        ("SELECT 1 -- comment", "it holds '--'"),
        ("SELECT 1 # comment", "it holds '#'"),
        ("WITH x AS (SELECT 1) DELETE FROM orders", "it holds 'delete' outside of quotes: it may only read"),
        ("SELECT * FROM orders FOR UPDATE", "it holds 'update'"),
        ("SELECT * FROM orders FOR  SHARE", "it holds 'for  share' outside of quotes: it may hold nobody up"),
        ("SELECT * FROM orders LOCK IN SHARE MODE", "it holds 'lock'"),
        ("SELECT GET_LOCK('a', 1)", "it holds 'get_lock'"),
        ("SELECT SLEEP(1)", "it holds 'sleep' outside of quotes: it may not wait"),
        ("SELECT 1 INTO OUTFILE 'x'", "it holds 'into'"),
        ("SELECT 'a", "a quote is not closed"),
        ("SELECT 1) AS q, (SELECT 2", "its brackets do not match"),
        ("SELECT (1", "its brackets do not match"),
    ],
)
def test_of_mysql_nothing_else_is_asked_and_the_reason_names_it(query: str, why: str) -> None:
    assert (mysql.why_refused("app", query) or "").startswith(why)


@pytest.mark.parametrize("database", ["mysql", "SYS", "performance_schema", "information_schema", "moorage"])
def test_of_mysql_no_database_of_the_engines_own_is_asked(database: str) -> None:
    assert "the engine's own" in (mysql.why_refused(database, "SELECT 1") or "")


@given(st.text(alphabet=st.sampled_from("SELECT ()'\"`\\;-/*#a\n"), max_size=40))
def test_of_mysql_what_is_asked_has_no_bare_mark_that_ends_or_hides_anything(query: str) -> None:
    """By a reader of its own, character for character."""
    if mysql.why_refused("app", query) is not None:
        return
    inside, depth, at = "", 0, 0
    while at < len(query):
        character = query[at]
        if inside:
            at += character == "\\" and inside != "`"
            inside = "" if character == inside else inside
        elif character in "'\"`":
            inside = character
        else:
            assert character not in ";#"
            assert query[at : at + 2] not in ("--", "/*", "*/")
            depth += (character == "(") - (character == ")")
            assert depth >= 0
        at += 1
    assert (inside, depth) == ("", 0)


@pytest.mark.parametrize(
    "query",
    [
        COUNT,
        {"aggregate": "orders", "pipeline": [], "hint": {"a": 1}},
        {
            "aggregate": "orders",
            "pipeline": [{"$match": {"at": {"$lt": {"$date": "2026-01-01T00:00:00Z"}}}}, {"$count": "value"}],
        },
        {"aggregate": "o", "pipeline": [{"$lookup": {"from": "b", "as": "b", "pipeline": [{"$match": {"x": "$out"}}]}}]},
    ],
)
def test_of_mongodb_what_reads_is_asked(query: dict[str, Any]) -> None:
    assert mongodb.why_refused("app", json.dumps(query)) is None


def stages(*found: Any) -> str:
    return json.dumps({"aggregate": "orders", "pipeline": list(found)})


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("SELECT 1", "it is no JSON"),
        ("[" * 2000, "it is no JSON"),
        ("[]", "it has no entry aggregate"),
        ('{"aggregate": 1, "pipeline": []}', "it has no entry aggregate"),
        ('{"aggregate": "system.users", "pipeline": []}', "collection 'system.users' is the engine's own"),
        ('{"aggregate": "a", "pipeline": [], "maxTimeMS": 0}', "it holds 'maxTimeMS'; allowed: aggregate, pipeline, hint"),
        ('{"aggregate": "a", "pipeline": {}}', "its pipeline is no list of stages"),
        ('{"aggregate": "a"}', "its pipeline is no list of stages"),
        (stages({"$match": {}, "$out": "x"}), "its pipeline is no list of stages"),
        (stages({"$out": "x"}), "it holds '$out': it writes"),
        (stages({"$merge": {"into": "x"}}), "it holds '$merge': it writes"),
        (stages({"$facet": {"a": [{"$merge": "x"}]}}), "it holds '$merge': it writes"),
        (stages({"$match": {"$where": "true"}}), "it holds '$where': it runs JavaScript in the engine"),
        (stages({"$project": {"a": {"$function": {"body": "", "args": [], "lang": "js"}}}}), "it holds '$function'"),
        (stages({"$group": {"_id": 1, "a": {"$accumulator": {}}}}), "it holds '$accumulator'"),
        (stages({"$currentOp": {}}), "it holds the stage '$currentOp'; allowed: $addFields"),
        (stages({"$changeStream": {}}), "it holds the stage '$changeStream'"),
    ],
)
def test_of_mongodb_nothing_else_is_asked_and_the_reason_names_it(query: str, why: str) -> None:
    assert (mongodb.why_refused("app", query) or "").startswith(why)


@pytest.mark.parametrize("database", ["admin", "local", "config"])
def test_of_mongodb_no_database_of_the_engines_own_is_asked(database: str) -> None:
    assert "the engine's own" in (mongodb.why_refused(database, json.dumps(COUNT)) or "")


NESTED = st.recursive(
    st.one_of(st.text(max_size=3), st.integers()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "$out", "$where", "$set"]), inner, max_size=3),
    ),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.sampled_from(["$match", "$group", "$out"]), NESTED, min_size=1, max_size=1), max_size=3))
def test_of_mongodb_what_writes_is_found_wherever_it_stands(pipeline: list[Any]) -> None:
    text = stages(*pipeline)
    names = '"$out":' in text or '"$where":' in text
    assert (mongodb.why_refused("app", text) is not None) is names


def test_the_operator_asks_the_engines_rule() -> None:
    engines = load()
    assert engines["mysql"].topology.why_query_refused("app", "SELECT 1 AS value") is None
    assert engines["mongodb"].topology.why_query_refused("app", json.dumps(COUNT)) is None
    assert all(engine.topology.why_query_refused("app", "DROP TABLE orders") for engine in engines.values())
