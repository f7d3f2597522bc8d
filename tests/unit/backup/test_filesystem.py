"""A folder as a store: whole objects or none, and nothing outside the folder."""

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from moorage.backup.errors import AlreadyExistsError, NotInStoreError, Reason, StoreError
from moorage.backup.filesystem import SENTENCES, FileSystemStore, said_of
from moorage.backup.open import open_store, recipient_of


@pytest.fixture
def store(tmp_path: Path) -> FileSystemStore:
    return FileSystemStore(tmp_path)


def test_objects_are_listed_in_order_with_sizes(store: FileSystemStore) -> None:
    for key in ("b/2", "a.b/1", "a/1", "b/10"):
        store.put(key, key.encode())
    assert [(each.key, each.size_bytes) for each in store.list()] == [("a.b/1", 5), ("a/1", 3), ("b/10", 4), ("b/2", 3)]
    assert [each.key for each in store.list("b/1")] == ["b/10"]
    assert list(store.list("nothing/")) == []


def test_what_was_not_committed_is_nowhere_to_be_seen(store: FileSystemStore) -> None:
    with store.writer("a/b") as writer:
        writer.write(b"half")
        assert list(store.list()) == []
        assert [each.key for each in store.list_unfinished()] == ["a/b"]
    assert list(store.list_unfinished()) == []
    assert list(store.folder.iterdir()) == []


def test_a_leftover_of_a_killed_worker_can_be_found_and_removed(store: FileSystemStore) -> None:
    store.writer("a/b.zst").write(b"half")
    (left,) = store.list_unfinished()
    assert left.key == "a/b.zst"
    store.abort_unfinished(left)
    store.abort_unfinished(left)
    assert list(store.folder.iterdir()) == []


def test_of_two_that_write_a_new_object_at_once_one_wins(store: FileSystemStore) -> None:
    start = threading.Barrier(8)
    won: list[int] = []

    def race(number: int) -> None:
        start.wait()
        try:
            store.put_new("a/manifest.json", f"{number}".encode())
            won.append(number)
        except AlreadyExistsError:
            pass

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(won) == 1
    assert store.read("a/manifest.json") == f"{won[0]}".encode()
    assert list(store.list_unfinished()) == []


def test_a_new_object_also_comes_where_no_hard_links_are_known(store: FileSystemStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "no links here")

    monkeypatch.setattr(os, "link", link)
    assert store.put_new("a/b", b"one")
    with pytest.raises(AlreadyExistsError, match="'a/b' exists in the store already; nothing was overwritten"):
        store.put_new("a/b", b"two")
    assert store.read("a/b") == b"one"


def test_a_new_object_that_is_there_byte_for_byte_is_taken_for_our_own(store: FileSystemStore) -> None:
    assert store.put_new("a/b", b"one")
    assert store.put_new("a/b", b"one")


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "a/b/", "a\0b", "a/.b.12.part"])
def test_no_name_leads_out_of_the_folder(store: FileSystemStore, key: str) -> None:
    for call in (
        lambda: store.put(key, b"x"),
        lambda: store.read(key),
        lambda: store.delete(key),
        lambda: store.put_new(key, b"x"),
    ):
        with pytest.raises(StoreError, match="is no name of an object"):
            call()


def test_no_symbolic_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "store/a").symlink_to(tmp_path / "outside")
    with pytest.raises(StoreError, match="leads out of"):
        FileSystemStore(tmp_path / "store").put("a/b", b"x")
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_claim_that_is_not_mounted_is_told_and_not_made(tmp_path: Path) -> None:
    store = FileSystemStore(tmp_path / "backups", "production", "pool")
    for call in (lambda: store.put("a", b"x"), lambda: list(store.list())):
        with pytest.raises(StoreError, match="folder 'production' of claim 'pool' is not there") as told:
            call()
        assert told.value.reason is Reason.NO_BUCKET
    assert not (tmp_path / "backups").exists()


def test_the_store_s_own_folder_is_made_and_stays(tmp_path: Path) -> None:
    store = FileSystemStore(tmp_path, "production/moorage")
    assert list(store.list()) == []
    store.put("a/b/c", b"x")
    store.delete("a/b/c")
    store.delete("a/b/c")
    assert (tmp_path / "production/moorage").is_dir()
    assert list((tmp_path / "production/moorage").iterdir()) == []


def test_what_is_not_there_is_said(store: FileSystemStore) -> None:
    for call in (lambda: store.read("a/b"), lambda: store.size_bytes("a/b"), lambda: list(store.chunks("a/b"))):
        with pytest.raises(NotInStoreError, match="the store holds no 'a/b'"):
            call()


def test_a_small_object_that_is_large_is_not_read(store: FileSystemStore) -> None:
    store.put("a", b"x" * 11)
    with pytest.raises(StoreError, match="has 11 bytes; at most 10 are read"):
        store.read("a", limit_bytes=10)


def test_reading_begins_where_it_is_asked_to(store: FileSystemStore) -> None:
    store.put("a", b"0123456789")
    assert b"".join(store.chunks("a", 4)) == b"456789"
    assert b"".join(store.chunks("a", 10)) == b""


@pytest.mark.parametrize("number", SENTENCES)
def test_every_error_of_the_system_has_a_sentence_without_gaps(number: int) -> None:
    text = str(said_of(OSError(number, os.strerror(number)), "claim 'pool'", "write"))
    assert text.startswith("claim 'pool' ")
    assert "{" not in text


def test_a_store_has_exactly_one_place() -> None:
    specs: tuple[dict[str, Any], ...] = ({}, {"s3": {}, "fileSystem": {}})
    for spec in specs:
        with pytest.raises(StoreError, match="exactly one of s3 and fileSystem"):
            open_store(spec)


def test_a_path_that_leads_out_of_the_claim_is_refused() -> None:
    with pytest.raises(StoreError, match="leads out of the claim"):
        open_store({"fileSystem": {"claim": "pool", "path": "a/../../b"}})


def test_missing_settings_of_a_bucket_are_named(tmp_path: Path) -> None:
    spec = {"s3": {"endpoint": "http://127.0.0.1:1", "bucket": "backups", "credentialsSecret": "keys", "caSecret": "authority"}}
    with pytest.raises(StoreError, match=r"Secret 'authority' has no key 'ca.crt'"):
        open_store(spec, credentials=tmp_path, authority=tmp_path)
    (tmp_path / "ca.crt").write_text("")
    with pytest.raises(StoreError, match="Secret 'keys' has no key 'accessKeyId'") as told:
        open_store(spec, credentials=tmp_path, authority=tmp_path)
    assert not told.value.can_be_repeated
    with pytest.raises(StoreError, match=r"the store has no s3.bucket"):
        open_store({"s3": {"endpoint": "http://127.0.0.1:1"}})


def test_the_recipient_is_the_store_s() -> None:
    assert recipient_of({"encryption": {"recipient": "age1x", "identitySecret": "key"}}) == "age1x"
    assert recipient_of({"encryption": None}) is None
    assert recipient_of({}) is None
