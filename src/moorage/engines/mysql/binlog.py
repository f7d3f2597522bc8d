"""Reads the binary log of a member as it grows, as a replica does. What stands there a majority of the group has received.

A reader goes on from a position alone, at any member. Members may hold what was committed in the same moment in another order, so
it begins a little before: what a replay is given twice, mysqld itself passes over by the number of the transaction.
"""

import secrets
import struct
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import pymysql
import structlog

from moorage.engines.backup import BackupError, LogGap, LogPiece, MemberHost, SourceLostError
from moorage.engines.mysql import binlogevents as events
from moorage.engines.mysql import positions
from moorage.engines.mysql.binlogevents import Begin, Transaction
from moorage.engines.mysql.positions import Position
from moorage.engines.mysql.sources import Opened, Sources, rows, said, standing

log = structlog.get_logger()

COM_BINLOG_DUMP = 0x12
NON_BLOCKING = 1
OK, END = 0x00, 0xFE
FIRST_PLACE = 4
BEAT_SECONDS = 1
ANSWER_SECONDS = 20.0
SOURCE_SECONDS = 600.0
"""Then the best source is looked for anew: the member that is read from may have become primary."""
OVERLAP_MICROS = 60 * 1_000_000
"""So much of what is kept is read again by who goes on from a position. Clocks of members agree better than that."""
PIECE_BYTES, PIECE_SECONDS = 2**20, 1.0
SETTLED_LOOK_SECONDS = 30.0
"""Between two looks at whether all is applied, while nobody writes."""
SETTLED_SECONDS = 5
"""A member that has applied all it received knows of everything that was committed this long ago."""

ASK_SETTLED = """
SELECT s.COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE = 0 AND GTID_SUBSET(c.RECEIVED_TRANSACTION_SET, @@GLOBAL.gtid_executed)
  AS is_settled, UNIX_TIMESTAMP() AS seconds
FROM performance_schema.replication_group_member_stats s, performance_schema.replication_connection_status c
WHERE s.MEMBER_ID = @@server_uuid AND c.CHANNEL_NAME = 'group_replication_applier'
""".strip()


class Dump:
    """The log of one member, from the beginning of one file."""

    def __init__(self, member: MemberHost, client: Opened, file: str, *, is_followed: bool) -> None:
        self._member, self._client = member, client
        rows(member, client, "SET @source_binlog_checksum = 'CRC32'")
        rows(member, client, f"SET @source_heartbeat_period = {BEAT_SECONDS * 10**9}")
        flags, reader = 0 if is_followed else NON_BLOCKING, 2**31 + secrets.randbelow(2**30)
        asked = struct.pack("<IHI", FIRST_PLACE, flags, reader) + file.encode()
        try:
            client._execute_command(COM_BINLOG_DUMP, asked)  # type: ignore[attr-defined]  # noqa: SLF001
        except (pymysql.MySQLError, OSError) as error:
            raise self._lost(error) from error

    def events(self) -> Iterator[bytes]:
        """Raises SourceLostError."""
        while True:
            try:
                packet = bytes(self._client._read_packet().get_all_data())  # type: ignore[no-untyped-call]  # noqa: SLF001
            except (pymysql.MySQLError, OSError) as error:
                raise self._lost(error) from error
            if packet[0] == END:
                return
            yield packet[1:]

    def _lost(self, error: Exception) -> SourceLostError:
        return SourceLostError(f"the log of {self._member.name} cannot be read: {said(error)}")


def is_own(begin: Begin, timeline: str) -> bool:
    return begin.source == timeline.lower()


def following(position: Position, begin: Begin, timeline: str) -> Position:
    """Of the transaction that begins so and follows what stands at `position`. Always a later one, whatever clocks say."""
    return Position(max(position.micros + 1, begin.micros), begin.number if is_own(begin, timeline) else 0)


