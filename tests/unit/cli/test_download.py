"""A backup's archive on the way from a store to a file."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorage.backup.filesystem import FileSystemStore
from moorage.backup.manifest import Manifest
from moorage.backup.store import ObjectStore
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.fetch import fetch
from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import backup, store

BODY = b"archive" * 100_000
FOLDER = "mongodb/shop/orders/b1"


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[ObjectStore]:
    """A store with one backup in it."""
    root = tmp_path / "store"
    root.mkdir()
    objects = FileSystemStore(root)
    put(objects, BODY)
    yield objects
    objects.close()


def put(objects: ObjectStore, body: bytes) -> None:
    manifest = Manifest(
        backup_name="b1",
        engine="mongodb",
        version="6.0.5",
        namespace="shop",
        service="orders",
        start_time="2026-11-06T18:30:05Z",
        end_time="2026-11-06T18:31:05Z",
        consistent_time="2026-11-06T18:31:05Z",
        raw_bytes=1,
        size_bytes=len(BODY),
        sha256=hashlib.sha256(BODY).hexdigest(),
        archive="archive.zst",
    )
    objects.put(f"{FOLDER}/archive.zst", body)
    objects.put(f"{FOLDER}/manifest.json", manifest.to_json())


def test_what_arrives_is_what_was_put_there(kept: ObjectStore, tmp_path: Path) -> None:
    target = tmp_path / "b1.zst"
    assert fetch(kept, FOLDER, target) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    assert target.read_bytes() == BODY
    assert [path.name for path in tmp_path.glob("b1*")] == ["b1.zst"]


@pytest.mark.parametrize("body", [BODY[:-1], BODY + b"x", b"X" + BODY[1:]], ids=["truncated", "longer", "changed"])
def test_of_a_broken_archive_nothing_is_kept(kept: ObjectStore, tmp_path: Path, body: bytes) -> None:
    put(kept, body)
    with pytest.raises(CliError, match="nothing was kept"):
        fetch(kept, FOLDER, tmp_path / "b1.zst")
    assert list(tmp_path.glob("b1*")) == []


def test_a_download_that_runs_already_is_left_alone(kept: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "b1.zst.part").write_bytes(b"half")
    with pytest.raises(CliError, match="another download") as raised:
        fetch(kept, FOLDER, tmp_path / "b1.zst")
    assert raised.value.code is ExitCode.CONFLICT
    assert (tmp_path / "b1.zst.part").read_bytes() == b"half"


def test_no_file_is_overwritten(moorage: Moorage, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.write_text("mine")
    ran = moorage("backup", "download", "b1", str(target), having=[backup(sizeBytes=1), store()])
    assert (ran.code, target.read_text()) == (ExitCode.CONFLICT, "mine")


def test_of_a_shared_file_system_the_folder_to_copy_is_said(moorage: Moorage) -> None:
    files = store(fileSystem={"claim": "shared", "path": "/moorage/"})
    ran = moorage("backup", "download", "b1", having=[backup(sizeBytes=1), files])
    assert ran.code == ExitCode.ERROR
    assert f"moorage/{FOLDER}/" in ran.err
    assert "claim 'shared'" in ran.err


def test_a_backup_that_failed_is_not_in_a_store(moorage: Moorage) -> None:
    ran = moorage("backup", "download", "b1", having=[backup(phase="Failed", message="the bucket is full"), store()])
    assert ran.code == ExitCode.CONFLICT
    assert "b1 is not in a store: it is Failed: the bucket is full" in ran.err
