"""What an engine is to a worker: how it is dumped, brought back, and how its log is read. Entry point group `moorage.backups`.

Every call blocks; the worker runs them in threads. What stops a wait is the `threading.Event` that the engine was made with.
Figures and positions are the engine's own: a worker keeps and hands them back without understanding them. Positions of one
timeline sort as text.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self


class BackupError(Exception):
    """A sentence for the person who must act. `can_be_repeated`: whether another try could end otherwise."""

    def __init__(self, message: str, *, can_be_repeated: bool = True) -> None:
        super().__init__(message)
        self.can_be_repeated = can_be_repeated


class SourceLostError(BackupError):
    """The member that was read from went away, or what it gave did not last: another member may do."""


class NotNowError(BackupError):
    """What the application did meanwhile made a consistent copy impossible: another moment may do, another member would not."""


@dataclass(frozen=True)
class Places:
    """Where a worker's Pod has things."""

    internal: Path = Path("/run/moorage/internal")
    tls: Path = Path("/run/moorage/tls")
    data: Path = Path("/data/db")
    scratch: Path = Path("/tmp")  # noqa: S108 - a private emptyDir


@dataclass(frozen=True)
class MemberHost:
    """A member as a task names it."""

    name: str
    host: str
    """With its port."""


@dataclass(frozen=True)
class Source:
    """The member that is read from."""

    member: MemberHost
    why: str
    """One sentence: why this one."""


@dataclass(frozen=True)
class Position:
    """A stretch of the engine's log: everything after `start` up to and with `end`."""

    timeline: str
    """Empty: the engine did not confirm that what was read lasts; such a backup is no base for a point in time."""
    start: str
    end: str


@dataclass(frozen=True)
class Dumped:
    """What was read."""

    version: str
    compatibility: str
    consistent_time: str
    """The moment whose data it holds, RFC 3339 in UTC."""
    position: Position
    figures: dict[str, Any]
    note: str = ""
    """What a person should know of it."""


class Dump(Protocol):
    """A dump that runs. Leaving its block ends what still runs of it."""

    @property
    def output(self) -> int:
        """File descriptor of the engine's own archive; it ends also when the dump failed: only `confirm` tells."""

    def look_at(self, piece: memoryview) -> None:
        """Must be given all that is read from `output`, once and in order. Keeps nothing of the piece; never raises."""

    def confirm(self) -> Dumped:
        """After the end of `output`: what was dumped. Raises BackupError."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


@dataclass(frozen=True)
class Compared:
    """What a restored engine was found to hold."""

    compared: int
    """How many things (collections, tables) were compared."""
    differences: tuple[str, ...] = ()
    """Sentences; empty when all is as in the figures."""


@dataclass(frozen=True)
class Target:
    """Where a replay ends: with the last entry at or before it. One of the two is set."""

    position: str = ""
    time: str = ""
    """RFC 3339."""


@dataclass(frozen=True)
class Reached:
    """How far a replay came."""

    position: str
    time: str
    entries: int


class Seed(Protocol):
    """A private engine on an empty data folder. Leaving its block without `finish` kills it."""

    @property
    def input(self) -> int:
        """File descriptor that takes the engine's own archive; whoever writes closes it by `end_input`."""

    def end_input(self) -> None:
        """The archive is complete, or will not be."""

    def confirm(self) -> None:
        """After `end_input`: everything that came was taken. Raises BackupError."""

    def compare(self, figures: Mapping[str, Any]) -> Compared:
        """With the figures of the backup. Raises BackupError when the engine does not answer."""

    def replay(self, log: Iterator[bytes], after: str, target: Target) -> Reached:
        """Applies the log's entries after the position `after` up to the target.

        `log`: pieces that end between two entries and may begin before `after`. Raises BackupError when they end before it.
        """

    def set_passwords(self) -> None:
        """The service's users exist, with the mounted passwords."""

    def finish(self) -> None:
        """Ends the engine in order, so that a member can start on its data folder."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


@dataclass(frozen=True)
class LogPiece:
    """Entries of the log, whole ones, in order."""

    timeline: str
    start: str
    """Position of the entry before the first; the piece holds what follows it."""
    end: str
    data: bytes
    end_time: str
    """When its last entry was written, RFC 3339 in UTC."""
    is_idle: bool = False
    """Whether it holds nothing but what the engine writes by itself while nobody uses it."""


@dataclass(frozen=True)
class LogGap:
    """The log no longer holds what follows `start`; it goes on after `end`."""

    timeline: str
    start: str
    end: str


class EngineBackup(Protocol):
    """What the entry point names, called with `Places` and the stop event."""

    things: str
    """What its restores are compared by, in the plural, as people call them."""
    log_form: str
    """What its log is written in, as the end of a name."""

    def choose_source(self, members: Sequence[MemberHost], without: Sequence[str] = ()) -> Source:
        """The best member to read from, but none of those whose names stand in `without`. Raises BackupError."""

    def may_pass(self, error: SourceLostError) -> bool:
        """Whether the same member may well do in a few seconds."""

    def dump(self, source: Source) -> Dump:
        """Starts a dump."""

    def room_needed(self, manifest: Mapping[str, Any]) -> int:
        """Bytes that the data folder must have free for this backup."""

    def why_not_restorable(self, manifest: Mapping[str, Any]) -> str | None:
        """The reason why the installed engine cannot take this backup, as a sentence; or None."""

    def seed(self, cache_gib: float, *, replays: bool) -> Seed:
        """Starts a private engine on the data folder and what restores into it. `replays`: the log is replayed afterwards."""

    def log(self, members: Sequence[MemberHost], after: Mapping[str, str]) -> Iterator[LogPiece | LogGap | None]:
        """The log as it grows, confirmed entries only, until the stop event is set; None when nothing is new for the moment.

        `after`: by timeline the last position that is kept already; an unknown timeline begins now. Raises BackupError.
        """

    def time_of(self, position: str) -> str:
        """When the entry at a position was written, to the second; times are RFC 3339 in UTC."""

    def position_at(self, time: str) -> str:
        """A position that is not after anything that was written at or after this moment."""

    def time_of_last(self, log: bytes) -> str:
        """When the last entry of a piece of the log was written, exactly."""


def member_hosts(found: Sequence[Mapping[str, str]]) -> list[MemberHost]:
    """From a task's body."""
    return [MemberHost(m["name"], m["host"]) for m in found]
