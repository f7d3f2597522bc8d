"""What is packed of a copy, and that any tar unpacks it."""

import io
import os
import tarfile
import threading
from pathlib import Path

import pytest

from moorage.engines.mysql.copying import kept
from moorage.engines.mysql.tarring import write_tar

MIB = 2**20


def packed(folder: Path, paths: list[Path]) -> bytes:
    """Through a real pipe. Raises what the packing raises."""
    outlet, inlet = os.pipe()
    failed = list[Exception]()

    def pack() -> None:
        with os.fdopen(inlet, "wb", 0) as pipe:
            try:
                write_tar(folder, paths, pipe.fileno())
            except OSError as error:
                failed.append(error)

    thread = threading.Thread(target=pack)
    thread.start()
    with os.fdopen(outlet, "rb") as pipe:
        found = pipe.read()
    thread.join()
    if failed:
        raise failed[0]
    return found


def test_what_was_packed_unpacks_to_the_same_files(tmp_path: Path) -> None:
    files = {
        "ibdata1": os.urandom(3 * MIB + 7),
        "mysql.ibd": bytes(MIB),
        "empty/none.ibd": b"",
        "app/block.ibd": b"x" * 512,
        f"app/{'long' * 50}.ibd": b"a name that is longer than tar's first form has room for",
        "app/上海.ibd": b"a name of its own",
    }
    source, target = tmp_path / "source", tmp_path / "target"
    for name, data in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(data)
    (source / "of_nothing").mkdir()
    archive = packed(source, sorted(source.rglob("*")))
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r|") as tar:
        tar.extractall(target, filter="data")
    assert {str(p.relative_to(target)): p.read_bytes() for p in target.rglob("*") if p.is_file()} == files
    assert (target / "of_nothing").is_dir()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert {(m.uid, m.gid, m.mode) for m in tar if m.isfile()} == {(0, 0, 0o640)}, "whoever unpacks it owns it"


def test_a_file_that_became_shorter_while_it_was_packed_fails_the_backup(tmp_path: Path) -> None:
    path = tmp_path / "a.ibd"
    path.write_bytes(bytes(4 * MIB))
    outlet, inlet = os.pipe()
    failed = list[OSError]()

    def pack() -> None:
        try:
            write_tar(tmp_path, [path], inlet)
        except OSError as error:
            failed.append(error)
        os.close(inlet)

    thread = threading.Thread(target=pack)
    thread.start()
    with os.fdopen(outlet, "rb") as pipe:
        pipe.read(512)  # its size was told: the pipe holds less than the file
        os.truncate(path, MIB)
        pipe.read()
    thread.join()
    assert "something writes to it" in str(failed[0])


def test_who_stops_to_read_ends_the_packing(tmp_path: Path) -> None:
    (tmp_path / "a.ibd").write_bytes(bytes(MIB))
    outlet, inlet = os.pipe()
    os.close(outlet)
    with pytest.raises(BrokenPipeError):
        write_tar(tmp_path, [tmp_path / "a.ibd"], inlet)
    os.close(inlet)


def test_a_copy_is_packed_without_what_names_a_member_and_without_redo_logs_that_hold_nothing() -> None:
    data = Path("/data")
    needed = ["ibdata1", "mysql.ibd", "undo_001", "#innodb_redo", "#innodb_redo/#ib_redo7", "app/orders.ibd", "app/auto.cnf"]
    names = [*needed, "auto.cnf", "ib_buffer_pool", "#clone/#view_status", "#innodb_redo/#ib_redo8_tmp"]
    assert [str(path.relative_to(data)) for path in kept(data, [data / name for name in names])] == needed
