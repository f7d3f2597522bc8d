"""What a MySQL member says that it is, and what it acknowledges to whoever writes to it directly.

Each write takes the next number of one counter, which the group agrees on. So a number is acknowledged once, and later ones are
higher, unless two primaries acknowledge side by side; and that is what the checker of terms finds when it is given these numbers.
(MySQL's own terms do not tell: a primary takes writes a moment before its agent begins the next one.)
"""

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pymysql

from tests.chaos.checkers import Acknowledged
from tests.chaos.mysqluri import TROUBLE, Connection, where

PLACE, ANSWER_SECONDS = "app_observed", 2.0
MISSING = (1049, 1146)
"""A database and a table that are not there."""
ASK = """
SELECT CONCAT(@@GLOBAL.report_host, ':', @@GLOBAL.report_port) AS me, @@GLOBAL.super_read_only AS is_read_only,
  MEMBER_STATE AS state, MEMBER_ROLE AS role
FROM performance_schema.replication_group_members WHERE MEMBER_ID = @@server_uuid OR MEMBER_ID = ''
""".strip()
MAKE = (
    f"CREATE DATABASE IF NOT EXISTS {PLACE}",
    f"CREATE TABLE IF NOT EXISTS {PLACE}.counter (id INT PRIMARY KEY, n BIGINT NOT NULL)",
)
COUNT = f"INSERT INTO {PLACE}.counter VALUES (0, 1) ON DUPLICATE KEY UPDATE n = n + 1"  # noqa: S608 - a name of our own
READ = f"SELECT n FROM {PLACE}.counter WHERE id = 0"  # noqa: S608


class MySqlAsker:
    """Of one member. `name_of`: from `HOST:PORT`, as the member calls itself, to its name."""

    def __init__(self, uri: str, name_of: Callable[[str], str]) -> None:
        self._where, self._name_of = where(uri), name_of
        self._connection: Connection | None = None

    def ask(self, member: str) -> tuple[str, Acknowledged | None]:
        """Its role, empty when it does not answer; and the write that was acknowledged, by whom the answer says it was."""
        try:
            if self._connection is None:
                self._connection = self._where.connect(answer_seconds=ANSWER_SECONDS)
            (found,) = self._rows(ASK)
            who = self._name_of(str(found["me"]))
            said = {"PRIMARY": "primary", "SECONDARY": "secondary"}.get(found["role"], "other")
            role = said if who == member and found["state"] == "ONLINE" else "other"
            taken = None if found["is_read_only"] else self._count(who)
        except TROUBLE:
            self.close()
            return "", None
        return ("other" if role == "primary" and found["is_read_only"] else role), taken

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(*TROUBLE):
                self._connection.close()
            self._connection = None

    def _count(self, who: str) -> Acknowledged | None:
        start_ns = time.monotonic_ns()
        try:
            self._rows("START TRANSACTION")
            self._rows(COUNT)
            (found,) = self._rows(READ)
            self._rows("COMMIT")
        except pymysql.MySQLError as error:
            if error.args and error.args[0] in MISSING:
                for statement in MAKE:
                    self._rows(statement)
                return None
            raise
        return Acknowledged(start_ns, time.monotonic_ns(), who, int(found["n"]))

    def _rows(self, statement: str) -> list[dict[str, Any]]:
        assert self._connection is not None
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())
