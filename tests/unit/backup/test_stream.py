"""Bytes into a store and back: all of them, or a sentence that says what is wrong."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorage.backup import stream
from moorage.backup.age import seal, unseal
from moorage.backup.errors import ArchiveError, IdentityError, StoppedError, StoreError
from moorage.backup.filesystem import FileSystemStore
from moorage.backup.stream import Counts, Expected, Packed, pack, unpack, wide_pipe

KEY = "mongodb/shop/orders/one/archive.zst"
IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())
RAW = b"".join(b'{"order": %d, "note": "%s"}' % (n, os.urandom(8).hex().encode()) for n in range(60_000))


@contextlib.contextmanager
def fed(raw: bytes) -> Iterator[int]:
    """A pipe in which the bytes come."""
    read_end, write_end = wide_pipe()

    def feed() -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(write_end, "wb") as file:
            file.write(raw)

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        yield read_end
    finally:
        os.close(read_end)
        thread.join()


def packed(store: FileSystemStore, raw: bytes = RAW, recipient: str | None = None, key: str = KEY) -> Packed:
    with fed(raw) as source:
        return pack(source, store, key, recipient=recipient)


def unpacked(store: FileSystemStore, expected: Expected, identity: str | None = None) -> bytes:
    """What came out before it ended or raised is in `taken`."""
    read_end, write_end = wide_pipe()
    taken.clear()

    def take() -> None:
        with os.fdopen(read_end, "rb") as file:
            taken.extend(file.read())

    thread = threading.Thread(target=take)
    thread.start()
    try:
        unpack(store, KEY, write_end, expected, identity=identity)
    finally:
        os.close(write_end)
        thread.join()
    return bytes(taken)


taken = bytearray()


def expect(found: Packed, recipient: str | None = None) -> Expected:
    return Expected("one", found.size_bytes, found.sha256, found.raw_bytes, recipient)


@pytest.fixture
def store(tmp_path: Path) -> FileSystemStore:
    return FileSystemStore(tmp_path)


@pytest.mark.parametrize("recipient", [None, RECIPIENT], ids=["open", "encrypted"])
def test_what_goes_in_comes_out(store: FileSystemStore, recipient: str | None) -> None:
    found = packed(store, recipient=recipient)
    assert found.raw_bytes == len(RAW)
    assert found.size_bytes == store.size_bytes(KEY) < len(RAW)
    assert unpacked(store, expect(found, recipient), str(IDENTITY)) == RAW


@pytest.mark.parametrize("recipient", [None, RECIPIENT], ids=["open", "encrypted"])
def test_the_tap_is_given_all_that_is_packed_in_order_and_before_the_end_is_confirmed(
    store: FileSystemStore, recipient: str | None
) -> None:
    seen, at_the_end = bytearray(), list[bytes]()
    with fed(RAW) as source:
        pack(source, store, KEY, recipient=recipient, tap=seen.extend, confirm=lambda: at_the_end.append(bytes(seen)))
    assert at_the_end == [RAW]


def test_what_the_tap_raises_leaves_no_archive(store: FileSystemStore) -> None:
    def refuse(_: memoryview) -> None:
        raise ArchiveError("not that")

    with fed(RAW) as source, pytest.raises(ArchiveError, match="not that"):
        pack(source, store, KEY, recipient=RECIPIENT, tap=refuse)
    assert not [*store.list(), *store.list_unfinished()]


@pytest.mark.parametrize("recipient", [None, RECIPIENT], ids=["open", "encrypted"])
def test_an_empty_archive_is_one_too(store: FileSystemStore, recipient: str | None) -> None:
    found = packed(store, b"", recipient)
    assert unpacked(store, expect(found, recipient), str(IDENTITY)) == b""


@settings(max_examples=25, deadline=None)
@given(raw=st.binary(max_size=200_000), is_encrypted=st.booleans())
def test_any_bytes_come_out_as_they_went_in(tmp_path_factory: pytest.TempPathFactory, raw: bytes, is_encrypted: bool) -> None:
    store = FileSystemStore(tmp_path_factory.mktemp("store"))
    recipient = RECIPIENT if is_encrypted else None
    assert unpacked(store, expect(packed(store, raw, recipient), recipient), str(IDENTITY)) == raw


def test_what_is_stored_opens_with_the_stock_tools(store: FileSystemStore) -> None:
    packed(store, recipient=RECIPIENT)
    from backports import zstd  # noqa: PLC0415

    assert zstd.decompress(pyrage.decrypt(store.read(KEY), [IDENTITY])) == RAW


@pytest.mark.parametrize("recipient", [None, RECIPIENT], ids=["open", "encrypted"])
@pytest.mark.parametrize("place", [0, 3, 200, 70_000, -70_000, -1])
def test_a_flipped_bit_is_found(store: FileSystemStore, recipient: str | None, place: int) -> None:
    found = packed(store, recipient=recipient)
    body = bytearray(store.read(KEY))
    body[place] ^= 1
    store.put(KEY, bytes(body))
    with pytest.raises(ArchiveError, match=r"archive 'one' is not what its manifest says: .*; it cannot be restored"):
        unpacked(store, expect(found, recipient), str(IDENTITY))
    assert len(taken) < len(RAW)


@pytest.mark.parametrize("recipient", [None, RECIPIENT], ids=["open", "encrypted"])
@pytest.mark.parametrize("size_bytes", [0, 5, 100, 65_536, -1])
def test_a_truncated_archive_is_found(store: FileSystemStore, recipient: str | None, size_bytes: int) -> None:
    found = packed(store, recipient=recipient)
    store.put(KEY, store.read(KEY)[:size_bytes])
    with pytest.raises(ArchiveError, match=r"it has \d+ bytes instead of \d+; it cannot be restored"):
        unpacked(store, expect(found, recipient), str(IDENTITY))
    assert len(taken) < len(RAW)


@pytest.mark.parametrize("recipient", [None, RECIPIENT], ids=["open", "encrypted"])
def test_an_archive_with_more_behind_it_is_found(store: FileSystemStore, recipient: str | None) -> None:
    found = packed(store, recipient=recipient)
    store.put(KEY, store.read(KEY) + b"more")
    with pytest.raises(ArchiveError, match="archive 'one' is not what its manifest says"):
        unpacked(store, expect(found, recipient), str(IDENTITY))


@pytest.mark.parametrize("recipient", [None, RECIPIENT], ids=["open", "encrypted"])
def test_another_whole_archive_in_its_place_is_found_and_never_given_to_its_end(
    store: FileSystemStore, recipient: str | None
) -> None:
    found = packed(store, recipient=recipient)
    packed(store, RAW[::-1], recipient)
    with pytest.raises(ArchiveError, match=r"it has \d+ bytes instead of|the SHA-256 differs"):
        unpacked(store, expect(found, recipient), str(IDENTITY))
    assert len(taken) < len(RAW), "the engine must see it end too early"


def test_an_archive_of_the_same_size_with_other_bytes_is_found(store: FileSystemStore) -> None:
    found = packed(store, b"a" * 100)
    assert packed(store, b"b" * 100).size_bytes == found.size_bytes
    with pytest.raises(ArchiveError, match="the SHA-256 differs"):
        unpacked(store, expect(found))
    assert taken == b""


def test_a_missing_archive_is_said(store: FileSystemStore) -> None:
    with pytest.raises(ArchiveError, match="the store holds no archive of it; it cannot be restored"):
        unpacked(store, Expected("one", 1, "0" * 64, 1))


def test_the_wrong_key_is_said_before_a_byte_is_read(store: FileSystemStore) -> None:
    found = packed(store, recipient=RECIPIENT)
    other = pyrage.x25519.Identity.generate()
    with pytest.raises(
        IdentityError, match=f"is encrypted for {RECIPIENT}, and the store's identity is that of {other.to_public()}"
    ):
        unpacked(store, expect(found, RECIPIENT), str(other))


def test_the_right_key_among_several_is_found(store: FileSystemStore) -> None:
    found = packed(store, recipient=RECIPIENT)
    lines = f"# created: today\n{pyrage.x25519.Identity.generate()}\n\n{IDENTITY}\n"
    assert unpacked(store, expect(found, RECIPIENT), lines) == RAW


@pytest.mark.parametrize(
    ("identity", "words"), [(None, "must name the Secret with its identity"), ("hello", "no private key of age")]
)
def test_a_lost_key_is_said(store: FileSystemStore, identity: str | None, words: str) -> None:
    found = packed(store, recipient=RECIPIENT)
    with pytest.raises(IdentityError, match=words):
        unpacked(store, expect(found, RECIPIENT), identity)


def test_an_archive_for_somebody_else_under_this_manifest_is_said(store: FileSystemStore) -> None:
    found = packed(store, recipient=str(pyrage.x25519.Identity.generate().to_public()))
    with pytest.raises(ArchiveError, match=r"it cannot be decrypted \(No matching keys found\)"):
        unpacked(store, expect(found, RECIPIENT), str(IDENTITY))


def test_a_recipient_that_is_none_is_said_and_nothing_is_left(store: FileSystemStore) -> None:
    with pytest.raises(StoreError, match="'age1nonsense' is no public key of age"):
        packed(store, recipient="age1nonsense")
    assert not [*store.list(), *store.list_unfinished()]


@pytest.mark.parametrize("recipient", [None, RECIPIENT], ids=["open", "encrypted"])
def test_a_dump_that_ended_badly_leaves_no_archive(store: FileSystemStore, recipient: str | None) -> None:
    def confirm() -> None:
        raise RuntimeError("mongodump ended with 1")

    with fed(RAW) as source, pytest.raises(RuntimeError, match="mongodump ended with 1"):
        pack(source, store, KEY, recipient=recipient, confirm=confirm)
    assert not [*store.list(), *store.list_unfinished()]


@pytest.mark.parametrize("recipient", [None, RECIPIENT], ids=["open", "encrypted"])
def test_a_stop_is_obeyed_while_the_source_is_silent(store: FileSystemStore, recipient: str | None) -> None:
    read_end, write_end = wide_pipe()
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    try:
        with pytest.raises(StoppedError):
            pack(read_end, store, KEY, recipient=recipient, stop=stop)
    finally:
        os.close(read_end)
        os.close(write_end)
    assert not [*store.list(), *store.list_unfinished()]


@pytest.mark.parametrize("recipient", [None, RECIPIENT], ids=["open", "encrypted"])
def test_a_stop_is_obeyed_while_the_engine_takes_nothing(store: FileSystemStore, recipient: str | None) -> None:
    found = packed(store, RAW * 2, recipient)
    read_end, write_end = os.pipe()
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    try:
        with pytest.raises(StoppedError):
            unpack(store, KEY, write_end, expect(found, recipient), identity=str(IDENTITY), stop=stop)
        assert os.get_blocking(write_end)
    finally:
        os.close(read_end)
        os.close(write_end)


@pytest.mark.parametrize("recipient", [None, RECIPIENT], ids=["open", "encrypted"])
def test_an_engine_that_went_away_is_told_as_it_is(store: FileSystemStore, recipient: str | None) -> None:
    found = packed(store, RAW * 2, recipient)
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        with pytest.raises(BrokenPipeError):
            unpack(store, KEY, write_end, expect(found, recipient), identity=str(IDENTITY))
    finally:
        os.close(write_end)


def test_progress_can_be_read_while_it_runs(store: FileSystemStore) -> None:
    read_end, write_end = wide_pipe()
    counts = Counts()
    thread = threading.Thread(target=pack, args=(read_end, store, KEY), kwargs={"counts": counts})
    thread.start()
    seen = threading.Event()
    os.write(write_end, RAW[:500_000])
    for _ in range(500):
        if counts.raw_bytes == 500_000:
            seen.set()
            break
        seen.wait(0.01)
    os.close(write_end)
    thread.join()
    os.close(read_end)
    assert seen.is_set()
    assert counts.stored_bytes == store.size_bytes(KEY)


def test_whoever_writes_waits_while_the_store_is_slow(tmp_path: Path) -> None:
    store = FileSystemStore(tmp_path)
    may_go_on = threading.Event()
    real = FileSystemStore.writer

    class Slow:
        def __init__(self) -> None:
            self.inner = real(store, KEY)

        def write(self, data: bytes) -> int:
            may_go_on.wait()
            return self.inner.write(data)

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

        def __enter__(self) -> "Slow":
            return self

        def __exit__(self, *_: object) -> None:
            self.inner.abort()

    store.writer = lambda _: Slow()  # type: ignore[method-assign, assignment, return-value]
    read_end, write_end = wide_pipe()
    os.set_blocking(write_end, False)
    thread = threading.Thread(target=pack, args=(read_end, store, KEY))
    thread.start()
    taken_bytes = 0
    idle = threading.Event()
    rounds_without_progress = 0
    while rounds_without_progress < 20:
        try:
            taken_bytes += os.write(write_end, os.urandom(1024 * 1024))
            rounds_without_progress = 0
        except BlockingIOError:
            rounds_without_progress += 1
            idle.wait(0.01)
    may_go_on.set()
    os.close(write_end)
    thread.join()
    os.close(read_end)
    assert taken_bytes <= 5 * stream.CHUNK_BYTES
    assert store.size_bytes(KEY) >= taken_bytes


def test_passwords_in_a_manifest_open_with_the_store_s_identity_alone() -> None:
    sealed = seal(b'{"app-password": "x"}', RECIPIENT)
    assert unseal(sealed, "one", RECIPIENT, str(IDENTITY)) == b'{"app-password": "x"}'
    with pytest.raises(IdentityError):
        unseal(sealed, "one", RECIPIENT, str(pyrage.x25519.Identity.generate()))
    with pytest.raises(ArchiveError, match="cannot be decrypted"):
        unseal(sealed[:-8], "one", RECIPIENT, str(IDENTITY))
