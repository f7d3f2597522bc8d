"""Whether all data members hold the same, asked of each of them directly. The only checker that speaks to anybody."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.chaos.addresses import Addresses
from tests.chaos.checkers.verdict import Verdict
from tests.chaos.mysqluri import TROUBLE, where

SKIPPED = frozenset({"local", "config"})
"""Each member's own: its oplog, and its sessions, which a secondary writes in another order."""
TABLES = """
SELECT TABLE_SCHEMA AS place, TABLE_NAME AS name FROM information_schema.TABLES
WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')
""".strip()
SECONDS = 30.0

Hashes = dict[str, dict[str, str]]
"""Database → collection → hash."""


class CannotTellError(Exception):
    """A member does not say what it holds."""


def members_equal(addresses: Addresses, engine: str = "mongodb") -> Verdict:
    """Every database is equal on all data members within half a minute. When nobody writes."""
    deadline = time.monotonic() + SECONDS
    while True:
        verdict = _compare(addresses, HASHES_OF[engine])
        if verdict.valid or time.monotonic() > deadline:
            return verdict
        time.sleep(0.5)  # the pace of a bounded wait for a condition


def _compare(addresses: Addresses, hashes_of: Callable[[str], Hashes]) -> Verdict:
    hashes: dict[str, Hashes] = {}
    for name, uri in addresses.admin_uris.items():
        try:
            hashes[name] = hashes_of(uri)
        except CannotTellError as error:
            return Verdict.of([f"{name} does not tell what it holds: {str(error)[:200]}"], {})
    return compared(hashes)


def of_mongodb(uri: str) -> Hashes:
    """By `dbHash`."""
    try:
        with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=5_000, socketTimeoutMS=20_000) as client:
            names = [name for name in client.list_database_names() if name not in SKIPPED]
            return {name: client[name].command("dbHash")["collections"] for name in names}
    except PyMongoError as error:
        raise CannotTellError(str(error)) from error


def of_mysql(uri: str) -> Hashes:
    """By `CHECKSUM TABLE` of every table but the engine's own; what the group remembers counts, too."""
    try:
        with contextlib.closing(where(uri).connect(answer_seconds=20)) as connection, connection.cursor() as cursor:
            cursor.execute(TABLES)
            found: Hashes = {}
            for table in cursor.fetchall():
                cursor.execute("CHECKSUM TABLE `{}`.`{}`".format(table["place"], table["name"]))
                found.setdefault(table["place"], {})[table["name"]] = str(cursor.fetchall()[0]["Checksum"])
            return found
    except TROUBLE as error:
        raise CannotTellError(str(error)) from error


HASHES_OF: dict[str, Callable[[str], Hashes]] = {"mongodb": of_mongodb, "mysql": of_mysql}
"""Engine → what asks the member at an administrator's URI. Raises CannotTellError."""


def compared(hashes: dict[str, Hashes]) -> Verdict:
    """`hashes` by member. Nobody to compare is a finding: a check that compares nothing proves nothing."""
    figures = {"members_compared": len(hashes), "collections_compared": sum(len(c) for h in hashes.values() for c in h.values())}
    if len(hashes) < 2 or not figures["collections_compared"]:
        return Verdict.of([f"There is nothing to compare: {len(hashes)} members."], figures)
    (first, wanted), *others = sorted(hashes.items())
    flat = {(database, name): value for database, found in wanted.items() for name, value in found.items()}
    findings = []
    for member, found in others:
        theirs = {(database, name): value for database, collections in found.items() for name, value in collections.items()}
        different = sorted(".".join(key) for key in flat.keys() | theirs.keys() if flat.get(key) != theirs.get(key))
        if different:
            findings.append(f"{first} and {member} do not hold the same: {', '.join(different[:5])}.")
    return Verdict.of(findings, figures)
