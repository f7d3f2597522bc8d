"""Reads the oplog of a member as it grows: only what a majority holds, so nothing of it can be rolled back.

Each look begins with the last entry that is kept already. While a member still has that entry nothing can be missing after it.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog
from bson.raw_bson import RawBSONDocument
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from moorage.engines.backup import BackupError, LogGap, LogPiece, MemberHost, SourceLostError
from moorage.engines.mongodb.connections import said
from moorage.engines.mongodb.oplogentries import is_housekeeping, split, timestamp_of, written_at
from moorage.engines.mongodb.positions import to_position, to_rfc3339, to_timestamp
from moorage.engines.mongodb.sources import Sources, SyncClient, timeline

log = structlog.get_logger()

LOOK_SECONDS = 1.0
ANSWER_MS = 20_000
LOOKS_PER_SOURCE = 600
"""Then the best source is looked for anew: the member that is read from may have become primary."""


class OplogReader:
    """Of one service."""

    def __init__(self, sources: Sources, stop: threading.Event) -> None:
        self._sources, self._stop = sources, stop

    def follow(self, members: Sequence[MemberHost], after: Mapping[str, str]) -> Iterator[LogPiece | LogGap | None]:
        """Until the stop event is set. Raises BackupError when no member can be read from."""
        known = dict(after)
        while not self._stop.is_set():
            source = self._sources.choose(members)
            log.info("log_is_read", member=source.member.name, why=source.why)
            try:
                with self._sources.client(source.member, ANSWER_MS) as client:
                    yield from self._follow(client, known)
            except PyMongoError as error:
                raise SourceLostError(f"{source.member.name} cannot be read from any more: {said(error)}") from error

    def _follow(self, client: SyncClient, known: dict[str, str]) -> Iterator[LogPiece | LogGap | None]:
        """Some looks at one member; `known` is kept up to date."""
        line = timeline(client)
        if line not in known:
            known[line] = _newest(client)
            log.info("log_begins", timeline=line, position=known[line])
        for _ in range(LOOKS_PER_SOURCE):
            for found in _read(client, line, known[line]):
                known[line] = found.end
                yield found
                if self._stop.is_set():
                    return
            yield None
            if self._stop.wait(LOOK_SECONDS):
                return


def _oplog(client: SyncClient) -> Any:
    return client["local"].get_collection("oplog.rs", read_concern=ReadConcern("majority"))


def _newest(client: SyncClient) -> str:
    found = _oplog(client).find_one(sort=[("$natural", -1)], projection={"ts": 1})
    if found is None:
        raise BackupError("the member has no oplog yet")
    return to_position(found["ts"])


def _read(client: SyncClient, line: str, after: str) -> Iterator[LogPiece | LogGap]:
    """What follows `after` now."""
    is_first = True
    for batch in _oplog(client).find_raw_batches({"ts": {"$gte": to_timestamp(after)}}):
        entries = list(split(bytes(batch)))
        if not entries:
            return
        if is_first:
            is_first, begins = False, to_position(timestamp_of(entries[0]))
            if begins == after:
                entries = entries[1:]
            else:  # the member no longer has it; the first entry that it has is lost to us as well: it has no place to begin
                yield LogGap(line, after, begins)
                after, entries = begins, entries[1:]
        if entries:
            piece = _piece(line, after, entries)
            yield piece
            after = piece.end


def _piece(line: str, after: str, entries: list[bytes]) -> LogPiece:
    last = RawBSONDocument(entries[-1])
    end, is_idle = to_position(last["ts"]), all(is_housekeeping(entry) for entry in entries)
    return LogPiece(line, after, end, b"".join(entries), to_rfc3339(written_at(last)), is_idle)
