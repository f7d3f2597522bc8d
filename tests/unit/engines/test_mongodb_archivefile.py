"""mongodump's archive, read as it passes by in pieces of any size."""

import json
import struct
from itertools import pairwise

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.engines.mongodb.archivefile import MAGIC, ArchiveFormatError, ArchiveReader

END = struct.pack("<i", -1)


def block(name: str, documents: list[bytes], *, is_last: bool = False) -> bytes:
    database, _, collection = name.partition(".")
    head = bson.encode({"db": database, "collection": collection, "EOF": is_last, "CRC": bson.Int64(7 if is_last else 0)})
    return head + b"".join(documents) + END


def archive(blocks: list[tuple[str, list[bytes]]]) -> bytes:
    names = dict.fromkeys(name for name, _ in blocks)
    prelude = bson.encode({"concurrent_collections": 4, "version": "0.1", "server_version": "6.0.5", "tool_version": "x"})
    for name in names:
        database, _, collection = name.partition(".")
        metadata = json.dumps({"indexes": [], "options": {}})
        prelude += bson.encode({"db": database, "collection": collection, "metadata": metadata, "size": 0, "type": "collection"})
    body = b"".join(block(name, documents) for name, documents in blocks)
    return MAGIC + prelude + END + body + b"".join(block(name, [], is_last=True) for name in names)


def read(data: bytes, cuts: list[int]) -> tuple[ArchiveReader, list[bytes]]:
    entries: list[bytes] = []
    reader = ArchiveReader(entries.append)
    edges = [0, *sorted(min(c, len(data)) for c in cuts), len(data)]
    for start, end in pairwise(edges):
        buffer = bytearray(data[start:end])
        reader.feed(memoryview(buffer))
        buffer[:] = b"\xff" * len(buffer)  # the next piece comes in the same place
    return reader, entries


documents = st.lists(st.binary(max_size=300).map(lambda b: bson.encode({"b": b})), max_size=6)
names = st.sampled_from(["shop.a", "shop.b", "x.y", ".oplog"])


@given(st.lists(st.tuples(names, documents), max_size=6), st.lists(st.integers(0, 3000), max_size=20))
def test_documents_are_counted_exactly_however_the_bytes_are_cut(blocks: list[tuple[str, list[bytes]]], cuts: list[int]) -> None:
    reader, entries = read(archive(blocks), cuts)
    reader.finish()
    for name in {name for name, _ in blocks}:
        assert reader.namespaces[name].documents == sum(len(found) for n, found in blocks if n == name)
        assert reader.namespaces[name].crc == 7
    assert entries == [d for name, found in blocks for d in found if name == ".oplog"]


def test_an_archive_that_ends_after_it_told_of_its_collections_is_not_whole() -> None:
    whole = archive([("shop.a", [bson.encode({"a": 1})])])
    reader, _ = read(whole[: whole.index(END) + len(END)], [])
    with pytest.raises(ArchiveFormatError, match="too early"):
        reader.finish()


@given(st.data())
def test_an_archive_that_ends_too_early_is_never_whole(data: st.DataObject) -> None:
    whole = archive([("shop.a", [bson.encode({"a": 1})] * 5), (".oplog", [bson.encode({"ts": 1})])])
    length = data.draw(st.integers(0, len(whole) - 1))
    reader, _ = read(whole[:length], data.draw(st.lists(st.integers(0, 500), max_size=5)))
    with pytest.raises(ArchiveFormatError):
        reader.finish()


def test_other_bytes_are_no_archive() -> None:
    with pytest.raises(ArchiveFormatError, match="do not begin as an archive"):
        read(b"nothing of the kind", [])
    broken = archive([("shop.a", [bson.encode({"a": 1})])]).replace(bson.encode({"a": 1}), struct.pack("<i", 3) + b"garbage!")
    with pytest.raises(ArchiveFormatError):
        read(broken, [])
