"""A look into a data folder, by a mongod of its own."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from moorage.engines.mongodb.privateengine import PrivateEngine


@contextlib.contextmanager
def alone(data: Path) -> Iterator[MongoClient[dict[str, Any]]]:
    with tempfile.TemporaryDirectory(dir="/tmp") as scratch:
        engine = PrivateEngine(data, Path(scratch), 0.25)
        try:
            engine.wait_until_ready()
            yield engine.client
            engine.stop()
        finally:
            engine.kill()
