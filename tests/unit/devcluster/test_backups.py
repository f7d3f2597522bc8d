"""The store that `make up` makes, and what it rests on."""

import json
import stat
from pathlib import Path

import pytest

from devcluster import backup_store, s3
from devcluster.binaries.build import MONGO_TOOLS, Binary
from devcluster.imaging import registry
from devcluster.imaging.portable_python import prune_services
from devcluster.imaging.stand_ins import StandIn
from moorage.api.backupstore import parse_backupstore


def test_the_store_is_one_that_moorage_understands() -> None:
    spec = parse_backupstore(backup_store.backup_store("age1example")).spec
    assert spec.default
    assert spec.s3 is not None
    assert (spec.s3.endpoint, spec.s3.bucket, spec.s3.path_style) == ("https://10.89.0.1:9443", "moorage", True)
    assert spec.encryption is not None
    assert spec.encryption.recipient == "age1example"


def test_the_keys_are_drawn_once_and_are_readable_by_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "KEYS", tmp_path / "keys.json")
    first = s3.keys()
    assert s3.keys() == first
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    monkeypatch.setattr(s3, "KEYS", tmp_path / "others.json")
    assert s3.keys() != first


def test_another_version_of_a_program_makes_another_stand_in() -> None:
    one = StandIn("docker.io/library/mongo:6.0", "mongo", "wheel==1", MONGO_TOOLS)
    newer = tuple(Binary(tool.name, "999", tool.source, tool.build) for tool in MONGO_TOOLS)
    assert one.key != StandIn(one.image, one.folder, one.wheel, newer).key
    assert one.key != StandIn(one.image, one.folder, one.wheel).key


def test_of_all_descriptions_of_services_only_the_one_in_use_stays(tmp_path: Path) -> None:
    data = tmp_path / "botocore/data"
    for name in ("s3", "s3control", "ec2"):
        (data / name).mkdir(parents=True)
    for name in ("endpoints.json", "partitions.json"):
        (data / name).write_text("{}")
    prune_services(tmp_path)
    assert {path.name for path in data.iterdir()} == {"s3", "endpoints.json", "partitions.json"}


def test_a_stand_in_that_another_checkout_replaced_gets_its_name_back(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"6.0": b"theirs", "6.0-ours": b"ours"}

    def call(method: str, path: str, content: bytes | None = None, headers: object = None) -> tuple[int, str, bytes]:
        tag = path.rpartition("/")[2]
        if method == "PUT":
            held[tag] = content or b""
        return (200, "", held[tag]) if tag in held else (404, "", json.dumps({}).encode())

    monkeypatch.setattr(registry, "_call", call)
    registry.name_too("registry/library/mongo:6.0-ours", "docker.io/library/mongo:6.0")
    assert held["6.0"] == b"ours"
    with pytest.raises(OSError, match="404"):
        registry.name_too("registry/library/mongo:6.0-absent", "docker.io/library/mongo:6.0")
    assert held["6.0"] == b"ours"
