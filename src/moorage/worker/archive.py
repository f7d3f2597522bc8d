"""ARCHIVE: the engine's log into the store, slice by slice, until it is stopped.

The engine's own log is the buffer: nothing is remembered but what the store lists, so a worker may die at any moment, and a
store that is away for an hour costs nothing as long as the engine still holds that hour.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import structlog

from moorage.backup import layout
from moorage.backup.errors import NotInStoreError, StoreError
from moorage.backup.layout import Slice
from moorage.backup.store import ObjectStore
from moorage.core.ownership import UNKNOWN
from moorage.engines.backup import BackupError, EngineBackup, LogGap, LogPiece, member_hosts
from moorage.worker import slices
from moorage.worker.logfiles import scratch_file, write_slice
from moorage.worker.work import Outcome, Work

log = structlog.get_logger()

SLICE_SECONDS_MAX, SLICE_BYTES_MAX = 60.0, 16 * 2**20
"""When a slice is written: the most that a lost service can lose, and what a replay reads at once."""
IDLE_SECONDS_MAX = 600.0
"""When a slice is written that holds no change: there is nothing to lose, and a thousand idle services cost little."""
RETRY_SECONDS = 5.0
GAPS_SAID = 10


@dataclass
class _Slice:
    """The slice that is gathered."""

    timeline: str
    start: str
    end: str
    end_time: str
    file: IO[bytes] = field(default_factory=scratch_file)
    raw_bytes: int = 0
    since: float = field(default_factory=time.monotonic)
    changed: float | None = None
    """Since when it holds a change."""

    def add(self, piece: LogPiece) -> None:
        self.file.write(piece.data)
        self.end, self.end_time = piece.end, piece.end_time
        self.raw_bytes += len(piece.data)
        if self.changed is None and not piece.is_idle:
            self.changed = time.monotonic()

    @property
    def is_due(self) -> bool:
        return is_due(
            self.raw_bytes, time.monotonic() - self.since, None if self.changed is None else time.monotonic() - self.changed
        )


def is_due(raw_bytes: int, age_seconds: float, changed_seconds: float | None) -> bool:
    """`changed_seconds`: how long ago its first change was read; None: it holds none."""
    if raw_bytes >= SLICE_BYTES_MAX or age_seconds >= IDLE_SECONDS_MAX:
        return True
    return changed_seconds is not None and changed_seconds >= SLICE_SECONDS_MAX


def run(work: Work) -> Outcome:
    """Ends well when it is stopped."""
    archiver = Archiver(work, work.open_store(), work.engine())
    archiver.begin()
    while not work.stop.is_set():
        try:
            archiver.follow()
        except BackupError as error:
            if not error.can_be_repeated:
                raise
            log.warning("log_cannot_be_read", error=str(error))
            work.say(f"the log cannot be read now: {error}")
            work.beats += 1
            work.stop.wait(RETRY_SECONDS)
    archiver.flush()
    return Outcome(f"stopped; {work.message}", work.result)


class Archiver:
    """Of one service."""

    def __init__(self, work: Work, store: ObjectStore, engine: EngineBackup) -> None:
        self._work, self._store, self._engine = work, store, engine
        self._members = member_hosts(work.task.body.get("members") or [])
        self._kept: dict[str, list[Slice]] = {}
        self._marked: set[str] = set()
        """Timelines of which the store knows that this cluster writes them."""
        self._after: dict[str, str] = {}
        self._open: _Slice | None = None

    def begin(self) -> None:
        """What the store holds says where it goes on, and what nobody needs any more."""
        task = self._work.task
        for held in self._store.list(layout.log_prefix(task.engine, task.namespace, task.service)):
            piece = layout.parse_slice(held.key)
            if piece is not None:
                self._kept.setdefault(piece.timeline, []).append(piece)
        self._after = {line: max(s.end for s in found) for line, found in self._kept.items()}
        keep_from = str(task.body.get("keepFrom") or "")
        if keep_from:
            self._delete_before(self._engine.position_at(keep_from) if "T" in keep_from else keep_from)

    def _delete_before(self, position: str) -> None:
        """Positions of all timelines are those of one clock: an older timeline goes as its backups go. Others' stay."""
        task, count = self._work.task, 0
        for line, found in self._kept.items():
            if not self._is_own(line):
                continue
            for piece in slices.superfluous(found, position):
                self._store.delete(layout.slice_key(task.engine, task.namespace, task.service, piece))
                count += 1
            self._kept[line] = [s for s in found if s.end > position]
        if count:
            log.info("slices_deleted", count=count, before=self._engine.time_of(position))

    def _owner_key(self, timeline: str) -> str:
        task = self._work.task
        return layout.owner_key(task.engine, task.namespace, task.service, timeline)

    def _is_own(self, timeline: str) -> bool:
        """Another cluster may archive a service of the same name into the same store."""
        try:
            owner = self._store.read(self._owner_key(timeline)).decode(errors="replace").strip()
        except NotInStoreError:
            owner = ""
        if owner and owner == self._work.task.body.get("cluster"):
            self._marked.add(timeline)
        return (owner or UNKNOWN) in (self._work.task.body.get("owners") or [])

    def _mark(self, timeline: str) -> None:
        cluster = str(self._work.task.body.get("cluster") or "")
        if cluster and timeline not in self._marked:
            self._store.put(self._owner_key(timeline), cluster.encode())
            self._marked.add(timeline)

    def follow(self) -> None:
        """Until it is stopped. Raises BackupError when the log cannot be read now."""
        for found in self._log():
            self._work.beats += 1
            if not self._work.message:
                self._work.say(f"the log is read; the first slice is written within {SLICE_SECONDS_MAX:.0f} seconds")
            if isinstance(found, LogGap):
                self.flush()
                log.warning("log_has_a_gap", start=found.start, end=found.end)
                self._after[found.timeline] = found.end
                self._tell(found.timeline)
            elif found is not None:
                self._add(found)
            if self._open is not None and self._open.is_due:
                self.flush()

    def _log(self) -> Iterator[LogPiece | LogGap | None]:
        return self._engine.log(self._members, self._after)

    def _add(self, piece: LogPiece) -> None:
        if self._open is not None and (self._open.timeline, self._open.end) != (piece.timeline, piece.start):
            self.flush()
        if self._open is None:
            self._open = _Slice(piece.timeline, piece.start, piece.end, piece.end_time)
        self._open.add(piece)
        self._after[piece.timeline] = piece.end
        self._work.counts.raw_bytes += len(piece.data)

    def flush(self) -> None:
        """Into the store, however long that takes; what is gathered is kept until then, unless it is stopped."""
        gathered, self._open = self._open, None
        if gathered is None:
            return
        is_encrypted, form = self._work.recipient is not None, self._engine.log_form
        piece = Slice(gathered.timeline, gathered.start, gathered.end, form, is_encrypted)
        while True:
            try:
                self._mark(piece.timeline)
                self._work.counts.stored_bytes += write_slice(self._work, self._store, piece, gathered.file)
                break
            except StoreError as error:
                if not error.can_be_repeated or self._work.stop.is_set():
                    raise
                log.warning("slice_not_written", error=str(error))
                self._work.say(f"the log waits: {error}")
                self._work.beats += 1
                self._work.stop.wait(RETRY_SECONDS)
        gathered.file.close()
        self._kept.setdefault(piece.timeline, []).append(piece)
        self._tell(piece.timeline, gathered.end_time)

    def _tell(self, timeline: str, end_time: str = "") -> None:
        """How far the log reaches."""
        kept = self._kept.get(timeline)
        if not kept:
            return
        start, end = min(s.start for s in kept), max(s.end for s in kept)
        missing = slices.gaps(kept)
        self._work.result = {
            "timeline": timeline,
            "from": start,
            "to": end,
            "fromTime": self._engine.time_of(start),
            "toTime": end_time or self._engine.time_of(end),
            "gaps": [self._gap(start, stop) for start, stop in missing[-GAPS_SAID:]],
        }
        self._work.say(
            f"the log reaches to {self._work.result['toTime']}"
            + (f"; it has {len(missing)} gaps, the last from {self._engine.time_of(missing[-1][0])}" if missing else "")
        )

    def _gap(self, start: str, end: str) -> dict[str, Any]:
        return {"start": start, "end": end, "startTime": self._engine.time_of(start), "endTime": self._engine.time_of(end)}
