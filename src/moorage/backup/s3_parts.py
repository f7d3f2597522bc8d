"""The parts of a multipart upload: how large, how many at once, and where they wait."""

import base64
import hashlib
import os
import tempfile
from dataclasses import dataclass
from typing import Any

BLOCK_BYTES = 1024 * 1024
MOST_AT_ONCE_BYTES = 2 * 1024 * 1024
"""Of one write, by which a part can become larger than planned."""


@dataclass(frozen=True)
class PartPlan:
    """S3 takes 10,000 parts. Small ones wait in memory, and when those will not do, large ones in a temporary file.

    50 GiB in small parts and 500 GiB more in large ones: memory is the same at any size.
    """

    small_bytes: int = 6 * 1024 * 1024
    small_parts: int = 9000
    large_bytes: int = 512 * 1024 * 1024
    most_parts: int = 10_000
    most_in_flight: int = 2
    """Besides the one that is being filled: three small parts in memory in all."""

    def is_large(self, number: int) -> bool:
        return number > self.small_parts

    def part_bytes(self, number: int) -> int:
        return self.large_bytes if self.is_large(number) else self.small_bytes

    def in_flight(self, number: int) -> int:
        return 1 if self.is_large(number) else self.most_in_flight


PARTS = PartPlan()


class Part:
    """Bytes that are gathered, then sent, more than once when a try fails. Memory is given back when it was sent."""

    def __init__(self, *, is_large: bool) -> None:
        self.file: Any = tempfile.TemporaryFile() if is_large else _Memory()  # noqa: SIM115
        self.size_bytes = 0

    def add(self, data: bytes) -> None:
        self.file.write(data)
        self.size_bytes += len(data)

    def ready(self) -> Any:
        """To be sent, from its beginning; of no bytes when it holds none."""
        self.file.seek(0)
        return self.file if self.size_bytes else b""

    def md5(self) -> str:
        digest = hashlib.md5(usedforsecurity=False)
        body = self.ready()
        while body and (block := body.read(BLOCK_BYTES)):
            digest.update(block)
        return base64.b64encode(digest.digest()).decode()

    def close(self) -> None:
        """Lets the room go."""
        self.file.close()


class _Memory:
    """A file in memory that is read without a copy: the client hashes and sends it in pieces, each with a time-out of its own."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._at = 0

    def write(self, data: bytes) -> None:
        self._held += data

    def read(self, size: int = -1) -> memoryview:
        piece = memoryview(self._held)[self._at : None if size < 0 else self._at + size]
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._held)}[whence] + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        self._held = bytearray()


def md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
