"""tar of files that nobody writes to, into a pipe: the kernel carries them over, so their bytes never come into Python."""

import os
import tarfile
from collections.abc import Sequence
from pathlib import Path

from moorage.engines.tools import write_all

BLOCK_BYTES = 512
END = bytes(2 * BLOCK_BYTES)


def write_tar(folder: Path, paths: Sequence[Path], pipe: int) -> None:
    """`paths`: of files and folders in `folder`, which they are named after. Whoever unpacks it owns it.

    Raises OSError, also when a file became shorter.
    """
    for path in paths:
        _write(path, str(path.relative_to(folder)), pipe)
    write_all(pipe, END)


def _write(path: Path, name: str, pipe: int) -> None:
    info, status = tarfile.TarInfo(name), path.stat()
    info.mtime = int(status.st_mtime)
    if path.is_dir():
        info.type, info.mode = tarfile.DIRTYPE, 0o750
        write_all(pipe, info.tobuf(tarfile.PAX_FORMAT))
        return
    info.size, info.mode = status.st_size, 0o640
    write_all(pipe, info.tobuf(tarfile.PAX_FORMAT))
    with path.open("rb", buffering=0) as file:
        at = 0
        while at < info.size:
            sent = os.sendfile(pipe, file.fileno(), at, info.size - at)
            if sent == 0:
                raise OSError(f"{name} has {at} bytes and had {info.size} before: something writes to it")
            at += sent
    write_all(pipe, bytes(-info.size % BLOCK_BYTES))
