"""MySQL as the writer of a drill uses it: the application's own user, through the address, in a database of its own."""

import contextlib
import ssl
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pymysql
from pymysql.cursors import Cursor

from moorage.engines.drill import WriteError
from moorage.engines.mysql.constants import DATABASE

OWN, TABLE = f"{DATABASE}_moorage_drill", "writes"
CONNECT_SECONDS, ANSWER_SECONDS = 2, 5
"""No write waits for longer, so that the next one is tried."""


class MySqlDrill:
    """Implements `drill.DrillClient`. A commit is answered once a majority of the group has it, and read only after that."""

    def __init__(self, app: Path) -> None:
        given = {name: (app / name).read_text() for name in ("host", "port", "username", "password")}
        self._given: dict[str, Any] = {
            "host": given["host"],
            "port": int(given["port"]),
            "user": given["username"],
            "password": given["password"],
            "ssl": ssl.create_default_context(cafile=str(app / "ca.crt")),
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": ANSWER_SECONDS,
            "write_timeout": ANSWER_SECONDS,
            "autocommit": True,
        }
        self._connection: pymysql.Connection[Cursor] | None = None

    def begin(self) -> None:
        with self._cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {OWN}")
            cursor.execute(f"CREATE DATABASE {OWN}")
            cursor.execute(f"CREATE TABLE {OWN}.{TABLE} (n INT PRIMARY KEY)")

    def write(self, number: int) -> None:
        with self._cursor() as cursor:
            cursor.execute(f"INSERT INTO {OWN}.{TABLE} VALUES (%s)", (number,))  # noqa: S608 - names of our own

    def read(self) -> set[int]:
        with self._cursor() as cursor:
            cursor.execute(f"SELECT n FROM {OWN}.{TABLE}")  # noqa: S608 - names of our own
            return {int(row[0]) for row in cursor.fetchall()}

    def end(self) -> None:
        with self._cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {OWN}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[Cursor]:
        """After an error the next call connects anew: the address may lead elsewhere by then. Raises WriteError."""
        try:
            if self._connection is None:
                self._connection = pymysql.connect(**self._given)
            with self._connection.cursor() as cursor:
                yield cursor
        except (pymysql.MySQLError, OSError) as error:
            self._close()
            raise WriteError(f"{error.args[-1] if error.args else error} ({type(error).__name__})") from error

    def _close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(pymysql.MySQLError, OSError):
                self._connection.close()
            self._connection = None
