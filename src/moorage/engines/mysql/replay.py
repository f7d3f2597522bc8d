"""Applies the archived log to a mysqld that holds the state of a moment, up to another moment.

mysqld does that itself, as a replica does: the log becomes relay logs, which end where the target is, and the engine's own
threads apply them, several at once. What it holds already it passes over by the transaction's number.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from moorage.engines.backup import BackupError, Reached, Target
from moorage.engines.mysql import binlogevents as events
from moorage.engines.mysql import gtid, positions
from moorage.engines.mysql.binlogevents import LogFormatError, Transaction
from moorage.engines.mysql.positions import Position, to_rfc3339

log = structlog.get_logger()

FOLDER, NAME, INDEX = "replay", "replay", "replay.index"
LOOK_SECONDS = 0.1
OPTIONS = ("--skip-replica-start", "--replica-parallel-workers=4", "--replica-preserve-commit-order=ON")


@dataclass(frozen=True)
class Written:
    """The relay logs."""

    transactions: int
    executed: gtid.GtidSet
    """Those that come from a group's member by number."""
    last: int
    """When the last one was committed, in microseconds."""
    number: int


class RelayLogs:
    """In a folder of their own beside the data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        folder.mkdir()

    @property
    def arguments(self) -> tuple[str, ...]:
        return (f"--relay-log={self._folder / NAME}", f"--relay-log-index={self._folder / INDEX}", *OPTIONS)

    @property
    def first(self) -> str:
        return str(self._path(1))

    def _path(self, number: int) -> Path:
        return self._folder / f"{NAME}.{number:06d}"

    def write(self, log_pieces: Iterator[bytes], target: Target) -> Written:
        """Raises BackupError, also when the log ends before the target."""
        end = _End(target)
        spans: dict[gtid.Source, list[tuple[int, int]]] = {}
        count, last, number = 0, 0, 0
        for piece in log_pieces:
            try:
                found = list(events.split(piece))
                end.heard_until = max(end.heard_until, events.last_moment(piece))
            except LogFormatError as error:
                raise BackupError(f"the log in the store is broken: {error}", can_be_repeated=False) from error
            whole = list(self._until(found, end))
            if whole:
                head = next(e for e in found if events.kind_of(e) == events.FORMAT)
                self._write(head, whole)
            for each in whole:
                begin = each.begin
                count, last = count + 1, max(last, begin.micros)
                if begin.source:
                    number = begin.number
                    _add(spans.setdefault((begin.source, ""), []), begin.number)
            if end.is_passed:
                break
        if not end.is_passed and not end.is_heard:
            raise BackupError(
                f"the log ends at {to_rfc3339(Position(end.heard_until).moment)}, before the moment that was asked for",
                can_be_repeated=False,
            )
        with (self._folder / INDEX).open("w") as index:
            index.writelines(f"{self._path(n)}\n" for n in range(1, self._count + 1))
        return Written(count, gtid.of_spans(spans), last, number)

    @staticmethod
    def _until(found: list[bytes], end: "_End") -> Iterator[Transaction]:
        for each in events.transactions(found):
            if end.is_before(each):
                return
            yield each

    def _write(self, head: bytes, whole: list[Transaction]) -> None:
        self._count += 1
        with self._path(self._count).open("wb") as file:
            seconds = events.seconds_of(head)
            file.write(events.MAGIC + events.head_of_stream(head, seconds) + events.nothing_before(seconds))
            for each in whole:
                file.writelines(each.events)


def _add(runs: list[tuple[int, int]], number: int) -> None:
    """Numbers mostly follow each other: a long log has few runs."""
    if runs and runs[-1][1] + 1 == number:
        runs[-1] = (runs[-1][0], number)
    else:
        runs.append((number, number))


class _End:
    """Where it ends: before the first transaction that is later than the target."""

    def __init__(self, target: Target) -> None:
        self._micros = positions.micros_of(positions.from_rfc3339(target.time)) if target.time else None
        self._position = positions.parse(target.position) if target.position else None
        self.is_passed = False
        self.heard_until = 0
        self._was_last = False

    def is_before(self, each: Transaction) -> bool:
        begin = each.begin
        if self._micros is not None:
            self.is_passed = begin.micros > self._micros
        elif self._position is not None:
            self.is_passed = self._was_last or begin.micros > self._position.micros
            self._was_last = bool(begin.number) and begin.number == self._position.number
        return self.is_passed

    @property
    def is_heard(self) -> bool:
        """When nothing follows any more."""
        wanted = self._micros if self._micros is not None else self._position.micros if self._position is not None else 0
        return self._was_last or self.heard_until >= wanted


def apply(rows: Callable[[str], list[dict[str, Any]]], relay_logs: RelayLogs, written: Written) -> Reached:
    """On an engine that was started with the relay logs' arguments. Raises BackupError."""
    rows(f"CHANGE REPLICATION SOURCE TO RELAY_LOG_FILE = '{relay_logs.first}', RELAY_LOG_POS = 4, SOURCE_HOST = 'archive'")
    rows("START REPLICA SQL_THREAD")
    while True:
        (now,) = rows("SHOW REPLICA STATUS")
        if now["Last_SQL_Errno"]:
            raise BackupError(f"the log cannot be replayed: {now['Last_SQL_Error'][:500]}", can_be_repeated=False)
        (row,) = rows("SELECT @@GLOBAL.gtid_executed AS executed")
        if written.executed <= gtid.parse(row["executed"]):
            break
        if now["Replica_SQL_Running"] != "Yes":
            raise BackupError("mysqld ended the replay of the log without a word")
        time.sleep(LOOK_SECONDS)
    rows("STOP REPLICA")
    rows("RESET REPLICA ALL")
    moment: datetime = Position(written.last).moment
    return Reached(str(Position(written.last, written.number)), to_rfc3339(moment), written.transactions)
