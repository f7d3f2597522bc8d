"""The strong reads at the end: of the primary, and of every member directly.

First something is written by whoever leads; each member is then read once it has applied all that the primary had by then.
"""

import contextlib
import time
from collections.abc import Callable
from typing import Any

from tests.chaos.addresses import Addresses
from tests.chaos.history import History
from tests.chaos.mysqluri import TROUBLE, Connection, where

WITHIN_SECONDS = 60.0
APPLY_SECONDS = 20
Read = Callable[[str], list[dict[str, Any]]]
"""The rows of one SELECT."""
ReadAll = Callable[[Read], Any]


class NotAppliedError(OSError):
    """A member does not have in time what the primary had."""


def read_everywhere(addresses: Addresses, uri: str, barrier: str, history: History, read_all: ReadAll) -> None:
    """Appends a `final-read` of the primary (node "primary") and of each member. Raises what a member says to the end.

    `barrier`: a statement that only a primary with a majority can make.
    """
    reached: list[str] = []

    def of_primary(connection: Connection) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(barrier)
        reached[:] = [rows(connection, "SELECT @@GLOBAL.gtid_executed AS reached")[0]["reached"]]
        return read_all(lambda statement: rows(connection, statement))

    def of_member(connection: Connection) -> Any:
        waited = rows(connection, "SELECT WAIT_FOR_EXECUTED_GTID_SET(%s, %s) AS late", reached[0], APPLY_SECONDS)
        if waited[0]["late"]:
            raise NotAppliedError(f"it has not applied within {APPLY_SECONDS} s what the primary had")
        return read_all(lambda statement: rows(connection, statement))

    _read("primary", uri, history, of_primary)
    for name, member_uri in sorted(addresses.admin_uris.items()):
        _read(name, member_uri, history, of_member)


def rows(connection: Connection, statement: str, *given: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())


def _read(node: str, uri: str, history: History, action: Callable[[Connection], Any]) -> None:
    process, deadline, at = history.new_process(), time.monotonic() + WITHIN_SECONDS, 0
    while True:
        token = history.invoke(process, "final-read", node)
        try:
            with contextlib.closing(where(uri).connect(at, answer_seconds=2 * APPLY_SECONDS)) as connection:
                history.complete(token, "ok", action(connection), node=node)
                return
        except TROUBLE as error:
            history.complete(token, "fail", None, node=node, error=f"{type(error).__name__}: {str(error)[:200]}")
            if time.monotonic() > deadline:
                raise
            at += 1
        time.sleep(0.5)  # the pace of a bounded wait for a condition
