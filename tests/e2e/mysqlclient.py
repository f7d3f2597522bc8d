"""A client of MySQL as a user writes one: through the address, by what the service's Secret says."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from tests.chaos.mysqluri import TROUBLE, Connection, where
from tests.e2e.client import Writer, uri


@contextlib.contextmanager
def connected(service: str) -> Iterator[Connection]:
    with contextlib.closing(where(uri(service, "uri")).connect()) as connection:
        yield connection


def ask(service: str, statement: str, *given: Any) -> list[dict[str, Any]]:
    """The rows of one statement, in the application's own database."""
    with connected(service) as connection, connection.cursor() as cursor:
        cursor.execute("USE app")
        cursor.execute(statement, given)
        return list(cursor.fetchall())


class MySqlWriter(Writer):
    """As `Writer`, with a row for each number in a table of its own."""

    def __init__(self, service: str, table: str) -> None:
        super().__init__(uri(service, "uri"), table)
        self._service, self._table = service, f"app.{table}"
        ask(service, f"DROP TABLE IF EXISTS {self._table}")
        ask(service, f"CREATE TABLE {self._table} (n INT PRIMARY KEY)")

    def lost(self) -> set[int]:
        """Acknowledged writes that the primary does not have. Must be empty."""
        return set(self.history.acknowledged) - {row["n"] for row in ask(self._service, f"SELECT n FROM {self._table}")}  # noqa: S608

    def _run(self) -> None:
        number, connection = 0, None
        while not self._stop.is_set():
            number += 1
            try:
                connection = connection or where(self._address).connect()
                with connection.cursor() as cursor:
                    cursor.execute(f"INSERT INTO {self._table} VALUES (%s)", (number,))  # noqa: S608
                self.history.acknowledged[number] = time.monotonic()
            except TROUBLE as error:
                self.history.errors.append(f"{type(error).__name__}: {str(error)[:120]}")
                if connection is not None:
                    with contextlib.suppress(*TROUBLE):
                        connection.close()
                connection = None
                self._stop.wait(0.05)
        if connection is not None:
            connection.close()
