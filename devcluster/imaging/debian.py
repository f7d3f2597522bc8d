"""Debian as a tar file: the ground under the stand-in images, where the portable Python is taken from, and what tests run."""

import os
import shutil
from pathlib import Path

from devcluster.config import CACHE
from devcluster.once import alone_at
from devcluster.shell import fetch, run

RELEASE = "bookworm"
UNSTABLE = "sid"
RETRIES = '--aptopt=Acquire::Retries "5"'
MIRROR = "MOORAGE_DEBIAN_MIRROR"  # environment variable: another mirror than Debian's own


def base(*packages: str, release: str = RELEASE) -> Path:
    """A minimal Debian with these packages; made once (20 s), then taken from the cache."""
    path = CACHE / "debian" / f"{'-'.join((release, *sorted(packages)))}.tar"
    with alone_at(path):
        if path.exists():
            return path
        for leftover in path.parent.glob(f"{path.stem}.*.tar"):  # of one that was killed
            leftover.unlink()
        half_done = path.with_suffix(f".{os.getpid()}.tar")
        mirror = [os.environ[MIRROR]] if os.environ.get(MIRROR) else []
        include = f"--include={','.join(packages)}"
        # a mirror's copy of the unstable release may be older than its own word says that it is good for
        how = ("--variant=minbase", RETRIES, *(('--aptopt=Acquire::Check-Valid-Until "false"',) if release == UNSTABLE else ()))
        fetch("mmdebstrap", "--quiet", *how, include, release, half_done, *mirror)
        half_done.rename(path)
    return path


def unpacked(*packages: str, release: str = RELEASE) -> Path:
    """The same as a folder; its programs run by its own loader."""
    archive = base(*packages, release=release)
    folder = archive.with_suffix("")
    with alone_at(folder):
        if folder.exists():
            return folder
        half_done = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(half_done, ignore_errors=True)  # of one that was killed
        half_done.mkdir()
        run("tar", "-C", half_done, "--exclude=./dev/*", "-xf", archive)
        half_done.rename(folder)
    return folder
