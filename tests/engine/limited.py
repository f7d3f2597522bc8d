"""Volumes with an end, for what fills up."""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

MIB_EACH = 1024


@contextlib.contextmanager
def limited(path: Path, mib: int = MIB_EACH) -> Iterator[Path]:
    """A file system with an end, in memory."""
    path.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)


@contextlib.contextmanager
def disk(path: Path, mib: int = MIB_EACH) -> Iterator[Path]:
    """The same with ext4, which gives all its room away in a moment."""
    path.mkdir(parents=True)
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as image:
        image.truncate(mib * 2**20)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", image.name], check=True)
        subprocess.run(["mount", "-o", "loop", image.name, path], check=True)
        try:
            yield path
        finally:
            subprocess.run(["umount", "-l", path], check=True)