class LogReader:
    """Of one service."""

    def __init__(self, sources: Sources, stop: threading.Event) -> None:
        self._sources, self._stop = sources, stop

    def newest(self, member: MemberHost) -> tuple[str, Position]:
        """The timeline, and the last transaction that the member holds by now. Raises SourceLostError."""
        with self._sources.client(member) as client:
            timeline = standing(member, client).timeline
            files = self._files(member, client)
        for file in reversed(files):
            last: Begin | None = None
            with self._sources.client(member, ANSWER_SECONDS) as client:
                for event in Dump(member, client, file, is_followed=False).events():
                    if events.kind_of(event) in events.BEGINS:
                        last = events.begin_of(event)
            if last is not None:
                return timeline, Position(last.micros, last.number if is_own(last, timeline) else 0)
        return timeline, Position(positions.micros_of(datetime.now(UTC)))

    def follow(self, members: Sequence[MemberHost], after: Mapping[str, str]) -> Iterator[LogPiece | LogGap | None]:
        """Until the stop event is set. Raises BackupError when no member can be read from."""
        known = {timeline: positions.parse(text) for timeline, text in after.items()}
        while not self._stop.is_set():
            member = self._best(members, known)
            with self._sources.client(member) as client:
                timeline = standing(member, client).timeline
            if timeline not in known:
                _, known[timeline] = self.newest(member)
                log.info("log_begins", timeline=timeline, position=str(known[timeline]))
            log.info("log_is_read", member=member.name, timeline=timeline, after=str(known[timeline]))
            yield from self._follow(member, timeline, known)

    def _best(self, members: Sequence[MemberHost], known: Mapping[str, Position]) -> MemberHost:
        """One that still has what follows, rather than one that was copied from another since."""
        first, without = None, list[str]()
        while True:
            try:
                member = self._sources.choose(members, without).member
            except BackupError:
                if first is None:
                    raise
                return first
            with self._sources.client(member) as client:
                timeline = standing(member, client).timeline
                if timeline not in known or self._has(member, client, timeline, known[timeline]):
                    return member
            first, without = first or member, [*without, member.name]

    @staticmethod
    def _has(member: MemberHost, client: Opened, timeline: str, position: Position) -> bool:
        """Whether its log still holds the transaction at a position: then nothing can be missing after it."""
        if not position.number:
            return True
        here = "GTID_SUBTRACT(@@GLOBAL.gtid_executed, @@GLOBAL.gtid_purged)"
        (row,) = rows(member, client, f"SELECT GTID_SUBSET('{timeline}:{position.number}', {here}) AS has")
        return bool(row["has"])

    @staticmethod
    def _files(member: MemberHost, client: Opened) -> list[str]:
        return [str(row["Log_name"]) for row in rows(member, client, "SHOW BINARY LOGS")]

    def _first(self, member: MemberHost, file: str) -> int | None:
        """When the first transaction of a file was committed, in microseconds; None: it holds none."""
        with self._sources.client(member, ANSWER_SECONDS) as client:
            for event in Dump(member, client, file, is_followed=False).events():
                kind = events.kind_of(event)
                if kind in events.BEGINS:
                    return events.begin_of(event).micros
                if kind == events.ROTATE and events.seconds_of(event):
                    return None  # goes on with the next file
        return None

    def _file_before(self, member: MemberHost, files: Sequence[str], micros: int) -> str:
        """The newest file that begins at or before a moment; the oldest when none does."""
        for file in reversed(files):
            first = self._first(member, file)
            if first is not None and first <= micros:
                return file
        return files[0]

    def _follow(self, member: MemberHost, timeline: str, known: dict[str, Position]) -> Iterator[LogPiece | LogGap | None]:
        """For a while, at one member; `known` is kept up to date."""
        begins = known[timeline]
        with self._sources.client(member) as client:
            files = self._files(member, client)
            has = self._has(member, client, timeline, begins)
        file = self._file_before(member, files, begins.micros - OVERLAP_MICROS)
        if not has:
            first = self._first(member, files[0])
            end = Position(max(begins.micros + 1, (first or begins.micros + 2) - 1))
            log.warning("log_is_gone", member=member.name, after=str(begins), goes_on=str(end))
            yield LogGap(timeline, str(begins), str(end))
            known[timeline] = end
        gathered = Gathered(timeline, known[timeline])
        until, next_look = time.monotonic() + SOURCE_SECONDS, 0.0
        with self._sources.client(member, ANSWER_SECONDS) as client:
            for event in Dump(member, client, file, is_followed=True).events():
                is_beat = gathered.take(event)
                if is_beat and gathered.is_idle and time.monotonic() >= next_look:
                    next_look = time.monotonic() + SETTLED_LOOK_SECONDS
                    gathered.says_nothing_until(self._settled(member, timeline))
                for piece in gathered.pieces(is_beat=is_beat):
                    known[timeline] = positions.parse(piece.end)
                    yield piece
                if is_beat:
                    yield None
                if gathered.is_idle and (self._stop.is_set() or time.monotonic() > until):
                    return  # also where somebody writes all the time: all that was read is given on

    def _settled(self, member: MemberHost, timeline: str) -> int:
        """The second up to which the member knows everything; 0 when it does not know."""
        with self._sources.client(member) as client:
            found = standing(member, client)
            if not found.is_good or found.timeline != timeline:
                raise SourceLostError(f"{member.name} left its group")
            (row,) = rows(member, client, ASK_SETTLED) or ({"is_settled": 0},)
            return int(row["seconds"]) - SETTLED_SECONDS if row["is_settled"] else 0


