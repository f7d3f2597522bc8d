"""uv, the one Python tool that is needed before the project's environment exists."""

import shutil
import sys
from pathlib import Path

from devcluster.config import CACHE, CHECKOUT
from devcluster.shell import fetch, run


def uv() -> Path:
    """uv from PATH, from the checkout's tools, or fetched into the cache."""
    on_path = shutil.which("uv")
    places = [Path(on_path)] if on_path else []
    places += [CHECKOUT / ".tools/bin/uv", CACHE / "uv/bin/uv"]
    for place in places:
        if place.exists():
            return place
    half_done = CACHE / "uv.new"
    shutil.rmtree(half_done, ignore_errors=True)
    run(sys.executable, "-m", "venv", half_done)
    fetch(half_done / "bin/pip", "install", "-q", "uv")
    shutil.rmtree(CACHE / "uv", ignore_errors=True)
    half_done.rename(CACHE / "uv")
    return CACHE / "uv/bin/uv"


def unpack_wheel(folder: Path, package: str) -> None:
    """A wheel's files in a folder of their own, unless they are there."""
    if folder.exists():
        return
    half_done = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(half_done, ignore_errors=True)
    install_into(half_done, package)
    half_done.rename(folder)


def install_into(folder: Path, *packages: str) -> None:
    """Unpack wheels, without their dependencies, into a folder."""
    fetch(uv(), "pip", "install", "-q", "--no-deps", "--python", sys.executable, "--target", folder, *packages)
