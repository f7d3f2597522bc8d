"""The member's volume: measured, judged (`core/volume.py`), and room kept in it for repair (`core/reserve.py`)."""

import asyncio
import os
import time
from pathlib import Path

import structlog

from moorage.core import reserve
from moorage.core.report import MemberReport, Role
from moorage.core.reserve import Keep
from moorage.core.volume import GIB, MIB, Gauge, Room, VolumeState
from moorage.engines.member import EngineError, Member

log = structlog.get_logger()

RESERVE_FILE = ".moorage-reserve"
LOOK_SECONDS_MIN, LOOK_SECONDS_MAX = 1.0, 10.0
NEAR_BYTES = 10 * GIB
"""With less room than this it is looked at often: a fast disk takes 10 s to fill it."""


class Volume:
    """Of one data folder. Every call of the file system may hang with it, so all are made in threads."""

    def __init__(self, path: Path) -> None:
        self._path, self._file = path, path / RESERVE_FILE
        self._gauge = Gauge()
        self.room = Room(0, 0)
        self.may_run = True
        """Whether the engine may run: false once there is no room to go on with, or to start."""
        self.are_writes_stopped = False
        self._looking, self._settling = asyncio.Lock(), asyncio.Lock()

    @property
    def state(self) -> VolumeState:
        return self._gauge.state

    @property
    def pause_seconds(self) -> float:
        """Until it is to be looked at again."""
        return LOOK_SECONDS_MIN if self.room.free_bytes < NEAR_BYTES else LOOK_SECONDS_MAX

    @property
    def why_held(self) -> str:
        return f"its volume of {self.room.size_bytes // MIB} MiB is full: its engine stays stopped until there is room in it"

    async def look(self, *, is_running: bool) -> None:
        """A volume that cannot be measured stays as it was seen last."""
        async with self._looking:
            try:
                await asyncio.to_thread(self._look, is_running)
            except OSError as error:
                log.warning("volume_not_measured", error=str(error))

    async def settle_writes(self, member: Member, report: MemberReport) -> None:
        """The engine is told of its room; to stop writes is the primary's business. When it does not answer, what it was told
        last holds."""
        async with self._settling:
            try:
                await member.settle_room(self.room)
            except EngineError as error:
                if report.role is not Role.DOWN:  # else it is no news; it is asked all the same: it may answer this alone
                    log.warning("room_not_settled", error=str(error))
            if report.role is not Role.PRIMARY:
                self.are_writes_stopped = False
                return
            try:
                self.are_writes_stopped = await member.settle_writes(self.room, report.term)
            except EngineError as error:
                log.warning("writes_not_settled", error=str(error))

    def _look(self, is_running: bool) -> None:
        room, kept_bytes = measured(self._path), size_bytes(self._file)
        held = reserve.judge(room, kept_bytes, is_running=is_running)
        if held.keep is not Keep.AS_IT_IS:
            self._keep(held.keep, reserve.reserve_bytes(room.size_bytes))
            room, kept_bytes = measured(self._path), size_bytes(self._file)
        self.room, self.may_run = room, held.may_run
        self._gauge.look(time.monotonic(), room, kept_bytes)

    def _keep(self, keep: Keep, wanted_bytes: int) -> None:
        if keep is Keep.GIVE_UP:
            self._file.unlink(missing_ok=True)
            log.warning("reserve_given_up", why="the volume is full, and the engine needs room")
            return
        try:
            allocate(self._file, wanted_bytes)
        except OSError:
            self._file.unlink(missing_ok=True)
            raise


def measured(path: Path) -> Room:
    """As `df` counts: what the file system keeps for root is nobody's here."""
    found = os.statvfs(path)
    used = found.f_blocks - found.f_bfree
    return Room((used + found.f_bavail) * found.f_frsize, found.f_bavail * found.f_frsize)


def size_bytes(path: Path) -> int:
    """What a file takes; 0 when there is none."""
    try:
        return path.stat().st_blocks * 512
    except FileNotFoundError:
        return 0


def allocate(path: Path, count_bytes: int) -> None:
    """A file that takes so much. Raises OSError."""
    with path.open("ab") as file:
        os.posix_fallocate(file.fileno(), 0, count_bytes)
