"""uv, the one Python tool that is needed before the project's environment exists."""

import shutil
import sys
from pathlib import Path

from devcluster.config import CACHE, CHECKOUT
from devcluster.shell import run


def uv() -> Path:
    """uv from PATH, from the checkout's tools, or fetched into the cache."""
    on_path = shutil.which("uv")
    places = [Path(on_path)] if on_path else []
    places += [CHECKOUT / ".tools/bin/uv", CACHE / "uv/bin/uv"]
    for place in places:
        if place.exists():
            return place
    run(sys.executable, "-m", "venv", CACHE / "uv")
    run(CACHE / "uv/bin/pip", "install", "-q", "uv")
    return CACHE / "uv/bin/uv"


def install_into(folder: Path, *packages: str) -> None:
    """Unpack wheels, without their dependencies, into a folder."""
    run(uv(), "pip", "install", "-q", "--no-deps", "--python", sys.executable, "--target", folder, *packages)