class Gathered:
    """What was read and not yet given on. Whole transactions; those from before the position only as far as they overlap."""

    def __init__(self, timeline: str, position: Position) -> None:
        self._timeline, self._begins, self.position = timeline, position, position
        self._format = b""
        self._open: Transaction | None = None
        self._whole: list[bytes] = []
        self._start, self._since = position, time.monotonic()
        self._is_past = False
        """What was kept already has been passed."""
        self._said_until = position.micros // events.MILLION
        self.bytes = 0
        self.is_idle = True
        """Nothing new was read since the last piece."""

    def take(self, event: bytes) -> bool:
        """Whether nothing more stands in the log for the moment."""
        kind = events.kind_of(event)
        if kind in (events.HEARTBEAT, events.HEARTBEAT_2):
            return True
        if kind == events.FORMAT:
            self._format = event
        elif kind in events.BEGINS:
            self._open = Transaction(events.begin_of(event), [event])
        elif self._open is not None and self._open.ends_with(event):
            done, self._open = self._open, None
            self._add(done)
        return False

    def _add(self, done: Transaction) -> None:
        begin = done.begin
        is_last_kept = is_own(begin, self._timeline) and begin.number == self._begins.number
        if self._is_past or begin.micros > self._begins.micros:
            self._is_past = True
            self.position = following(self.position, begin, self._timeline)
            self.is_idle = False
        elif begin.micros < self._begins.micros - OVERLAP_MICROS:
            self._is_past = is_last_kept
            return
        else:
            self._is_past = is_last_kept
        if not self._whole:
            self._since = time.monotonic()
        self._whole += done.events
        self.bytes += sum(map(len, done.events))

    def says_nothing_until(self, seconds: int) -> None:
        """The log is read to its end, and up to this second nothing more will come."""
        if seconds > self._said_until and self._format:
            self.position = Position(max(self.position.micros, seconds * events.MILLION), self.position.number)
            self._said_until = seconds

    def pieces(self, *, is_beat: bool) -> Iterator[LogPiece]:
        """Those that are due: what only overlaps waits for what is new."""
        is_due = is_beat or self.bytes >= PIECE_BYTES or time.monotonic() - self._since >= PIECE_SECONDS
        if self.position == self._start or not is_due:
            return
        # of a piece that holds new transactions they themselves say how far it reaches
        until = self._said_until if self.is_idle else self._start.micros // events.MILLION
        data = events.head_of_stream(self._format, until) + b"".join(self._whole)
        end_time = positions.to_rfc3339(self.position.moment)
        yield LogPiece(self._timeline, str(self._start), str(self.position), data, end_time, self.is_idle)
        self._start, self._whole, self.bytes, self.is_idle = self.position, [], 0, True
