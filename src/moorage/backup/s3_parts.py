"""The parts of a multipart upload: how large, how many at once, and where they wait."""

import base64
import hashlib
import mmap
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
    """Bytes that are gathered, then sent, more than once when a try fails.

    Memory is mapped for each and given back when it was sent: left to malloc, the heap grows by a half.
    """

    def __init__(self, room_bytes: int, *, is_large: bool) -> None:
        self.file: Any = tempfile.TemporaryFile() if is_large else mmap.mmap(-1, room_bytes + MOST_AT_ONCE_BYTES)  # noqa: SIM115
        self.is_large = is_large
        self.size_bytes = 0

    def add(self, data: bytes) -> None:
        self.file.write(data)
        self.size_bytes += len(data)

    def ready(self) -> Any:
        """To be sent, from its beginning; of no bytes when it holds none."""
        if not self.is_large:
            if not self.size_bytes:
                return b""
            self.file.resize(self.size_bytes)
        self.file.seek(0)
        return self.file

    def md5(self) -> str:
        """By which the service finds what was changed on the way. No secret hangs on it."""
        digest = hashlib.md5(usedforsecurity=False)
        body = self.ready()
        while body and (block := body.read(BLOCK_BYTES)):
            digest.update(block)
        return base64.b64encode(digest.digest()).decode()

    def close(self) -> None:
        """Lets the room go."""
        self.file.close()


def md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
