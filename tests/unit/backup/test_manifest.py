"""A manifest is read strictly, by this Moorage and by later ones, and never a wrong backup is taken for a right one."""

import json
from typing import Any

import pytest

from moorage.backup.manifest import FIELDS, FORMAT, Manifest, ManifestError, Position, parse

MANIFEST = Manifest(
    backup_name="mongodb-shop-orders-20261106023000",
    task_id="0123456789ab",
    trigger="Schedule",
    engine="mongodb",
    version="6.0.5",
    compatibility="6.0",
    namespace="shop",
    service="orders",
    source="datanode1",
    start_time="2026-11-05T18:30:00Z",
    end_time="2026-11-05T18:31:00Z",
    consistent_time="2026-11-05T18:30:59Z",
    position=Position("64a1b2", "1762367400.0000000001", "1762367459.0000000007"),
    raw_bytes=1000,
    size_bytes=300,
    sha256="ab" * 32,
    archive="archive.zst.age",
    recipient="age1example",
    keep_days=7,
    figures={"orders.items": {"count": 3}},
    data_service={"kind": "DataService"},
    secrets="c2VjcmV0",
)
FOLDER = "mongodb/shop/orders/mongodb-shop-orders-20261106023000"


def changed(**fields: Any) -> bytes:
    return json.dumps({**MANIFEST.to_dict(), **fields}).encode()


def test_it_comes_back_as_it_was_written() -> None:
    assert parse(MANIFEST.to_json(), FOLDER) == MANIFEST
    assert MANIFEST.folder == FOLDER
    assert MANIFEST.archive_key == f"{FOLDER}/archive.zst.age"


def test_its_json_is_the_contract_s() -> None:
    found = json.loads(MANIFEST.to_json())
    assert found["position"] == {"timeline": "64a1b2", "from": "1762367400.0000000001", "to": "1762367459.0000000007"}
    assert found["encryption"] == {"age": "age1example"}
    assert set(found) == set(FIELDS)


def test_a_listing_holds_nothing_large_and_no_secret() -> None:
    assert not {"figures", "dataService", "secrets"}.intersection(MANIFEST.listing())
    assert MANIFEST.listing()["sizeBytes"] == 300


def test_fields_of_a_later_version_are_left_out() -> None:
    assert parse(changed(colour="blue"), FOLDER) == MANIFEST


def test_what_may_be_absent_may_be_absent() -> None:
    needed = {key: value for key, value in MANIFEST.to_dict().items() if FIELDS[key][0]}
    found = parse(json.dumps(needed), FOLDER)
    assert (found.recipient, found.position, found.keep_days, found.figures) == (None, None, None, {})


def test_a_newer_format_is_refused_with_what_to_do() -> None:
    with pytest.raises(ManifestError, match=rf"has format {FORMAT + 1}, and this Moorage knows up to {FORMAT}: restore it with"):
        parse(changed(format=FORMAT + 1, sha256={"new": "kind"}), FOLDER)


def test_one_that_was_moved_or_swapped_is_refused() -> None:
    with pytest.raises(ManifestError, match=f"is that of '{FOLDER}': it was moved or swapped"):
        parse(MANIFEST.to_json(), "mongodb/shop/orders/mongodb-shop-orders-20261107023000")


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[1]", b'"text"', b"null", b"[" * 100_000])
def test_what_is_no_manifest_is_said(text: bytes) -> None:
    with pytest.raises(ManifestError, match=f"the manifest of '{FOLDER}' is no JSON"):
        parse(text, FOLDER)


@pytest.mark.parametrize("field", [key for key, (is_needed, _, _) in FIELDS.items() if is_needed])
def test_what_must_be_there_must_be_there(field: str) -> None:
    found = MANIFEST.to_dict()
    del found[field]
    with pytest.raises(ManifestError, match=f"{field} must be .*; the backup cannot be restored"):
        parse(json.dumps(found), FOLDER)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rawBytes", -1),
        ("sizeBytes", "300"),
        ("sizeBytes", True),
        ("sha256", "AB" * 32),
        ("sha256", "ab"),
        ("archive", "../other/archive.zst"),
        ("archive", ".."),
        ("backupName", "a/b"),
        ("consistentTime", "yesterday"),
        ("consistentTime", "2026-11-05T18:30:59"),
        ("compression", "gzip"),
        ("encryption", {"gpg": "key"}),
        ("position", {"timeline": "a"}),
        ("figures", []),
        ("format", "1"),
    ],
)
def test_a_field_that_is_wrong_is_named(field: str, value: object) -> None:
    with pytest.raises(ManifestError, match=f"is not as it should be: {field} must be"):
        parse(changed(**{field: value}), FOLDER)
