"""The local copy is right again after any gap."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from moorage.kube.reflector import Store


def item(name: str, version: int) -> dict[str, Any]:
    return {"metadata": {"namespace": "shop", "name": name, "resourceVersion": str(version)}}


def test_what_vanished_in_a_gap_is_reported() -> None:
    store = Store()
    store.listed([item("a", 1), item("b", 2)], "2")
    assert store.listed([item("a", 1)], "9") == {("shop", "b")}


def test_a_bookmark_moves_only_the_version() -> None:
    store = Store()
    assert store.event("BOOKMARK", {"metadata": {"resourceVersion": "7"}}) == set()
    assert store.version == "7"


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
