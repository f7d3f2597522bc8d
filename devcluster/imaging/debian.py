"""Debian 12 as a tar file: the ground under the stand-in images, and where the portable Python is taken from."""

import os
from pathlib import Path

from devcluster.config import CACHE
from devcluster.shell import fetch

RELEASE = "bookworm"
RETRIES = '--aptopt=Acquire::Retries "5"'
MIRROR = "MOORAGE_DEBIAN_MIRROR"  # environment variable: another mirror than Debian's own


def base(*packages: str) -> Path:
    """A minimal Debian with these packages; made once (20 s), then taken from the cache."""
    path = CACHE / "debian" / f"{'-'.join((RELEASE, *sorted(packages)))}.tar"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        for leftover in path.parent.glob(f"{path.stem}.*.tar"):  # of one that was killed
            leftover.unlink()
        half_done = path.with_suffix(f".{os.getpid()}.tar")
        mirror = [os.environ[MIRROR]] if os.environ.get(MIRROR) else []
        include = f"--include={','.join(packages)}"
        fetch("mmdebstrap", "--quiet", "--variant=minbase", RETRIES, include, RELEASE, half_done, *mirror)
        half_done.rename(path)
    return path
