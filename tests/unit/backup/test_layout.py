"""Names in a store sort by time and lead back to what they are of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.backup import layout
from moorage.backup.layout import Slice

FOLDER = "mongodb/shop/orders/mongodb-shop-orders-20261106023000"
POSITIONS = st.builds(lambda seconds, increment: f"{seconds:010d}.{increment:010d}", *[st.integers(0, 2**32 - 1)] * 2)


def test_a_backup_s_objects_lie_in_its_folder() -> None:
    folder = layout.backup_folder("mongodb", "shop", "orders", "mongodb-shop-orders-20261106023000")
    assert folder == FOLDER
    assert layout.manifest_key(folder) == f"{FOLDER}/manifest.json"
    assert layout.archive_key(folder, encrypted=False) == f"{FOLDER}/archive.zst"
    assert layout.archive_key(folder, encrypted=True) == f"{FOLDER}/archive.zst.age"
    for key in (layout.manifest_key(folder), layout.archive_key(folder, encrypted=True)):
        assert layout.folder_of_backup(key) == FOLDER
        assert layout.is_ours(key)


@pytest.mark.parametrize(
    "key",
    [
        "manifest.json",
        "notes/of/somebody/else/holiday.jpg",
        f"{FOLDER}/more/manifest.json",
        "mongodb/shop/orders//manifest.json",
        "mongodb/shop/orders/log/manifest.json",
        "mongodb/shop/orders/log/T/one.bson.zst",
        "mongodb/shop/orders/log/T/-2.bson.zst",
        "mongodb/shop/orders/log/T/1-2.bson",
        "mongodb/shop/orders/log/T/1.1-2.2.zst",
    ],
)
def test_what_moorage_did_not_name_is_not_ours(key: str) -> None:
    assert not layout.is_ours(key)
    assert layout.parse_slice(key) is None


@given(start=POSITIONS, end=POSITIONS, form=st.sampled_from(("bson", "binlog")), is_encrypted=st.booleans())
def test_a_slice_s_name_says_what_it_holds(start: str, end: str, form: str, is_encrypted: bool) -> None:
    piece = Slice("64a1b2", start, end, form, is_encrypted)
    key = layout.slice_key("mongodb", "shop", "orders", piece)
    assert key.startswith(layout.log_prefix("mongodb", "shop", "orders", "64a1b2"))
    assert layout.parse_slice(key) == piece
    assert layout.is_ours(key)
    assert layout.folder_of_backup(key) is None


@given(pieces=st.lists(st.tuples(POSITIONS, POSITIONS), min_size=2, max_size=5))
def test_slices_sort_as_their_positions_do(pieces: list[tuple[str, str]]) -> None:
    keys = [layout.slice_key("mongodb", "shop", "orders", Slice("t", *each, "bson")) for each in pieces]
    assert sorted(keys) == [layout.slice_key("mongodb", "shop", "orders", Slice("t", *each, "bson")) for each in sorted(pieces)]
