"""Whether all data members hold the same, asked of each of them directly. The only checker that speaks to anybody."""

import time
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.chaos.addresses import Addresses
from tests.chaos.checkers.verdict import Verdict

SKIPPED = frozenset({"local", "config"})
"""Each member's own: its oplog, and its sessions, which a secondary writes in another order."""
SECONDS = 30.0

Hashes = dict[str, dict[str, str]]
"""Database → collection → hash."""


def members_equal(addresses: Addresses) -> Verdict:
    """`dbHash` of every database is equal on all data members within half a minute. When nobody writes."""
    clients = {
        name: MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=5_000, socketTimeoutMS=20_000)
        for name, uri in addresses.admin_uris.items()
    }
    deadline = time.monotonic() + SECONDS
    try:
        while True:
            verdict = _compare(clients)
            if verdict.valid or time.monotonic() > deadline:
                return verdict
            time.sleep(0.5)  # the pace of a bounded wait for a condition
    finally:
        for client in clients.values():
            client.close()


def _compare(clients: dict[str, MongoClient[dict[str, Any]]]) -> Verdict:
    hashes: dict[str, Hashes] = {}
    for name, client in clients.items():
        try:
            hashes[name] = _hashes(client)
        except PyMongoError as error:
            return Verdict.of([f"{name} does not tell what it holds: {str(error)[:200]}"], {})
    return compared(hashes)


def _hashes(client: MongoClient[dict[str, Any]]) -> Hashes:
    names = [name for name in client.list_database_names() if name not in SKIPPED]
    return {name: client[name].command("dbHash")["collections"] for name in names}


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
