"""Files of an engine's storage that are damaged on purpose, and how somebody reads all that a member holds."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from tests.chaos import kit
from tests.chaos.mysqluri import where

READ_SECONDS_MAX = 10.0
SYSTEM_SCHEMAS = ("information_schema", "performance_schema", "sys", "mysql")
TABLES = "SELECT table_schema AS s, table_name AS t FROM information_schema.tables WHERE table_schema NOT IN %s"


@dataclass(frozen=True)
class Storage:
    """`files`: of a data folder, one of which is damaged. `read_all`: of the member at a URI; raises what its driver does."""

    files: Callable[[Path], Sequence[Path]]
    read_all: Callable[[str], None]


def _of_wiredtiger(folder: Path) -> Sequence[Path]:
    """The last one is the largest collection: the clients' or the oplog."""
    return [folder / "WiredTiger.wt", folder / "_mdb_catalog.wt", _largest(folder, "collection-*.wt")]


def _of_innodb(folder: Path) -> Sequence[Path]:
    """The system's tablespace, the dictionary, and the table that the clients wrote to last."""
    data = folder / "mysql"
    written = max(data.glob("app_*/*.ibd"), key=lambda file: file.stat().st_mtime)
    return [data / "ibdata1", data / "mysql.ibd", written]


def _largest(folder: Path, pattern: str) -> Path:
    return max(folder.glob(pattern), key=lambda file: file.stat().st_size)


def _read_mongodb(uri: str) -> None:
    milliseconds = int(READ_SECONDS_MAX * 1000)
    with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=2_000, socketTimeoutMS=milliseconds) as client:
        for database in client.list_database_names():
            client[database].command("dbHash")


def _read_mysql(uri: str) -> None:
    with closing(where(uri).connect(answer_seconds=READ_SECONDS_MAX)) as connection, connection.cursor() as cursor:
        cursor.execute(TABLES, (SYSTEM_SCHEMAS,))
        for found in cursor.fetchall():
            cursor.execute(f"CHECKSUM TABLE `{found['s']}`.`{found['t']}` EXTENDED")


STORAGES = {"mongodb": Storage(_of_wiredtiger, _read_mongodb), "mysql": Storage(_of_innodb, _read_mysql)}


def chosen() -> Storage:
    """Of the engine that is tried."""
    return STORAGES[kit.chosen().engine]
