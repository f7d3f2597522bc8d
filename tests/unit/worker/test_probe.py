"""What is said of a store that cannot be written."""

from pathlib import Path

import pytest

from moorage.backup.errors import Reason, StoreError
from moorage.backup.filesystem import FileSystemStore
from moorage.worker.probe import PROBE_BYTES, probe, why_not_written
from moorage.worker.work import TaskError

BROKEN = StoreError("it could not write just now (InternalError)", Reason.UNAVAILABLE)


class Full(FileSystemStore):
    """It has room for a few bytes."""

    def put(self, key: str, body: bytes) -> None:
        if len(body) >= PROBE_BYTES:
            raise StoreError("it is full", Reason.FULL)
        super().put(key, body)


class Forgetful(FileSystemStore):
    """It gives back something else."""

    def read(self, key: str, limit_bytes: int = 16 * 1024 * 1024) -> bytes:
        return super().read(key, limit_bytes)[:-1]


class HangsUp(FileSystemStore):
    """It refuses at the first bytes; who still sends then sees a broken connection."""

    def put(self, key: str, body: bytes) -> None:
        if len(body) > 1000:
            raise BROKEN
        raise StoreError("no such key", Reason.WRONG_KEY)


def test_a_store_that_hangs_up_while_it_is_sent_to_is_heard_all_the_same(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such key"):
        probe(HangsUp(tmp_path), "one")


def test_a_store_that_has_room_for_a_few_bytes_is_full(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="full"):
        probe(Full(tmp_path), "one")


def test_an_internal_error_of_a_full_store_is_said_to_be_that_it_is_full(tmp_path: Path) -> None:
    assert str(why_not_written(BROKEN, "one", lambda: Full(tmp_path))) == "it is full"


def test_an_internal_error_of_a_store_with_room_is_said_as_it_is(tmp_path: Path) -> None:
    for store in (FileSystemStore(tmp_path), Forgetful(tmp_path)):
        assert why_not_written(BROKEN, "one", lambda store=store: store) is BROKEN  # type: ignore[misc]
        assert list(store.list()) == []


def test_what_somebody_must_change_is_said_without_another_try(tmp_path: Path) -> None:
    refused = StoreError("the key may not write", Reason.ACCESS_DENIED)
    assert why_not_written(refused, "one", lambda: Full(tmp_path)) is refused


def test_a_store_that_gives_back_something_else_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="gave back something else"):
        probe(Forgetful(tmp_path), "one")
