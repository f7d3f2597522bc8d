"""Applies the oplog to a mongod that holds the state of a moment, up to another moment.

Not by `mongorestore --oplogFile`: it applies one operation at a time, knows only the indexes that it has seen itself (one that
is dropped later stays), and loses the indexes of a collection that is renamed. Here writes go in batches through `applyOps`,
which is what mongorestore uses too, and what changes collections and indexes is done as the command that it once was.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import structlog
from bson.raw_bson import DEFAULT_RAW_BSON_OPTIONS, RawBSONDocument
from bson.timestamp import Timestamp
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from moorage.engines.backup import BackupError, Reached, Target
from moorage.engines.mongodb.connections import said
from moorage.engines.mongodb.oplogentries import split, written_at
from moorage.engines.mongodb.positions import from_rfc3339, to_position, to_rfc3339, to_timestamp
from moorage.engines.mongodb.transactions import Transactions

log = structlog.get_logger()

BATCH_OPERATIONS, BATCH_BYTES = 1000, 4 * 2**20
_WRITES = frozenset({"i", "u", "d"})
_AS_COMMAND = frozenset({"create", "drop", "dropDatabase", "convertToCapped", "emptycapped", "collMod"})
_WITHOUT_EFFECT = frozenset({"startIndexBuild", "abortIndexBuild", "dbCheck", "commitTransaction", "abortTransaction"})
_OF_THE_ENGINE = ("config.", "local.", "admin.system.version", "admin.system.keys", "admin.tempusers", "admin.temproles")
"""Namespaces that say something of the replica set that was, and nothing of its data."""
NAMESPACE_NOT_FOUND, INDEX_NOT_FOUND = 26, 27


class Replay:
    """One replay."""

    def __init__(self, client: MongoClient[Any], transactions: Transactions) -> None:
        self._admin = client.get_database("admin", codec_options=DEFAULT_RAW_BSON_OPTIONS)
        self._client, self._transactions = client, transactions
        self._batch: list[dict[str, Any]] = []
        self._batch_bytes = 0
        self._at = ""
        self.entries = 0

    def run(self, pieces: Iterator[bytes], after: str, target: Target) -> Reached:
        """Raises BackupError, also when the log ends before the target."""
        begin, reached = to_timestamp(after), after
        end = _End(target)
        moment: datetime | None = None
        for raw in _entries(pieces):
            entry = RawBSONDocument(raw)
            if entry["ts"] <= begin:
                continue
            if end.is_before(entry):
                self._flush()
                return self._reached(reached, moment)
            self._at = to_position(entry["ts"])
            self._take(raw, entry)
            reached, moment = self._at, written_at(entry)
        self._flush()
        if end.is_reached(reached, moment):
            return self._reached(reached, moment)
        raise BackupError(f"the log ends at {to_rfc3339(moment) if moment else reached}, before the moment that was asked for")

    def _reached(self, position: str, moment: datetime | None) -> Reached:
        if self._transactions:
            log.info("transactions_not_committed_yet", count=len(self._transactions))
        return Reached(position, to_rfc3339(moment) if moment else "", self.entries)

    def _take(self, raw: bytes, entry: Mapping[str, Any]) -> None:
        self.entries += 1
        if Transactions.is_part(entry):
            for operation in self._transactions.take(raw, entry) or ():
                self._apply(operation)
        else:
            self._apply(entry)

    def _apply(self, entry: Mapping[str, Any]) -> None:
        kind, namespace = entry["op"], entry["ns"]
        if kind == "n" or namespace.startswith(_OF_THE_ENGINE):
            return
        if kind in _WRITES:
            self._add(kind, namespace, entry)
        elif kind == "c":
            self._command(namespace, entry["o"])
        else:
            raise self._unknown(f"an operation '{kind}'")

    def _add(self, kind: str, namespace: str, entry: Mapping[str, Any]) -> None:
        """Without the collection's id, which is another one here, and without the session."""
        write = {"op": kind, "ns": namespace, "o": entry["o"]}
        if "o2" in entry:
            write["o2"] = entry["o2"]
        self._batch.append(write)
        self._batch_bytes += len(entry["o"].raw)
        if len(self._batch) >= BATCH_OPERATIONS or self._batch_bytes >= BATCH_BYTES:
            self._flush()

    def _flush(self) -> None:
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        if batch:
            self._apply_ops(batch)

    def _apply_ops(self, operations: list[dict[str, Any]]) -> None:
        try:
            self._admin.command({"applyOps": operations})
        except PyMongoError as error:
            raise BackupError(
                f"the log cannot be replayed up to {self._at}: {said(error)}",
                can_be_repeated=not isinstance(error, OperationFailure),
            ) from error

    def _command(self, namespace: str, command: Mapping[str, Any]) -> None:
        name, database = next(iter(command)), namespace.partition(".")[0]
        if name == "applyOps":
            for nested in command["applyOps"]:
                self._apply(nested)
            return
        if name in _WITHOUT_EFFECT:
            return
        self._flush()
        if name in _AS_COMMAND:
            self._apply_ops([{"op": "c", "ns": namespace, "o": command}])
        elif name == "renameCollection":
            self._run("admin", _rename(command))
        elif name in {"createIndexes", "commitIndexBuild"}:
            self._run(database, {"createIndexes": command[name], "indexes": _indexes(name, command)})
        elif name in {"dropIndexes", "deleteIndexes", "deleteIndex", "dropIndex"}:
            self._run(
                database, {"dropIndexes": command[name], "index": command["index"]}, but=(NAMESPACE_NOT_FOUND, INDEX_NOT_FOUND)
            )
        else:
            raise self._unknown(f"a command '{name}'")

    def _unknown(self, what: str) -> BackupError:
        return BackupError(f"the log holds {what} at {self._at}, which cannot be replayed", can_be_repeated=False)

    def _run(self, database: str, command: dict[str, Any], but: tuple[int, ...] = ()) -> None:
        try:
            self._client[database].command(command)
        except OperationFailure as error:
            if error.code not in but:
                raise BackupError(f"the log cannot be replayed at {self._at}: {said(error)}", can_be_repeated=False) from error
        except PyMongoError as error:
            raise BackupError(f"the log cannot be replayed at {self._at}: {said(error)}") from error


class _End:
    """Where it ends: before the first entry that is later than the target."""

    def __init__(self, target: Target) -> None:
        self._position: Timestamp | None = to_timestamp(target.position) if target.position else None
        self._moment = from_rfc3339(target.time) if target.time else None

    def is_before(self, entry: Mapping[str, Any]) -> bool:
        if self._position is not None:
            return bool(entry["ts"] > self._position)
        assert self._moment is not None
        return written_at(entry) > self._moment

    def is_reached(self, position: str, moment: datetime | None) -> bool:
        """When nothing follows any more."""
        if self._position is not None:
            return to_timestamp(position) >= self._position
        return moment is not None and self._moment is not None and moment >= self._moment


def _entries(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        try:
            yield from split(piece)
        except ValueError as error:
            raise BackupError(f"the log in the store is broken: {error}", can_be_repeated=False) from error


def _rename(command: Mapping[str, Any]) -> dict[str, Any]:
    """The log names a target that is dropped by an id, which it does not have here: `applyOps` would move it aside."""
    wanted = {key: command[key] for key in ("renameCollection", "to")}
    return {**wanted, "dropTarget": bool(command.get("dropTarget"))}


def _indexes(name: str, command: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if name == "commitIndexBuild":
        return list(command["indexes"])
    return [{key: value for key, value in command.items() if key not in {"createIndexes", "ns"}}]
