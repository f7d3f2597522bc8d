"""Taking all the room of a file system, and giving it back."""

import errno
import os
from pathlib import Path

FILL = ".devcluster-fill"
CHUNK_BYTES, SMALLEST_BYTES = 2**30, 4096


def fill_folder(folder: Path) -> int:
    """Take all the room that is left in the file system of a folder; how many bytes that was."""
    with (folder / FILL).open("ab") as file:
        size, before = file.tell(), file.tell()
        chunk = CHUNK_BYTES
        while chunk >= SMALLEST_BYTES:
            try:
                os.posix_fallocate(file.fileno(), size, chunk)
                size += chunk
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                chunk //= 2
    return size - before


def empty_folder(folder: Path) -> None:
    """Give the room back."""
    (folder / FILL).unlink(missing_ok=True)
