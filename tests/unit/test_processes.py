"""The tests' own hands: what they kill is what they mean."""

from pathlib import Path

import pytest

from tests.e2e.cluster import engine_pid


def engine(processes: Path, pid: int, *, pod: str, namespace: str, program: str = "mysqld") -> None:
    entry = processes / str(pid)
    entry.mkdir()
    (entry / "comm").write_text(f"{program}\n")
    (entry / "environ").write_bytes(f"POD_NAMESPACE={namespace}\0PATH=/bin\0POD_NAME={pod}\0".encode())


def test_the_engine_of_a_pod_of_that_name_in_another_namespace_is_left_alone(tmp_path: Path) -> None:
    engine(tmp_path, 17, pod="books-g1-0", namespace="backups", program="mongod")
    engine(tmp_path, 4, pod="books-g1-10", namespace="default")
    engine(tmp_path, 23, pod="books-g1-0", namespace="default")
    assert engine_pid("books-g1-0", processes=tmp_path) == 23
    assert engine_pid("books-g1-0", "backups", processes=tmp_path) == 17


def test_a_pod_without_an_engine_is_named(tmp_path: Path) -> None:
    engine(tmp_path, 17, pod="books-g1-0", namespace="backups")
    with pytest.raises(AssertionError, match="default/books-g1-0 runs no engine"):
        engine_pid("books-g1-0", processes=tmp_path)
