"""The local copy is right again after any gap."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.kube.reflector import Store


def item(name: str, version: int | str) -> dict[str, Any]:
    return {"metadata": {"namespace": "shop", "name": name, "resourceVersion": str(version)}}


def test_what_vanished_in_a_gap_is_reported() -> None:
    store = Store()
    store.listed([item("a", 1), item("b", 2)], "2")
    assert store.listed([item("a", 1)], "9") == {("shop", "b")}


def test_a_bookmark_moves_only_the_version() -> None:
    store = Store()
    assert store.event("BOOKMARK", {"metadata": {"resourceVersion": "7"}}) == set()
    assert store.version == "7"


def held(store: Store, name: str) -> str | None:
    found = store.get("shop", name)
    return None if found is None else found["metadata"]["resourceVersion"]


def test_our_own_write_is_seen_before_the_watch_tells_of_it() -> None:
    store = Store()
    store.listed([item("a", 1)], "1")
    store.wrote(item("a", 3))
    assert held(store, "a") == "3"


def test_an_answer_that_comes_late_does_not_undo_what_the_watch_told_meanwhile() -> None:
    store = Store()
    store.listed([item("a", 1)], "1")
    store.event("MODIFIED", item("a", 5))
    store.wrote(item("a", 3))
    assert held(store, "a") == "5"


def test_an_answer_that_comes_late_does_not_bring_back_what_is_gone() -> None:
    store = Store()
    store.listed([item("a", 1)], "1")
    store.event("DELETED", item("a", 5))
    store.wrote(item("a", 3))
    assert held(store, "a") is None


@pytest.mark.parametrize("operation", ["MODIFIED", "DELETED"])
def test_what_the_watch_tells_late_does_not_undo_our_own_write(operation: str) -> None:
    store = Store()
    store.listed([item("a", 1)], "1")
    store.wrote(item("a", 5))
    assert store.event(operation, item("a", 3)) == set()
    assert held(store, "a") == "5"


def test_a_list_from_before_our_own_write_does_not_undo_it() -> None:
    store = Store()
    store.listed([], "1")
    store.wrote(item("a", 5))
    assert store.listed([item("b", 2)], "3") == {("shop", "b")}
    assert held(store, "a") == "5"


def test_versions_that_are_no_numbers_are_taken_as_they_come() -> None:
    store = Store()
    store.listed([item("a", "x9")], "x9")
    store.wrote(item("a", "x3"))
    assert held(store, "a") == "x3"


events = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["ADDED", "MODIFIED", "DELETED"]), st.booleans()))


@given(events)
def test_once_faults_stop_the_copy_equals_the_server_and_every_change_was_told(steps: list[tuple[str, str, bool]]) -> None:
    server: dict[str, dict[str, Any]] = {}
    told: dict[str, dict[str, Any]] = {}
    store = Store()

    def hear(keys: set[tuple[str, str]]) -> None:
        for _, name in keys:
            found = store.get("shop", name)
            told.pop(name, None) if found is None else told.update({name: found})

    for version, (name, operation, is_lost) in enumerate(steps, start=1):
        changed = item(name, version)
        server.pop(name, None) if operation == "DELETED" else server.update({name: changed})
        if not is_lost:
            hear(store.event(operation, changed))
    hear(store.listed(list(server.values()), str(len(steps))))
    assert {i["metadata"]["name"]: i for i in store.all()} == server == told


happenings = st.lists(
    st.tuples(st.sampled_from(["ours", "another's", "deleted", "told", "answered", "listed"]), st.sampled_from("ab"))
)


@given(happenings)
def test_whatever_overtakes_what_the_copy_never_goes_back_and_ends_like_the_server(found: list[tuple[str, str]]) -> None:
    server: dict[str, dict[str, Any]] = {}
    untold: list[tuple[str, dict[str, Any]]] = []
    unanswered: list[dict[str, Any]] = []
    store, newest = Store(), dict.fromkeys("ab", 0)
    store.listed([], "0")
    for version, (what, name) in enumerate([*found, *[("told", "a")] * len(found), *[("answered", "a")] * len(found)], start=1):
        if what in ("ours", "another's", "deleted"):
            server[name] = item(name, version)
            untold.append(("DELETED" if what == "deleted" else "MODIFIED", item(name, version)))
            if what == "deleted":
                del server[name]
            if what == "ours":
                unanswered.append(item(name, version))
        elif what == "told" and untold:
            store.event(*untold.pop(0))
        elif what == "answered" and unanswered:
            store.wrote(unanswered.pop())
        elif what == "listed":
            untold.clear()
            store.listed(list(server.values()), str(version))
        for each in "ab":
            seen = int(held(store, each) or newest[each])
            assert seen >= newest[each]
            newest[each] = seen
    assert {i["metadata"]["name"]: i for i in store.all()} == server
