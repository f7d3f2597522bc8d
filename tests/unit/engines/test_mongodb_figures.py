"""Figures of a backup: what a restore must come back with, and what may differ."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.engines.mongodb.figures import (
    Collection,
    Found,
    Writes,
    collection_of,
    differences,
    from_json,
    index_digest,
    options_digest,
    to_json,
)

BY_NAME = {"v": {"$numberInt": "2"}, "key": {"name": {"$numberInt": "1"}}, "name": "name_1", "unique": True}
LIVE_BY_NAME: dict[str, Any] = {"v": 2, "key": {"name": 1.0}, "name": "name_1", "unique": True}


def said(was: Collection, **now: Any) -> list[str]:
    found = Found(**{"kind": was.kind, "documents": was.documents, "indexes": was.indexes, "options": was.options, **now})
    return differences({"shop.orders": was}, {"shop.orders": found})


def test_what_nobody_wrote_to_comes_back_exactly() -> None:
    was = Collection(documents=10)
    assert said(was) == []
    assert said(was, documents=9) == ["shop.orders has 9 documents instead of 10"]


@given(st.integers(0, 50), st.integers(0, 50), st.data())
def test_what_was_written_to_comes_back_within_what_the_writes_explain(before: int, inserts: int, data: st.DataObject) -> None:
    """Whichever documents the dump saw before and after the writes that its oplog holds."""
    deletes = data.draw(st.integers(0, before))
    seen = before + data.draw(st.integers(0, inserts)) - data.draw(st.integers(0, deletes))
    was = Collection(documents=seen, writes=Writes(inserted=inserts, deleted=deletes))
    assert said(was, documents=before + inserts - deletes) == []
    assert said(was, documents=seen + inserts + 1) != []
    assert said(was, documents=max(seen - deletes, 0) - 1) != []


def test_a_missing_collection_is_named_unless_the_log_says_that_it_went() -> None:
    assert differences({"a.b": Collection()}, {}) == ["the collection a.b is missing"]
    assert differences({"a.b": Collection(writes=Writes(changed=True))}, {}) == []


def test_an_index_is_the_same_whatever_its_numbers_types_and_another_one_when_its_key_s_order_differs() -> None:
    was = collection_of({"indexes": [BY_NAME], "options": {}}, 1, 0, None)
    assert was.indexes == {"name_1": index_digest(LIVE_BY_NAME)}
    two = {"name": "x", "key": {"a": 1, "b": 1}}
    assert index_digest(two) != index_digest({"name": "x", "key": {"b": 1, "a": 1}})
    assert said(was, indexes={}) == ["shop.orders lacks the index name_1"]
    assert said(was, indexes={"name_1": "other"}) == ["shop.orders has another index name_1"]
    assert said(was, indexes={**was.indexes, "more": "x"}) == ["shop.orders has an additional index more"]


def test_options_do_not_hang_on_their_order_or_the_collection_s_id() -> None:
    assert options_digest({"a": 1, "b": 2, "uuid": "x"}) == options_digest({"b": 2.0, "a": 1})
    assert options_digest({}) == ""


def test_figures_survive_the_manifest() -> None:
    held = {"a.b": Collection(documents=3, indexes={"_id_": "1"}, writes=Writes(deleted=2)), "a.v": Collection(kind="view")}
    assert from_json(to_json(held, {})) == held
    later = to_json(held, {})
    later["collections"]["a.b"]["of a later version"] = 1
    assert from_json(later) == held


@pytest.mark.parametrize("value", [float("inf"), float("nan"), b"x", None, [1, {"a": True}]])
def test_any_value_has_a_digest(value: object) -> None:
    assert options_digest({"a": value})
