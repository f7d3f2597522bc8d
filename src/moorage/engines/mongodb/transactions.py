"""Transactions that are spread over several entries of the oplog: their parts wait until the entry that commits them."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from bson.raw_bson import RawBSONDocument

from moorage.engines.mongodb.oplogentries import split

MEMORY_BYTES_MAX = 8 * 2**20
"""Of each; what is larger waits in a file."""
READ_BYTES = 2**20


class Transactions:
    """Those that are open."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._open: dict[tuple[bytes, int], IO[bytes]] = {}

    def __len__(self) -> int:
        return len(self._open)

    @staticmethod
    def is_part(entry: Mapping[str, Any]) -> bool:
        """Whether an entry belongs to a transaction. Retryable writes have a session and a number too, and are none."""
        if entry["op"] != "c" or "lsid" not in entry or "txnNumber" not in entry or entry.get("multiOpType") == 1:
            return False
        return next(iter(entry["o"])) in {"applyOps", "commitTransaction", "abortTransaction"}

    def take(self, raw: bytes, entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]] | None:
        """The transaction's operations in order, when this entry commits it; else None."""
        key = (bytes(entry["lsid"].raw), int(entry["txnNumber"]))
        command = entry["o"]
        name = next(iter(command))
        if name == "abortTransaction":
            self._forget(key)
            return None
        if name == "applyOps":
            file = self._open.get(key)
            if file is None:
                file = self._open[key] = tempfile.SpooledTemporaryFile(MEMORY_BYTES_MAX, dir=str(self._scratch))  # noqa: SIM115
            file.write(raw)
            if command.get("partialTxn") or command.get("prepare"):
                return None
        return self._operations(key)

    def _operations(self, key: tuple[bytes, int]) -> Iterator[Mapping[str, Any]]:
        file = self._open.get(key)
        if file is None:
            return
        file.seek(0)
        for raw in _documents(file):
            yield from RawBSONDocument(raw)["o"]["applyOps"]
        self._forget(key)

    def _forget(self, key: tuple[bytes, int]) -> None:
        file = self._open.pop(key, None)
        if file is not None:
            file.close()


def _documents(file: IO[bytes]) -> Iterator[bytes]:
    while size := file.read(4):
        document = size + file.read(int.from_bytes(size, "little") - 4)
        yield from split(document)
